"""Looking through hearings, and finding one person among them."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.spreadsheet import to_csv
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.files import as_file
from services.common.web.signed_in import page
from services.reminders import browsing, finding, reason_words
from services.reminders.browsing import Place, Wanted
from services.reminders.pages.acting import act, courts, named

blueprint = Blueprint("hearing_pages", __name__)
ROWS, FILE_ROWS = 50, 10_000
COLUMNS = (
    "hearing",
    "case",
    "court",
    "room",
    "starts_at",
    "name",
    "date_of_birth",
    "number",
    "status",
    "texted",
    "reasons",
)


@blueprint.get("/hearings")
@page("hearings:read")
def index() -> str:
    """Hearings in the order of their day, with their people; the look is written down."""
    given = Fields(request.args)
    wanted = _wanted(given)
    with act() as one:
        found, after = browsing.page(
            one.session, wanted, one.now, after=Place.read(request.args.get("after")), limit=ROWS
        )
        rows = named(one, found)
    return render_template(
        "pages/hearings.html",
        wanted=wanted,
        errors=given.errors,
        rows=rows,
        next=after,
        courts=courts(),
        words=reason_words,
    )


@blueprint.get("/hearings.csv")
@page("hearings:read")
def as_csv() -> AnyResponse:
    """The same hearings as a file, with the same filters."""
    wanted = _wanted(Fields(request.args))
    with act() as one:
        found, _ = browsing.page(one.session, wanted, one.now, after=None, limit=FILE_ROWS)
        rows = named(one, found)
    lines = [
        (
            row["id"],
            row["case_ref"],
            row["court_name"] or row["court"],
            row["room"],
            row["starts_at"],
            row["name"],
            row["date_of_birth"],
            reason_words.MOBILES[row["mobile"]],
            reason_words.STATUSES.get(row["status"], row["status"]),
            "yes" if row["eligible"] else "no",
            "; ".join(map(reason_words.said, row["reasons"])),
        )
        for row in rows
    ]
    return as_file(to_csv(COLUMNS, lines), "hearings.csv")


@blueprint.route("/find", methods=["GET", "POST"])
@page("hearings:read")
def find() -> AnyResponse | tuple[str, int] | str:
    """Find somebody by number, or by name and birth date: by a form alone, so that neither stands in an address."""
    if request.method == "GET":
        return render_template("pages/find.html", given={}, errors={})
    given = Fields(request.form)
    number = given.text("number", most=50)
    needed = None if number else "Give a number, or all three of these."
    first, surname = given.text("given", needed=needed), given.text("surname", needed=needed)
    born = given.day("born", needed=needed)
    people: list[int] = []
    with heed().database.begin() as session:
        if number:
            found = finding.by_number(heed(), session, number)
            if found is None:
                given.errors["number"] = "Write a mobile number, like 07700 900123."
            people = found or []
        elif not given.errors and born:
            people = finding.by_name(heed(), session, first, surname, born)
    if not people:
        field = "number" if number else "given"
        given.errors.setdefault(
            field, "Nobody is known by this. Look for a case reference among the hearings."
        )
        return render_template("pages/find.html", given=request.form, errors=given.errors), 422
    if len(people) == 1:
        return redirect(f"/people/{people[0]}", 303)
    return redirect(f"/hearings?people={','.join(map(str, people))}", 303)


def _wanted(given: Fields) -> Wanted:
    people = [one for one in given.text("people").split(",") if one.isascii() and one.isdecimal()]
    return Wanted(
        when=given.choice("when", browsing.WHEN),
        court=given.choice("court", [code for code, _ in courts()]),
        day=given.day("date"),
        status=given.choice("status", browsing.STATUSES),
        texted=given.choice("texted", browsing.TEXTED),
        reason=given.choice("reason", reason_words.REASONS),
        moved=given.choice("moved", ("yes",)) == "yes",
        case=given.text("case", most=64),
        people=tuple(int(one) for one in people[: finding.MOST] if len(one) <= 18),
    )
