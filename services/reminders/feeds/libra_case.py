"""One Libra case as JSON, as HMPPS's court-case matcher passes it on, bare or in an SNS envelope.

It says of one person and session what a list would, under the same key; it is no word about anybody else in the room. It lacks the
block's heading, by which a list tells an enforcement or breach hearing from a first one, so a first listing is in doubt.
"""

from collections.abc import Iterator

from services.common.times import london_day
from services.reminders.feeds import fields, instants, names, rooms, sns
from services.reminders.feeds.json_input import Node, load
from services.reminders.feeds.libra import FIRST, ORGANISATION
from services.reminders.feeds.records import Batch, Day, FeedError, Listing, Rejection, Snapshot

CASE_MESSAGE = "LIBRA_COURT_CASE"


def parse(body: bytes) -> Batch:
    """The listing of the one case. Raises FeedError: the codes of `json_input.load`, `message-not-supported`, `not-libra`."""
    node = Node(load(body))
    if envelope := sns.opened(node):
        if envelope.message_type not in (None, CASE_MESSAGE):
            raise FeedError(
                "message-not-supported", f"Only messages of the type {CASE_MESSAGE} hold a Libra case."
            )
        node = envelope.message
    if not node.holds("caseNo", "sessionStartTime"):
        raise FeedError(
            "not-libra", "The JSON is not a Libra case: send one with caseNo, courtCode and sessionStartTime."
        )
    batch = Batch(event="update")
    found = _case(node)
    if isinstance(found, Rejection):
        batch.rejections.append(found)
    else:
        batch.listings.append(found)
        batch.hearing_keys = (found.hearing_key,)
    return batch


def _case(case: Node) -> Listing | Rejection:
    reference = fields.reference(case["caseNo"].text())
    if reference is None:
        return Rejection(
            "/caseNo", "missing-case-reference", "The case has no caseNo: send it again with one."
        )
    court = fields.court(case["courtCode"].text())
    if court is None:
        return Rejection(
            "/courtCode", "missing-court", "courtCode is not a court's code: send one such as B41ME."
        )
    moment = instants.wall_instant(case["sessionStartTime"].text())
    if moment is None:
        return Rejection(
            "/sessionStartTime",
            "bad-time",
            "sessionStartTime is not a date and time: send yyyy-mm-ddThh:mm:ss.",
        )
    born = case["defendantDob"].text()
    person = names.defendant(
        case["defendantName"].text(),
        instants.british_day(born),
        given=case["name"]["forename1"].text(),
        surname=case["name"]["surname"].text(),
        organisation=case["defendantType"].text() == ORGANISATION,
    )
    if person is None:
        return Rejection(
            "/defendantName", "missing-name", "The case has no defendantName: send it again with one."
        )
    room = rooms.name(case["courtRoom"].code())
    slot = Snapshot(court, london_day(moment.at), room)
    pnc = fields.pnc(case["pnc"].text())
    return Listing(
        source="libra",
        hearing_key=rooms.key("libra", slot) + reference,
        person_keys=(f"pnc:{pnc}",) if pnc else (),
        case_refs=(reference,),
        person=person,
        court=court,
        days=(Day(moment.at, room=room or None, certain=moment.certain),),
        first_hearing=(case["listNo"].text() or "").casefold() == FIRST,
        offence_codes=tuple(_offence_codes(case)),
        doubts=(
            "hearing-type-missing",
            *(("bad-date-of-birth",) if born and person.date_of_birth is None else ()),
        ),
    )


def _offence_codes(case: Node) -> Iterator[str]:
    codes = (offence["code"].code() for offence in case["offences"])
    yield from dict.fromkeys(code for code in codes if code)
