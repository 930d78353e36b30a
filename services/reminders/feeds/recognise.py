"""Which feed a file is from, by its content; the name only helps where the content says nothing."""

from typing import Literal

from services.reminders.feeds.records import FeedError

Format = Literal["common-platform", "spi", "libra", "csv"]
FORMATS: tuple[Format, ...] = ("common-platform", "spi", "libra", "csv")

SPI_NAMES = (b"NewCaseMessage", b"ResultedCaseMessage", b"DataStreamContent")
LIBRA_NAMES = (b"ExternalDocumentRequest", b"CourtList", b"GatewayOperationType", b"sessions")
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def recognise(body: bytes, filename: str = "") -> Format:
    """The format of `body`, malformed or not, so that its own adapter can say what is wrong with it.

    Raises FeedError: `empty-body`, `format-unknown`.
    """
    for mark in BYTE_ORDER_MARKS:
        body = body.removeprefix(mark)
    plain = body.replace(b"\0", b"").lstrip()  # UTF-16 is ASCII with a NUL beside each character
    if not plain:
        raise FeedError("empty-body", "The file is empty: send it again.")
    if plain[:1] in (b"{", b"["):
        return "common-platform"
    if plain[:1] == b"<":
        return _xml(plain)
    if plain.startswith(b"PK\x03\x04"):
        raise FeedError("format-unknown", "This is a spreadsheet or an archive: save the list as CSV UTF-8.")
    if b"," in plain.partition(b"\n")[0] or filename.lower().endswith(".csv"):
        return "csv"
    raise FeedError(
        "format-unknown", "This is neither JSON, XML nor CSV: name its format if it is one of these."
    )


def _xml(plain: bytes) -> Format:
    if any(name in plain for name in SPI_NAMES):
        return "spi"
    if any(name in plain for name in LIBRA_NAMES):
        return "libra"
    raise FeedError(
        "format-unknown", "The XML is neither a Libra list nor an SPI message: send one of these."
    )
