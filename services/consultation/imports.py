"""Responses that come by another channel, many at once: each kept once by its batch and reference, and joined to its person.

Everything is written in one transaction by a few statements, however many rows. A web form and a typed letter are a batch of one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import audit, clock, duty, progress
from services.common.context import Heed
from services.common.copying import copy_rows
from services.common.database import among, serialise
from services.common.times import london
from services.consultation import questionnaire, questions
from services.consultation.batch_rows import Response
from services.consultation.linking import Person, Persons, ids
from services.consultation.models import Answer, Batch, Consultation, Submission
from services.consultation.routing import route
from services.consultation.rows import Rejection
from services.consultation.states import Standing, State

# What a text may be that a letter is not: "STOP" in a letter is a view.
COMMANDS = frozenset({"opt-out", "opt-in", "help", "command", "answer"})


@dataclass(slots=True)
class Taken:
    """What became of a batch's rows: `responses` are new, `linked` of them joined somebody known, `unchanged` were there before."""

    responses: int = 0
    linked: int = 0
    unchanged: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """The figures, as answers give them."""
        return {"responses": self.responses, "linked": self.linked, "unchanged": self.unchanged}


def take(
    heed: Heed,
    session: Session,
    consultation: Consultation,
    title: str,
    responses: Sequence[Response],
    by: str,
) -> Taken:
    """Keep the responses of a batch that are not yet kept. The same batch again changes nothing."""
    serialise(session, f"consultation:{consultation.id}")
    now = clock.now(session)
    batch_id = batch(session, consultation.id, title, by, now)
    taken = Taken()
    asked = {one.id: one for one in questionnaire.parse(consultation.questionnaire).questions}
    fresh = [
        (one, read)
        for one in _fresh(heed, session, batch_id, responses, taken, now)
        if (read := _answers(one, asked, taken)) is not None
    ]
    persons = Persons(heed, session, consultation.id)
    persons.load([one for one, _ in fresh])
    written = []
    for number, (one, read) in enumerate(fresh):
        progress.tell(number)
        person = persons.of(one)
        if person is None:
            reason = "nobody has answered under this receipt: correct it, or leave it empty"
            taken.rejections.append(Rejection(one.where, "receipt", "unknown-receipt", reason))
            continue
        taken.linked += not person.is_new
        standing = _standing(consultation, one, read, person)
        written.append(_Written(one, person, read, standing))
        person.learn(one, standing, [(asked[name], reading) for name, reading in read.items()])
    persons.write()
    taken.responses = _write(heed, session, consultation, batch_id, written, now)
    if fresh or taken.rejections:
        audit.record(
            session,
            by,
            "responses-imported",
            f"batch:{batch_id}",
            rejected=len(taken.rejections),
            **taken.counts,
        )
    return taken


def try_out(
    heed: Heed,
    session: Session,
    consultation: Consultation,
    title: str,
    responses: Sequence[Response],
    by: str,
) -> Taken:
    """What would become of these rows, found by the very code that keeps them; nothing is written."""
    with session.begin_nested() as savepoint:
        taken = take(heed, session, consultation, title, responses, by)
        savepoint.rollback()
    return taken


def batch(session: Session, consultation_id: str, title: str, by: str, now: datetime) -> int:
    """The batch of this title, made where there is none."""
    session.execute(
        insert(Batch)
        .values(consultation_id=consultation_id, title=title, at=now, by=by)
        .on_conflict_do_nothing(index_elements=["consultation_id", "title"])
    )
    return session.scalars(
        select(Batch.id).where(Batch.consultation_id == consultation_id, Batch.title == title)
    ).one()


Readings = dict[str, questions.Reading]


@dataclass(frozen=True, slots=True, repr=False)
class _Written:
    said: Response
    person: Person
    read: Readings
    standing: Standing


def _fresh(
    heed: Heed, session: Session, batch_id: int, responses: Sequence[Response], taken: Taken, now: datetime
) -> list[Response]:
    """Those that the batch does not hold yet; the same reference with other words is refused, not lost in silence."""
    known = {
        row.row_ref: row.words_enc
        for row in session.execute(
            select(Submission.row_ref, Submission.words_enc).where(
                Submission.batch_id == batch_id,
                among(Submission.row_ref, [one.reference for one in responses]),
            )
        )
    }
    fresh: dict[str, Response] = {}
    for one in responses:
        before = fresh.get(one.reference)
        if london(one.received_at).date() > london(now).date():
            reason = "the day has not come: correct it"
            taken.rejections.append(Rejection(one.where, "received", "not-yet", reason))
        elif one.reference in known:
            sealed = known[one.reference]
            # What was erased stays erased, however often its file is sent again.
            if sealed is None or heed.cipher.open(sealed, "body").reveal() == one.text:
                taken.unchanged += 1
            else:
                taken.rejections.append(_said_before(one, "this batch already holds other words"))
        elif before is not None and before.text == one.text:
            taken.unchanged += 1
        elif before is not None:
            taken.rejections.append(_said_before(one, f"{before.where} has other words"))
        else:
            # A day alone is read as its noon, which may still be to come.
            fresh[one.reference] = replace(one, received_at=min(one.received_at, now))
    return list(fresh.values())


