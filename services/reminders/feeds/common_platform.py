"""Common Platform hearing JSON, as HMPPS and HMCTS send it: bare, wrapped, in an SNS envelope, or a police result.

Sources: REMINDERS §2 C and the samples of `data/feeds/common-platform` (MANIFEST.json says where each is from).
"""

from dataclasses import dataclass
from datetime import datetime

from services.reminders.feeds import (
    common_platform_events,
    common_platform_hearing,
    common_platform_people,
    common_platform_results,
    fields,
    sns,
)
from services.reminders.feeds.common_platform_police import as_hearing, is_police_result
from services.reminders.feeds.instants import instant
from services.reminders.feeds.json_input import Node, load
from services.reminders.feeds.records import Batch, Event, FeedError, Rejection

HEARING_MESSAGE = "COMMON_PLATFORM_HEARING"
EVENTS: dict[str, Event] = {"ConfirmedOrUpdated": "update", "Resulted": "result", "Deleted": "delete"}
PARTS_OF_A_HEARING = ("courtCentre", "hearingDays", "prosecutionCases", "courtApplications")


@dataclass(frozen=True, slots=True)
class Message:
    """A message out of its envelope: the body (a hearing or what wraps it), and what the envelope states."""

    body: Node
    event: Event | None = None
    sent_at: datetime | None = None


def parse(body: bytes, event: Event | None = None, hearing_id: str | None = None) -> Batch:
    """What one message says. `event` and `hearing_id` are what the address or the caller states; None reads the content.

    An update gives listings; a result gives listings and results; a delete, which needs no body, the key that is gone.
    `Batch.complete` is true wherever the message names cases: whoever is not listed then (also because their record was
    rejected) is no longer known to be in the hearing. Raises FeedError: the codes of `json_input.load`, `not-a-hearing`,
    `missing-hearing-id`, `hearing-id-differs`, `event-differs`, `event-not-supported`, `message-not-supported`.
    """
    stated = _stated_id(hearing_id)
    if event == "delete" and stated and not body.strip():
        return _deleted(stated, None)
    message = _unwrap(Node(load(body)))
    if event and message.event and event != message.event:
        raise FeedError(
            "event-differs", f"The envelope says {message.event} but it was sent as {event}: send one event."
        )
    event = event or message.event
    if is_police_result(message.body):
        return _police_result(message, stated)
    if event == "delete":
        return _deletion(message, stated)
    if (
        event is None
        and not _holds_hearing(message.body)
        and common_platform_events.is_listing_event(message.body)
    ):
        return common_platform_events.read(message.body)
    node = _hearing_in(message.body)
    identifier = _own_id(node, stated)
    hearing = common_platform_hearing.read(node, identifier)
    if event is None:
        event = "result" if common_platform_results.holds_results(hearing) else "update"
    return _batch(event, hearing, message)


def _batch(event: Event, hearing: common_platform_hearing.Hearing, message: Message) -> Batch:
    version, rejections = _version(message)
    batch = Batch(event=event, version=version, rejections=rejections, hearing_keys=(hearing.key,))
    cases = [case for case in hearing.node["prosecutionCases"] if case.is_object]
    if not cases:
        # Applications alone have no defendants to text, and are no fault; a hearing of nothing at all is.
        if not any(application.is_object for application in hearing.node["courtApplications"]):
            batch.rejections.append(_without_cases(hearing.node))
        return batch
    batch.rejections += [_without_defendants(case) for case in cases if not any(case["defendants"])]
    people, unlisted = common_platform_people.parties(hearing)
    batch.complete = True
    batch.rejections += [*hearing.rejections, *unlisted]
    if hearing.days:
        batch.listings = [party.listing for party in people]
    if event == "result":
        batch.results = common_platform_results.results(hearing, people, message.body)
    return batch


def _police_result(message: Message, stated: str | None) -> Batch:
    """Results of one defendant in one case: nothing about the listing of the hearing, nor about others in it."""
    node = as_hearing(message.body)
    hearing = common_platform_hearing.read(node, _own_id(node, stated))
    people, rejections = common_platform_people.parties(hearing)
    return Batch(
        event="result",
        results=common_platform_results.results(hearing, people, message.body),
        rejections=[*hearing.rejections, *rejections],
        version=message.sent_at,
        hearing_keys=(hearing.key,),
    )


