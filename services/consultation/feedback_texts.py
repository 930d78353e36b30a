"""Telling people by text what was done: those who asked for it and have not stopped, in the window, once ever for each theme.

Whoever spoke of several themes gets one text. Only what a person has coded is told: a machine's guess is nobody's view. The plan of a
whole consultation is made in memory and written at once.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common import audit, clock, numbers
from services.common.acts import Refused
from services.common.context import Heed
from services.common.copying import copy_rows
from services.common.database import serialise
from services.common.outbox.intentions import Intention, intend_first
from services.common.segments import count, plain
from services.consultation import coding, feedback, questionnaire
from services.consultation.dispatch import FEEDBACK, last_due
from services.consultation.linking import ids
from services.consultation.models import Consultation, Feedback, FeedbackText, FeedbackTold
from services.consultation.pacing import PER_HOUR, paced
from services.consultation.questionnaire import Questionnaire
from services.consultation.said_back import REFERENCE
from services.consultation.said_back import text as composed
from services.consultation.themes.changes import called

PRIORITY = 70  # after invitations: nobody waits for an hour's difference
USEFUL_FOR = timedelta(days=7)
EXAMPLES = 3

# One row a person who has a response that counts: those merged into one are one, and where one of them refused, nobody is texted.
PEOPLE = text(
    "SELECT k.id, bool_and(r.may_text), (array_agg(r.number_enc ORDER BY r.id = k.id DESC) FILTER (WHERE r.number_enc IS NOT NULL))[1],"
    " (array_agg(r.number_key ORDER BY r.id = k.id DESC) FILTER (WHERE r.number_enc IS NOT NULL))[1], k.language, k.reference,"
    " array_agg(DISTINCT s.id), array_agg(DISTINCT r.id) FROM submissions AS s JOIN respondents AS r ON r.id = s.respondent_id"
    " JOIN respondents AS k ON k.id = coalesce(r.merged_into, r.id)"
    " WHERE s.consultation_id = :id AND s.standing = 'counted' GROUP BY k.id ORDER BY k.id"
)
TOLD = text(
    "SELECT d.respondent_id, d.theme FROM feedback_told AS d JOIN feedback_texts AS t ON t.id = d.text_id WHERE t.consultation_id = :id"
)


@dataclass(frozen=True, slots=True, repr=False)
class Planned:
    """One text: to whom, when, about which answers, and its words before the person's reference is filled in."""

    person: int
    number_enc: bytes
    number_key: bytes
    reference: str
    answers: tuple[Feedback, ...]
    words: str
    due_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """Whom a sending would tell, and how many people it passes over, by reason."""

    texts: list[Planned]
    skipped: dict[str, int]

    def shown(self) -> dict[str, Any]:
        """The plan in figures: {"people", "skipped", "segments", "first_at", "last_at", "texts": a few examples}."""
        words = Counter(one.words for one in self.texts)
        return {
            "people": len(self.texts),
            "skipped": self.skipped,
            "segments": sum(
                count(plain(filled(said, REFERENCE))).segments * number for said, number in words.items()
            ),
            "first_at": self.texts[0].due_at if self.texts else None,
            "last_at": self.texts[-1].due_at if self.texts else None,
            "texts": [said for said, _ in words.most_common(EXAMPLES)],
        }


def filled(words: str, reference: str) -> str:
    """The words with the person's reference."""
    return words.replace("{reference}", reference)


