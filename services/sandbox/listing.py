"""The list of texts: Twilio's filters and pages."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from services.sandbox.errors import TwilioError
from services.sandbox.messages import CARRIER, Message
from services.sandbox.payload import message_json, messages_uri
from services.sandbox.state import State

DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 50, 1000
UNLISTED = frozenset({"unlisted", "unseen"})  # faults of these names: no list shows the text
FILTERS = ("To", "From", "DateSent", "DateSent>", "DateSent<")


@dataclass(frozen=True, slots=True)
class Query:
    """A request for one page: texts older than sequence number `below` that fit the filters. Times in seconds."""

    to: str | None
    sender: str | None
    sent_from: float | None
    sent_until: float | None
    page: int
    size: int
    below: int | None

    def fits(self, message: Message) -> bool:
        if message.deleted or message.direction == CARRIER or message.fault in UNLISTED:
            return False
        if self.sent_from is None and self.sent_until is None:
            is_in_time = True
        elif message.sent_at is None:
            is_in_time = False  # a queued text has no DateSent, so no filter by date finds it
        else:
            sent = int(message.sent_at)  # the API's dates are whole seconds
            is_in_time = (self.sent_from or 0) <= sent <= (self.sent_until or float("inf"))
        return (
            is_in_time
            and (self.to is None or message.to == self.to)
            and (self.sender is None or message.sender == self.sender)
        )


def parse(args: Mapping[str, str], state: State) -> Query:
    """The query string as Twilio's library sends it; `TwilioError` 20001 names a parameter that makes no sense.

    `DateSent=` is a day in UTC even when a time is given; `DateSent>=` and `DateSent<=` include their bound, and a
    bare date means its whole day.
    """
    after = _moment(args, "DateSent>", end_of_day=False)
    before = _moment(args, "DateSent<", end_of_day=True)
    if args.get("DateSent"):
        day = datetime.fromtimestamp(_moment(args, "DateSent", end_of_day=False) or 0, UTC)
        start = day.replace(hour=0, minute=0, second=0).timestamp()
        after, before = max(after or 0, start), min(before or float("inf"), start + 86_399)
    return Query(
        to=args.get("To") or None,
        sender=args.get("From") or None,
        sent_from=after,
        sent_until=before,
        page=_whole(args, "Page", 0, 0),
        size=min(_whole(args, "PageSize", DEFAULT_PAGE_SIZE, 1), LARGEST_PAGE_SIZE),
        below=_below(args.get("PageToken"), state),
    )


def page(account_sid: str, state: State, query: Query, args: Mapping[str, str]) -> dict[str, Any]:
    """Twilio's page: the texts, newest first, and the paths of this, the first and the next page.

    The next page starts below the last text shown, so texts that arrive meanwhile move nothing.
    """
    found = _newest_first(state, query, query.size + 1)
    shown, more = found[: query.size], len(found) > query.size
    kept = {name: args[name] for name in FILTERS if args.get(name)} | {"PageSize": str(query.size)}
    path = messages_uri(account_sid)
    own = {"Page": str(query.page)} | ({"PageToken": args["PageToken"]} if args.get("PageToken") else {})
    following = {"Page": str(query.page + 1), "PageToken": "PA" + shown[-1].sid} if more else {}
    start = query.page * query.size
    return {
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": f"{path}?{urlencode(kept | {'Page': '0'})}",
        "messages": [message_json(account_sid, message) for message in shown],
        "next_page_uri": f"{path}?{urlencode(kept | following)}" if more else None,
        "page": query.page,
        "page_size": query.size,
        "previous_page_uri": None,
        "start": start,
        "uri": f"{path}?{urlencode(kept | own)}",
    }


def _newest_first(state: State, query: Query, limit: int) -> list[Message]:
    index: Sequence[Message] = state.messages
    if query.to is not None:
        index = state.by_to.get(query.to, ())
    elif query.sender is not None:
        index = state.by_sender.get(query.sender, ())
    top = len(index) if query.below is None else bisect_left(index, query.below, key=lambda text: text.seq)
    found: list[Message] = []
    for position in range(top - 1, -1, -1):
        if query.fits(index[position]):
            found.append(index[position])
            if len(found) == limit:
                break
    return found


def _below(token: str | None, state: State) -> int | None:
    if not token:
        return None
    message = state.by_sid.get(token.removeprefix("PA"))
    if message is None:
        raise TwilioError(20001, "PageToken")
    return message.seq


def _whole(args: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = args.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text[:9]) >= least):
        raise TwilioError(20001, name)
    return int(text[:9])


def _moment(args: Mapping[str, str], name: str, end_of_day: bool) -> float | None:
    text = args.get(name)
    if not text:
        return None
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"):
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        is_day = form == "%Y-%m-%d"
        return (moment + timedelta(seconds=86_399) if is_day and end_of_day else moment).timestamp()
    raise TwilioError(20001, name)
