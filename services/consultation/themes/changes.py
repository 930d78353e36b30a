"""Changing themes: a new version of the frame, and how codes of an earlier version are read under it. Pure.

A code is never rewritten. It keeps the theme and the version that it was given; what it counts as today follows from
the changes since. A merge can be followed by rule. A split cannot: which of the new themes a text means is for a person,
so such codes wait in the review queue and are counted as *to be looked at again* until then. Titles, meanings and lexicons may be
revised, and themes added, with no effect on codes.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from services.consultation.themes.codeframe import Change, Codeframe, CodeframeError, Group, Theme


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
        raise CodeframeError("a merge needs two themes or more; to change a title, revise the frame")
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


def revise(
    frame: Codeframe, themes: Iterable[Theme], used: Collection[str], *, by: str, on: date, reason: str
) -> Codeframe:
    """The next version, with these themes instead: new ones, and known ones in other words or another order.

    A theme may be left out only if no text was ever given it (`used` are those that were).

    Raises:
        CodeframeError: nothing changes, a used theme is left out, or a new theme has the id of one that is gone.
    """
    new = tuple(themes)
    if new == frame.themes:
        raise CodeframeError("these are the themes as they are: nothing changes")
    ids = {theme.id for theme in new}
    gone = tuple(theme for theme in frame.themes if theme.id not in ids)
    _not_used_before(frame.retired, new)
    lost = [theme.id for theme in gone if theme.id in used]
    if lost:
        raise CodeframeError(
            f"texts were given {', '.join(lost)}: merge it into another theme instead of leaving it out"
        )
    into = tuple(theme.id for theme in new if theme not in frame.themes)
    return replace(
        frame,
        version=frame.version + 1,
        themes=new,
        retired=(*frame.retired, *gone),
        changes=(*frame.changes, Change("revise", (), into, by, on, reason)),
    )


def add(frame: Codeframe, theme: Theme, *, by: str, on: date, reason: str) -> Codeframe:
    """The next version with one theme more, before those that say that there is none. Raises CodeframeError."""
    _not_used_before((*frame.themes, *frame.retired), [theme])
    place = next((at for at, one in enumerate(frame.themes) if one.group is Group.NONE), len(frame.themes))
    themes = (*frame.themes[:place], theme, *frame.themes[place:])
    return revise(frame, themes, (), by=by, on=on, reason=reason)


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


def called(frame: Codeframe, theme_id: str) -> str:
    """What a theme is called today: itself, or what it was merged into; where it was split since, what it was called last.

    Raises:
        CodeframeError: the frame never had this theme.
    """
    meant = today(frame, theme_id)
    if len(meant) == 1:
        return next(iter(meant))
    name = frame.theme(theme_id).id
    for change in frame.changes:
        if name in change.of:
            if len(change.into) > 1:
                break
            name = change.into[0]
    return name


def _changed(frame: Codeframe, change: Change, new: tuple[Theme, ...]) -> Codeframe:
    _not_used_before((*frame.themes, *frame.retired), new)
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


def _not_used_before(known: Iterable[Theme], new: Iterable[Theme]) -> None:
    used = {theme.id for theme in known}
    for theme in new:
        if theme.id in used:
            raise CodeframeError(
                f"{theme.id!r} was used before; an id never changes its meaning: choose another"
            )
        used.add(theme.id)


def _in_use(frame: Codeframe, theme_id: str) -> Theme:
    theme = frame.theme(theme_id)
    if theme not in frame.themes:
        raise CodeframeError(f"{theme_id!r} was merged or split before and is no longer in use")
    return theme
