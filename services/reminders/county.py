"""What is configured for a county: courts, who speaks, the reminder plan and the wording. Read from YAML and checked once."""

import re
from dataclasses import dataclass
from datetime import date, time
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.common.settings import Settings

SHORT_NAME_MOST = 27
# What must be there, each with the facts that it may not lack (REMINDERS §5): who, where and when.
TEMPLATES = {"bail": "n c d t", "summons": "n c d t", "moved": "n c d t", "no-longer": "n d"}
REPLIES = {"help": "phone", "plain": "phone", "stranger": "", "started": "", "stopped": ""}
# Ofcom keeps these for drama: they ring nobody.
DRAMA_PHONE = re.compile(r"(?:01632960|02079460|08081570|03069990)")


class CountyError(Exception):
    """The county's file is wrong; the message names the place and says what is expected."""


@dataclass(frozen=True, slots=True)
class Court:
    """A court as people and texts name it."""

    name: str
    short: str
    enquiry_phone: str


@dataclass(frozen=True, slots=True)
class Step:
    """A reminder so many days before the hearing, at a clock time in London."""

    name: str
    days_before: int
    at: time


@dataclass(frozen=True, slots=True)
class Late:
    """The reminder for a hearing listed after its last step: at once inside the window, if these hours remain."""

    name: str
    hours_before: float


@dataclass(frozen=True, slots=True)
class Plan:
    """When reminders go: steps in order of time, and the window of the day (Europe/London) that holds every text."""

    version: int
    opens: time
    closes: time
    steps: tuple[Step, ...]
    late: Late


@dataclass(frozen=True, slots=True)
class Pause:
    """No reminders for a court's hearings (or every court's) from one day to another, both included."""

    since: date
    until: date
    reason: str
    court: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """Templates and replies by name; `fold_letters` writes letters outside the GSM alphabet plainly."""

    status: str
    fold_letters: bool
    templates: dict[str, str]
    replies: dict[str, str]


@dataclass(frozen=True, slots=True)
class County:
    """All of it."""

    county: str
    speaker: str
    courts: dict[str, Court]
    plan: Plan
    sensitive_offences: tuple[str, ...]
    sensitive_markers: tuple[str, ...]
    paused: tuple[Pause, ...]
    wording: Wording


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValidationError('a time is written "HH:MM", in quotes') from None


class _Clock(fields.String):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return _clock(super()._deserialize(value, *args, **kwargs))


class _Court(Schema):
    name = fields.String(required=True)
    short = fields.String(required=True, validate=validate.Length(min=3, max=SHORT_NAME_MOST))
    enquiry_phone = fields.String(required=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Court:
        return Court(**data)


class _Step(Schema):
    name = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9-]+$"))
    days_before = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=60))
    at = _Clock(required=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Step:
        return Step(**data)


class _Late(Schema):
    name = fields.String(required=True)
    hours_before = fields.Float(required=True, validate=validate.Range(min=0))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Late:
        return Late(**data)


class _Plan(Schema):
    version = fields.Integer(required=True, strict=True)
    window = fields.List(_Clock(), required=True, validate=validate.Length(equal=2))
    steps = fields.List(fields.Nested(_Step), required=True, validate=validate.Length(min=1))
    late = fields.Nested(_Late, required=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Plan:
        opens, closes = data.pop("window")
        if opens >= closes:
            raise ValidationError("the window must open before it closes", "window")
        steps = tuple(sorted(data["steps"], key=lambda step: (-step.days_before, step.at)))
        return Plan(data["version"], opens, closes, steps, data["late"])


class _Pause(Schema):
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    reason = fields.String(required=True)
    court = fields.String(load_default=None, allow_none=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Pause:
        return Pause(**data)


class _Wording(Schema):
    status = fields.String(required=True, validate=validate.OneOf(["draft", "agreed"]))
    fold_letters = fields.Boolean(required=True)
    templates = fields.Dict(fields.String(), fields.String(), required=True)
    replies = fields.Dict(fields.String(), fields.String(), required=True)

    @validates_schema
    def complete(self, data: dict[str, Any], **_: Any) -> None:
        for place, needed, facts in (
            ("templates", TEMPLATES, "speaker n c d t"),
            ("replies", REPLIES, "speaker phone"),
        ):
            for name in needed:
                if name not in data[place]:
                    raise ValidationError(f"{name!r} is missing", place)
            for name, words in data[place].items():
                named = _facts_in(words, place, name)
                lacking = [fact for fact in needed.get(name, "").split() if fact not in named]
                strange = sorted(named - set(facts.split()))
                if lacking or strange:
                    what = (
                        f"lacks {{{lacking[0]}}}" if lacking else f"has {{{strange[0]}}}, which nothing fills"
                    )
                    raise ValidationError(f"{name!r} {what}", place)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Wording:
        return Wording(**data)


def _facts_in(words: str, place: str, name: str) -> set[str]:
    try:
        return {fact for _, fact, _, _ in Formatter().parse(words) if fact is not None}
    except ValueError as error:
        raise ValidationError(f"{name!r}: {error}", place) from None


class _County(Schema):
    county = fields.String(required=True)
    speaker = fields.String(required=True)
    courts = fields.Dict(
        fields.String(validate=validate.Regexp(r"[A-Z][0-9]{2}[A-Z]{2}$")),
        fields.Nested(_Court),
        required=True,
    )
    plan = fields.Nested(_Plan, required=True)
    sensitive_offences = fields.List(fields.String(), load_default=list)
    sensitive_markers = fields.List(fields.String(), load_default=list)
    paused = fields.List(fields.Nested(_Pause), load_default=list)
    wording = fields.Nested(_Wording, required=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> County:
        data["sensitive_offences"] = tuple(data["sensitive_offences"])
        data["sensitive_markers"] = tuple(data["sensitive_markers"])
        data["paused"] = tuple(data["paused"])
        return County(**data)


def load(settings: Settings) -> County:
    """The county that the settings name, Hertfordshire by default. Raises CountyError; live mode refuses a draft."""
    path = settings.county
    try:
        text = (
            path.read_text()
            if path
            else files("services.reminders").joinpath("data/hertfordshire.yaml").read_text()
        )
    except OSError as error:
        raise CountyError(f"HEED_COUNTY: cannot read {path}: {error.strerror}") from None
    county = parse(text)
    if settings.mode == "live":
        _check_agreed(county)
    return county


def _check_agreed(county: County) -> None:
    """What the office must have settled before a real defendant is texted."""
    if county.wording.status != "agreed":
        raise CountyError("the county's wording is a draft: live mode needs `wording.status: agreed`")
    for code, court in county.courts.items():
        if DRAMA_PHONE.match(court.enquiry_phone.replace(" ", "")):
            raise CountyError(
                f"court {code} has a drama number as its enquiry_phone: live mode needs the court's own"
            )


def parse(text: str) -> County:
    """A county from YAML. Raises CountyError."""
    try:
        loaded: County = _County().load(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise CountyError(f"the county's file is not YAML: {error}") from None
    except ValidationError as error:
        raise CountyError(f"the county's file: {error.messages}") from None
    return loaded
