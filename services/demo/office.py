"""The office's own CSV form, filled in for the invented people whom no machine lists."""

import csv
import io
from collections.abc import Sequence

from services.demo.days import Days
from services.demo.people import Person

COLUMNS = "case_ref asn defendant_name date_of_birth court_code room date time hearing_type mobile bail_status language"


def listing(people: Sequence[Person], days: Days) -> bytes:
    """One row a person, dates and times as an office writes them."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS.split())
    for person in people:
        born, day = person.born(days), days.day(days.sitting(person.day))
        rows.writerow(
            [
                person.case,
                person.asn,
                person.name,
                f"{born:%d/%m/%Y}" if born else "",
                person.court,
                person.room,
                f"{day:%d/%m/%Y}",
                person.time.replace(":", "."),
                "First hearing",
                person.mobile,
                f"{person.bail} bail" if person.bail else person.start,
                "English",
            ]
        )
    return out.getvalue().encode()
