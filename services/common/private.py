"""A value that must not be printed by accident: names, numbers, message bodies, raw payloads."""

from typing import Final, final


@final
class Private:
    """Holds personal data. `str`, `repr` and formatting show a mask; `reveal()` is the one way to the text.

    >>> f"{Private('07700 900123')}"
    '[private]'
    """

    __slots__ = ("_value",)
    MASK: Final = "[private]"

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, at the place where it is needed: a carrier call, a page for the role that may see it."""
        return self._value

    def __repr__(self) -> str:
        return self.MASK

    def __str__(self) -> str:
        return self.MASK

    def __format__(self, spec: str) -> str:
        return format(self.MASK, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Private) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> str:
        raise TypeError("private values are never pickled: pass the row's id and decrypt where it is needed")
