"""The shape of the county's file: what may stand in it, and what each mistake is called."""

import re
from collections import Counter
from datetime import date, time
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.common.times import DAYS
from services.reminders.bank_holidays import bank_holidays
from services.reminders.county_parts import (
    ENGLISH,
    County,
    Court,
    Hours,
    Language,
    Late,
    Plan,
    Price,
    Release,
    Step,
    Wording,
)

SHORT_NAME_MOST = 27
REPLIES = ("help", "plain", "stranger", "started", "stopped")
# What a pilot's arm may ask for instead of the usual words (pilots).
ARM_VARIANTS = ("plan-making",)
AMOUNT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
WEEKDAYS = tuple(day.casefold() for day in DAYS["en"])
NAME = validate.Regexp(r"[a-z0-9-]+$", error="a name has small letters, digits and hyphens")


class _Clock(fields.Field[time]):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> time:
        return _clock(value)


def _clock(value: Any) -> time:
    # YAML reads 10:00 without quotes as the number 600.
    if not isinstance(value, str) or not CLOCK.fullmatch(value):
        raise ValidationError('a time is written "HH:MM", in quotes')
    return time.fromisoformat(value)


class _Window(fields.Field[Hours | None]):
    """Two times, or the word `closed`."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Hours | None:
        if value == "closed":
            return None
        if not isinstance(value, list) or len(value) != 2:
            raise ValidationError('a window is ["HH:MM", "HH:MM"]')
        opens, closes = (_clock(one) for one in value)
        if opens >= closes:
            raise ValidationError("the window must open before it closes")
        return Hours(opens, closes)


class _Court(Schema):
    name = fields.String(required=True)
    short = fields.String(required=True, validate=validate.Length(min=3, max=SHORT_NAME_MOST))
    enquiry_phone = fields.String(required=True)
    time_means = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(["start", "arrive"])
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Court:
        return Court(**data)


class _Step(Schema):
    name = fields.String(required=True, validate=NAME)
    days_before = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=60))
    at = _Clock(required=True)
    useful_until_hours_before = fields.Float(load_default=0, validate=validate.Range(min=0))
    template = fields.String(
        load_default=None, allow_none=True, validate=[NAME, validate.NoneOf(ARM_VARIANTS)]
    )

    @validates_schema
    def of_use(self, data: dict[str, Any], **_: Any) -> None:
        # The latest hearing of the day begins just before midnight.
        at = data["at"]
        most = 24 * (data["days_before"] + 1) - at.hour - at.minute / 60
        if data["useful_until_hours_before"] >= most:
            raise ValidationError("it would be over before the reminder is due", "useful_until_hours_before")

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Step:
        return Step(**data)


class _Late(Schema):
    name = fields.String(required=True, validate=NAME)
    hours_before = fields.Float(required=True, validate=validate.Range(min=0))
    template = fields.String(
        load_default=None, allow_none=True, validate=[NAME, validate.NoneOf(ARM_VARIANTS)]
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Late:
        return Late(**data)


class _Plan(Schema):
    version = fields.Integer(required=True, strict=True)
    window = _Window(required=True)
    window_on = fields.Dict(
        fields.String(validate=validate.OneOf(WEEKDAYS)), _Window(allow_none=False), load_default=dict
    )
    bank_holidays = fields.String(load_default="text", validate=validate.OneOf(["text", "skip"]))
    closed_days = fields.List(fields.Date(), load_default=list)
    steps = fields.List(fields.Nested(_Step), required=True, validate=validate.Length(min=1))
    late = fields.Nested(_Late, required=True)

    @validates_schema
    def coherent(self, data: dict[str, Any], **_: Any) -> None:
        usual: Hours | None = data["window"]
        if usual is None:
            raise ValidationError("the usual window cannot be closed; close weekdays in window_on", "window")
        if len(data["window_on"]) == len(WEEKDAYS) and not any(data["window_on"].values()):
            raise ValidationError("one weekday at least must be open", "window_on")
        for number, step in enumerate(data["steps"]):
            if not usual.opens <= step.at < usual.closes:
                raise ValidationError({number: {"at": ["the time must lie inside the window"]}}, "steps")
        names = Counter([*(step.name for step in data["steps"]), data["late"].name])
        times = Counter((step.days_before, step.at) for step in data["steps"])
        for number, step in enumerate(data["steps"]):
            if names[step.name] > 1:
                raise ValidationError({number: {"name": ["another step has this name"]}}, "steps")
            if times[step.days_before, step.at] > 1:
                raise ValidationError({number: {"at": ["another step goes at this time"]}}, "steps")

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Plan:
        week = tuple(data["window_on"].get(day, data["window"]) for day in WEEKDAYS)
        steps = tuple(sorted(data["steps"], key=lambda step: (-step.days_before, step.at)))
        known: frozenset[date] = bank_holidays() if data["bank_holidays"] == "skip" else frozenset()
        return Plan(data["version"], week, steps, data["late"], known | set(data["closed_days"]))


class _Release(Schema):
    dry_run_until = fields.Date(load_default=None, allow_none=True)
    by_hand_until = fields.Date(load_default=None, allow_none=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Release:
        dry, by_hand = data["dry_run_until"], data["by_hand_until"]
        if dry and by_hand and by_hand <= dry:
            raise ValidationError("it would end before the dry run does", "by_hand_until")
        return Release(**data)


class _Amount(fields.Field[Decimal]):
    """Money as a decimal number, never a binary one."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or not AMOUNT.fullmatch(value):
            raise ValidationError('an amount is written like "0.04", in quotes')
        return Decimal(value)


