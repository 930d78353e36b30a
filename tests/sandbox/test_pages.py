"""The pages: what they show, what they escape, and what they refuse."""

import html
import re
from html.parser import HTMLParser

import pytest

REMINDERS, CONSULTATION, NAME, HANDSET = "+447700900001", "+447700900002", "HertsCourts", "+447700900123"
HOSTILE = "<script>alert(1)</script> \"quoted\" & 'so' <img src=x onerror=alert(1)> {{ 7*7 }}"


def page(sandbox, path: str = "/", status: int = 200, **params) -> str:
    answer = sandbox.session.get(sandbox.url + path, params=params)
    assert answer.status_code == status, answer.text
    return answer.text


def shown(text: str) -> str:
    """The words of a page, tags taken out and spaces made single."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def text_back(sandbox, path: str, headers: dict[str, str] | None = None, **form: str):
    return sandbox.session.post(sandbox.url + path, data=form, headers=headers, allow_redirects=False)


class Tags(HTMLParser):
    """Counts start tags, and collects labels and fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: set[str] = set()
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        found = dict(attrs)
        self.attributes |= set(found)
        if tag == "label":
            self.labelled.add(found["for"] or "")
        if tag in {"input", "select", "textarea"}:
            self.fields.append(found)


def test_the_list_of_handsets(sandbox) -> None:
    assert "No handset has had a text yet" in page(sandbox)
    sandbox.control("clock", {"now": "2026-09-14T10:00:00+01:00"})
    sandbox.settle(sandbox.send(body="Your hearing is on Wed 23 Sep").sid)
    sandbox.settle(sandbox.send(to="+447700900901", body="To a landline").sid)
    words = shown(page(sandbox))
    assert "Sandbox carrier: no text leaves this machine." in words
    assert words.index("07700 900 901") < words.index("07700 900 123")
    assert "Mon 14 Sep 10:00 Your hearing is on Wed 23 Sep Reminders, 1 text Delivered" in words
    assert "Not delivered: landline (30006)" in words
    sandbox.control("inbound", {"from": HANDSET, "to": REMINDERS, "body": "Thanks"})
    words = shown(page(sandbox))
    assert words.index("07700 900 123") < words.index("07700 900 901")
    assert "From the handset Thanks Reminders, 2 texts Received by the service" in words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("900 123", True),
        ("07700900123", True),
        ("+447700900123", True),
        ("HEARING", True),
        ("wed 23", True),
        ("900 124", False),
        ("nothing like it", False),
        ("", True),
        ("   ", True),
    ],
)
def test_the_filter(sandbox, words: str, found: bool) -> None:
    sandbox.send(body="Your hearing is on Wed 23 Sep")
    assert ("07700 900 123" in page(sandbox, q=words)) == found


@pytest.mark.parametrize(("count", "pages"), [(40, 1), (41, 2), (81, 3)])
def test_many_handsets_come_in_pages(sandbox, count: int, pages: int) -> None:
    for number in range(count):
        sandbox.carrier.store.add(
            direction="carrier", status="delivered", to=f"+447700901{number:03d}", sender=REMINDERS, body="x"
        )
    seen: list[str] = []
    for number in range(1, pages + 1):
        seen += re.findall(r'class="number"[^>]*>([^<]+)', page(sandbox, page=number))
    assert len(seen) == len(set(seen)) == count
    assert seen[0].endswith(f"{count - 1:03d}")
    assert ('rel="next"' in page(sandbox)) == (pages > 1)
    assert ('rel="next"' in page(sandbox, page=pages)) is False
    assert seen[-1] in page(sandbox, page=99)


def test_a_conversation(sandbox) -> None:
    sandbox.control("clock", {"now": "2026-09-14T10:00:00+01:00"})
    sandbox.settle(sandbox.send(body="a" * 161).sid)
    sandbox.settle(sandbox.send(from_=CONSULTATION, body="What matters to you?").sid)
    sandbox.control("inbound", {"from": HANDSET, "to": REMINDERS, "body": "STOP"})
    words = shown(page(sandbox, f"/handsets/{HANDSET}"))
    assert "Reminders (07700 900 001) " + "a" * 161 + " Mon 14 Sep 10:00 2 segments Delivered" in words
    assert "Consultation (07700 900 002) What matters to you?" in words
    assert "From this handset To Reminders (07700 900 001) STOP" in words
    assert "Reminders (07700 900 001), written by the carrier You have successfully" in words
    assert "This handset has stopped texts from Reminders (07700 900 001)." in words
    assert words.index("What matters") < words.index("STOP Mon")


def test_a_long_conversation_can_be_followed_back(sandbox) -> None:
    for number in range(205):
        sandbox.carrier.store.add(
            direction="carrier", status="delivered", to=HANDSET, sender=REMINDERS, body=f"text {number};"
        )
    seen, path = [], f"/handsets/{HANDSET}"
    while path:
        text = page(sandbox, path)
        assert ("Latest texts" in text) == bool(seen)
        seen = re.findall(r"text (\d+);", text) + seen
        earlier = re.search(r'href="([^"]+below=\d+)"', text)
        path = html.unescape(earlier.group(1)) if earlier else ""
    assert seen == [str(number) for number in range(205)]


