"""Refused acts on pages: the sentence beside the field, or a page that says it."""

from typing import NoReturn

from services.common.acts import Refused
from services.common.web.errors import fail


def sentence(said: object) -> str:
    """What a refusal or a mistake says, as a sentence. A column's name stays as it is written in the file."""
    words = str(said)
    begun = words if "_" in words.partition(" ")[0] else f"{words[:1].upper()}{words[1:]}"
    return begun if begun.endswith(".") else f"{begun}."


def problem(refused: Refused) -> NoReturn:
    """Answer with a page that says it: nothing of that number is here, or it cannot be done as things stand."""
    fail(404 if refused.error == "not-found" else 409, refused.error, sentence(refused))
