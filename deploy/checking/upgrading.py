"""A release after this one is taken and taken back by `deploy/upgrade`, while pushes and residents' texts do not stop."""

import json
import re
import threading
from datetime import timedelta

from checking.docker import (
    PROJECT,
    ROOT,
    SERVICES,
    TAG,
    compose,
    containers,
    lines_of,
    ran,
    run,
    wait_until_well,
)
from checking.door import carrier
from checking.messages import applied, today
from checking.running import Feed, start_to_ready
from checking.told import expect, tell

NEXT = f"{TAG}-next"
READY_WITHIN = 10  # seconds
SLOW = 5  # seconds: a third of what the carrier waits for
TWO = tuple(f"{service}-{role}" for service in SERVICES for role in ("web", "worker"))
LISTENING_POST = "+447700900002"
# Built on this release's image: one more revision of the common schema, of the kind that a release may bring.
DOCKERFILE = """FROM heed-{image}:{tag}
USER 0
RUN printf '%b' '{revision}' >/opt/code/services/common/migrations/versions/{new}.py
USER 10001:10001
"""
REVISION = (
    'import sqlalchemy as sa\\nfrom alembic import op\\nrevision, down_revision, branch_labels, depends_on = "{new}", "{old}", None, None\\n'
    'def upgrade():\\n    op.add_column("outbox", sa.Column("of_the_next", sa.Text(), server_default="", nullable=False))\\n'
)


def upgrade_and_back(door):
    """Both services; two web processes and two workers of each, so that one is always there."""
    for image in ("web", "analysis"):
        _build(image)
    twice = " ".join(f"--scale {name}=2" for name in TWO)
    compose(f"up -d --no-build --no-deps --no-recreate {twice} {' '.join(TWO)}")
    wait_until_well()
    feed, texts = Feed(door, (today() + timedelta(days=30)).isoformat()), Texts(door)
    feed.start()
    texts.start()
    try:
        for version, stands in (
            (NEXT, "this code's"),
            (TAG, "a later release's, which this one runs beside"),
        ):
            said = run(
                "sh deploy/upgrade",
                COMPOSE_PROJECT_NAME=PROJECT,
                COMPOSE_FILE=str(ROOT / "docker-compose.yml"),
                COMPOSE_DISABLE_ENV_FILE="1",
                HEED_VERSION=version,
            )
            expect(f"upgrade to {version}: the schema is {stands}", said.count(stands) == 2, said)
            took, told = start_to_ready(wait_until_well())
            slow = [name for name, seconds in took.items() if seconds > READY_WITHIN]
            expect(
                f"from start to ready, one after the other, {READY_WITHIN} s at most: {told}", not slow, slow
            )
            runs = _images()
            odd = {name: ones for name, ones in runs.items() if set(ones) != {version}}
            expect(f"every process of Heed's runs {version}", not odd, odd)
            few = {name: ones for name, ones in runs.items() if len(ones) != (2 if name in TWO else 1)}
            expect(f"there are two of each of {', '.join(TWO)}, and one of all else", not few, few)
    finally:
        feed.enough.set()
        texts.enough.set()
        feed.join(60)
        texts.join(60)
    ran(f"docker rmi heed-web:{NEXT} heed-analysis:{NEXT}")
    states = [applied(door, url) for url in feed.kept]
    lost = [one for one in states if one["status"] != "applied" or one["counts"]["new"] != 1] + feed.lost
    told = f"upgraded and back under {len(feed.kept)} pushes, {feed.again} sent again: none was lost, each applied once"
    expect(told, len(feed.kept) > 10 and not lost, lost)
    _webhooks(texts)


def _build(image):
    versions = ROOT / "services/common/migrations/versions"
    old = max(path.stem for path in versions.glob("common_*.py"))
    new = f"common_{int(old[-4:]) + 1:04}"
    revision = REVISION.format(new=new, old=old)
    given = DOCKERFILE.format(image=image, tag=TAG, new=new, revision=revision)
    run(f"docker build -q -t heed-{image}:{NEXT} -", given=given)


def _images():
    """Service → the version of Heed that each of its containers runs."""
    found = {}
    for service, ones in containers().items():
        if re.search(r"-(web|worker|clock|backup)$", service):
            found[service] = [one["Config"]["Image"].rpartition(":")[2] for one in ones]
    return found


def _webhooks(texts):
    """What the carrier's webhooks came to, by the carrier's own record."""
    came = [
        one
        for one in carrier(f"/sandbox/messages?to=%2B{LISTENING_POST[1:]}")["messages"]
        if one["body"] in texts.sent
    ]
    odd = [
        one["webhook"]
        for one in came
        if one["webhook"]["status_code"] != 200 or one["webhook"]["attempts"] != 1
    ]
    told = f"{len(came)} texts from residents meanwhile: every webhook was answered at its first try"
    expect(
        told, len(came) == len(texts.sent) > 10 and not odd, f"{json.dumps(odd[:5])}; nginx: {_at_the_door()}"
    )
    hooks = carrier("/sandbox/callbacks")
    expect("and no callback was given up", not hooks["given_up"], hooks)


def _at_the_door():
    """What nginx said of the listening post's webhooks: the last that were not well answered, and the last that were slow."""
    names = ("time", "status", "seconds", "upstream_status", "upstream_seconds")
    lines = [json.loads(line) for line in lines_of("nginx") if '"/twilio/inbound"' in line]
    asked = [{name: one[name] for name in names} for one in lines if "consultation-web" in one["service"]]
    odd = [one for one in asked if one["status"] != 200]
    slow = [one for one in asked if one["status"] == 200 and one["seconds"] > SLOW]
    return [*odd[-5:], *slow[-3:]] or "nothing odd: the carrier's request did not come this far"


class Texts(threading.Thread):
    """Residents who text the listening post, some a second."""

    def __init__(self, door):
        super().__init__(daemon=True)
        self.door, self.enough, self.sent = door, threading.Event(), []

    def run(self):
        while not self.enough.wait(0.25):
            number = len(self.sent)
            text = f"PLAN More light in street {number}, please"
            written = {"number": f"+4477009004{number % 100:02}", "sender": LISTENING_POST, "body": text}
            try:
                self.door.form("sandbox", "/handsets", written)
            except OSError as error:
                tell(f"        a handset could not write: {type(error).__name__}")
                continue
            self.sent.append(text)