def _deletion(message: Message, stated: str | None) -> Batch:
    node = message.body["hearing"] if message.body["hearing"].is_object else message.body
    written = fields.identifier(node["id"].text() or node["hearingId"].text())
    if stated and written and stated != written:
        raise _differs()
    identifier = stated or written
    if identifier is None:
        raise FeedError("missing-hearing-id", "The deletion names no hearing: send the hearing's id.")
    return _deleted(identifier, message.sent_at)


def _deleted(identifier: str, sent_at: datetime | None) -> Batch:
    key = common_platform_hearing.hearing_key(identifier)
    return Batch(event="delete", deleted=[key], version=sent_at, hearing_keys=(key,))


def _unwrap(node: Node) -> Message:
    """The message inside an SNS envelope, or the node itself."""
    envelope = sns.opened(node)
    if envelope is None:
        return Message(_body(node))
    if envelope.message_type not in (None, HEARING_MESSAGE):
        raise FeedError(
            "message-not-supported", f"Only messages of the type {HEARING_MESSAGE} hold a hearing."
        )
    named = envelope.event
    if named is not None and named not in EVENTS:
        raise FeedError("event-not-supported", f"hearingEventType is none of {', '.join(EVENTS)}.")
    return Message(_body(envelope.message), EVENTS[named] if named else None, envelope.sent_at)


def _body(node: Node) -> Node:
    return node["data"] if node["data"].is_object and not node["hearing"].is_object else node


def _holds_hearing(body: Node) -> bool:
    """Whether the body is a hearing, or wraps one; a listing event has parts of one and names it by `hearingId`."""
    alone = body.holds(*PARTS_OF_A_HEARING) and not body.holds("hearingId")
    return alone or body["hearing"].holds(*PARTS_OF_A_HEARING)


def _hearing_in(body: Node) -> Node:
    if _holds_hearing(body):
        return body["hearing"] if body["hearing"].holds(*PARTS_OF_A_HEARING) else body
    raise FeedError(
        "not-a-hearing",
        'The JSON holds no hearing: send {"hearing": {...}, "sharedTime": ...} or the hearing alone.',
    )


def _version(message: Message) -> tuple[datetime | None, list[Rejection]]:
    """The time the message was shared, else the envelope's; one that cannot be read is reported, and orders nothing."""
    node = message.body["sharedTime"]
    shared = instant(node.text())
    if shared or node.value is None:
        return shared.at if shared else message.sent_at, []
    return message.sent_at, [
        Rejection(node.where, "bad-time", "sharedTime is not a date and time: send yyyy-mm-ddThh:mm:ssZ.")
    ]


def _without_cases(hearing: Node) -> Rejection:
    return Rejection(
        f"{hearing.where}/prosecutionCases",
        "no-defendants",
        "The hearing names no prosecution cases: what was known of it stays; send it again if it has defendants.",
    )


def _without_defendants(case: Node) -> Rejection:
    return Rejection(
        f"{case.where}/defendants",
        "no-defendants",
        "The case names no defendants: whoever was known in it is suspended; send the hearing again if it has any.",
    )


def _stated_id(hearing_id: str | None) -> str | None:
    if hearing_id is None:
        return None
    stated = fields.identifier(hearing_id)
    if stated is None:
        raise FeedError(
            "missing-hearing-id", "The address has no hearing id: letters, digits and hyphens, at most 64."
        )
    return stated


def _own_id(hearing: Node, stated: str | None) -> str:
    written = fields.identifier(hearing["id"].text())
    if hearing["id"].value is not None and written is None:
        raise FeedError(
            "missing-hearing-id", "The hearing's id is not an id: letters, digits and hyphens, at most 64."
        )
    if stated and written and stated != written:
        raise _differs()
    identifier = stated or written
    if identifier is None:
        raise FeedError("missing-hearing-id", "The hearing has no id: send it again with one.")
    return identifier


def _differs() -> FeedError:
    return FeedError(
        "hearing-id-differs", "The hearing in the body is not the one in the address: send it to its own."
    )
