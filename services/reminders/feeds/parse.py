"""Every format's adapter under its name; "auto" reads the format from the content."""

from pathlib import PurePath
from typing import cast

from services.reminders.feeds import (
    cath,
    common_platform,
    common_platform_list,
    csv_listings,
    libra,
    libra_case,
    spi,
)
from services.reminders.feeds.recognise import is_json, recognise
from services.reminders.feeds.records import Batch, Event, FeedError

FORMATS = ("auto", "common-platform", "common-platform-list", "cath", "libra", "spi", "csv")


def named(body: bytes, format_name: str, file: str | None) -> str:
    """The format's own name: "auto" is read from the content, with the file's name as a hint. Raises FeedError."""
    return recognise(body, PurePath(file or "").name) if format_name == "auto" else format_name


def parse(body: bytes, format_name: str, *, event: str | None, hearing_id: str | None) -> Batch:
    """What a delivery says. `event` and `hearing_id` are what its address said, None for a file. Raises FeedError."""
    if format_name == "common-platform":
        return common_platform.parse(body, cast(Event | None, event), hearing_id)
    if format_name == "common-platform-list":
        return common_platform_list.parse(body)
    if format_name == "cath":
        return cath.parse(body)
    if format_name == "spi":
        return spi.parse(body)
    if format_name == "libra":
        return libra_case.parse(body) if is_json(body) else libra.parse(body)
    if format_name == "csv":
        return csv_listings.parse(body)
    raise FeedError(
        "unknown-format", f"There is no format {format_name!r}: give one of {', '.join(FORMATS)}."
    )
