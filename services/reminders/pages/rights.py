"""A person's rights: what is held about them, putting it right, erasing it, and what forbids that. By a form alone."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.database import among
from services.common.web import rights as rights_form
from services.common.web.fields import Fields
from services.common.web.refusals import sentence
from services.common.web.rights import Whom
from services.common.web.said import done
from services.common.web.signed_in import page
from services.reminders import reason_words, subject
from services.reminders.acts import Act
from services.reminders.models import Restriction
from services.reminders.pages.acting import act
from services.reminders.subject import KINDS, Kind, Subject

blueprint = Blueprint("rights_pages", __name__)
WHOM = Whom(
    asks="Somebody asks what is held about them, that it be put right or erased, or that it not be used.",
    label="Mobile number",
    hint="Such as 07700 900123. It finds everybody whose number it is or was said to be.",
    needed="Write a mobile number.",
)
FOLLOWS = [
    "Their name, birth date, numbers, case references and the words of their texts go, and nobody can bring them back. The rows that are"
    " counted stay: a hearing with its court, day and outcome, a text with its state. A number that has stopped stays stopped.",
    "Raw pushes of the feeds and backups hold them until their period is over. What the carrier keeps of their texts is not reached.",
]
# Where a refusal that no field is to blame for stands, and whose words speak of the command line.
ERASING = "erase"
WHICH = "Several people have this number: say which record."
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get("/rights")
@page("subject:read")
def form() -> Answer:
    """Whom it is about."""
    return rights_form.form(WHOM, "", {})


@blueprint.post("/rights")
@page("subject:read")
def held() -> Answer:
    """Everything held about a person, on a page or as a file to hand over. Audited."""
    who, errors = rights_form.who(WHOM)
    if errors:
        return rights_form.form(WHOM, who, errors)
    given = Fields(request.form)
    record = given.number("file_record")
    if request.form.get("as") == "file" and not given.errors:
        return _file(who, record)
    return _held(who, errors=given.errors)


@blueprint.post("/rights/correct")
@page("subject:write")
def correct() -> Answer:
    """Put a name or birth date right."""
    given = Fields(request.form)
    names = {name: given.text(name, most=100) or None for name in ("given", "surname")}
    born, record = given.day("born"), given.number("record")
    why = given.text("correct_reason", needed="Say why.", most=300)

    def do(one: Act, who: str) -> str:
        row = subject.correct(one, who, why, **names, born=born, record=record)
        return f"Record {row.id} is put right. A feed that says otherwise later changes it again: tell the producer."

    return _does(given, do, {"bad-reason": "correct_reason", "which-record": "record"}, "given")


@blueprint.post("/rights/restrict")
@page("subject:write")
def restrict() -> Answer:
    """Forbid erasing a person, using what is held of them, or texting them."""
    given = Fields(request.form)
    kind = given.choice("kind", KINDS, needed="Say what is forbidden.")
    why = given.text("reason", needed="Say why.", most=300)

    def do(one: Act, who: str) -> str:
        records = subject.restrict(one, who, _kind(kind), why)
        return f"A {kind} stands for {records} record{'s' if records != 1 else ''} until it is ended."

    return _does(given, do, {"bad-reason": "reason"}, "kind")


@blueprint.post("/rights/release")
@page("subject:write")
def release() -> Answer:
    """End what was forbidden."""
    given = Fields(request.form)
    kind = given.choice("ends", KINDS, needed="Say what ends.")
    why = given.text("end_reason", needed="Say why.", most=300)

    def do(one: Act, who: str) -> str:
        subject.release(one, who, _kind(kind), why)
        return f"The {kind} is ended. A STOP that the person texted stays: only they take that back."

    return _does(given, do, {"bad-reason": "end_reason"}, "ends")


@blueprint.post("/rights/erase")
@page("subject:write")
def erase() -> Answer:
    """Erase a person: asked once more, then done."""
    given = Fields(request.form)
    record = given.number("erase_record")

    def ask(one: Act, who: str) -> str:
        found = subject.find_one(one.heed, one.session, who, record)
        return rights_form.sure(who, [_whose(found), *FOLLOWS], record)

    def do(one: Act, who: str) -> str:
        erased = subject.erase(one, who, record)
        texts = erased["texts_in"] + erased["texts_out"]
        return f"Erased: {erased['people']:,} records, {erased['hearings']:,} hearings of theirs and the words of {texts:,} texts. What is counted stays."

    fields = {"which-record": "erase_record"}
    if request.form.get("sure") == "yes":
        return _does(given, do, fields, ERASING)
    return _does(given, ask, fields, ERASING, asks=True)


def _whose(found: Subject) -> str:
    """Which records go, and what stays because others have or had the number."""
    listed = ", ".join(map(str, found.people))
    if not found.people:
        return "No record has this number: only its texts go."
    goes = f"Records {listed}, of one person, go." if len(found.people) > 1 else f"Record {listed} goes."
    if not found.shared:
        return goes
    return f"{goes} Others have or had this number: the texts that came from it stay until the last of them is erased."


def _does(
    given: Fields, do: Callable[[Act, str], str], fields: dict[str, str], blamed: str, *, asks: bool = False
) -> Answer:
    """Do it for whom the form names and say so (`asks`: show the page that it answers); else what is held once more, with what is wrong
    beside its field."""
    who, errors = rights_form.who(WHOM)
    if errors:
        return rights_form.form(WHOM, who, errors)
    if not given.errors:
        try:
            with act() as one:
                words = do(one, who)
        except Refused as refused:
            if refused.error == "nobody":
                return rights_form.form(WHOM, who, {"who": sentence(refused)})
            words = WHICH if refused.error == "which-record" else sentence(refused)
            given.errors[fields.get(refused.error, blamed)] = words
        else:
            return words if asks else done("/rights", words)
    return _held(who, errors=given.errors)


def _kind(given: str | None) -> Kind:
    return next(kind for kind in KINDS if kind == given)


def _file(who: str, record: int | None) -> Answer:
    try:
        with act() as one:
            return rights_form.to_hand_over(subject.access(one, who, record))
    except Refused as refused:
        return rights_form.form(WHOM, who, {"who": sentence(refused)})


def _held(who: str, *, errors: dict[str, str] | None = None) -> Answer:
    try:
        with act() as one:
            found = subject.access(one, who)
            standing = _standing(one, [person["record"] for person in found["people"]])
    except Refused as refused:
        return rights_form.form(WHOM, who, {"who": sentence(refused)})
    shown = render_template(
        "pages/held.html",
        who=who,
        found=found,
        standing=standing,
        given=request.form,
        errors=errors or {},
        words_of=reason_words,
    )
    return (shown, 422) if errors else shown


def _standing(one: Act, records: list[int]) -> list[dict[str, Any]]:
    """What is forbidden of these records now, each kind once."""
    rows = one.session.scalars(
        select(Restriction)
        .where(among(Restriction.person_id, records), Restriction.ended_at.is_(None))
        .order_by(Restriction.id)
    )
    return list({row.kind: {"kind": row.kind, "reason": row.reason, "at": row.at} for row in rows}.values())