@pytest.mark.parametrize("number", [HANDSET, "447700900123", "%2B447700900123"])
def test_a_handset_has_one_address_with_or_without_plus(sandbox, number: str) -> None:
    sandbox.send(body="Hello there")
    assert "Hello there" in page(sandbox, f"/handsets/{number}")


def test_a_handset_without_texts_and_one_that_cannot_be(sandbox) -> None:
    assert "No texts yet" in page(sandbox, "/handsets/+447700900555")
    for wrong in ("Mum", "+4", "<script>"):
        assert "<script>" not in page(sandbox, f"/handsets/{wrong}", status=404)


def test_nothing_that_people_write_becomes_markup(sandbox) -> None:
    sandbox.send(body=HOSTILE)
    sandbox.control("inbound", {"from": HANDSET, "to": REMINDERS, "body": HOSTILE})
    answer = text_back(sandbox, "/handsets", number=HOSTILE, sender=HOSTILE, body=HOSTILE)
    assert answer.status_code == 400
    for text in (page(sandbox), page(sandbox, f"/handsets/{HANDSET}"), page(sandbox, q=HOSTILE), answer.text):
        tags = Tags(text)
        assert not {"script", "img"} & set(tags.names)
        assert not [name for name in tags.attributes if name.startswith("on")]
        assert "49" not in shown(text)
        assert "onerror=alert" in shown(text)
    assert shown(page(sandbox, f"/handsets/{HANDSET}")).count("alert(1)") == 4


def test_texting_back_from_the_page(sandbox, service) -> None:
    sandbox.send(from_=CONSULTATION, body="What matters to you?")
    form = page(sandbox, f"/handsets/{HANDSET}")
    assert f'<option value="{CONSULTATION}" selected>' in form
    answer = text_back(
        sandbox, f"/handsets/{HANDSET}/texts", sender=CONSULTATION, body="Speeding\r\nand litter"
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/handsets/{HANDSET}#latest")
    (heard,) = service.heard
    assert (heard.path, heard.form["Body"]) == ("consultation/twilio/inbound", "Speeding\nand litter")
    assert "Received by the service" in page(sandbox, f"/handsets/{HANDSET}")


def test_the_first_sender_is_preselected_when_the_latest_takes_no_replies(sandbox) -> None:
    sandbox.send(from_=NAME, body="Hello")
    form = page(sandbox, f"/handsets/{HANDSET}")
    assert f'<option value="{REMINDERS}" selected>' in form
    assert f'<option value="{NAME}"' not in form
    assert "HertsCourts is a name, not a number: it cannot receive replies." in shown(form)


def test_a_new_handset(sandbox, service) -> None:
    answer = text_back(sandbox, "/handsets", number="07700 900 777", sender=REMINDERS, body="Hello")
    assert answer.headers["Location"] == "/handsets/+447700900777#latest"
    assert service.heard[0].form["From"] == "+447700900777"


@pytest.mark.parametrize(
    ("path", "form", "problem"),
    [
        ("/handsets", {"number": "", "sender": REMINDERS, "body": "x"}, "Enter a phone number"),
        ("/handsets", {"number": "Mum", "sender": REMINDERS, "body": "x"}, "Enter a phone number"),
        ("/handsets", {"number": "07700 900 777", "sender": REMINDERS, "body": " "}, "Write a text first."),
        ("/handsets", {"number": "07700 900 777", "sender": NAME, "body": "kept"}, "cannot receive replies"),
        (f"/handsets/{HANDSET}/texts", {"sender": REMINDERS, "body": ""}, "Write a text first."),
        (f"/handsets/{HANDSET}/texts", {"sender": "+1", "body": "kept"}, "cannot receive replies"),
        (f"/handsets/{HANDSET}/texts", {"sender": REMINDERS, "body": "é" * 1601}, "longer than 1600"),
    ],
)
def test_mistakes_in_forms_are_told_and_kept(
    sandbox, service, path: str, form: dict[str, str], problem: str
) -> None:
    answer = text_back(sandbox, path, **form)
    assert answer.status_code == 400
    assert problem in shown(answer.text)
    assert form["body"].strip() in answer.text
    assert service.heard == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "{own}"}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "{own}"}, 403),
    ],
)
def test_other_sites_cannot_text(sandbox, service, headers: dict[str, str], status: int) -> None:
    sent = {name: value.format(own=sandbox.url) for name, value in headers.items()}
    form = {"number": "07700 900 777", "sender": REMINDERS, "body": "Hello"}
    assert text_back(sandbox, "/handsets", sent, **form).status_code == status
    assert len(service.heard) == (status == 303)


