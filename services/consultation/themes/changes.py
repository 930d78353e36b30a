"""Merging and splitting themes: a new version of the frame, and how codes of an earlier version are read under it. Pure.

A code is never rewritten. It keeps the theme and the version that it was given; what it counts as today follows from
the changes since. A merge can be followed by rule. A split cannot: which of the new themes a text means is for a person,
so such codes wait in the review queue and are counted as *to be looked at again* until then.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from services.consultation.themes.codeframe import Change, Codeframe, CodeframeError, Theme


def merge(
    frame: Codeframe, of: Iterable[str], into: Theme | str, *, by: str, on: date, reason: str
) -> Codeframe:
    """The next version, in which the themes `of` are one: a new theme, or one of the frame's.

    Raises:
        CodeframeError: fewer than two themes, a theme that is not in use, or a new theme whose id was used before.
    """
    target = into if isinstance(into, Theme) else _in_use(frame, into)
    gone = tuple(dict.fromkeys(one for one in of if one != target.id))
    together = {*gone, *([target.id] if isinstance(into, str) else [])}
    if len(together) < 2:
        raise CodeframeError("a merge needs two themes or more; to change a title, launch the frame anew")
    new = (target,) if isinstance(into, Theme) else ()
    return _changed(frame, Change("merge", gone, (target.id,), by, on, reason), new)


def split(frame: Codeframe, of: str, into: Iterable[Theme], *, by: str, on: date, reason: str) -> Codeframe:
    """The next version, in which the theme `of` gives way to two or more new ones.

    Raises:
        CodeframeError: fewer than two, a theme that is not in use, or a new theme whose id was used before.
    """
    new = tuple(into)
    if len(new) < 2:
        raise CodeframeError("a split needs two themes or more")
    return _changed(frame, Change("split", (of,), tuple(theme.id for theme in new), by, on, reason), new)


def today(frame: Codeframe, theme_id: str) -> frozenset[str]:
    """What a code of this theme means in this version of the frame: one theme, or several after a split.

    Whichever version it was given under: an id never changes its meaning, and a theme that is gone is given to nothing more.

    Raises:
        CodeframeError: the frame never had this theme.
    """
    meant = frozenset({frame.theme(theme_id).id})
    for change in frame.changes:
        if meant & set(change.of):
            meant = meant - set(change.of) | set(change.into)
    return meant


def _changed(frame: Codeframe, change: Change, new: tuple[Theme, ...]) -> Codeframe:
    used = {theme.id for theme in (*frame.themes, *frame.retired)}
    for theme in new:
        if theme.id in used:
            raise CodeframeError(
                f"{theme.id!r} was used before; an id never changes its meaning: choose another"
            )
        used.add(theme.id)
    gone = tuple(_in_use(frame, one) for one in change.of)
    # The new stand where the first of the old stood, so that the report keeps its order.
    place = min(frame.themes.index(theme) for theme in gone)
    kept = [theme for theme in frame.themes if theme not in gone]
    before = [theme for theme in frame.themes[:place] if theme in kept]
    return replace(
        frame,
        version=frame.version + 1,
        themes=(*before, *new, *kept[len(before) :]),
        retired=(*frame.retired, *gone),
        changes=(*frame.changes, change),
    )


def _in_use(frame: Codeframe, theme_id: str) -> Theme:
    theme = frame.theme(theme_id)
    if theme not in frame.themes:
        raise CodeframeError(f"{theme_id!r} was merged or split before and is no longer in use")
    return theme
