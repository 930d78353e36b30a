"""What Heed is for, once, through nginx: a defendant's reminder, STOP and result; a resident's text; the demo's whole first feed."""

import base64
import json
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import quote

from checking.docker import DATA, office
from checking.door import accepted, carrier
from checking.messages import Hearing, applied, push, today
from checking.told import eventually, expect

MOBILE, RESIDENT = "+447700900321", "+447700900654"
REMINDERS_SENDER, LISTENING_POST = "+447700900001", "+447700900002"
WARRANT = {"attendance": "absent", "fta": "yes", "warrant": "issued"}


def tick(moment=None):
    """Everything that is due, done; with a moment, after every clock has been moved to it."""
    return json.loads(office("heed", "tick", *(("--now", moment) if moment else ()), "--json"))


def consultation(door):
    """A consultation opens, a resident texts it, is thanked and counted."""
    content = json.loads((DATA / "consultation.json").read_text().replace("<today>", today().isoformat()))
    status, _, text = door.ask("consultation", "POST", "/v1/consultations", content)
    expect("a consultation is launched", status == 201, text)
    written = {"number": RESIDENT, "sender": LISTENING_POST, "body": "PLAN More buses in the evening, please"}
    door.form("sandbox", "/handsets", written)
    thanks = "Thank you. Your view is kept, ref "
    thanked = eventually(lambda: [one for one in door.handset(RESIDENT)[1] if one.startswith(thanks)])
    expect("a resident's text is answered", len(thanked) == 1, door.handset(RESIDENT)[1])
    counts = door.get("consultation", "/v1/consultations/check")["counts"]
    expect("and counted once", counts["received"] == counts["counted"] == counts["respondents"] == 1, counts)


def reminders(door):
    """A hearing comes in, its text goes out and is confirmed, the person says STOP, the result comes in."""
    day = today() + timedelta(days=21)
    hearing = Hearing(day.isoformat(), MOBILE)
    _pushed(door, hearing)
    planned = door.get("reminders", "/v1/reminders")["due"]
    promised = [one["text"] for one in planned if one["case_ref"] == hearing.reference]
    tick(f"{day - timedelta(days=3)}T12:00Z")
    texts = eventually(lambda: door.handset(MOBILE)[1])
    expect("three days before, the promised text is on the handset", texts and texts == promised[:1], texts)
    confirmed = eventually(lambda: "Delivered" in door.handset(MOBILE)[0] and carrier("/sandbox/callbacks"))
    came = confirmed and confirmed["delivered"] and not confirmed["given_up"]
    expect("the carrier's callbacks came through nginx, their signatures true", came, confirmed)

    door.form("sandbox", f"/handsets/{quote(MOBILE)}/texts", {"sender": REMINDERS_SENDER, "body": "STOP"})
    stopped = eventually(lambda: _row(door, hearing).get("mobile") == "stopped")
    expect("STOP from the handset is taken as one", stopped, _row(door, hearing))
    before = door.handset(MOBILE)[1]
    tick(f"{day - timedelta(days=1)}T12:00Z")
    expect("and no reminder follows it", door.handset(MOBILE)[1] == before, door.handset(MOBILE)[1])

    tick(f"{day}T18:00Z")
    delivery = push(door, f"{hearing.path}/result", hearing.result())
    expect("the result is applied", _counted(delivery, results=1), delivery)
    row = _row(door, hearing)
    expect("the outcome is a failure to appear with a warrant", row.get("outcome") == WARRANT, row)


def _pushed(door, hearing):
    delivery = push(door, hearing.path, hearing.listing())
    expect("a pushed hearing is kept and applied by the worker", _counted(delivery, new=1), delivery)
    delivery = push(door, hearing.path, hearing.listing())
    expect("told again, it changes nothing", _counted(delivery, new=0, changed=0), delivery)
    row = _row(door, hearing)
    expect("its person will be texted", row.get("eligible") and row.get("mobile") == "valid", row)


def _counted(delivery, **counts):
    return delivery["status"] == "applied" and counts.items() <= delivery["counts"].items()


def _row(door, hearing):
    rows = door.get("reminders", f"/v1/hearings?court=B41ME&date={hearing.day}")["hearings"]
    return next((row for row in rows if row["case_ref"] == hearing.reference), {})


def demo_feed(door):
    """The demo's first feed, in all its formats, comes in, and its first texts go out as its script says."""
    program = (DATA / "demo_feed.py").read_text()
    story = json.loads(office("python", "-", tick()["now"], given=program))
    tick(story["lock"])
    status, _, text = door.ask("reminders", "POST", "/v1/pilots", story["protocol"])
    expect("the demo's pilot is locked", status == 201, text)
    tick(story["feed"])
    odd = [one for one in [_demo_push(door, **push) for push in story["pushes"]] if one]
    expect(f"the demo's feed, {len(story['pushes'])} messages, is applied", not odd, odd)

    known = {one["sid"] for one in accepted()}
    moment = datetime.fromisoformat(story["first_reminders"])
    # The demo has numbers whose answers get lost: evidence of those is sought one and ten minutes later.
    for minutes in (0, 2, 14):
        tick((moment + timedelta(minutes=minutes)).isoformat())
    texts = Counter((one["to"], one["body"]) for one in accepted() if one["sid"] not in known)
    wanted = Counter({(number, body): times for number, body, times in story["texts"]})
    told = f"its {sum(wanted.values())} first texts are at the carrier, word for word, once each"
    expect(told, texts == wanted, ("missing", *(wanted - texts), "unexpected", *(texts - wanted)))


def _demo_push(door, key, method, path, content_type, body):
    """None where the message was applied whole, else what happened."""
    content = base64.b64decode(body)
    status, _, text = door.ask("reminders", method, path, content, content_type, Idempotency_Key=key)
    delivery = (
        applied(door, json.loads(text)["url"]) if status == 202 else {"status": f"{status} {text[:200]}"}
    )
    return None if delivery["status"] == "applied" else (key, delivery)
