"""Whose response it is: somebody already known by number, receipt or e-mail address, in that order, else somebody new.

New people are written at once, and what is learnt of known ones too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.copying import copy_rows
from services.common.database import among
from services.consultation.batch_rows import Response
from services.consultation.models import Respondent
from services.consultation.questions import Question, Reading, filled
from services.consultation.respondents import new_reference
from services.consultation.states import Standing, State

# What a response may say of its person; None where it does not.
FACTS = (
    "district",
    "out_of_area",
    "victim",
    "age_band",
    "may_publish",
    "may_text",
    "email_key",
    "number_key",
    "number_enc",
)


@dataclass(slots=True, repr=False)
class Person:
    """One respondent while a batch is taken. `id` is there once new people are written."""

    reference: str
    state: str
    id: int = 0
    is_new: bool = False
    first: Response | None = None
    keys: set[str] = field(default_factory=set)
    facts: dict[str, Any] = field(default_factory=dict)

    def learn(
        self, said: Response, standing: Standing, answers: Sequence[tuple[Question, Reading]] = ()
    ) -> None:
        """Take what this response says of its person; a later word wins."""
        told = {
            "district": said.district,
            "out_of_area": True if said.out_of_area else False if said.district else None,
            "victim": said.victim,
            "may_publish": said.publish,
        }
        for question, reading in answers:
            if question.fills and reading.value is not None:
                told |= filled(question.fills, reading.value)
        self.facts |= {name: value for name, value in told.items() if value is not None}
        if self.state == State.STARTED:
            self.state = _state(standing, out_of_area=self.facts.get("out_of_area", False))


def _state(standing: Standing, *, out_of_area: bool) -> str:
    if standing in (Standing.LATE, Standing.BLANK):
        return State.LATE if standing == Standing.LATE else State.STARTED
    return State.OUT_OF_AREA if out_of_area else State.COMPLETE


class Persons:
    """The people of one consultation that a batch speaks of."""

    def __init__(self, heed: Heed, session: Session, consultation_id: str) -> None:
        self._heed, self._session, self._consultation_id = heed, session, consultation_id
        self._by: dict[tuple[str, bytes | str], Person] = {}
        self._all: list[Person] = []

    def load(self, responses: Sequence[Response]) -> None:
        """Read those that these responses may be of."""
        numbers = {self._heed.index.of(one.mobile, "number") for one in responses if one.mobile}
        emails = {self._heed.index.of(one.email, "email") for one in responses if one.email}
        receipts = {one.receipt for one in responses if one.receipt}
        if not (numbers or emails or receipts):
            return
        rows = self._session.scalars(
            select(Respondent)
            .where(
                Respondent.consultation_id == self._consultation_id,
                Respondent.person == 1,
                or_(
                    among(Respondent.number_key, numbers),
                    among(Respondent.email_key, emails),
                    among(Respondent.reference, receipts),
                ),
            )
            .order_by(Respondent.id)
        ).all()
        kept = {
            row.id: row
            for row in self._session.scalars(
                select(Respondent).where(among(Respondent.id, {row.merged_into or row.id for row in rows}))
            )
        }
        persons = {number: Person(row.reference, row.state, number) for number, row in kept.items()}
        self._all += persons.values()
        for row in rows:
            # Whoever was merged is the one that stands for both.
            person = persons[row.merged_into or row.id]
            for name, key in (
                ("number", row.number_key),
                ("email", row.email_key),
                ("receipt", row.reference),
            ):
                if key is not None:
                    self._by.setdefault((name, key), person)
                    person.keys.add(name)

    def of(self, one: Response) -> Person | None:
        """Whose response this is; None where its receipt is nobody's."""
        keys = self._keys(one)
        if one.receipt and ("receipt", one.receipt) not in self._by:
            return None
        person = next((self._by[key] for key in keys if key in self._by), None)
        if person is None:
            person = Person("", State.STARTED, is_new=True, first=one)
            self._all.append(person)
        for name, key in keys:
            # A second number or address of a known person leads to them in this batch; the first one stays theirs.
            if self._by.setdefault((name, key), person) is person and name not in person.keys:
                person.keys.add(name)
                person.facts[f"{name}_key"] = key
                if name == "number":
                    person.facts["number_enc"] = self._heed.cipher.seal(one.mobile or "", "number")
        return person

    def _keys(self, one: Response) -> list[tuple[str, bytes | str]]:
        keys: list[tuple[str, bytes | str]] = []
        if one.mobile:
            keys.append(("number", self._heed.index.of(one.mobile, "number")))
        if one.receipt:
            keys.append(("receipt", one.receipt))
        if one.email:
            keys.append(("email", self._heed.index.of(one.email, "email")))
        return keys

    def write(self) -> None:
        """Write the new people, and what was learnt of the others."""
        new = [one for one in self._all if one.is_new]
        numbers = ids(self._session, "respondents", len(new))
        for one, number, reference in zip(new, numbers, new_references(self._session, len(new)), strict=True):
            one.id, one.reference = number, reference
        copy_rows(self._session, Respondent, COLUMNS, (self._row(one) for one in new))
        learnt: list[dict[str, Any]] = [
            one.facts | {"id": one.id, "state": one.state}
            for one in self._all
            if not one.is_new and one.facts
        ]
        if learnt:
            self._session.execute(update(Respondent), learnt)

    def _row(self, one: Person) -> tuple[Any, ...]:
        first = one.first
        assert first is not None  # noqa: S101 - somebody new has a first response
        return (
            one.id,
            self._consultation_id,
            one.reference,
            first.type,
            self._heed.cipher.seal(first.organisation, "organisation") if first.organisation else None,
            first.language,
            first.channel,
            one.state,
            first.received_at,
            *(one.facts.get(name, DEFAULTS.get(name)) for name in FACTS),
        )


DEFAULTS = {"out_of_area": False}
COLUMNS = (
    "id", "consultation_id", "reference", "type", "organisation_enc", "language", "channel", "state",
    "first_at", *FACTS,
)  # fmt: skip


def ids(session: Session, table: str, number: int) -> list[int]:
    """So many ids that no other row of this table will have."""
    drawn = select(func.nextval(func.pg_get_serial_sequence(table, "id"))).select_from(
        func.generate_series(1, number)
    )
    return list(session.scalars(drawn)) if number else []


def new_references(session: Session, number: int) -> list[str]:
    """So many references that nobody has."""
    found: set[str] = set()
    while len(found) < number:
        drawn = {new_reference() for _ in range(number - len(found))} - found
        found |= drawn - set(
            session.scalars(select(Respondent.reference).where(among(Respondent.reference, drawn)))
        )
    return list(found)
