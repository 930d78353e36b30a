"""Refused acts on pages: the sentence beside the field, or a page that says it."""

from typing import NoReturn

from services.common.acts import Refused
from services.common.web.errors import fail


def sentence(refused: Refused) -> str:
    """What a refusal says, as a sentence."""
    words = str(refused)
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"


def problem(refused: Refused) -> NoReturn:
    """Answer with a page that says it: nothing of that number is here, or it cannot be done as things stand."""
    fail(404 if refused.error == "not-found" else 409, refused.error, sentence(refused))
