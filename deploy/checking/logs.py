"""What all of it has written."""

import json
import re

from checking.docker import SECRETS, lines_of
from checking.door import accepted
from checking.told import expect


def logs(door):
    """No container's log holds a person, a key, a token or a query."""
    written = lines_of()
    found = [name for name, value in _forbidden(door).items() if any(value in line for line in written)]
    expect(
        f"{len(written)} lines of logs hold no number, name, text, token, key, secret or query",
        not found,
        found,
    )
    places = {json.loads(line)["place"] for line in lines_of("nginx") if line.startswith("{")}
    kinds = {"/v1/feeds", "/twilio/status", "/twilio/inbound"} < places
    expect(
        "nginx says what kind of request it was, not its path", kinds and max(map(len, places)) < 40, places
    )


def _forbidden(door):
    """What each thing is → how it would stand in a line."""
    values = {f"the secret {path.name}": _core(path.read_text()) for path in SECRETS.iterdir()}
    values |= {f"the key of {service}": key for service, key in door.keys.items()}
    values |= {"a surname": "Testerfield", "a resident's words": "More buses", "a query": "date=20"}
    for number, text in enumerate(accepted()):
        values[f"the number of text {number}"] = text["to"].lstrip("+")
        values[f"the callback token of text {number}"] = (
            (text["status_callback"] or "").partition("#")[0].rpartition("/")[2]
        )
    return {name: value for name, value in values.items() if value}


def _core(secret):
    """What of a secret must be nowhere: the password of a URL, the key of a key with an id, or the whole."""
    found = re.search(r"://[^:]*:([^@]+)@", secret)
    return found.group(1) if found else secret.rpartition(":")[2]
