"""XML from outside: no DTD, no entities, limits at n and n+1, any encoding."""

import time

import pytest

from services.reminders.feeds import xml
from services.reminders.feeds.records import FeedError


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


@pytest.mark.parametrize(
    "body",
    [
        "<a><b>é</b></a>".encode(),
        '<?xml version="1.0" encoding="ISO-8859-1"?><a><b>é</b></a>'.encode("latin-1"),
        '<?xml version="1.0" encoding="windows-1252"?><a><b>é</b></a>'.encode("cp1252"),
        '<?xml version="1.0" encoding="UTF-16"?><a><b>é</b></a>'.encode("utf-16"),
        '<?xml version="1.0" encoding="UTF-16"?><a><b>é</b></a>'.encode("utf-16-be"),
        '\ufeff<?xml version="1.0" encoding="UTF-8"?><a><b>é</b></a>'.encode(),
        '\n  <?xml version="1.0"?><a><b>é</b></a>'.encode(),
        "<!-- x --><a><?pi x?><b><!-- y -->é</b></a>".encode(),
        '<x:a xmlns:x="urn:1"><y:b xmlns:y="urn:2">é</y:b></x:a>'.encode(),
        "<a><b><![CDATA[é]]></b></a>".encode(),
        b"<a><b>&#233;</b></a>",
    ],
    ids=lambda body: repr(body)[:45],
)
def test_any_encoding_and_prefix(body: bytes) -> None:
    assert xml.text(xml.parse(body), "b") == "é"


BOMB = b"""<!DOCTYPE a [<!ENTITY x0 "lol">%s]><a>&x9;</a>""" % b"".join(
    b'<!ENTITY x%d "%s">' % (n, b"&x%d;" % (n - 1) * 10) for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty-body"),
        (b" ", "empty-body"),
        (b"x", "malformed-xml"),
        (b"<a>", "malformed-xml"),
        (b"<a></b>", "malformed-xml"),
        (b"<a>\xff</a>", "malformed-xml"),
        (b'<?xml version="1.0" encoding="martian"?><a/>', "malformed-xml"),
        (b"<a>&unknown;</a>", "malformed-xml"),
        (b"<a/><b/>", "malformed-xml"),
        (b"<!DOCTYPE a><a/>", "dtd-not-allowed"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "dtd-not-allowed"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "dtd-not-allowed"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"), "dtd-not-allowed"),
        (BOMB, "dtd-not-allowed"),
        (nested(xml.DEPTH_LIMIT + 1), "too-deep"),
        (nested(256), "too-deep"),
        (nested(257), "too-deep"),
        (nested(100_000), "too-deep"),
        (b"<a>" * 257, "too-deep"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_refusals(body: bytes, code: str) -> None:
    with pytest.raises(FeedError) as refusal:
        xml.parse(body)
    assert refusal.value.code == code


def test_a_dtd_in_an_encoding_that_hides_it() -> None:
    """UTF-7 writes no byte of "<!DOCTYPE"; what libxml2 then reads of it is refused all the same."""
    body = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-'
    with pytest.raises(FeedError):
        xml.parse(body)


def test_the_place_of_an_error_is_told_and_its_text_is_not() -> None:
    with pytest.raises(FeedError) as refusal:
        xml.parse(b"<a>\n<PersonFamilyName>Smith</Wrong></a>")
    assert "line 2, column" in refusal.value.reason
    assert "Smith" not in refusal.value.reason


def test_depth_and_size_at_the_limit() -> None:
    xml.parse(nested(xml.DEPTH_LIMIT))
    assert xml.local(xml.parse(b"<a/>", limit=4)) == "a"
    with pytest.raises(FeedError, match="more than 3 bytes"):
        xml.parse(b"<a/>", limit=3)


@pytest.mark.parametrize(
    "text",
    [
        "<m><b>é &amp; è</b></m>",
        '  <?xml version="1.0" encoding="utf-16"?>\n<m><b>é &amp; è</b></m>',
        "<!-- to avoid a duplicate --><m><b>é &amp; è</b></m>",
        '<!-- one --> <!-- two --><?xml version="1.0"?><m><b>é &amp; è</b></m>',
        "&lt;m&gt;&lt;b&gt;é &amp;amp; è&lt;/b&gt;&lt;/m&gt;",
        "<!-- kept -->&lt;m&gt;&lt;b&gt;é &amp;amp; è&lt;/b&gt;&lt;/m&gt;",
        "&lt;!-- escaped too --&gt;&lt;m&gt;&lt;b&gt;é &amp;amp; è&lt;/b&gt;&lt;/m&gt;",
        "&amp;lt;m&amp;gt;&amp;lt;b&amp;gt;é &amp;amp;amp; è&amp;lt;/b&amp;gt;&amp;lt;/m&amp;gt;",
    ],
)
def test_embedded_however_often_escaped(text: str) -> None:
    assert xml.text(xml.embedded(text), "b") == "é & è"


@pytest.mark.parametrize(
    "text", ["", "foo", "<!-- never closed", "&lt;!DOCTYPE a&gt;&lt;a/&gt;", "&lt;m&gt;", "<m>\x01</m>"]
)
def test_embedded_refusals(text: str) -> None:
    with pytest.raises(FeedError):
        xml.embedded(text)


@pytest.mark.parametrize("unit", ["<!--", "<?xml ", "&lt;", "&amp;", "<a "])
def test_no_text_takes_long(unit: str) -> None:
    started = time.process_time()
    with pytest.raises(FeedError):
        xml.embedded(unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 2


def test_finding_elements() -> None:
    root = xml.parse(b"<r xmlns='urn:x'><a><b>1</b></a><a><b>2</b><c><b>3</b></c></a></r>")
    assert [xml.text(one, "b") for one in xml.children(root, "a")] == ["1", "2"]
    assert xml.text(xml.descendant(root, "c")) == "3"
    assert xml.child(root, "a", "c", "missing") is None
    assert xml.text(root, "a", "missing") is None
    assert [place for place, _ in xml.numbered(root, "a", "/r")] == ["/r/a[1]", "/r/a[2]"]
    assert [place for place, _ in xml.numbered(xml.child(root, "a"), "b", "/r/a[1]")] == ["/r/a[1]/b"]
    assert list(xml.children(None, "a")) == []
    assert xml.descendant(None, "a") is None
