"""Every call of Reminders over HTTP: with the right key and the wrong one, the right body and others (DESIGN, "HTTP, reminders")."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from services.common import keys
from services.common.models import Audit
from services.common.scopes import SCOPES
from services.reminders import pilots
from services.reminders.models import Delivery
from tests.reminders.office import (
    ANN,
    BEN,
    HEARING,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    nth,
    result,
    spi,
    spi_result,
)
from tests.support.sites import Site

CP, JSON = "/v1/feeds/common-platform", "application/json"
PROTOCOL = {
    "name": "autumn",
    "question": "Does it help?",
    "courts": ["B41ME00"],
    "since": "2026-09-15",
    "until": "2026-10-31",
    "arms": [{"name": "texted", "texted": True}, {"name": "control", "texted": False}],
    "allocation": "permuted-blocks",
    "seed": "a",
    "block_sizes": [4],
}
OUTCOME = {"attendance": "absent", "fta": "no", "warrant": "none"}
CONTACT = {"contacts": [{"asn": "2641AA0000000123456A", "mobile": ANN}]}
SNS = {
    "Type": "Notification",
    "Message": json.dumps(hearing()),
    "Timestamp": "2026-09-14T07:00:00.000Z",
    "MessageAttributes": {"hearingEventType": {"Type": "String", "Value": "ConfirmedOrUpdated"}},
}
CSV = (
    b"case_ref,asn,defendant_name,date_of_birth,court_code,room,date,time,hearing_type,mobile,bail_status,language\n"
    b"41AA9,,Eve Other,1990-05-04,B41ME00,1,23/09/2026,10:00,First hearing,07700900103,U,\n"
)
WHY = {"reason": "asked by the office"}
TYPED = {
    "case_ref": "41AA8",
    "defendant_name": "Eve Other",
    "court_code": "B41ME00",
    "date": "2026-09-23",
    "time": "10:00",
}
EMPTY_LIBRA = b"<CourtList><sessions/></CourtList>"

# (method, path, scope, content type, body, status where all is well)
CALLS: list[tuple[str, str, str, str | None, Any, int]] = [
    ("POST", f"{CP}/hearing/h1", "listings:write", JSON, hearing(), 202),
    ("POST", f"{CP}/hearing/h1/result", "listings:write", JSON, result("1015"), 202),
    ("DELETE", f"{CP}/hearing/h1/delete", "listings:write", None, b"", 202),
    ("POST", f"{CP}/messages", "listings:write", JSON, SNS, 202),
    ("POST", f"{CP}/list", "listings:write", JSON, {"courtCentreName": "x", "hearingDates": []}, 202),
    (
        "POST",
        "/v1/feeds/cath",
        "listings:write",
        JSON,
        {"document": {"publicationDate": "x"}, "courtLists": []},
        202,
    ),
    ("POST", "/v1/feeds/libra", "listings:write", "application/xml", EMPTY_LIBRA, 202),
    ("POST", "/v1/feeds/spi", "listings:write", "application/xml", spi(), 202),
    ("POST", "/v1/feeds/csv", "listings:write", "text/csv", CSV, 202),
    ("GET", "/v1/feeds/deliveries/{delivery}", "listings:write", None, None, 200),
    ("POST", "/v1/feeds/deliveries/{delivery}/replay", "listings:write", None, b"", 202),
    ("POST", "/v1/contacts", "contacts:write", JSON, CONTACT, 200),
    ("GET", "/v1/hearings", "hearings:read", None, None, 200),
    ("GET", "/v1/hearings/1", "hearings:read", None, None, 200),
    ("POST", "/v1/hearings/1/outcome", "outcomes:write", JSON, OUTCOME, 200),
    ("GET", "/v1/hearings/1/outcomes", "hearings:read", None, None, 200),
    ("GET", "/v1/outcomes", "hearings:read", None, None, 200),
    ("POST", "/v1/outcomes", "outcomes:write", JSON, {"outcomes": [{"listing_id": 1} | OUTCOME]}, 200),
    ("GET", "/v1/data-quality", "quality:read", None, None, 200),
    ("GET", "/v1/reminders", "hearings:read", None, None, 200),
    # Locked before the first outcome of its days: Ann's, above, was before them.
    ("POST", "/v1/pilots", "pilots:write", JSON, PROTOCOL | {"since": "2026-09-24"}, 201),
    ("GET", "/v1/pilots/first/evaluation", "evaluation:read", None, None, 200),
    # What each does is in test_evaluating.
    ("GET", "/v1/pilots/first/audit", "evaluation:read", None, None, 200),
    ("POST", "/v1/pilots/first/looks", "looks:write", JSON, WHY, 201),
    ("GET", "/v1/pilots/first/people.csv?recipient=us", "exports:read", None, None, 409),
    ("GET", "/v1/performance", "performance:read", None, None, 200),
    # What each does is in test_hand_api; 404 where the fixture has none to act on.
    ("POST", "/v1/listings", "listings:write", JSON, TYPED, 202),
    ("POST", "/v1/hearings/1/mobile", "contacts:write", JSON, {"mobile": ANN}, 200),
    ("POST", "/v1/hearings/9/mobile/right", "numbers:write", JSON, WHY, 404),
    ("POST", "/v1/hearings/1/do-not-text", "do-not-text:write", JSON, WHY, 200),
    ("POST", "/v1/hearings/1/do-not-text/end", "do-not-text:write", JSON, WHY, 200),
    ("GET", "/v1/pauses", "pauses:read", None, None, 200),
    ("POST", "/v1/pauses", "pauses:write", JSON, WHY | {"since": "2026-09-23", "until": "2026-09-24"}, 201),
    ("POST", "/v1/pauses/1/end", "pauses:write", None, None, 200),
    ("GET", "/v1/releases", "releases:read", None, None, 200),
    ("POST", "/v1/releases", "releases:write", JSON, {"day": "2026-09-23"}, 201),
    ("GET", "/v1/people/suggestions", "people:read", None, None, 200),
    ("GET", "/v1/people/decisions", "people:read", None, None, 200),
    ("POST", "/v1/people/same", "people:write", JSON, {"kept": 1, "other": 9}, 404),
    ("POST", "/v1/people/different", "people:write", JSON, {"one": 1, "other": 9}, 404),
    ("POST", "/v1/people/decisions/1/split", "people:write", None, None, 404),
    ("GET", "/v1/inbox", "inbox:read", None, None, 200),
    ("GET", "/v1/inbox/9", "inbox:read", None, None, 404),
    ("POST", "/v1/inbox/9/answer", "inbox:write", JSON, {"text": "Yes"}, 404),
    ("POST", "/v1/inbox/9/done", "inbox:write", None, None, 404),
    ("GET", "/v1/incidents", "inbox:read", None, None, 200),
    ("POST", "/v1/incidents", "inbox:write", JSON, WHY | {"listing": 9}, 404),
    ("POST", "/v1/incidents/9/assess", "inbox:write", JSON, {"decision": "reported"}, 404),
    ("POST", "/v1/subject/read", "subject:read", JSON, {"who": ANN}, 200),
    ("POST", "/v1/subject/correct", "subject:write", JSON, WHY | {"who": "07700 900999", "given": "Bo"}, 409),
    ("POST", "/v1/subject/restrict", "subject:write", JSON, WHY | {"who": "x", "kind": "hold"}, 422),
    ("POST", "/v1/subject/release", "subject:write", JSON, WHY | {"who": ANN, "kind": "hold"}, 409),
    ("POST", "/v1/subject/erase", "subject:write", JSON, {"who": "07700 900999"}, 200),
    ("GET", "/v1/calls", "calls:read", None, None, 200),
    ("GET", "/v1/calls.csv", "calls:read", None, None, 200),
    ("POST", "/v1/calls/9/done", "calls:write", JSON, {"note": "told"}, 404),
    ("POST", "/v1/hearings/9/rung", "calls:write", JSON, {"note": "told"}, 404),
    ("GET", "/v1/audit", "audit:read", None, None, 200),
    ("GET", "/v1/sending", "sending:read", None, None, 200),
    ("POST", "/v1/sending/stop", "sending:write", JSON, WHY, 200),
    ("POST", "/v1/sending/resume", "sending:write", None, None, 409),
    ("GET", "/v1/alarms", "alarms:read", None, None, 200),
    ("POST", "/v1/alarms/9/acknowledge", "alarms:write", None, None, 404),
    ("GET", "/v1/queue", "queue:read", None, None, 200),
    ("POST", "/v1/queue/9/resolve", "queue:write", JSON, {"sent": True}, 404),
    ("GET", "/v1/duty", "duty:read", None, None, 200),
    ("GET", "/v1/duty/9", "duty:read", None, None, 404),
    ("POST", "/v1/duty/9/acknowledge", "duty:write", None, None, 404),
    ("POST", "/v1/duty/9/answer", "duty:write", JSON, {"text": "We will ring"}, 404),
    ("POST", "/v1/duty/9/done", "duty:write", JSON, {}, 404),
    ("GET", "/v1/texts/9/sender", "identities:read", None, None, 404),
]
Caller = Callable[..., Any]


@pytest.fixture
def client(office: Office, sites: dict[Any, Site]) -> FlaskClient:
    """The application, with Ann listed and a pilot locked elsewhere."""
    office.push(spi(), form="spi")
    with office.heed.database.begin() as session:
        pilots.lock(session, PROTOCOL | {"name": "first", "courts": ["B41US"]}, "test")
    return sites["reminders"].client()


def send(
    client: FlaskClient,
    office: Office,
    headers: dict[str, str],
    method: str,
    path: str,
    kind: str | None,
    body: Any,
) -> Any:
    delivery = office.pushed[0]["id"]
    data = json.dumps(body).encode() if isinstance(body, dict | list) else body
    more = {"Content-Type": kind} if kind else {}
    return client.open(path.replace("{delivery}", delivery), method=method, data=data, headers=headers | more)


def test_each_call_with_its_key_and_without(office: Office, client: FlaskClient, key: Caller) -> None:
    with office.heed.database.begin() as session:
        key_id, revoked = keys.add(session, list(SCOPES["reminders"]), "", "test")
        keys.revoke(session, key_id, "test")
    right = {scope: key(office.heed, scope) for scope in SCOPES["reminders"]}
    others = {
        scope: key(office.heed, *(one for one in SCOPES["reminders"] if one != scope))
        for scope in SCOPES["reminders"]
    }
    before = office.everything()
    for method, path, scope, kind, body, _ in CALLS:
        bearer = right[scope]["Authorization"]
        refused = [
            ({}, 401, "unauthenticated"),
            ({"Authorization": "Bearer"}, 401, "unauthenticated"),
            ({"Authorization": "Bearer heed_x_y"}, 401, "unauthenticated"),
            ({"Authorization": bearer.replace("Bearer", "Basic")}, 401, "unauthenticated"),
            ({"Authorization": bearer + "x"}, 401, "unauthenticated"),
            ({"Authorization": f"Bearer {revoked}"}, 401, "unauthenticated"),
            (others[scope], 403, "missing-scope"),
        ]
        for headers, code, error in refused:
            answer = send(client, office, headers, method, path, kind, body)
            assert (answer.status_code, answer.json["error"]) == (code, error), (method, path)
            assert answer.json["code"] == code
            assert answer.json["message"]
    with office.heed.database.begin() as session:
        assert session.scalar(select(func.count(Delivery.number))) == 1
    assert office.everything() == before
    for method, path, scope, kind, body, status in CALLS:
        answer = send(client, office, right[scope], method, path, kind, body)
        assert answer.status_code == status, (method, path, answer.text)


def test_every_call_that_needs_a_key_is_in_the_table(client: FlaskClient, sites: dict[Any, Site]) -> None:
    found = set()
    # The pages for people have their own rules of who may.
    rules = [one for one in sites["reminders"].app.url_map.iter_rules() if one.rule.startswith("/v1/")]
    for rule in rules:
        scope = getattr(sites["reminders"].app.view_functions[rule.endpoint], "heed_scope", None)
        if scope not in (None, "open"):
            found |= {(method, scope) for method in rule.methods or () if method not in ("HEAD", "OPTIONS")}
    table = {(method, scope) for method, _, scope, *_ in CALLS}
    assert found == table
    calls = [
        rule
        for rule in rules
        if getattr(sites["reminders"].app.view_functions[rule.endpoint], "heed_scope", None)
        in SCOPES["reminders"]
    ]
    assert len(calls) == len(CALLS)


def test_a_wrong_content_type_is_415_and_nothing_is_kept(
    office: Office, client: FlaskClient, key: Caller
) -> None:
    headers = key(office.heed, *SCOPES["reminders"])
    before = office.everything()
    for method, path, _, kind, body, _ in CALLS:
        for wrong in ("text/html", "application/octet-stream", "multipart/form-data") if kind else ():
            answer = send(client, office, headers, method, path, wrong, body)
            assert (answer.status_code, answer.json["error"]) == (415, "wrong-content-type"), (path, wrong)
    assert office.everything() == before
    with office.heed.database.begin() as session:
        assert session.scalar(select(func.count(Delivery.number))) == 1


def test_content_types_that_producers_write(office: Office, client: FlaskClient, key: Caller) -> None:
    headers = key(office.heed, "listings:write")
    table = [
        (f"{CP}/hearing/h1", "application/json; charset=utf-8", hearing()),
        (f"{CP}/hearing/h1", "application/vnd.hmcts+json", hearing()),
        (f"{CP}/messages", "text/plain; charset=UTF-8", SNS),
        ("/v1/feeds/spi", "text/xml", spi()),
        ("/v1/feeds/spi", "application/soap+xml", spi()),
        ("/v1/feeds/csv", "text/csv; header=present", CSV),
    ]
    for path, kind, body in table:
        assert send(client, office, headers, "POST", path, kind, body).status_code == 202, (path, kind)


def test_a_push_is_kept_answered_and_applied_by_a_worker(
    office: Office, client: FlaskClient, key: Caller
) -> None:
    headers = key(office.heed, "listings:write")
    answer = send(client, office, headers, "POST", f"{CP}/hearing/h1", JSON, hearing())
    assert set(answer.json) == {"id", "url"}
    seen = client.get(answer.json["url"], headers=headers).json
    assert (seen["status"], seen["counts"]["hearings"]) == ("received", 0)
    office.tick()
    seen = client.get(answer.json["url"], headers=headers).json
    assert set(seen) >= {
        "id",
        "format",
        "status",
        "counts",
        "rejections",
        "file",
        "received_at",
        "applied_at",
    }
    assert set(seen["counts"]) == {
        "hearings",
        "new",
        "changed",
        "unchanged",
        "suspended",
        "results",
        "rejected",
    }
    assert seen["status"] == "applied"


def test_an_empty_body_is_refused_at_the_door(office: Office, client: FlaskClient, key: Caller) -> None:
    headers = key(office.heed, "listings:write")
    for path in (f"{CP}/hearing/h1", f"{CP}/hearing/h1/result", f"{CP}/messages"):
        answer = send(client, office, headers, "POST", path, JSON, b"")
        assert (answer.status_code, answer.json["error"]) == (400, "empty-body")


def test_a_body_that_is_no_hearing_is_kept_and_rejected_with_its_place(
    office: Office, client: FlaskClient, key: Caller
) -> None:
    headers = key(office.heed, "listings:write")
    answer = send(client, office, headers, "POST", f"{CP}/hearing/h1", JSON, b"{")
    assert answer.status_code == 202
    office.tick()
    seen = client.get(answer.json["url"], headers=headers).json
    assert seen["status"] == "rejected"
    assert seen["rejections"][0]["code"] == "malformed-json"


def test_the_hearing_in_the_address_must_be_the_one_in_the_body(
    office: Office, client: FlaskClient, key: Caller
) -> None:
    headers = key(office.heed, "listings:write")
    answer = send(client, office, headers, "POST", f"{CP}/hearing/other", JSON, hearing())
    office.tick()
    seen = client.get(answer.json["url"], headers=headers).json
    assert (seen["status"], seen["rejections"][0]["code"]) == ("rejected", "hearing-id-differs")
    # In another case it is the same one.
    answer = send(client, office, headers, "POST", f"{CP}/hearing/H1", JSON, hearing())
    office.tick()
    assert client.get(answer.json["url"], headers=headers).json["status"] == "applied"


def test_the_same_idempotency_key_changes_nothing_and_with_other_bytes_is_a_conflict(
    office: Office, client: FlaskClient, key: Caller
) -> None:
    mine, theirs = key(office.heed, "listings:write"), key(office.heed, "listings:write")

    def push(headers: dict[str, str], body: Any, path: str = f"{CP}/hearing/h1", method: str = "POST") -> Any:
        return send(client, office, headers | {"Idempotency-Key": "k1"}, method, path, JSON, body)

    first = push(mine, hearing())
    assert push(mine, hearing()).json == first.json
    office.tick()
    assert push(mine, hearing()).json == first.json
    for body, path, method in [
        (hearing("2026-09-30T10:00"), f"{CP}/hearing/h1", "POST"),
        (hearing(), f"{CP}/hearing/h1/result", "POST"),
        (hearing(), f"{CP}/hearing/h2", "POST"),
        (b"", f"{CP}/hearing/h1/delete", "DELETE"),
    ]:
        answer = push(mine, body, path, method)
        assert (answer.status_code, answer.json["error"]) == (409, "idempotency-conflict")
    # Another machine's keys are its own.
    assert push(theirs, hearing("2026-09-30T10:00")).status_code == 202
    with office.heed.database.begin() as session:
        assert session.scalar(select(func.count(Delivery.number))) == 3


def test_the_length_of_an_idempotency_key(office: Office, client: FlaskClient, key: Caller) -> None:
    for length, status in ((1, 202), (255, 202), (256, 400)):
        headers = key(office.heed, "listings:write") | {"Idempotency-Key": "k" * length}
        assert (
            send(client, office, headers, "POST", f"{CP}/hearing/h1", JSON, hearing()).status_code == status
        )


def test_two_deletions_of_two_hearings_under_one_idempotency_key_are_a_conflict(
    office: Office, client: FlaskClient, key: Caller
) -> None:
    headers = key(office.heed, "listings:write") | {"Idempotency-Key": "k1"}
    first = send(client, office, headers, "DELETE", f"{CP}/hearing/h1/delete", None, b"")
    second = send(client, office, headers, "DELETE", f"{CP}/hearing/h2/delete", None, b"")
    assert (first.status_code, second.status_code) == (202, 409)


ODD: list[tuple[str, str, str, int]] = [
    ("GET", "/v1/feeds/deliveries/nothing", "listings:write", 404),
    ("GET", "/v1/feeds/deliveries/a%00b", "listings:write", 400),
    ("GET", "/v1/hearings/999", "hearings:read", 404),
    ("GET", "/v1/hearings/99999999999999999999", "hearings:read", 404),
    ("GET", "/v1/hearings/-1", "hearings:read", 404),
    ("GET", "/v1/pilots/nowhere/evaluation", "evaluation:read", 404),
    ("GET", "/v1/pilots/999/evaluation", "evaluation:read", 404),
    ("GET", "/v1/pilots/99999999999999999999/evaluation", "evaluation:read", 404),
    ("GET", "/v1/pilots/%C2%B2/evaluation", "evaluation:read", 404),
    ("GET", "/v1/pilots/a%00b/evaluation", "evaluation:read", 400),
    ("GET", "/v1/nothing", "hearings:read", 404),
    ("PUT", "/v1/hearings", "hearings:read", 405),
    ("GET", "/v1/hearings?date=23/09/2026", "hearings:read", 422),
    ("GET", "/v1/hearings?limit=0", "hearings:read", 422),
    ("GET", "/v1/hearings?limit=1001", "hearings:read", 422),
    ("GET", "/v1/hearings?after=99999999999999999999", "hearings:read", 422),
    ("GET", "/v1/hearings?after=-1", "hearings:read", 422),
    ("GET", "/v1/hearings?court=a%00b", "hearings:read", 400),
    ("GET", "/v1/hearings?date=0001-01-01", "hearings:read", 200),
    ("GET", "/v1/hearings?date=9999-12-31", "hearings:read", 200),
    ("GET", "/v1/hearings?limit=1000", "hearings:read", 200),
    ("GET", "/v1/reminders?at=2026-09-20T10:00", "hearings:read", 422),
    ("GET", "/v1/reminders?at=2026-09-20T09:00:00Z", "hearings:read", 200),
    ("GET", "/v1/reminders?until=9999-12-31T23:59:59%2B00:00", "hearings:read", 200),
    ("POST", f"{CP}/hearing/a%00b", "listings:write", 400),
    ("DELETE", f"{CP}/hearing/a%00b/delete", "listings:write", 400),
    ("DELETE", f"{CP}/hearing/{'a' * 64}/delete", "listings:write", 202),
    ("DELETE", f"{CP}/hearing/{'a' * 65}/delete", "listings:write", 400),
]


def test_odd_addresses_are_answered_in_one_shape(office: Office, client: FlaskClient, key: Caller) -> None:
    headers = {scope: key(office.heed, scope) for scope in SCOPES["reminders"]}
    for method, path, scope, status in ODD:
        kind = JSON if method == "POST" else None
        answer = send(client, office, headers[scope], method, path, kind, b"{}")
        assert answer.status_code == status, (method, path, answer.text)
        assert status < 400 or set(answer.json) >= {"code", "status", "error", "message"}


UNFIT: list[tuple[str, str, Any, int, str]] = [
    ("/v1/contacts", "contacts:write", b"{", 400, "cannot be read as JSON"),
    ("/v1/contacts", "contacts:write", b"7", 422, "contacts"),
    ("/v1/contacts", "contacts:write", {"contacts": "x"}, 422, "contacts"),
    ("/v1/contacts", "contacts:write", {"contacts": ["x"]}, 422, "contacts"),
    ("/v1/contacts", "contacts:write", {"people": []}, 422, "contacts"),
    ("/v1/hearings/1/outcome", "outcomes:write", b"{", 400, "cannot be read as JSON"),
    ("/v1/hearings/1/outcome", "outcomes:write", {}, 422, "attendance"),
    ("/v1/hearings/1/outcome", "outcomes:write", OUTCOME | {"fta": "perhaps"}, 422, "fta"),
    ("/v1/hearings/1/outcome", "outcomes:write", OUTCOME | {"arm": "control"}, 422, "arm"),
    ("/v1/hearings/1/outcome", "outcomes:write", OUTCOME | {"day": "23/09/2026"}, 422, "names each place"),
    ("/v1/pilots", "pilots:write", b"{", 400, "cannot be read as JSON"),
    ("/v1/pilots", "pilots:write", [], 422, "name"),
    ("/v1/pilots", "pilots:write", PROTOCOL | {"block_sizes": [3]}, 422, "block_sizes"),
    ("/v1/pilots", "pilots:write", PROTOCOL | {"name": "first"}, 422, "already locked"),
]


def test_a_body_that_cannot_be_taken_names_the_field(
    office: Office, client: FlaskClient, key: Caller
) -> None:
    headers = {scope: key(office.heed, scope) for scope in SCOPES["reminders"]}
    before = office.everything()
    for path, scope, body, status, names in UNFIT:
        answer = send(client, office, headers[scope], "POST", path, JSON, body)
        assert answer.status_code == status, (path, body, answer.text)
        assert set(answer.json) >= {"code", "status", "error", "message"}
        assert names in json.dumps(answer.json), (path, body, answer.text)
    assert office.everything() == before


def test_numbers_by_json_and_csv(office: Office, client: FlaskClient, key: Caller) -> None:
    headers = key(office.heed, "contacts:write")
    answer = send(client, office, headers, "POST", "/v1/contacts", JSON, CONTACT)
    assert answer.json == {
        "status": "applied",
        "counts": {"attached": 0, "unchanged": 1, "unmatched": 0, "invalid": 0},
        "rejections": [],
    }
    text = b"asn,mobile\n2641AA0000000123456A,07700900102\n"
    assert (
        send(client, office, headers, "POST", "/v1/contacts", "text/csv", text).json["counts"]["attached"]
        == 1
    )
    refused = send(client, office, headers, "POST", "/v1/contacts", "text/csv", b"asn,telephone\n")
    assert (refused.status_code, refused.json["error"]) == (422, "wrong-header")
    assert "'telephone'" in refused.json["message"]


def test_hearings_by_court_and_day_a_page_at_a_time(office: Office, client: FlaskClient, key: Caller) -> None:
    headers = key(office.heed, "hearings:read")
    office.push(hearing("2026-09-24T00:30", case(defendant("Ben"), ref="41B"), key="h2"))
    office.push(hearing("2026-09-24T10:00", case(defendant("Cat"), ref="41C"), key="h3", court="B41MJ00"))

    def names(query: str) -> list[str]:
        return [
            one["name"].split()[0]
            for one in client.get(f"/v1/hearings?{query}", headers=headers).json["hearings"]
        ]

    assert names("") == ["Ann", "Ben", "Cat"]
    assert names("date=2026-09-23") == ["Ann"]
    # Half past midnight in London is still the day before in UTC.
    assert names("date=2026-09-24") == ["Ben", "Cat"]
    assert names("court=B41MJ") == names("court=b41mj00") == ["Cat"]
    assert names("court=B41ME&date=2026-09-24") == ["Ben"]
    assert names("court=C01") == []
    page = client.get("/v1/hearings?limit=2", headers=headers).json
    assert (len(page["hearings"]), page["next"]) == (2, page["hearings"][-1]["id"])
    rest = client.get(f"/v1/hearings?limit=2&after={page['next']}", headers=headers).json
    assert ([one["name"] for one in rest["hearings"]], rest["next"]) == (["Cat Example"], None)


@pytest.mark.parametrize("changes", [{"mode": "trial", "trial_numbers": frozenset({ANN})}])
def test_outside_sandbox_mode_no_name_is_shown_and_each_look_is_on_record(
    office: Office, client: FlaskClient, key: Caller
) -> None:
    answer = client.get("/v1/hearings", headers=key(office.heed, "hearings:read"))
    (row,) = answer.json["hearings"]
    assert (row["name"], row["date_of_birth"]) == (None, None)
    assert "Example" not in answer.text
    with office.heed.database.begin() as session:
        looks = session.scalars(select(Audit).where(Audit.act == "hearings-read")).all()
    assert [one.detail for one in looks] == [{"rows": 1}]


def test_an_outcome_by_hand_and_by_day(office: Office, client: FlaskClient, key: Caller) -> None:
    headers = key(office.heed, "outcomes:write")
    office.push(nth(5, [HEARING, "2026-09-25T10:00"]))
    answer = send(client, office, headers, "POST", "/v1/hearings/2/outcome", JSON, OUTCOME)
    assert (answer.json["status"], answer.json["outcome"]) == ("heard", OUTCOME)
    assert [one["day"] for one in answer.json["outcomes"]] == ["2026-09-23"]
    assert "arm" not in answer.json
    day = OUTCOME | {"day": "2026-09-25", "attendance": "attended"}
    answer = send(client, office, headers, "POST", "/v1/hearings/2/outcome", JSON, day)
    assert [one["day"] for one in answer.json["outcomes"]] == ["2026-09-23", "2026-09-25"]
    missing = send(client, office, headers, "POST", "/v1/hearings/999/outcome", JSON, OUTCOME)
    assert missing.status_code == 404
    before = office.everything()
    for other in ("1999-01-01", "2026-09-24"):
        wrong = send(
            client, office, headers, "POST", "/v1/hearings/2/outcome", JSON, OUTCOME | {"day": other}
        )
        assert (wrong.status_code, wrong.json["error"]) == (422, "not-a-day-of-it")
    assert office.everything() == before
    # What is known by its result only has no days to hold against it.
    office.push(spi_result("2026-09-10"), form="spi")
    unlisted = send(client, office, headers, "POST", "/v1/hearings/3/outcome", JSON, day)
    assert [one["day"] for one in unlisted.json["outcomes"]][-1] == "2026-09-25"


def test_what_is_due_is_what_goes_out(office: Office, client: FlaskClient, key: Caller) -> None:
    headers = key(office.heed, "hearings:read")
    office.push(hearing(HEARING, case(defendant("Kid", born="2010-01-28", mobile=BEN), ref="41K"), key="h9"))
    shown = client.get("/v1/reminders", headers=headers).json
    assert [one["send_at"] for one in shown["due"]] == [
        "2026-09-20T10:00:00+01:00",
        "2026-09-22T10:00:00+01:00",
    ]
    first = shown["due"][0]
    assert set(first) == {
        *("send_at", "case_ref", "to", "step", "template", "text", "segments", "language", "cost")
    }
    assert (first["cost"]["amount"], shown["cost"]["amount"]) == ("0.04", "0.08")
    assert (first["to"], first["step"], first["template"], first["segments"]) == (
        "***101",
        "three-days",
        "bail",
        1,
    )
    assert shown["held"] == [{"case_ref": "41K", "reason": "under-18"}]
    at = client.get("/v1/reminders?at=2026-09-20T09:00:00Z", headers=headers).json
    assert [one["step"] for one in at["due"]] == ["three-days"]
    assert client.get("/v1/reminders?at=2026-09-20T08:59:59Z", headers=headers).json["due"] == []
    until = client.get("/v1/reminders?until=2026-09-22T09:00:00Z", headers=headers).json
    assert len(until["due"]) == 2
    office.tick(THREE_DAYS)
    assert office.texts() == [first["text"]]


def test_a_pilot_is_locked_and_read(office: Office, client: FlaskClient, key: Caller) -> None:
    headers = key(office.heed, "pilots:write", "evaluation:read")
    made = send(client, office, headers, "POST", "/v1/pilots", JSON, PROTOCOL)
    assert set(made.json) == {"id", "name", "hash"}
    by_name = client.get("/v1/pilots/autumn/evaluation", headers=headers)
    by_id = client.get(f"/v1/pilots/{made.json['id']}/evaluation", headers=headers)
    assert by_name.status_code == by_id.status_code == 200
    assert made.json["hash"] in by_name.text
