"""SPI messages between police and courts: new cases and resulted cases, bare or in either of two envelopes.

Sources: REMINDERS §2 E, the schemas and samples of `data/feeds/spi`. An SPI message has no version and no hearing id; a
new case is its PTIURN's first hearing, a resulted one is known by PTIURN, court and day.
"""

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
    messages = list(xml.descendants(root, *MESSAGES)) or _carried(root)
    if not messages:
        raise FeedError(
            "not-spi", "The XML holds neither NewCaseMessage nor ResultedCaseMessage: send one of these."
        )
    batch = Batch(event="update")
    for message in messages:
        if xml.local(message) == "NewCaseMessage":
            spi_new_case.read(message, batch)
        else:
            batch.event = "result"
            spi_results.read(message, batch, by_common_platform=_by_common_platform(root, message))
    return batch


def _carried(root: xml.Element) -> list[xml.Element]:
    """Messages inside RouteData/DataStream/DataStreamContent, where they are text."""
    found: list[xml.Element] = []
    for content in xml.descendants(root, "DataStreamContent"):
        if written := "".join(content.itertext()).strip():
            found += xml.descendants(xml.embedded(written), *MESSAGES)
    return found


def _by_common_platform(root: xml.Element, message: xml.Element) -> bool:
    """Whether Common Platform made the message: its envelope names it, or the message is as its library writes it.

    That library (JAXB) leaves the message's own namespace unprefixed and declares `ns2` for addresses; Libra writes "DC:".
    """
    request = xml.descendant(root, "RequestFromSystem")
    senders = (xml.text(request, name) for name in ("SystemID", "SourceID"))
    return COMMON_PLATFORM_SYSTEM in senders or (
        message.prefix is None and message.nsmap.get("ns2") == BS7666
    )
