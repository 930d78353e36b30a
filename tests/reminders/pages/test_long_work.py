"""Work that a worker does while a person waits: how far it is, whose it is, and what becomes of it when a worker or Valkey is lost."""

import io
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.common import long_work, progress
from services.common.long_work import Result, Work
from services.common.models import User
from services.common.web import long_work_pages
from services.reminders import asked_work, jobs
from services.reminders.models import Delivery, Listing
from tests.reminders.office import Office
from tests.support.visitor import Visitor

HEADER = "case_ref,asn,defendant_name,date_of_birth,court_code,room,date,time,hearing_type,mobile,bail_status,language\n"
LIST = HEADER + "".join(
    f"41L{one},,Eve New{one},14/02/1990,B41ME00,1,30/11/2026,10:00,First hearing,,B,en\n" for one in range(5)
)
NUMBERS = "case_ref,surname,date_of_birth,mobile\n41L1,New1,14/02/1990,07700 900192\n"


@pytest.fixture(autouse=True)
def _every_file_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_work, "SHORT", 0)
    monkeypatch.setattr(long_work_pages, "PATIENCE", 0.0)


@pytest.fixture
def operator(office: Office, sites: Any) -> Visitor:
    return Visitor(office.heed, sites["reminders"].app, "operator")


def chosen(visitor: Visitor, body: str, kind: str = "listings", status: int = 303) -> Any:
    return visitor.post("/upload", status, kind=kind, file=(io.BytesIO(body.encode()), "list.csv"))


def test_a_long_file_is_looked_at_and_taken_by_a_worker(
    office: Office, operator: Visitor, sites: Any
) -> None:
    def count() -> int:
        with office.heed.database.begin() as session:
            return session.scalar(select(func.count()).select_from(Listing)) or 0

    address = chosen(operator, LIST).location
    assert address.startswith("/work/")
    assert "It waits for its turn" in operator.reads(address) and count() == 0
    office.tick()
    preview = operator.open(address, 303).location
    assert preview.startswith("/upload/") and count() == 0
    assert "5 would be new" in operator.reads(preview)
    taking = operator.post(preview).location
    assert "It waits for its turn" in operator.reads(taking) and count() == 0
    office.tick()
    feed = operator.open(taking, 303).location
    assert feed.startswith("/feeds/") and count() == 5
    assert "The file is taken in: 5 hearings, 5 new" in operator.reads(feed)
    # Numbers go the same way; whoever comes back later still finds the result.
    operator.open(taking, 303)
    numbers = chosen(operator, NUMBERS, "contacts").location
    office.tick()
    assert "1 numbers attached" in operator.reads(operator.open(numbers, 303).location)
    # What is refused is said where it was asked for, and a file that is no file before that.
    wrong = chosen(operator, "a,b\n1,2", "contacts").location
    office.tick()
    assert "a column we do not know" in operator.reads(wrong, 409)
    assert "empty" in chosen(operator, "", status=422).text
    # Nothing of it stands readable in Valkey.
    for key in office.heed.redis.scan_iter("heed:reminders:long:*"):
        assert b"list" not in (office.heed.redis.get(key) or b"") and office.heed.redis.ttl(key) > 0


def test_it_is_for_whoever_asked_while_they_may(office: Office, operator: Visitor, sites: Any) -> None:
    address = chosen(operator, LIST).location
    other = Visitor(office.heed, sites["reminders"].app, "operator", name="other")
    for status, path in ((404, address), (404, "/work/1"), (404, "/work/99999999999999999999")):
        other.get(path, status)
    other.post(f"{address}/again", 404)
    with office.heed.database.begin() as session:
        session.execute(update(User).where(User.login == operator.name).values(roles=["duty"]))
    operator.get(address, 403)
    operator.post(f"{address}/again", 403)


def test_how_far_it_is(office: Office, operator: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    address = chosen(operator, LIST).location

    def look(_: Any, work: Work) -> Result:
        seen.append(operator.reads(address))
        progress.tell(3)
        seen.append(operator.reads(address))
        return Result("/upload", "It is done.")

    monkeypatch.setattr(asked_work, "kinds", lambda _: {"upload-look": look})
    office.tick()
    assert "It has begun" in seen[0] and "3 of 5 rows read" in seen[1]
    assert "Try again now" not in seen[1]
    assert "It is done." in operator.reads(operator.open(address, 303).location)


def test_a_lost_worker_and_a_lost_valkey_do_no_harm(
    office: Office, operator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = chosen(operator, LIST).location
    office.tick()
    address = operator.post(operator.open(preview, 303).location).location
    number = int(address.rpartition("/")[2])
    # A worker is at it: nobody else is woken, and another that is does nothing.
    alive = f"heed:reminders:long:{number}:alive"
    office.heed.redis.set(alive, 1, ex=60)
    assert long_work.waiting(office.heed) == []
    jobs.carry_out(number)
    assert "It has begun" in operator.reads(address)
    # It died after it had taken the file, before it could say so.
    kinds, ran = asked_work.kinds(office.county), []

    def dies(heed: Any, work: Work) -> Result:
        ran.append(kinds["upload-take"](heed, work))
        raise MemoryError

    office.heed.redis.delete(alive)
    monkeypatch.setattr(asked_work, "kinds", lambda _: {"upload-take": dies})
    with pytest.raises(MemoryError):
        jobs.carry_out(number)
    assert "Try again now" in operator.reads(address) and long_work.waiting(office.heed) == [[number]]
    monkeypatch.undo()
    monkeypatch.setattr(long_work_pages, "PATIENCE", 0.0)
    operator.post(f"{address}/again")
    office.tick()
    assert "choose it once more" in operator.reads(address, 409)
    with office.heed.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 1
    jobs.carry_out(number)  # done is done
    # What fails three times is given up, with words.
    monkeypatch.setattr(long_work, "SHORT", 0)
    address = chosen(operator, LIST).location
    number = int(address.rpartition("/")[2])
    monkeypatch.setattr(asked_work, "kinds", lambda _: {})
    for _ in range(long_work.TRIES_MOST):
        with pytest.raises(KeyError):
            jobs.carry_out(number)
    assert "failed at this three times" in operator.reads(address, 409)
    assert long_work.waiting(office.heed) == []
    address = chosen(operator, LIST).location
    office.heed.redis.flushdb()
    assert "no longer kept" in operator.reads(address, 404)
    jobs.carry_out(int(address.rpartition("/")[2]))