def _said_before(one: Response, why: str) -> Rejection:
    reason = (
        f"{why} under this reference: give each response a reference of its own, or the file another --batch"
    )
    return Rejection(one.where, "reference", "said-before", reason)


def _answers(one: Response, asked: dict[str, questions.Question], taken: Taken) -> Readings | None:
    """What the row answers to each question; None, and a rejection, where one of them does not fit."""
    read: Readings = {}
    for name, words in one.answers.items():
        reading = questions.read(asked[name], words)
        if reading is None:
            options = ", ".join(option.code for option in asked[name].options)
            reason = f"it does not answer this question{f', whose choices are {options}' if options else ''}"
            taken.rejections.append(Rejection(one.where, f"answer:{name}", "bad-answer", reason))
            return None
        if not reading.unsure:
            read[name] = reading
    return read


def _standing(consultation: Consultation, one: Response, read: Readings, person: Person) -> Standing:
    if one.test:
        return Standing.TEST
    if person.state == State.WITHDRAWN:
        return Standing.WITHDRAWN
    if not one.text and all(reading.skipped for reading in read.values()):
        return Standing.BLANK
    if one.received_at < consultation.opens_at:
        return Standing.EARLY
    if consultation.closes_at is not None and one.received_at >= consultation.closes_at:
        return Standing.LATE
    return Standing.COUNTED


COLUMNS = (
    "id", "consultation_id", "respondent_id", "channel", "kind", "rule", "received_at", "ended_at", "late", "early",
    "standing", "words_enc", "batch_id", "row_ref",
)  # fmt: skip
ANSWER_COLUMNS = (
    "respondent_id",
    "question",
    "value",
    "words_enc",
    "submission_id",
    "late",
    "at",
    "replaced_at",
)


def _write(
    heed: Heed,
    session: Session,
    consultation: Consultation,
    batch_id: int,
    written: Sequence[_Written],
    now: datetime,
) -> int:
    numbered = list(zip(ids(session, "submissions", len(written)), written, strict=True))
    rows = [_row(heed, consultation, batch_id, *one) for one in numbered]
    copy_rows(session, Submission, COLUMNS, rows)
    for number, _, _, _, kind, rule, *_ in rows:
        if kind in duty.CLOCKS:
            duty.put(heed, session, cause=f"submission:{number}", kind=kind, rule=rule, at=now)
    # An answer changes what the same person said before; the old one is its history.
    session.execute(
        update(Answer)
        .where(
            among(Answer.respondent_id, {one.person.id for one in written if one.read}),
            Answer.replaced_at.is_(None),
            text(
                "(respondent_id, question) IN (SELECT * FROM unnest(CAST(:people AS bigint[]), CAST(:asked AS text[])))"
            ),
        )
        .values(replaced_at=now)
        .execution_options(synchronize_session=False),
        {
            "people": [one.person.id for one in written for _ in one.read],
            "asked": [name for one in written for name in one.read],
        },
    )
    copy_rows(session, Answer, ANSWER_COLUMNS, _answer_rows(heed, numbered, now))
    return len(numbered)


def _row(
    heed: Heed, consultation: Consultation, batch_id: int, number: int, one: _Written
) -> tuple[Any, ...]:
    said = one.said
    kind, rule = "feedback", "everything-else"
    taken = route(said.text)
    if taken.kind not in COMMANDS:
        kind, rule = taken.kind, taken.rule
    return (
        number,
        consultation.id,
        one.person.id,
        said.channel,
        kind,
        rule,
        said.received_at,
        said.received_at,
        consultation.closes_at is not None and said.received_at >= consultation.closes_at,
        said.received_at < consultation.opens_at,
        str(one.standing),
        heed.cipher.seal(said.text, "body"),
        batch_id,
        said.reference,
    )


def _answer_rows(
    heed: Heed, numbered: Sequence[tuple[int, _Written]], now: datetime
) -> Iterator[tuple[Any, ...]]:
    """The last answer of a person to each question stands; the ones before it in the same batch are its history."""
    last = {(one.person.id, name): number for number, one in numbered for name in one.read}
    for number, one in numbered:
        for name, reading in one.read.items():
            words = None if reading.words is None else heed.cipher.seal(reading.words, "body")
            replaced = None if last[one.person.id, name] == number else now
            yield one.person.id, name, reading.value, words, number, False, one.said.received_at, replaced
