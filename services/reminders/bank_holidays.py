"""Bank holidays of England and Wales, from the list that comes in a package: nothing is fetched."""

from datetime import date
from functools import cache

# Where these fall on a weekend GOV.UK lists only the day off in their place.
ALWAYS = ((1, 1), (12, 25), (12, 26))


@cache
def bank_holidays() -> frozenset[date]:
    """Every one that the package knows, and Christmas, Boxing and New Year's Day themselves in those years."""
    from govuk_bank_holidays.bank_holidays import BankHolidays  # noqa: PLC0415 - brings requests: a quarter of a second

    listed = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    days = {holiday["date"] for holiday in listed}
    own = {date(year, *day) for year in {day.year for day in days} for day in ALWAYS}
    return frozenset(days | own)
