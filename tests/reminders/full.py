"""An office in which everything has happened once: what its pages show of each, and words that a page must not take for its own."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from services.common import alarms, clock
from services.common.models import Outbox
from services.common.roles import ROLES
from services.reminders import acts, do_not_text, pausing, pilots
from services.reminders.models import Delivery, Listing, Pilot, Reply
from tests.reminders.office import (
    ANN,
    BEN,
    CAT,
    HEARING,
    STEVENAGE,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    nth,
    phone,
    result,
    somebody,
)

MARKUP = "<img src=x onerror=alert(1)>"
FORMULA = "=HYPERLINK(1)"
DAN = "+447700900104"
PROTOCOL: dict[str, Any] = {
    "name": "autumn",
    "question": "Does a text change attendance?",
    "synthetic": True,
    "courts": [STEVENAGE],
    "since": "2026-10-05",
    "until": "2026-10-30",
    "arms": [{"name": "text", "texted": True}, {"name": "none", "texted": False}],
    "allocation": "permuted-blocks",
    "seed": "3f1d1a0e5c1b4a7d9a2f6c8e0b4d2f19",
    "block_sizes": [2, 4],
    "primary": "did_not_attend",
    "looks": ["2026-10-20", "2026-12-10"],
}


@dataclass(frozen=True, slots=True)
class Full:
    """The ids of what there is one of."""

    ann: int
    marked: int
    hearing: int
    past: int
    reply: int
    wrong: int
    delivery: str
    pilot: int
    pause: int
    staff: int


def fill(office: Office) -> Full:
    """Let it all happen, up to Sunday 20 September 2026, eleven in the morning."""
    office.push(hearing())
    office.push(
        hearing(
            HEARING,
            case(defendant(FORMULA, MARKUP, mobile=BEN, identity="odd"), ref=f"41{MARKUP}"),
            key="h2",
            courtCentre={"code": "B41ME00", "name": MARKUP, "roomName": MARKUP},
        )
    )
    for number in range(6):
        office.push(nth(number, "2026-09-25T10:00"))
    for identity, key in (("cat-1", "h3"), ("cat-2", "h4")):
        office.push(
            hearing(
                "2026-09-28T10:00",
                case(defendant("Cat", "Twice", mobile=CAT, identity=identity), ref=f"41X{key}"),
                key=key,
            )
        )
    office.push(nth(7, "2026-09-26T10:00"))
    office.push(hearing("2026-09-24T10:00", case(somebody(8, mobile=None), ref="41C008"), key="c8"))
    office.push(b"not a message at all")
    office.push(hearing("2026-09-16T10:00", case(defendant("Dan", "Past", mobile=DAN), ref="41D"), key="h5"))
    office.tick("2026-09-15T10:30")
    office.tick("2026-09-16T12:00")
    office.push(
        result(
            "4576 CG",
            at="2026-09-16T10:00",
            attendance="NOT_PRESENT",
            key="h5",
            defendants=[defendant("Dan", "Past", mobile=DAN)],
            ref="41D",
        )
    )
    office.tick(THREE_DAYS)
    office.hears(ANN, f"I can not come, {MARKUP}")
    office.hears(BEN, "WRONG")
    office.hears(phone(1), "I want to kill myself")
    office.push(nth(7, "2026-09-22T10:00"))
    office.tick("2026-09-20T11:00")
    with acts.acting(office.heed, office.county, "person:max") as act:
        do_not_text.mark(act, office.nth(2)["id"], MARKUP)
        pause = pausing.add(act, STEVENAGE, date(2026, 12, 24), date(2026, 12, 28), MARKUP).id
        pilot = pilots.lock(act.session, PROTOCOL, "person:max").id
        staff = act.session.scalars(
            update(Outbox)
            .where(
                Outbox.id == select(Outbox.id).where(Outbox.state == "accepted").limit(1).scalar_subquery()
            )
            .values(state="staff", reason="two candidates")
            .returning(Outbox.id)
        ).one()
        alarms.sound(act.session, "delivery-rejected", "feed:auto", clock.now(act.session))
    with office.heed.database.begin() as session:
        listings = {row.hearing_key: row for row in session.scalars(select(Listing))}
        replies = {row.kind: row.id for row in session.scalars(select(Reply).where(Reply.queued))}
        rejected = session.scalars(select(Delivery.id).where(Delivery.status == "rejected")).one()
    return Full(
        ann=listings["common-platform:h1"].person_id,
        marked=listings["common-platform:h2"].person_id,
        hearing=listings["common-platform:h1"].id,
        past=listings["common-platform:h5"].id,
        reply=replies["message"],
        wrong=replies["wrong-number"],
        delivery=rejected,
        pilot=pilot,
        pause=pause,
        staff=staff,
    )


def look(office: Office, full: Full) -> None:
    """Look at the pilot's arms, though no look is planned, so that there is a report to read."""
    from services.reminders import evaluating

    with office.heed.database.begin() as session:
        pilot = session.get_one(Pilot, full.pilot)
        evaluating.evaluate(session, pilot, "person:max", unplanned=f"to see it {MARKUP}")


def addresses(app: Flask, full: Full) -> list[tuple[str, str]]:
    """Every page that there is, with a role that may open it: a page with something in its address has its sample here."""
    samples = {
        "/people/<person_id>": f"/people/{full.ann}",
        "/going-out/<day>": "/going-out/2026-09-22",
        "/hearings/<listing_id>/number": f"/hearings/{full.hearing}/number",
        "/hearings/<listing_id>/number/right": f"/hearings/{full.hearing}/number/right",
        "/hearings/<listing_id>/do-not-text": f"/hearings/{full.hearing}/do-not-text",
        "/hearings/<listing_id>/let-texts-again": f"/hearings/{full.hearing}/let-texts-again",
        "/hearings/<listing_id>/incident": f"/hearings/{full.hearing}/incident",
        "/incidents/<incident_id>/assess": "/incidents/1/assess",
        "/work/<number>": None,  # made by a long file
        "/outcomes/<listing_id>": f"/outcomes/{full.past}",
        "/calls/<call_id>/done": "/calls/1/done",
        "/calls/hearings/<listing_id>/rung": f"/calls/hearings/{full.hearing}/rung",
        "/inbox/<reply_id>": f"/inbox/{full.reply}",
        "/duty/<item_id>": "/duty/1",
        "/duty/<item_id>/done": "/duty/1/done",
        "/feeds/<delivery_id>": f"/feeds/{full.delivery}",
        "/feeds/<delivery_id>/rejections.csv": f"/feeds/{full.delivery}/rejections.csv",
        "/pilots/<pilot_id>": f"/pilots/{full.pilot}",
        "/pilots/<pilot_id>/looks/<number>": f"/pilots/{full.pilot}/looks/1",
        "/pilots/<pilot_id>/looks/<number>/<name>.svg": f"/pilots/{full.pilot}/looks/1/flow.svg",
        "/upload/<token>": None,  # made by an upload
    }
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not getattr(view, "heed_page", False) or "GET" not in (rule.methods or ()):
            continue
        path = samples.get(re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"<\1>", rule.rule), rule.rule)
        if path is not None:
            assert "<" not in path, f"{path}: give a sample of it here"
            found.append((path, role_of(view.heed_scope)))
    return sorted(found)


def role_of(scope: str) -> str:
    """A role that may do this; whoever is signed in may look after their own account."""
    return next((role for role, scopes in ROLES["reminders"].items() if scope in scopes), "operator")
