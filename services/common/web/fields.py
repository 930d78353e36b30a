"""What a form or an address brings, read field by field: each is checked, and what is wrong is said beside it."""

from collections.abc import Collection, Mapping
from datetime import date

from services.common.times import parse_day

TEXT_MOST = 200


class Fields:
    """The given fields; `errors` says by field what is wrong with those that were read. Fields nobody reads do nothing."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.errors: dict[str, str] = {}

    def text(self, name: str, *, needed: str | None = None, most: int = TEXT_MOST) -> str:
        """Words without spaces around them. `needed` is what to say where there are none."""
        value = self._given.get(name, "").replace("\r\n", "\n").strip()
        if not value and needed:
            self.errors[name] = needed
        if len(value) > most:
            self.errors[name] = f"Use {most} characters or fewer."
        if "\x00" in value:
            self.errors[name] = "Use letters, digits and signs only."
            return ""
        return value

    def choice(self, name: str, allowed: Collection[str], *, needed: str | None = None) -> str | None:
        """One of these values, None where none is given."""
        value = self.text(name, needed=needed)
        if value and value not in allowed:
            self.errors[name] = "Choose one of the list."
            return None
        return value or None

    def day(self, name: str, *, needed: str | None = None) -> date | None:
        """A day, as a browser's calendar or a person writes it."""
        value = self.text(name, needed=needed)
        try:
            return parse_day(value) if value else None
        except ValueError:
            self.errors[name] = "Write the day like 30/11/2026."
            return None

    def number(self, name: str, most: int = 2**63 - 1) -> int | None:
        """A whole number from 0, None where none is given."""
        value = self.text(name)
        if not value:
            return None
        if not (value.isascii() and value.isdecimal() and int(value[:20]) <= most):
            self.errors[name] = "Write a whole number."
            return None
        return int(value)
