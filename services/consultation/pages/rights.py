"""A person's rights: what is held about them, erasing it, and holds that forbid that. By a form alone: nobody stands in an address."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web import rights as rights_form
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.refusals import sentence
from services.common.web.rights import Whom
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import erasure, rights, subject
from services.consultation.api.office import caller
from services.consultation.pages import wording
from services.consultation.subject import NoSubject

blueprint = Blueprint("rights_pages", __name__)
WHOM = Whom(
    asks="Somebody asks what is held about them, or asks to be erased.",
    label="Number, e-mail address or reference",
    hint="07700 900123, name@example.org or H74863G. A number finds everybody who wrote from that phone.",
    needed="Write a number, an e-mail address or a reference.",
)
FOLLOWS = [
    "Their words, numbers, names, scans and free answers go, and nobody can bring them back. The row that is counted stays, with its"
    " district and coded answers, so that reports still close. A number that has stopped stays stopped.",
    "What the carrier keeps of their texts is not reached.",
]
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
    who, errors = _who()
    return _form(who, errors) if errors else _held(who, as_a_file=request.form.get("as") == "file")


@blueprint.post("/rights/erase")
@page("subject:write")
def erase() -> Answer:
    """Erase a person: asked once more, then done."""
    who, errors = _who()
    if not errors and request.form.get("sure") != "yes":
        return rights_form.sure(who, FOLLOWS)
    if not errors:
        try:
            with heed().database.begin() as session:
                erased = erasure.erase(heed(), session, who, caller())
        except (NoSubject, Refused) as error:
            errors = {"who": sentence(error)}
        else:
            texts = erased["texts_in"] + erased["texts_out"]
            words = f"Erased: the words of {erased['responses']:,} responses and {texts:,} texts. What is counted stays."
            return done("/rights", words)
    return _form(who, errors)


@blueprint.post("/rights/hold")
@page("subject:write")
def hold() -> Answer:
    """Forbid erasing this person, with a reason."""
    who, errors = _who()
    reason = request.form.get("reason", "")
    if errors:
        return _form(who, errors)
    try:
        with heed().database.begin() as session:
            erasure.hold(heed(), session, who, reason, caller())
    except NoSubject as error:
        return _form(who, {"who": sentence(error)})
    except Refused as refused:
        return _held(who, errors={"reason": sentence(refused)})
    return done("/rights", "The person is held: nothing of theirs may be erased until it is released.")


@blueprint.post("/rights/release")
@page("subject:write")
def release() -> Answer:
    """Allow erasing again."""
    who, errors = _who()
    if not errors:
        try:
            with heed().database.begin() as session:
                erasure.release(heed(), session, who, caller())
        except (NoSubject, Refused) as error:
            errors = {"who": sentence(error)}
        else:
            return done("/rights", "The hold is released.")
    return _form(who, errors)


@blueprint.post("/rights/correct")
@page("subject:write")
def correct() -> Answer:
    """Put an answer of theirs right; the former one stays as history."""
    given = Fields(request.form)
    who, errors = _who()
    if errors:
        return _form(who, errors)
    question, answer = given.text("question", most=60), given.text("answer", most=1600)
    reason = given.text("correct_reason", most=300)
    try:
        with heed().database.begin() as session:
            rights.correct(heed(), session, who, question, answer, reason, caller())
    except NoSubject as error:
        return _form(who, {"who": sentence(error)})
    except Refused as refused:
        fields = {"bad-reason": "correct_reason", "does-not-fit": "answer"}
        return _held(who, errors={fields.get(refused.error, "question"): sentence(refused)})
    return done("/rights", "The answer is put right. The former one stays as history.")


@blueprint.post("/rights/object")
@page("subject:write")
def object_to_texts() -> Answer:
    """Text this person no more, and publish none of their words."""
    who, errors = _who()
    if errors:
        return _form(who, errors)
    try:
        with heed().database.begin() as session:
            rights.object_to_texts(heed(), session, who, request.form.get("object_reason", ""), caller())
    except NoSubject as error:
        return _form(who, {"who": sentence(error)})
    except Refused as refused:
        return _held(who, errors={"object_reason": sentence(refused)})
    return done("/rights", "This person is texted no more, and none of their words are published.")


def _who() -> tuple[str, dict[str, str]]:
    return rights_form.who(WHOM)


def _form(who: str, errors: dict[str, str]) -> tuple[str, int]:
    return rights_form.form(WHOM, who, errors)


def _held(who: str, *, as_a_file: bool = False, errors: dict[str, str] | None = None) -> Answer:
    try:
        with heed().database.begin() as session:
            found = subject.access(heed(), session, who, caller())
            held_because = subject.held_because(session, subject.find(heed(), session, who))
    except NoSubject as error:
        return _form(who, {"who": sentence(error)})
    if as_a_file:
        return rights_form.to_hand_over(found)
    shown = render_template(
        "pages/held.html",
        who=who,
        found=found,
        hold=held_because,
        given=request.form,
        errors=errors or {},
        wording=wording,
    )
    return (shown, 422) if errors else shown
