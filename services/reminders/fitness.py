"""What only Reminders can say of an installation: whether its county's file is settled."""

from collections.abc import Iterator

from services.common.context import Heed
from services.common.fitness.facts import Fact, fail, ok, warn
from services.reminders import county


def facts(heed: Heed) -> Iterator[Fact]:
    """The facts, one by one."""
    try:
        plans = county.parse(county.source(heed.settings.county))
    except county.CountyError as error:
        yield fail("county", str(error), "mend the file that HEED_COUNTY names")
        return
    yield ok("county", f"{len(plans.courts)} courts")
    still_open = county.unsettled(plans)
    for one in still_open:
        yield (fail if heed.settings.mode == "live" else warn)(
            "drafts", one, "settle it in the county's file"
        )
    if not still_open:
        yield ok("drafts", "every text and court is settled")
