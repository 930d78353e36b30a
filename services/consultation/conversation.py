"""The conversation with one person on one phone, as a state machine: where it stands and a text in, what is to be done out. Pure.

The first text is a complete response. The questions after it are optional: S skips one, silence for 72 hours closes it, an answer that does
not fit is asked for once more in other words and then left. What does not fit and is more than a word is kept as a view too.
"""

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

from services.common.text_rules import Understood
from services.consultation.questionnaire import Questionnaire
from services.consultation.questions import Question, Reading, applies, read
from services.consultation.routing import EVERYTHING_ELSE, concern, keyword, route, without_keyword
from services.consultation.states import Standing, State
from services.consultation.turns import Answered, Place, Say, Text, Turn, View

SILENCE = timedelta(hours=72)
FRAGMENT = timedelta(seconds=90)
# Nobody reads a question and writes several words to it in so short a time: they belong to what was written before.
UNREAD = timedelta(seconds=10)
CONCERNS = frozenset({"danger", "safeguarding", "crime-report", "complaint", "question"})
# Concerns that have an answer of their own; the softer list of safeguarding is thanked like any view.
ANSWERED_CONCERNS = CONCERNS - {"danger", "safeguarding"}
MISREAD = "a word that does not fit the open question"


def hear(questionnaire: Questionnaire, place: Place, text: Text) -> Turn:
    """Take one text in any state of the conversation."""
    place = expired(place, text.received_at)
    named = keyword(text.words, questionnaire.keywords)
    if named:
        place = replace(place, language=questionnaire.keywords[named])
    question = _open(questionnaire, place, text)
    taken = route(text.words, text.opt_out_type, questionnaire.keywords, question)
    if taken.kind in ("opt-out", "opt-in", "help"):
        return _carrier_word(place, taken, text)
    if taken.kind == "command":
        return _command(place, taken, text)
    if taken.kind == "answer" and question:
        return _answer(questionnaire, place, taken, text, question)
    if taken.kind == "feedback":
        late = _late_answer(questionnaire, place, text)
        if late:
            return late
        if question and not named and not _goes_on(place, text):
            return _misread(questionnaire, place, text, question)
    return _view(questionnaire, place, taken, text)


def expired(place: Place, at: datetime) -> Place:
    """The place after the open question's time has run out, if it has."""
    return _closed(place) if place.expires_at and at >= place.expires_at else place


def state_of(questionnaire: Questionnaire, place: Place, *, late: bool, out_of_area: bool) -> State:
    """Where the person stands. `late`: all their views came after the end."""
    if place.withdrawn or place.refused:
        return State.WITHDRAWN if place.withdrawn else State.REFUSED
    if late or out_of_area:
        return State.LATE if late else State.OUT_OF_AREA
    if not place.has_view:
        return State.STARTED
    waiting = [
        one for one in questionnaire.questions if one.id not in place.answers and applies(one, place.answers)
    ]
    return State.PARTIAL if waiting else State.COMPLETE


def _open(questionnaire: Questionnaire, place: Place, text: Text) -> Question | None:
    """The question that the text may answer: one that had been asked when the text came."""
    if place.question is None or _before_the_question(place, text):
        return None
    return questionnaire.question(place.question)


def _before_the_question(place: Place, text: Text) -> bool:
    return place.asked_at is not None and text.received_at < place.asked_at


def _goes_on(place: Place, text: Text) -> bool:
    """Whether the text goes on with the one before the open question, which its sender cannot have read yet."""
    several = len(text.words.split()) > 1
    return several and text.beside is not None and not _prompted(place, text.beside, text.received_at)


def _carrier_word(place: Place, taken: Understood, text: Text) -> Turn:
    said = {"opt-out": "stopped", "opt-in": "started", "help": "help"}[taken.kind]
    say = None if text.opt_out_type else Say((said,))  # else the carrier has answered
    if taken.kind == "opt-out":
        # In the middle of the questions, STOP is a no to them.
        return Turn(
            taken, _closed(replace(place, refused=place.refused or place.question is not None)), say=say
        )
    return Turn(taken, place, say=say)


def _command(place: Place, taken: Understood, text: Text) -> Turn:
    if taken.rule == "remove":
        return Turn(taken, _closed(replace(place, withdrawn=True)), say=Say(("removed",)))
    if taken.rule == "reference":
        return Turn(taken, place, say=Say(("reference",)))
    if taken.rule == "new":
        used = place.has_view or place.asked or place.withdrawn
        following = Place(person=place.person + 1, language=place.language) if used else place
        return Turn(taken, following, say=Say(("person",)))
    answered = [name for name in place.asked if name in place.answers]
    if not answered or place.withdrawn or text.stopped:
        return Turn(taken, place, say=Say(("unchanged",)))
    return Turn(taken, _asked(place, answered[-1], text), say=Say(ask=answered[-1]))


def _answer(
    questionnaire: Questionnaire, place: Place, taken: Understood, text: Text, question: Question
) -> Turn:
    reading = read(question, text.words)
    assert reading is not None  # noqa: S101 - that is why the text was taken for an answer
    if reading.unsure and not place.asked_again:
        again = replace(_asked(place, question.id, text), asked_again=True)
        kept = Answered(question.id, Reading(words=text.words), misread=True)
        return Turn(taken, again, answers=(kept,), say=Say(ask=question.id, districts=reading.unsure))
    if reading.unsure:
        reading = Reading()
    answered = replace(_closed(place), answers={**place.answers, question.id: reading.value})
    following, say = _next(questionnaire, answered, text)
    # Words of a free question may also be what a person must see to.
    seen = concern(text.words) if question.kind == "text" else None
    kept = Answered(question.id, reading, late=_after_the_end(questionnaire, text))
    return Turn(
        taken, following, answers=(kept,), say=say or Say(("done",)), concern=seen.kind if seen else None
    )


