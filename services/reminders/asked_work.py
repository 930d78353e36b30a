"""The long work that pages of Reminders ask a worker for."""

from collections.abc import Mapping

from services.common import held_files
from services.common.context import Heed
from services.common.long_work import Kind, Result, Work
from services.reminders import uploads
from services.reminders.county import County


def kinds(county: County) -> Mapping[str, Kind]:
    """Each kind by its name."""

    def look(heed: Heed, work: Work) -> Result:
        file = held_files.held(heed, work.given["token"], work.by)
        token = uploads.look(heed, county, work.given["kind"], file.name, file.body, work.by)
        return Result(f"/upload/{token}")

    def take(heed: Heed, work: Work) -> Result:
        return Result(*uploads.taken(uploads.apply(heed, county, work.given["token"], work.by)))

    return {uploads.LOOK: look, uploads.TAKE: take}
