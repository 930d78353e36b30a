"""Which feed a file is from, by its content; the name only helps where the content says nothing."""

from typing import Literal

from services.reminders.feeds.records import FeedError

Format = Literal["common-platform", "common-platform-list", "cath", "spi", "libra", "csv"]

# Keys that a JSON document of the format has and no other does. A key inside a text would have a backslash before its quotes.
JSON_KEYS: tuple[tuple[Format, tuple[bytes, ...]], ...] = (
    ("cath", (b'"document"', b'"publicationDate"')),
    ("cath", (b'"document"', b'"printdate"')),
    ("common-platform-list", (b'"hearingDates"', b'"courtRooms"')),
    ("libra", (b'"caseNo"', b'"sessionStartTime"')),
)
LIBRA_MESSAGE = b"LIBRA_COURT_CASE"
SPI_NAMES = (b"NewCaseMessage", b"ResultedCaseMessage", b"DataStreamContent")
LIBRA_NAMES = (b"ExternalDocumentRequest", b"CourtList", b"GatewayOperationType", b"sessions")
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def recognise(body: bytes, filename: str = "") -> Format:
    """The format of `body`, malformed or not, so that its own adapter can say what is wrong with it.

    Raises FeedError: `empty-body`, `format-unknown`.
    """
    plain = _plain(body)
    if not plain:
        raise FeedError("empty-body", "The file is empty: send it again.")
    if is_json(body):
        return _json(plain)
    if plain[:1] == b"<":
        return _xml(plain)
    if plain.startswith(b"PK\x03\x04"):
        raise FeedError("format-unknown", "This is a spreadsheet or an archive: save the list as CSV UTF-8.")
    if b"," in plain.partition(b"\n")[0] or filename.lower().endswith(".csv"):
        return "csv"
    raise FeedError(
        "format-unknown", "This is neither JSON, XML nor CSV: name its format if it is one of these."
    )


def is_json(body: bytes) -> bool:
    """Whether a body begins as JSON does."""
    return _plain(body[:4096])[:1] in (b"{", b"[")


def _plain(body: bytes) -> bytes:
    """The body without its byte order mark and the space before it begins."""
    for mark in BYTE_ORDER_MARKS:
        body = body.removeprefix(mark)
    return body.replace(b"\0", b"").lstrip()  # UTF-16 is ASCII with a NUL beside each character


def _json(plain: bytes) -> Format:
    if LIBRA_MESSAGE in plain and b'"Notification"' in plain:
        return "libra"
    for name, keys in JSON_KEYS:
        if all(key in plain for key in keys):
            return name
    return "common-platform"


def _xml(plain: bytes) -> Format:
    if any(name in plain for name in SPI_NAMES):
        return "spi"
    if any(name in plain for name in LIBRA_NAMES):
        return "libra"
    raise FeedError(
        "format-unknown", "The XML is neither a Libra list nor an SPI message: send one of these."
    )
