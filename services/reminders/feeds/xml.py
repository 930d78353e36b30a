"""XML from outside: no DTD, no entities, no network, bounded in size and depth; elements are found by local name alone.

Prefixes and namespaces vary within one file (REMINDERS §2 A and E), so nothing here looks at them.
"""

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from services.reminders.feeds.fields import clean
from services.reminders.feeds.records import FeedError

SIZE_LIMIT = 10 * 1024 * 1024  # bytes; the largest sample (745 cases) has 2.7 MB
DEPTH_LIMIT = 64  # the deepest sample has 19 levels
EXCESSIVE = "Excessive depth"  # libxml2's own word beyond 256 levels; its code is that of other limits too
ELEMENTS_LIMIT = 300_000  # a body of the size limit that is as dense as the densest sample
COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
DECLARATION = re.compile(r"<\?xml[^>]*\?>")
ESCAPES = 3  # text is escaped once in a RouteData, twice where a relay escaped it again

Element = Any  # lxml has no types of its own


def parse(body: bytes, *, limit: int = SIZE_LIMIT) -> Element:
    """The root element of a document in any encoding that it declares, with or without a byte order mark.

    Raises FeedError: `empty-body`, `too-large`, `dtd-not-allowed`, `malformed-xml` (with line and column), `too-deep`.
    """
    if len(body) > limit:
        raise FeedError("too-large", f"The body has more than {limit} bytes: send it in parts.")
    if not body.strip():
        raise FeedError("empty-body", "The body is empty: send the XML document.")
    if b"<!DOCTYPE" in body.replace(b"\0", b""):  # before libxml2 reads any entity; NULs are UTF-16's
        raise _dtd_not_allowed()
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        # Space before the declaration is a slip of some senders; in UTF-16 a space is half a character.
        root = etree.fromstring(body if b"\0" in body[:4] else body.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        if EXCESSIVE in str(error):
            raise _too_deep() from None
        line, column = getattr(error, "position", (1, 1))
        raise FeedError(
            "malformed-xml", f"Not XML at line {line}, column {column}: correct it and send it again."
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _dtd_not_allowed()
    _check_shape(root)
    return root


def embedded(text: str) -> Element:
    """The document in text that another document carries: escaped once more or not, after a comment, with a declaration.

    Raises FeedError as `parse` does.
    """
    text = _without_comment(text)
    for _ in range(ESCAPES):
        if text.startswith("<"):
            break
        text = _without_comment(html.unescape(text))
    if declaration := DECLARATION.match(text):
        text = text[declaration.end() :]
    return parse(text.encode("utf-8", "replace"))


def _without_comment(text: str) -> str:
    end = 0
    while comment := COMMENT.match(text, end):
        end = comment.end()
    return text[end:].strip()


def local(element: Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The children of this name, in order; none of a missing element."""
    if element is not None:
        yield from (child for child in element if local(child) == name)


def child(element: Element | None, *names: str) -> Element | None:
    """The first element down a path of names; None where a step is missing."""
    for name in names:
        element = next(children(element, name), None)
    return element


def descendant(element: Element | None, name: str) -> Element | None:
    """The first element of this name at any depth, the element itself included."""
    return None if element is None else next(descendants(element, name), None)


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Every element of these names at any depth, in document order."""
    return (found for found in element.iter() if local(found) in names)


def outermost(element: Element, name: str) -> Iterator[Element]:
    """The elements of this name at any depth below, but none inside another of them: however nested, each part is met once."""
    walk = etree.iterwalk(element, events=("start",), tag=f"{{*}}{name}")
    for _, found in walk:
        if found is not element:
            yield found
            walk.skip_subtree()


def numbered(element: Element | None, name: str, where: str) -> Iterator[tuple[str, Element]]:
    """The children of this name, each with its place: "/RouteData/DataStream/Case[2]" is the second of several."""
    alike = list(children(element, name))
    for number, found in enumerate(alike, start=1):
        yield f"{where}/{name}[{number}]" if len(alike) > 1 else f"{where}/{name}", found


def text(element: Element | None, *names: str) -> str | None:
    """The text down a path of names, on one line; None where it is missing or blank."""
    found = child(element, *names)
    return None if found is None else clean("".join(found.itertext()))


def _check_shape(root: Element) -> None:
    if sum(1 for _ in islice(root.iter(), ELEMENTS_LIMIT + 1)) > ELEMENTS_LIMIT:
        raise FeedError("too-large", f"The XML has more than {ELEMENTS_LIMIT} elements: send it in parts.")
    level, depth = [root], 1
    while level := [below for element in level for below in element]:
        depth += 1
        if depth > DEPTH_LIMIT:
            raise _too_deep()


def _too_deep() -> FeedError:
    return FeedError("too-deep", f"The XML is nested more than {DEPTH_LIMIT} deep: it is not a feed message.")


def _dtd_not_allowed() -> FeedError:
    return FeedError("dtd-not-allowed", "The XML has a document type declaration: send it without one.")
