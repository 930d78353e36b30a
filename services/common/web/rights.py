"""What both services' pages of a person's rights share: whom it is about, and the file to hand over. By a form alone: nobody stands
in an address."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request

from services.common.web.fields import Fields
from services.common.web.files import as_file

WHO_MOST = 254


@dataclass(frozen=True, slots=True)
class Whom:
    """The words of the form that asks whom it is about; `needed` is said where it stays empty."""

    asks: str
    label: str
    hint: str
    needed: str


def who(whom: Whom) -> tuple[str, dict[str, str]]:
    """What the form names, and what is wrong with that."""
    given = Fields(request.form)
    return given.text("who", needed=whom.needed, most=WHO_MOST), given.errors


def form(whom: Whom, named: str, errors: dict[str, str]) -> tuple[str, int]:
    """The form that asks whom it is about."""
    return render_template("rights.html", whom=whom, who=named, errors=errors), 422 if errors else 200


def to_hand_over(held: dict[str, Any]) -> Response:
    """Everything held, as a file."""
    return as_file(json.dumps(held, indent=2, ensure_ascii=False), "held.json", "application/json")


def sure(named: str, follows: list[str], record: int | None = None) -> str:
    """Asks once more before a person is erased, and says what follows; `record`: which of several."""
    return render_template("erase.html", who=named, follows=follows, record=record)
