"""What the office's calls share: the consultation that an address names, and a body that is JSON or CSV."""

from typing import Any

from flask import g, request
from sqlalchemy.orm import Session

from services.common.web.errors import fail
from services.consultation.models import Consultation


def consultation_of(session: Session, consultation_id: str) -> Consultation:
    """The consultation, or 404."""
    row = session.get(Consultation, consultation_id)
    if row is None:
        fail(404, "not-found", "There is no consultation with this id.")
    return row


def caller() -> str:
    """Who calls, as the audit log names them."""
    actor: str = g.caller.actor
    return actor


def file_or_json(name: str) -> tuple[bytes | list[Any], dict[str, Any]]:
    """Rows and what goes with them: CSV with the rest in the query, or JSON {`name`: [rows], …}. Else 415 or 422."""
    if request.mimetype == "text/csv":
        return request.get_data(), request.args.to_dict()
    if not request.is_json:
        fail(415, "wrong-content-type", "Send the rows as application/json or text/csv.")
    content = request.get_json()
    if not isinstance(content, dict) or not isinstance(content.get(name), list):
        fail(422, "not-a-list", f'Send {{"batch": "…", "{name}": [rows]}}.')
    return content[name], {key: value for key, value in content.items() if key != name}


def batch_of(given: dict[str, Any]) -> str:
    """The batch's title: what makes sending it twice harmless. Else 422."""
    title = given.get("batch")
    if not isinstance(title, str) or not 0 < len(title.strip()) <= 100:
        fail(422, "no-batch", "Name the batch in at most 100 letters: the same batch again changes nothing.")
    return title.strip()
