"""What somebody was last told of a hearing: by the texts that went out about it, and where it stood when they did. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.common.models import Outbox
from services.common.outbox.states import SENT_OR_MAYBE
from services.reminders.cases import TELLING
from services.reminders.fresh import AnyListing
from services.reminders.models import Listing

ON_ITS_WAY = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """The court and the time that the last reminder or change named, None where nobody knows (it was told under another record).

    `off` where they were told since that the date may have changed; `times_off` how often they ever were.
    """

    court: str | None
    starts_at: datetime | None
    off: bool
    times_off: int

    def names(self, row: AnyListing) -> bool:
        """Whether it is where and when the hearing stands now."""
        return (self.court, self.starts_at) == (row.court, row.starts_at)


def last_told(row: Listing, texts: Iterable[Outbox]) -> Told | None:
    """What went out last about this listing, of its texts; None where nothing did."""
    went = [one for one in texts if one.state in SENT_OR_MAYBE]
    named = [one for one in went if one.kind in TELLING]
    if not named:
        return None
    offs = [_at(one) for one in went if one.kind not in TELLING]
    court, starts_at = _place(row, max(one.version or 0 for one in named))
    return Told(court, starts_at, bool(offs) and max(offs) > max(map(_at, named)), len(offs))


def _at(text: Outbox) -> datetime:
    return text.sent_at or ON_ITS_WAY


def _place(row: Listing, version: int) -> tuple[str | None, datetime | None]:
    if version == row.version:
        return row.court, row.starts_at
    court, starts_at = row.stood.get(str(version), (None, None))
    return court, datetime.fromisoformat(starts_at) if starts_at else None