@pytest.mark.parametrize("path", ["/", "/numbers", f"/handsets/{HANDSET}", "/nowhere", "/static/sandbox.css"])
def test_headers(sandbox, path: str) -> None:
    headers = sandbox.session.get(sandbox.url + path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/numbers", f"/handsets/{HANDSET}"])
def test_pages_can_be_read_by_anybody(sandbox, path: str) -> None:
    sandbox.send()
    text = page(sandbox, path)
    tags = Tags(text)
    assert tags.names.count("h1") == tags.names.count("main") == tags.names.count("title") == 1
    assert '<html lang="en-GB">' in text
    assert 'name="viewport"' in text
    assert "script" not in tags.names
    assert "style=" not in text
    assert {field["id"] for field in tags.fields} == tags.labelled


def test_reloading_is_a_choice(sandbox) -> None:
    for path in ("/", f"/handsets/{HANDSET}"):
        assert 'http-equiv="refresh"' not in page(sandbox, path)
        assert '<meta http-equiv="refresh" content="5">' in page(sandbox, path, refresh="on")
        assert f'<a href="{path}">Stop</a>' in page(sandbox, path, refresh="on")


@pytest.mark.parametrize("path", ["/handsets", f"/handsets/{HANDSET}/texts"])
def test_links_on_a_page_with_a_mistake_lead_somewhere(sandbox, path: str) -> None:
    answer = text_back(sandbox, path, number=HANDSET, sender=REMINDERS, body="")
    for link in re.findall(r'href="(/[^"#]*)', answer.text):
        page(sandbox, html.unescape(link))
    assert "<h1>Handsets</h1>" in page(sandbox, "/handsets")


def test_special_numbers_are_listed_and_named_on_their_handset(sandbox) -> None:
    words = shown(page(sandbox, "/numbers"))
    assert "07700 900 901 landline Accepted; then undelivered: a landline cannot take texts (30006)" in words
    assert "“landline”" in shown(page(sandbox, "/handsets/+447700900901"))
    assert "special number" not in shown(page(sandbox, f"/handsets/{HANDSET}"))


def test_an_unknown_page_is_a_page(sandbox) -> None:
    assert "<h1>Not Found</h1>" in page(sandbox, "/nowhere", status=404)


def test_a_conversation_counts_requests(sandbox) -> None:
    form = {"From": REMINDERS, "To": "+447700900911", "Body": "Hello"}
    for body in ("Hello", "Hello", "Never taken"):
        sandbox.session.post(sandbox.api + ".json", auth=sandbox.auth, data=form | {"Body": body})
    words = shown(page(sandbox, "/handsets/+447700900911"))
    assert "2 requests, 1 accepted" in words
    assert "Asked for and never accepted 1 request: Never taken" in words
    sandbox.send()
    words = shown(page(sandbox, f"/handsets/{HANDSET}"))
    assert "1 request, 1 accepted" in words
    assert "never accepted" not in words


def test_a_person_chooses_faults(sandbox) -> None:
    answer = text_back(sandbox, "/numbers/chosen", number="07700 900 123", fault="landline")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/numbers")
    assert "07700 900 123: landline End the fault of 07700 900 123" in shown(page(sandbox, "/numbers"))
    assert "chosen fault , “landline”" in shown(page(sandbox, f"/handsets/{HANDSET}"))
    assert sandbox.settle(sandbox.send().sid)["error_code"] == 30006
    text_back(sandbox, "/numbers/chosen", number=HANDSET, fault="")
    assert sandbox.settle(sandbox.send(body="fine").sid)["status"] == "delivered"
    text_back(sandbox, "/numbers/rates", fault="filtered", share="60", seed="7")
    text_back(sandbox, "/numbers/rates", fault="unknown", share="40", seed="7")
    assert sandbox.control("faults")["rates"] == {"filtered": 0.6, "unknown": 0.4}
    assert "filtered: 60% unknown: 40%" in shown(page(sandbox, "/numbers"))
    text_back(sandbox, "/numbers/rates", fault="filtered", share="0", seed="7")
    assert sandbox.control("faults")["rates"] == {"unknown": 0.4}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/numbers/chosen", {"number": "Mum", "fault": "landline"}),
        ("/numbers/chosen", {"number": "07700 900 123", "fault": "<script>"}),
        ("/numbers/rates", {"fault": "landline", "share": "101", "seed": "1"}),
        ("/numbers/rates", {"fault": "landline", "share": "nan", "seed": "1"}),
        ("/numbers/rates", {"fault": "<script>", "share": "1", "seed": "1"}),
        ("/numbers/rates", {"fault": "landline", "share": "1", "seed": "x"}),
    ],
)
def test_a_choice_that_cannot_be(sandbox, path: str, form: dict[str, str]) -> None:
    answer = text_back(sandbox, path, **form)
    assert answer.status_code == 400
    assert "There is a problem" in shown(answer.text)
    assert "<script>" not in answer.text
    assert sandbox.control("faults") == {"numbers": {}, "rates": {}, "seed": 0}


@pytest.mark.parametrize("path", ["/numbers/chosen", "/numbers/rates"])
def test_another_site_chooses_no_fault(sandbox, path: str) -> None:
    form = {"number": HANDSET, "fault": "landline", "share": "100", "seed": "1"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert text_back(sandbox, path, headers, **form).status_code == 403
    assert sandbox.control("faults") == {"numbers": {}, "rates": {}, "seed": 0}
