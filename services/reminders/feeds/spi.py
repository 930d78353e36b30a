"""SPI messages between police and courts: new cases and resulted cases, bare or in either of two envelopes.

Sources: REMINDERS §2 E, the schemas and samples of `data/feeds/spi`. An SPI message has no version and no hearing id; a
new case is its PTIURN's first hearing, a resulted one is known by PTIURN, court and day.
"""

from collections.abc import Iterator

from services.reminders.feeds import spi_new_case, spi_results, xml
from services.reminders.feeds.records import Batch, FeedError

MESSAGES = ("NewCaseMessage", "ResultedCaseMessage")
COMMON_PLATFORM_SYSTEM = "C00CommonPlatform"  # hmcts/cpp-context-staging-prosecutors-spi, `cpp.system.id`
BS7666 = "http://www.govtalk.gov.uk/people/bs7666"


def parse(body: bytes) -> Batch:
    """What one delivery says: listings of new cases, or results with the hearings they list next.

    Raises FeedError: the codes of `xml.parse`, and `not-spi` where there is no such message.
    """
    root = xml.parse(body)
    messages = list(_messages(root)) or [found for carried in _carried(root) for found in _messages(carried)]
    if not messages:
        raise FeedError(
            "not-spi", "The XML holds neither NewCaseMessage nor ResultedCaseMessage: send one of these."
        )
    batch = Batch(event="update")
    sent = _sent_by_common_platform(root)
    for number, message in enumerate(messages, start=1):
        name = xml.local(message)
        where = f"/{name}[{number}]" if len(messages) > 1 else f"/{name}"
        if name == "NewCaseMessage":
            spi_new_case.read(message, batch, where)
        else:
            batch.event = "result"
            spi_results.read(
                message, batch, where, by_common_platform=sent or _written_by_common_platform(message)
            )
    return batch


def _messages(root: xml.Element) -> Iterator[xml.Element]:
    return xml.descendants(root, *MESSAGES)


def _carried(root: xml.Element) -> Iterator[xml.Element]:
    """The documents inside RouteData/DataStream/DataStreamContent, where they are text."""
    for content in xml.outermost(root, "DataStreamContent"):
        if written := "".join(content.itertext()).strip():
            yield xml.embedded(written)


def _sent_by_common_platform(root: xml.Element) -> bool:
    """Whether the envelope names Common Platform as the sender."""
    request = xml.descendant(root, "RequestFromSystem")
    return COMMON_PLATFORM_SYSTEM in (xml.text(request, name) for name in ("SystemID", "SourceID"))


def _written_by_common_platform(message: xml.Element) -> bool:
    """Whether the message is as Common Platform's library writes it.

    That library (JAXB) leaves the message's own namespace unprefixed and declares `ns2` for addresses; Libra writes "DC:".
    """
    return message.prefix is None and message.nsmap.get("ns2") == BS7666
