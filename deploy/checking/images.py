"""The two images, and what they refuse to start with."""

import base64
import os
import re
import secrets
import shlex

from checking.docker import ROOT, TAG, inspected, ran, run
from checking.told import expect, tell

# What each image may add to its base, in megabytes.
MOST = {"web": 350, "analysis": 900}


def images():
    """Both are built, small, whole, and made to run as nobody in particular."""
    base = re.search(r"^FROM (\S+)", (ROOT / "deploy/Dockerfile").read_text(), re.M).group(1)
    files = [path for path in (ROOT / "services").rglob("*") if path.is_file()]
    # What the style sheet is made from stays behind with Node.
    left = {"__pycache__", "sheet"}
    here = {path.relative_to(ROOT).as_posix() for path in files if not left & set(path.parts)}
    for target, most in MOST.items():
        name = f"heed-{target}:{TAG}"
        tell(f"        building {name} (minutes the first time)")
        more = shlex.split(os.environ.get("HEED_BUILD_ARGS", ""))
        run("docker build", *more, "--target", target, "-t", name, "-f", "deploy/Dockerfile", ".")
        made, stood_on = inspected("image", name, base)
        added = (made["Size"] - stood_on["Size"]) / 1e6
        expect(f"{name} adds {added:.0f} MB to its base, {most} MB at most", added <= most)
        expect(f"{name} runs as a user of its own", made["Config"]["User"] == "10001:10001", made["Config"])
        there = run(f"docker run --rm {name} sh -c", "cd /opt/code && find services -type f").split("\n")
        expect(f"{name} holds every file of services/", here <= set(there), sorted(here - set(there)))


def refusals():
    """No default secret outside sandbox mode, no real carrier inside it: exit code 2 and one clear line."""
    whole = _complete()
    for name, given, word in (
        ("live mode with nothing set", {"HEED_MODE": "live"}, "REMINDERS_ENCRYPTION_KEYS"),
        ("live mode without an index key", whole | {"REMINDERS_INDEX_KEY": ""}, "REMINDERS_INDEX_KEY"),
        ("live mode with the sandbox's account", whole | {"TWILIO_ACCOUNT_SID": "AC00000000000000000000000000005a4d"}, "TWILIO_ACCOUNT_SID"),
        ("live mode with the sandbox's token", whole | {"TWILIO_AUTH_TOKENS": "sandbox-token"}, "TWILIO_AUTH_TOKENS"),
        ("live mode with the sandbox's sender", whole | {"REMINDERS_SENDER": "+447700900001"}, "REMINDERS_SENDER"),
        ("live mode without its database", whole | {"REMINDERS_DATABASE_URL": ""}, "REMINDERS_DATABASE_URL"),
        ("live mode over plain http", whole | {"REMINDERS_PUBLIC_URL": "http://example.org"}, "REMINDERS_PUBLIC_URL"),
        ("live mode without a duty number", whole | {"HEED_DUTY_NUMBER": ""}, "HEED_DUTY_NUMBER"),
        ("trial mode without its numbers", whole | {"HEED_MODE": "trial"}, "HEED_TRIAL_NUMBERS"),
        ("sandbox mode with a real carrier", {"TWILIO_API_BASE_URL": "https://api.twilio.com"}, "TWILIO_API_BASE_URL"),
    ):  # fmt: skip
        variables = [part for variable, value in given.items() for part in ("-e", f"{variable}={value}")]
        done = ran(
            "docker run --rm --network=none", *variables, f"heed-web:{TAG}", "heed", "web", "reminders"
        )
        lines = done.stderr.strip().split("\n")
        one_line = len(lines) == 1 and lines[0].startswith(f"heed: {word}") and not done.stdout
        seen = f"exit {done.returncode}: {done.stdout}{done.stderr}"
        expect(f"refused: {name}", done.returncode == 2 and one_line, seen)


def _complete():
    """All that live mode asks of Reminders' web process."""
    return {
        "HEED_MODE": "live",
        "HEED_DUTY_NUMBER": "+447911123456",
        "REDIS_URL": "redis://valkey/0",
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKENS": secrets.token_hex(16),
        "REMINDERS_DATABASE_URL": "postgresql://reminders:x@postgres/reminders",
        "REMINDERS_ENCRYPTION_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "REMINDERS_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "REMINDERS_SENDER": "HEED CHECK",
        "REMINDERS_PUBLIC_URL": "https://reminders.example.org",
    }
