"""A letter that somebody typed in, with the picture of it: what the picture is, is read from its bytes, never from its name."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.context import Heed
from services.consultation import imports
from services.consultation.batch_rows import Response
from services.consultation.models import Batch, Consultation, Respondent, Scan, Submission
from services.consultation.rows import FileError, Rejection

BATCH = "letters"
SCAN_MOST = 10 * 1024 * 1024  # bytes
BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A letter that is kept: its row, its person's receipt, and what its scan is, given now or before."""

    id: int
    receipt: str
    scan: str | None


def type_in(
    heed: Heed, session: Session, row: Consultation, letter: Response, scan: bytes | None, by: str
) -> Typed | Rejection:
    """Keep a letter, once by its reference, and its scan beside it; a better scan takes the place of the one before.

    Raises FileError (`too-large`, `not-a-scan`) and then keeps nothing.
    """
    media_type = media_type_of(scan) if scan is not None else None
    taken = imports.take(heed, session, row, BATCH, [letter], by)
    if taken.rejections:
        return taken.rejections[0]
    number, receipt = session.execute(
        select(Submission.id, Respondent.reference)
        .join(Respondent, Respondent.id == Submission.respondent_id)
        .join(Batch, Batch.id == Submission.batch_id)
        .where(Batch.consultation_id == row.id, Batch.title == BATCH, Submission.row_ref == letter.reference)
    ).one()
    if scan is not None and media_type is not None:
        values = {
            "media_type": media_type,
            "scan_enc": heed.cipher.seal(scan, "scan"),
            "added_at": clock.now(session),
        }
        session.execute(
            insert(Scan)
            .values(submission_id=number, **values)
            .on_conflict_do_update(index_elements=["submission_id"], set_=values)
        )
        audit.record(session, by, "scan-added", f"response:{number}", media_type=media_type, bytes=len(scan))
    else:
        media_type = session.scalar(select(Scan.media_type).where(Scan.submission_id == number))
    return Typed(number, receipt, media_type)


def media_type_of(scan: bytes) -> str:
    """What a scan is by its first bytes: PDF, PNG, JPEG or TIFF. Raises FileError."""
    if len(scan) > SCAN_MOST:
        raise FileError(
            "too-large", f"the scan has more than {SCAN_MOST // 1024 // 1024} MB: scan it in less detail"
        )
    for beginning, media_type in BEGINNINGS.items():
        if scan.startswith(beginning):
            return media_type
    raise FileError("not-a-scan", "the scan is no PDF, PNG, JPEG or TIFF: scan the letter again")


def scan_of(
    heed: Heed, session: Session, consultation_id: str, response_id: int, by: str
) -> tuple[str, bytes] | None:
    """A response's scan, its type and its bytes; None where there is none. Audited."""
    found = session.scalar(
        select(Scan)
        .join(Submission, Submission.id == Scan.submission_id)
        .where(Submission.consultation_id == consultation_id, Scan.submission_id == response_id)
    )
    if found is None:
        return None
    audit.record(session, by, "scan-read", f"response:{response_id}")
    return found.media_type, heed.cipher.open_bytes(found.scan_enc, "scan")
