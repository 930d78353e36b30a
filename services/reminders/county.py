"""The county's file: found, read and checked once. A text that is wrong never leaves it, and live mode refuses what is open."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import yaml
from marshmallow import ValidationError

from services.common.made_up import rings_nobody
from services.common.mistakes import named
from services.common.settings import Settings
from services.reminders.county_parts import (
    ENGLISH,
    County,
    Court,
    Hours,
    Language,
    Late,
    Plan,
    Price,
    Release,
    Step,
    Wording,
)
from services.reminders.county_schema import SHORT_NAME_MOST, CountySchema
from services.reminders.wording_lint import lint

__all__ = [
    "SHORT_NAME_MOST",
    "County",
    "CountyError",
    "Court",
    "Hours",
    "Language",
    "Late",
    "Plan",
    "Price",
    "Release",
    "Step",
    "Wording",
    "load",
    "parse",
    "read",
    "source",
    "unsettled",
]

FINDINGS_SHOWN = 3


class CountyError(Exception):
    """The county's file is wrong; the message names the place and says what is expected."""


def load(settings: Settings) -> County:
    """The county that the settings name, Hertfordshire by default. Raises CountyError; live mode refuses what is not settled."""
    county = parse(source(settings.county))
    still_open = unsettled(county)
    if settings.mode == "live" and still_open:
        raise CountyError(f"the county's file is not settled, which live mode needs: {'; '.join(still_open)}")
    return county


def source(path: Path | None) -> str:
    """The file's text; without a path, Hertfordshire's. Raises CountyError."""
    if path is None:
        return files("services.reminders").joinpath("data/hertfordshire.yaml").read_text(encoding="utf-8")
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CountyError(f"HEED_COUNTY: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CountyError(f"HEED_COUNTY: cannot read {path}: it is not UTF-8 text") from None


def parse(text: str) -> County:
    """A county from YAML, its texts checked. Raises CountyError."""
    county = read(text)
    findings = lint(county)
    if findings:
        more = len(findings) - FINDINGS_SHOWN
        rest = f"; and {more} more: `heed reminders lint` lists them" if more > 0 else ""
        shown = "; ".join(str(one) for one in findings[:FINDINGS_SHOWN])
        raise CountyError(f"the county's file: wording: {shown}{rest}")
    return county


def read(text: str) -> County:
    """A county from YAML whose shape is right; its texts are not looked at. Raises CountyError."""
    try:
        loaded: County = CountySchema().load(yaml.safe_load(text) or {})
    except ValidationError as error:
        raise CountyError(f"the county's file: {'; '.join(_said(error))}") from None
    except (yaml.YAMLError, ValueError) as error:  # YAML fails with ValueError on a 31 November
        raise CountyError(f"the county's file is not YAML: {error}") from None
    return loaded


def _said(error: ValidationError) -> Iterator[str]:
    for place, message in named(error.messages):
        yield f"{place}: {message}" if place else message


def unsettled(county: County) -> list[str]:
    """What the office must still settle before a real defendant is texted: each a line that says where."""
    courts = county.courts.items()
    return [
        *(
            f"wording.languages.{code}: it is a draft: have it agreed{'' if code == ENGLISH else ', or take it out'}"
            for code, one in county.wording.languages.items()
            if one.status != "agreed"
        ),
        *(
            f"courts.{code}.enquiry_phone: it is a drama number: give the court's own"
            for code, court in courts
            if rings_nobody(court.enquiry_phone)
        ),
        *(
            f"courts.{code}.time_means: nobody has answered: `start` or `arrive`"
            for code, court in courts
            if court.time_means is None
        ),
    ]
