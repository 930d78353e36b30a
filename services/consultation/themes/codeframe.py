"""A codeframe: the themes that a consultation's texts are coded to, in one version. Pure.

A theme has an id that never changes its meaning. What happens to themes later (`changes.py`) makes a new version of the
frame and is recorded in it, so that a code made under an earlier version can still be read.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.common.acts import telephone

NAME = validate.Regexp(r"[a-z0-9-]{1,60}$", error="an id has small letters, digits and hyphens, at most 60")


class Stance(StrEnum):
    """What a text wants of a theme, apart from the theme itself."""

    SUPPORT = "support"
    OPPOSE = "oppose"
    UNCLEAR = "unclear"


class Group(StrEnum):
    """Where a theme stands in the report."""

    HEADING = "heading"  # of the plan
    IN_FAVOUR = "in-favour"  # what the plan proposes and people speak for
    NEW_IDEA = "new-idea"
    OTHER_BODY = "other-body"  # for somebody else to hear
    NONE = "none"  # said, and no theme, or nothing said


class CodeframeError(Exception):
    """A codeframe that cannot be used; the message names the place and says what is expected."""


@dataclass(frozen=True, slots=True)
class Theme:
    """`means` tells a coder when it applies; a term of `lexicon` is a word or phrase, and `*` at its end any ending."""

    id: str
    title: str
    group: Group
    means: str
    lexicon: tuple[str, ...]
    body: str | None  # who should hear it, of a theme for another body

    @property
    def said(self) -> str:
        """Everything that the frame says of the theme, which stands beside the reviewed texts as one more."""
        return " ".join([self.title, *(term.rstrip("*") for term in self.lexicon)])


@dataclass(frozen=True, slots=True)
class Change:
    """A merge (several `of`, one `into`), a split (one `of`, several `into`), or a revision (none `of`; `into` are the themes that
    are new or say something else than before): who decided it, when, why."""

    kind: str
    of: tuple[str, ...]
    into: tuple[str, ...]
    by: str
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Codeframe:
    """One version. `changes` lead from version 1 to this one, oldest first; `retired` are themes that no text gets any more."""

    id: str
    version: int
    themes: tuple[Theme, ...]
    retired: tuple[Theme, ...]
    changes: tuple[Change, ...]

    def theme(self, theme_id: str) -> Theme:
        """The theme of this id, retired ones too. Raises CodeframeError."""
        for theme in (*self.themes, *self.retired):
            if theme.id == theme_id:
                return theme
        raise CodeframeError(
            f"there is no theme {theme_id!r}; the themes are {', '.join(theme.id for theme in self.themes)}"
        )

    @property
    def ids(self) -> tuple[str, ...]:
        """The themes that a text may get now, in the frame's order."""
        return tuple(theme.id for theme in self.themes)


def _no_number(words: str) -> None:
    """A theme's title stands in the published report, a body's name and a reason in the audit log."""
    if telephone(words):
        raise ValidationError(
            "say it without a telephone number: it is published, or stands in the audit log for good"
        )


class _Theme(Schema):
    id = fields.String(required=True, validate=NAME)
    title = fields.String(required=True, validate=[validate.Length(min=1, max=80), _no_number])
    group = fields.Enum(Group, by_value=True, required=True)
    means = fields.String(required=True, validate=validate.Length(min=1))
    lexicon = fields.List(fields.String(), load_default=list)
    body = fields.String(load_default=None, allow_none=True, validate=[validate.Length(min=1), _no_number])

    @validates_schema
    def coherent(self, data: dict[str, Any], **_: Any) -> None:
        if (data["group"] is Group.OTHER_BODY) != bool(data["body"]):
            raise ValidationError("a theme of the group other-body, and no other, names its body", "body")
        for term in data["lexicon"]:
            if not re.fullmatch(r"[a-z0-9]+(?:[ '-][a-z0-9]+)*\*?", term):
                raise ValidationError(
                    f"{term!r} is no term: small letters and digits, spaces between words, * at its end only",
                    "lexicon",
                )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Theme:
        return Theme(**{**data, "lexicon": tuple(data["lexicon"])})


class _Change(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(["merge", "split", "revise"]))
    of = fields.List(fields.String(validate=NAME), required=True)
    into = fields.List(fields.String(validate=NAME), required=True)
    by = fields.String(required=True, validate=validate.Length(min=1))
    on = fields.Date(required=True)
    reason = fields.String(required=True, validate=[validate.Length(min=1), _no_number])

    @validates_schema
    def coherent(self, data: dict[str, Any], **_: Any) -> None:
        if data["kind"] == "revise":
            if data["of"]:
                raise ValidationError("a revision leaves the themes of before in use", "of")
        elif not data["of"] or not data["into"]:
            raise ValidationError("it names what was before and what is now", "of")

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Change:
        return Change(**{**data, "of": tuple(data["of"]), "into": tuple(data["into"])})


class _Codeframe(Schema):
    id = fields.String(required=True, validate=NAME)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    themes = fields.List(fields.Nested(_Theme), required=True, validate=validate.Length(min=1))
    retired = fields.List(fields.Nested(_Theme), load_default=list)
    changes = fields.List(fields.Nested(_Change), load_default=list)

    @validates_schema
    def coherent(self, data: dict[str, Any], **_: Any) -> None:
        seen: set[str] = set()
        for name in ("themes", "retired"):
            for number, theme in enumerate(data[name]):
                if theme.id in seen:
                    raise ValidationError({number: {"id": ["another theme has this id"]}}, name)
                seen.add(theme.id)
        for number, change in enumerate(data["changes"]):
            unknown = sorted({*change.of, *change.into} - seen)
            if unknown:
                raise ValidationError({number: [f"there is no theme {', '.join(unknown)}"]}, "changes")
        if data["version"] != len(data["changes"]) + 1:
            raise ValidationError(
                "it is 1 more than the changes: each makes a version, and none is left out", "version"
            )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Codeframe:
        lists = ("themes", "retired", "changes")
        return Codeframe(**{**data, **{name: tuple(data[name]) for name in lists}})


def read(text: str) -> Codeframe:
    """A codeframe from YAML. Raises CodeframeError."""
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # YAML fails with ValueError on a 31 November
        raise CodeframeError(f"the codeframe is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise CodeframeError("a codeframe is a YAML mapping of id, version, themes …")
    return parse(content)


def parse(content: dict[str, Any]) -> Codeframe:
    """A codeframe from its content. Raises CodeframeError."""
    try:
        codeframe: Codeframe = _Codeframe().load(content)
    except ValidationError as error:
        raise CodeframeError(f"the codeframe: {error.messages}") from None
    return codeframe


def content(codeframe: Codeframe) -> dict[str, Any]:
    """The codeframe as JSON can hold it: what `parse` reads."""
    found: dict[str, Any] = _Codeframe().dump(codeframe)
    return found


def digest(codeframe: Codeframe) -> str:
    """The SHA-256 of the codeframe in one canonical form, printed in the report beside its version."""
    canonical = json.dumps(content(codeframe), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
