"""Numbers, times and statuses in words."""

import pytest

from services.sandbox import labels
from services.sandbox.messages import Message


@pytest.mark.parametrize(
    ("number", "label"),
    [
        ("+447700900123", "07700 900 123"),
        ("+441727000000", "+44 1727 000000"),
        ("+33612345678", "+33 6 12 34 56 78"),
        ("60999", "60999"),
        ("HertsCourts", "HertsCourts"),
        ("+9", "+9"),
    ],
)
def test_numbers(number: str, label: str) -> None:
    assert labels.number_label(number) == label


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("07700 900 123", "+447700900123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("", None),
        ("Mum", None),
        ("0770", None),
    ],
)
def test_typed_numbers(typed: str, number: str | None) -> None:
    assert labels.number_typed(typed) == number


@pytest.mark.parametrize(
    ("seconds", "label"),
    [
        (1_789_376_400, "Mon 14 Sep 10:00"),  # British Summer Time
        (1_792_882_740, "Sat 24 Oct 23:59"),
        (1_793_005_200, "Mon 26 Oct 09:00"),  # Greenwich
    ],
)
def test_times_are_londons(seconds: float, label: str) -> None:
    assert labels.time_label(seconds) == label


def text(**changes: object) -> Message:
    usual = {
        "sid": "SM1", "seq": 1, "direction": "outbound-api", "to": "+447700900123", "sender": "+447700900001",
        "body": "x", "status": "delivered", "created": 0.0, "shown_at": 0.0, "updated": 0.0,
    }  # fmt: skip
    return Message(**(usual | changes))


@pytest.mark.parametrize(
    ("changes", "label", "bad"),
    [
        ({"status": "queued"}, "Queued", False),
        ({"status": "sent"}, "Sent, not yet delivered", False),
        ({"status": "delivered"}, "Delivered", False),
        ({"status": "canceled"}, "Cancelled", False),
        ({"status": "undelivered", "error_code": 30006}, "Not delivered: landline (30006)", True),
        ({"status": "undelivered", "error_code": 39999}, "Not delivered (39999)", True),
        ({"status": "failed", "error_code": 30036}, "Not sent: out of date before it was sent (30036)", True),
        ({"direction": "inbound", "status": "received"}, "On its way to the service", False),
        (
            {"direction": "inbound", "status": "received", "answer_tries": 1, "answer_status": 204},
            "Received by the service",
            False,
        ),
        (
            {"direction": "inbound", "status": "received", "answer_tries": 6, "answer_status": 503},
            "The service refused it (503, 6 tries)",
            True,
        ),
        (
            {"direction": "inbound", "status": "received", "answer_tries": 1},
            "The service did not answer (1 try)",
            True,
        ),
    ],
)
def test_statuses(changes: dict[str, object], label: str, bad: bool) -> None:
    assert (labels.status_label(text(**changes)), labels.is_bad_news(text(**changes))) == (label, bad)