def plan(heed: Heed, session: Session, row: Consultation, per_hour: int = PER_HOUR) -> Plan:
    """Who would be told now of what; nothing is written. Raises Refused."""
    now, frame = clock.now(session), coding.codeframe(session, row.id)
    answers = feedback.approved(session, row.id, frame)
    if not answers:
        raise Refused("no-answer", "no answer is approved yet: write one, and have another person approve it")
    answered = [theme.id for theme in feedback.in_order(frame, answers)]
    parsed = questionnaire.parse(row.questionnaire)
    standing = coding.standing(session, row.id)
    told: dict[int, set[str]] = defaultdict(set)
    for person, theme in session.execute(TOLD, {"id": row.id}):
        told[person].add(called(frame, theme))
    skipped: Counter[str] = Counter()
    found = []
    for one in session.execute(PEOPLE, {"id": row.id}):
        person, may_text, number_enc, number_key, language, reference, submissions, respondents = one
        spoken = {
            theme
            for number in submissions
            if number in standing and standing[number].reviewed
            for theme in (
                *standing[number].themes,
                *(called(frame, one) for one in standing[number].split),
            )
        }
        owed = [theme for theme in answered if theme in spoken]
        fresh = [theme for theme in owed if not any(theme in told[each] for each in respondents)]
        if not owed:
            skipped["nothing-to-tell"] += 1
        elif not fresh:
            skipped["told"] += 1
        elif not may_text:
            skipped["did-not-ask"] += 1
        elif number_key is None:
            skipped["no-number"] += 1
        else:
            found.append((person, number_enc, number_key, parsed.spoken(language), reference, tuple(fresh)))
    against = numbers.forbidden(session, {one[2] for one in found})
    skipped.update(against[one[2]] for one in found if one[2] in against)
    people = [one for one in found if one[2] not in against]
    words = _words(heed, row, parsed, answers, {(one[3], one[5]) for one in people})
    times = paced(last_due(session, now), per_hour)
    return Plan(
        [
            Planned(
                person,
                number_enc,
                number_key,
                reference,
                tuple(answers[one] for one in themes),
                words[language, themes],
                at,
            )
            for (person, number_enc, number_key, language, reference, themes), at in zip(
                people, times, strict=False
            )
        ],
        dict(skipped),
    )


def _words(
    heed: Heed,
    row: Consultation,
    parsed: Questionnaire,
    answers: Mapping[str, Feedback],
    wanted: set[tuple[str, tuple[str, ...]]],
) -> dict[tuple[str, tuple[str, ...]], str]:
    """The words by language and themes: there are as many as combinations, not as people."""
    page = f"{heed.config.public_url}/consultations/{row.id}/done"
    found = {}
    for language, themes in sorted(wanted):
        briefs = [answers[theme].brief.get(language) or answers[theme].brief["en"] for theme in themes]
        found[language, themes] = composed(parsed.text("feedback", language), page, briefs, language)
    return found


def send(heed: Heed, session: Session, row: Consultation, by: str, per_hour: int = PER_HOUR) -> Plan:
    """Write the texts of everybody who is to be told and has not been. Asked twice, it tells nobody twice. Raises Refused."""
    serialise(session, f"feedback:{row.id}")
    made, now = plan(heed, session, row, per_hour), clock.now(session)
    numbered = list(zip(ids(session, "feedback_texts", len(made.texts)), made.texts, strict=True))
    copy_rows(
        session,
        FeedbackText,
        ("id", "consultation_id", "respondent_id", "by", "at"),
        ((number, row.id, one.person, by, now) for number, one in numbered),
    )
    copy_rows(
        session,
        FeedbackTold,
        ("respondent_id", "theme", "text_id", "feedback_id"),
        ((one.person, answer.theme, number, answer.id) for number, one in numbered for answer in one.answers),
    )
    intend_first(session, [_intention(heed, number, one) for number, one in numbered], now)
    if numbered:
        audit.record(
            session,
            by,
            "feedback-sent",
            f"consultation:{row.id}",
            people=len(numbered),
            answers=sorted({answer.id for _, one in numbered for answer in one.answers}),
        )
    return made


def _intention(heed: Heed, number: int, one: Planned) -> Intention:
    return Intention(
        dedupe_key=f"{FEEDBACK}:{number}",
        kind=FEEDBACK,
        subject_id=number,
        due_at=one.due_at,
        useful_until=one.due_at + USEFUL_FOR,
        priority=PRIORITY,
        to_key=one.number_key,
        to_enc=one.number_enc,
        body_enc=heed.cipher.seal(filled(one.words, one.reference), "body"),
    )