class _Price(Schema):
    segment = _Amount(required=True)
    currency = fields.String(
        required=True,
        validate=validate.Regexp(r"[A-Z]{3}$", error="a currency has three capital letters, like GBP"),
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Price:
        return Price(**data)


class _MustSay(Schema):
    bail = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    summons = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    wrong_person = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


class _Language(Schema):
    status = fields.String(required=True, validate=validate.OneOf(["draft", "agreed"]))
    reviewed_by = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1))
    encoding = fields.String(load_default="GSM-7", validate=validate.OneOf(["GSM-7", "UCS-2"]))
    fold_letters = fields.Boolean(required=True)
    segments = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=6))
    segments_unicode = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=6))
    must_say = fields.Nested(_MustSay, required=True)
    templates = fields.Dict(fields.String(validate=NAME), fields.String(), required=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Language:
        if data["status"] == "agreed" and not data["reviewed_by"]:
            raise ValidationError("an agreed wording names who agreed it, and when", "reviewed_by")
        data["must_say"] = {name: tuple(phrases) for name, phrases in data["must_say"].items()}
        return Language(**data)


class _Wording(Schema):
    languages = fields.Dict(
        fields.String(validate=validate.OneOf(sorted(DAYS))), fields.Nested(_Language), required=True
    )
    replies = fields.Dict(fields.String(), fields.String(), required=True)

    @validates_schema
    def complete(self, data: dict[str, Any], **_: Any) -> None:
        if ENGLISH not in data["languages"]:
            raise ValidationError("English (en) is missing: who reads nothing else gets it", "languages")
        for name in REPLIES:
            if name not in data["replies"]:
                raise ValidationError(f"{name!r} is missing", "replies")

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Wording:
        return Wording(**data)


class CountySchema(Schema):
    """The whole file; loading it makes a County."""

    county = fields.String(required=True)
    speaker = fields.String(required=True)
    courts = fields.Dict(
        fields.String(
            validate=validate.Regexp(
                r"[A-Z][0-9]{2}[A-Z]{2}$", error="a court has five characters, like B41ME"
            )
        ),
        fields.Nested(_Court),
        required=True,
        validate=validate.Length(min=1),
    )
    plan = fields.Nested(_Plan, required=True)
    release = fields.Nested(_Release, load_default=Release)
    sensitive_offences = fields.List(fields.String(), load_default=list)
    sensitive_markers = fields.List(fields.String(), load_default=list)
    wording = fields.Nested(_Wording, required=True)
    price = fields.Nested(_Price, load_default=None, allow_none=True)

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> County:
        data["sensitive_offences"] = tuple(data["sensitive_offences"])
        data["sensitive_markers"] = tuple(data["sensitive_markers"])
        return County(**data)
