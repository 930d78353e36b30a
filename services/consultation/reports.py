"""Which report a door gives: the published one, small counts hidden; or the whole one, for the office, and audited."""

from typing import Any

from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.context import Heed
from services.common.times import london_day
from services.consultation import coding, report
from services.consultation.models import Consultation
from services.consultation.reporting import hiding
from services.consultation.reporting import themefinder as layout
from services.consultation.reporting.themefinder import Row
from services.consultation.themes import redaction
from services.consultation.words import said

PLACE = "themefinder"


def published(heed: Heed, session: Session, row: Consultation) -> dict[str, Any]:
    """The report as it may be published. Raises NotClosed."""
    return hiding.published(report.report(heed, session, row), heed.settings.smallest_count)


def whole(heed: Heed, session: Session, row: Consultation, by: str) -> dict[str, Any]:
    """The report with nothing hidden. Raises NotClosed."""
    found = report.report(heed, session, row)
    audit.record(session, by, "report-read-whole", f"consultation:{row.id}")
    return found


def themefinder(heed: Heed, session: Session, row: Consultation) -> dict[str, bytes]:
    """A row a response in ThemeFinder's layout: part of the whole report."""
    standing = coding.standing(session, row.id)
    rows = [
        Row(
            one.id,
            redaction.masked(one.words, redaction.by_rule(one.words)),
            {"district": one.district or report.NOT_KNOWN},
            standing[one.id].themes if one.id in standing else {},
        )
        for one in said(heed, session, row.id)
    ]
    day = london_day(clock.now(session)).isoformat()
    made = layout.files(row.title, day, coding.codeframe(session, row.id), rows)
    return {f"{PLACE}/{row.id}/{name}": content for name, content in made.items()}
