"""A reply as it is read on the phone: texts and a question of the questionnaire, with what is filled in. Pure."""

from services.common.understanding import DANGER_ANSWER
from services.consultation import districts
from services.consultation.questionnaire import Questionnaire
from services.consultation.turns import Say

ELSEWHERE = {"en": "another county", "cy": "sir arall"}


def words(questionnaire: Questionnaire, say: Say, language: str, reference: str, page: str) -> str:
    """The words of a reply to somebody with this reference; `page` is the address of the consultation's own."""
    spoken = questionnaire.spoken(language)
    parts = [DANGER_ANSWER if name == "danger" else questionnaire.text(name, spoken) for name in say.texts]
    if say.districts:
        names = [districts.names().get(one, ELSEWHERE[spoken]) for one in say.districts]
        parts.append(questionnaire.text("unsure", spoken).replace("{districts}", ", ".join(names)))
    elif say.ask:
        question = questionnaire.question(say.ask)
        parts.append((question.again if say.again else question.ask)[spoken])
    return "\n".join(parts).replace("{reference}", reference).replace("{page}", page)


def step(say: Say) -> str:
    """The reply's name in the outbox: its first text, else the question it puts."""
    return say.texts[0] if say.texts else f"ask-{say.ask}"
