"""How many segments a text takes, as the carrier bills it (3GPP TS 23.038 for the GSM alphabet).

A part of a long text holds 153 septets (GSM-7) or 67 UTF-16 units (UCS-2), because six octets of each part
carry the header that joins them. A character that takes two units never straddles a part.
"""

from collections.abc import Iterable
from dataclasses import dataclass

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")

GSM7_SINGLE, GSM7_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67

# What office software types for people, and what a phone shows just as well in the GSM alphabet.
PLAIN = {
    "\u2018": "'",  # left single quotation mark
    "\u2019": "'",  # right single quotation mark, the usual apostrophe of a word processor
    "\u201a": ",",  # single low quotation mark
    "\u201b": "'",  # single reversed quotation mark
    "\u201c": '"',  # left double quotation mark
    "\u201d": '"',  # right double quotation mark
    "\u2010": "-",  # hyphen
    "\u2011": "-",  # non-breaking hyphen
    "\u2012": "-",  # figure dash
    "\u2013": "-",  # en dash
    "\u2014": "-",  # em dash
    "\u2015": "-",  # horizontal bar
    "\u2026": "...",  # ellipsis
    "\u00a0": " ",  # no-break space
    "\u2007": " ",  # figure space
    "\u2009": " ",  # thin space
    "\u200a": " ",  # hair space
    "\u202f": " ",  # narrow no-break space
    "\u00ad": "",  # soft hyphen
    "\u200b": "",  # zero width space
    "\u2060": "",  # word joiner
    "\ufeff": "",  # byte order mark
    "\t": " ",
}
_PLAIN_TABLE = str.maketrans(PLAIN)


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """What a text costs: its encoding, characters as a person counts them, units and segments as billed."""

    encoding: str
    characters: int
    units: int
    segments: int


def plain(text: str) -> str:
    """The text with curly quotes, long dashes and odd spaces made plain, as it will be sent and counted."""
    return text.translate(_PLAIN_TABLE)


def count(text: str) -> SegmentCount:
    """Count a text as it stands (call `plain` first for what Heed would send).

    >>> count("Wed 23 Sep").segments, count("ŵ" * 71).segments
    (1, 2)
    """
    if all(character in GSM7_BASIC or character in GSM7_EXTENSION for character in text):
        widths = [2 if character in GSM7_EXTENSION else 1 for character in text]
        return _counted("GSM-7", text, widths, GSM7_SINGLE, GSM7_PART)
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return _counted("UCS-2", text, widths, UCS2_SINGLE, UCS2_PART)


def _counted(encoding: str, text: str, widths: list[int], single: int, part: int) -> SegmentCount:
    units = sum(widths)
    segments = 1 if units <= single else _parts(widths, part)
    return SegmentCount(encoding, len(text), units, segments)


def _parts(widths: Iterable[int], part: int) -> int:
    parts, room = 1, part
    for width in widths:
        if width > room:
            parts, room = parts + 1, part
        room -= width
    return parts