def _misread(questionnaire: Questionnaire, place: Place, text: Text, question: Question) -> Turn:
    """Words that do not fit the open question: it is asked again once, then skipped. More than one word is kept as a view too."""
    several = len(text.words.split()) > 1
    viewed = _view(questionnaire, place, EVERYTHING_ELSE, text)
    if _after_the_end(questionnaire, text):
        return viewed
    taken = EVERYTHING_ELSE if several else Understood("answer", "answer-misread", MISREAD)
    view, opening = (viewed.view, ("thanks",)) if several else (None, ())
    misread = Answered(question.id, Reading(words=text.words), misread=True)
    if not place.asked_again:
        again = replace(_asked(place, question.id, text), asked_again=True)
        return Turn(taken, again, view, (misread,), Say(opening, question.id, again=True))
    given_up = replace(_closed(place), answers={**place.answers, question.id: None})
    following, say = _next(questionnaire, given_up, text)
    said = replace(say, texts=opening) if say else Say(opening or ("done",))
    return Turn(taken, following, view, (misread, Answered(question.id, Reading())), said)


def _late_answer(questionnaire: Questionnaire, place: Place, text: Text) -> Turn | None:
    """An answer to a question that has closed: the one that silence closed last, or any that asked for a place."""
    if place.withdrawn or _before_the_question(place, text):
        return None
    for name in reversed(place.asked):
        question = questionnaire.question(name)
        ran_out = name == place.asked[-1] and place.question is None and name not in place.answers
        wanted = ran_out or (
            question.kind == "postcode" and name != place.question and place.answers.get(name) is None
        )
        reading = read(question, text.words) if wanted and question.kind != "text" else None
        if reading is None or reading.unsure or (reading.skipped and not ran_out):
            continue
        answered = replace(place, answers={**place.answers, name: reading.value})
        taken = Understood("answer", f"answer-{question.kind}-late", f"it answers the closed question {name}")
        following, say = (answered, None) if place.question else _next(questionnaire, answered, text)
        kept = Answered(name, reading, late=True)
        return Turn(taken, following, answers=(kept,), say=say or Say(("thanks",), mere=True))
    return None


def _view(questionnaire: Questionnaire, place: Place, taken: Understood, text: Text) -> Turn:
    """Keep the text as a view, and say what is to be said to it."""
    early, late = text.received_at < questionnaire.opens_at, _after_the_end(questionnaire, text)
    blank = taken.kind == "feedback" and _blank(text.words, questionnaire)
    view = View(
        standing=_standing(place, early=early, late=late, blank=blank),
        fragment=text.beside is not None
        and not blank
        and not _prompted(place, text.beside, text.received_at),
        early=early,
        late=late,
    )
    seen = replace(place, has_view=place.has_view or not blank)
    concerned = taken.kind if taken.kind in CONCERNS else None
    if taken.kind == "danger":
        return Turn(taken, seen, view, say=Say(("danger",)), concern=concerned)
    if taken.kind in ANSWERED_CONCERNS:
        welcome = ("welcome",) if seen.has_view and not place.has_view and not (early or late) else ()
        return Turn(taken, seen, view, say=Say((*welcome, taken.kind)), concern=concerned)
    if place.withdrawn or early or late or not seen.has_view:
        said = "removed" if place.withdrawn else "late" if late else "early" if early else "invite"
        return Turn(taken, seen, view, say=Say((said,), mere=True), concern=concerned)
    opening = ("thanks",) if place.has_view else ("welcome",)
    following, say = (seen, None) if place.question else _next(questionnaire, seen, text)
    said_now = replace(say, texts=opening) if say else Say(opening, mere=place.has_view)
    return Turn(taken, following, view, say=said_now, concern=concerned)


def _next(questionnaire: Questionnaire, place: Place, text: Text) -> tuple[Place, Say | None]:
    """The next question that applies and has no answer yet, if any more are to be asked: one that silence or CHANGE cut off resumes."""
    if place.refused or text.stopped or not place.has_view or _after_the_end(questionnaire, text):
        return place, None
    for question in questionnaire.questions:
        if question.id not in place.answers and applies(question, place.answers):
            return _asked(place, question.id, text), Say(ask=question.id)
    return place, None


def _asked(place: Place, name: str, text: Text) -> Place:
    asked = (*(one for one in place.asked if one != name), name)
    return replace(
        place,
        question=name,
        asked=asked,
        asked_at=text.now,
        asked_again=False,
        expires_at=text.now + SILENCE,
    )


def _closed(place: Place) -> Place:
    return replace(place, question=None, asked_again=False, expires_at=None)


def _after_the_end(questionnaire: Questionnaire, text: Text) -> bool:
    return questionnaire.closes_at is not None and text.received_at >= questionnaire.closes_at


def _prompted(place: Place, one: datetime, other: datetime) -> bool:
    """Whether a question was put between two texts, and could be read before the second."""
    return place.asked_at is not None and min(one, other) <= place.asked_at <= max(one, other) - UNREAD


def _standing(place: Place, *, early: bool, late: bool, blank: bool) -> Standing:
    if place.withdrawn:
        return Standing.WITHDRAWN
    if late or early:
        return Standing.LATE if late else Standing.EARLY
    return Standing.BLANK if blank else Standing.COUNTED


def _blank(words: str, questionnaire: Questionnaire) -> bool:
    """Whether nothing is said, beside the keyword: no letter, digit or sign but punctuation. A picture is something."""
    if keyword(words, questionnaire.keywords):
        return not without_keyword(words, questionnaire.keywords)
    return not any(unicodedata.category(one)[0] in "LNS" for one in words)
