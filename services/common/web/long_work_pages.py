"""The page of a long piece of work: how far it is, and from there to its result. It belongs to the person who asked for it."""

from flask import Blueprint, current_app, g, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from services.common import long_work
from services.common.acts import Refused
from services.common.long_work import LAST, Standing, Work
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.refusals import problem
from services.common.web.said import done
from services.common.web.signed_in import SIGNED_IN, page

blueprint = Blueprint("long_work_pages", __name__)
ONE = f"/work/<int(max={LAST}):number>"
PATIENCE = 2.0  # seconds that a page waits for what is nearly done


def begun(work: Work) -> AnyResponse:
    """Have it done, and go on to its page. Raises Refused."""
    number = long_work.begin(heed(), current_app.extensions["carry_out"], work)
    return redirect(f"/work/{number}", 303)


@blueprint.get(ONE)
@page(SIGNED_IN)
def one(number: int) -> AnyResponse | str | tuple[str, int]:
    """How far it is; its result, once there is one."""
    now = _standing(number, PATIENCE)
    if now.result is None:
        return render_template("long_work.html", now=now, number=number, refused="")
    if now.result.refused:
        return render_template("long_work.html", now=now, number=number, refused=now.result.refused), 409
    return (
        done(now.result.address, now.result.words) if now.result.words else redirect(now.result.address, 303)
    )


@blueprint.post(f"{ONE}/again")
@page(SIGNED_IN)
def again(number: int) -> AnyResponse:
    """Have another worker try."""
    _standing(number)
    long_work.again(heed(), current_app.extensions["carry_out"], number, g.caller.actor)
    return redirect(f"/work/{number}", 303)


def _standing(number: int, patience: float = 0) -> Standing:
    try:
        found = long_work.standing(heed(), number, g.caller.actor, patience)
    except Refused as refused:
        problem(refused)
    if found.work.scope not in g.caller.scopes:
        fail(403, "missing-scope", "Your account may not do this any more.")
    return found
