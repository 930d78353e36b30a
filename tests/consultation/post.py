"""A listening post in a test: residents text it, time passes, and what was kept is counted. Times are London's clock."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy import select, text

from services.common import clock, inbound, work
from services.common.context import Heed
from services.common.models import Inbound
from services.common.times import parse_instant
from services.consultation import consultations, jobs, questionnaire, responses
from services.consultation.models import Answer, Conversation, Respondent, Submission
from services.consultation.states import Channel, Standing
from tests.support.sandbox import Sandbox

START = "2026-09-14T10:00"
ANN, BEN = "+447700900101", "+447700900102"
SAMPLE = files("services.consultation").joinpath("data/sample.yaml").read_text()
FULL: dict[str, Any] = questionnaire.read(SAMPLE) | {"opens": "2026-09-01", "closes": "2026-09-30"}
# The sample in English alone, and without questions.
CONTENT: dict[str, Any] = {name: value for name, value in FULL.items() if name != "kind"} | {
    "keywords": ["PLAN"],
    "texts": FULL["texts"]["en"],
    "questions": [],
}


def phone(number: int) -> str:
    """The handset of the number-th resident of many."""
    return f"+447700900{200 + number}"


@dataclass
class Post:
    """A listening post with its own database and carrier."""

    heed: Heed
    carrier: Sandbox

    def start(self, at: str) -> None:
        """Set the clock, before anything happens, to a time that need not lie ahead of the real one."""
        with self.heed.database.begin() as session:
            session.execute(
                text(
                    "INSERT INTO clock (id, shift) VALUES (1, :at - clock_timestamp())"
                    " ON CONFLICT (id) DO UPDATE SET shift = :at - clock_timestamp()"
                ),
                {"at": parse_instant(at)},
            )

    def launch(self, **changes: Any) -> str:
        """Launch the sample with these changes; its id."""
        content = CONTENT | changes
        with self.heed.database.begin() as session:
            return consultations.freeze(session, content).id

    def keep(
        self,
        words: str,
        sender: str = ANN,
        *,
        at: str | None = None,
        said: str | None = None,
        sid: str | None = None,
    ) -> int | None:
        """A text arrives, as the webhook stores it; `at` is when the carrier brought it, `said` what it took it for."""
        with self.heed.database.begin() as session:
            kept = inbound.keep(
                self.heed,
                session,
                sid=sid or f"SM{uuid.uuid4().hex}",
                sender=sender,
                to=self.heed.config.sender,
                body=words,
                opt_out_type=said,
            )
            if at and kept:
                session.get_one(Inbound, kept).received_at = parse_instant(at)
        return kept

    def hears(self, words: str, sender: str = ANN, **more: Any) -> None:
        """A text arrives and is understood."""
        kept = self.keep(words, sender, **more)
        assert kept is not None
        responses.handle(self.heed, kept)

    def tick(self, at: str | None = None) -> None:
        """Let time pass and everything run that is then due."""
        if at:
            clock.move_to(self.heed.database, parse_instant(at))
        work.tick(self.heed, jobs.SWEEPS)

    def said(self, to: str | None = ANN) -> list[str]:
        """What the carrier took from us for a handset, oldest first."""
        sent = list(self.carrier.inside.store.state.messages)
        return [one.body for one in sent if one.direction == "outbound-api" and to in (None, one.to)]

    def counts(self, consultation: str = "plan-2026") -> dict[str, int]:
        """The counts of a consultation, proved to close."""
        with self.heed.database.begin() as session:
            found = responses.counts(session, consultation)
        assert found["received"] == sum(found[each] for each in Standing)
        assert found["respondents"] <= found["counted"]
        by_text = [
            one for one in self.rows() if (one.consultation_id, one.channel) == (consultation, Channel.SMS)
        ]
        assert len(by_text) <= found["texts"]
        assert (found["counted"] > 0) == (found["respondents"] > 0)
        return {name: number for name, number in found.items() if number}

    def rows(self) -> Sequence[Submission]:
        """Every response, oldest first."""
        with self.heed.database.begin() as session:
            return session.scalars(select(Submission).order_by(Submission.id)).all()

    def respondents(self) -> Sequence[Respondent]:
        """Everyone who has responded."""
        with self.heed.database.begin() as session:
            return session.scalars(select(Respondent).order_by(Respondent.id)).all()

    def answers(self) -> list[tuple[str, str | None, bool, bool]]:
        """Every answer in order: question, coded value, whether it came late, whether it stands."""
        with self.heed.database.begin() as session:
            rows = session.scalars(select(Answer).order_by(Answer.id)).all()
        return [(row.question, row.value, row.late, row.replaced_at is None) for row in rows]

    def open_question(self) -> str | None:
        """The question that is open to the respondent who was asked last."""
        with self.heed.database.begin() as session:
            return session.scalar(
                select(Conversation.question).order_by(Conversation.asked_at.desc()).limit(1)
            )
