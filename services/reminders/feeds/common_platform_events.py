"""Common Platform's listing events: what happened to a hearing, by its id alone. They name nobody and seldom a time.

A firm word that the hearing is off is a deletion. An event that changes its days, and says no more, leaves nobody listed: who
is known to be in the hearing is suspended until the hearing itself comes, because what was known is no longer true.
Sources: the samples and schemas of `data/feeds/common-platform-listing-events` (hmcts/cpp-context-listing).
"""

from services.reminders.feeds import fields
from services.reminders.feeds.common_platform_hearing import hearing_key
from services.reminders.feeds.json_input import Node
from services.reminders.feeds.records import Batch, FeedError, Rejection

# Each by the last part of its name: what stands before it differs ("public.events.listing.", "public.listing.events.") or is missing.
DELETED = ("hearing-deleted", "allocated-hearing-deleted")
# Event → a field that only its body has; the rest of the body is the hearing's id.
MOVED = {
    "hearing-days-changed-for-hearing": "hearingDays",
    "next-hearing-day-changed": "hearingStartDate",
    "hearing-unallocated": "offenceIds",
}
VACATED = {"vacated-trial-updated": "isVacated"}
# What says too little to list anybody by, with the reason.
TOO_LITTLE = {
    "hearing-listed": ("caseUrns", "it names neither day nor defendant"),
    "hearing-confirmed": ("confirmedHearing", "it names no defendant"),
    "court-list-published": (
        "publishCourtListType",
        "its hearings have no id, its court no code and its times no zone",
    ),
    "list-unscheduled-court-hearing": ("hearings", "its hearings have no day yet"),
}


def is_listing_event(body: Node) -> bool:
    """Whether this speaks of a hearing without being one: by the event's name, or by a field that only events have."""
    return _name(body) is not None or body.holds("hearingId")


def read(body: Node) -> Batch:
    """A deletion, or a hearing in which nobody is listed for now.

    Raises FeedError: `event-not-supported` where nothing can be made of the event, `missing-hearing-id`.
    """
    name = _name(body)
    if name in TOO_LITTLE:
        raise _not_supported(name, TOO_LITTLE[name][1])
    if name is not None and name not in (*DELETED, *MOVED, *VACATED):
        raise _not_supported("a listing event", "it changes nothing that Heed knows of a hearing")
    identifier = fields.identifier(body["hearingId"].text())
    if identifier is None:
        raise FeedError("missing-hearing-id", "The event names no hearing: send it again with hearingId.")
    key = hearing_key(identifier)
    if name in DELETED or (name in VACATED and body["isVacated"].flag()):
        return Batch(event="delete", deleted=[key], hearing_keys=(key,))
    batch = Batch(event="update", complete=True, hearing_keys=(key,))
    if name is None:
        batch.rejections.append(
            Rejection(
                "/hearingId",
                "event-unnamed",
                "Several events look like this: who is in the hearing is suspended until the hearing itself is sent; for a"
                " deletion send DELETE, or keep the event's _metadata.name.",
            )
        )
    return batch


def _name(body: Node) -> str | None:
    """The last part of the event's own name, else the event that its fields show it to be."""
    if name := body["_metadata"]["name"].text():
        return name.rpartition(".")[2]
    fields_of = MOVED | VACATED | {name: field for name, (field, _) in TOO_LITTLE.items()}
    return next((name for name, field in fields_of.items() if body.holds(field)), None)


def _not_supported(name: str, why: str) -> FeedError:
    return FeedError("event-not-supported", f"This is {name}: {why}; send the hearing itself.")
