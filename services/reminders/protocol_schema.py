"""The shape of a protocol, as YAML or JSON: what may stand in it, and what each mistake is called, with its line and field. Pure."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.common.mistakes import line_of, named
from services.reminders.county_schema import ARM_VARIANTS
from services.reminders.evaluation.allocation import AllocationError, check_plan
from services.reminders.evaluation.refusals import received
from services.reminders.protocol import (
    CASES,
    METHODS,
    RECEIVES,
    SUBGROUPS,
    UNITS,
    Arm,
    Plan,
    Protocol,
    Rules,
    Thresholds,
    look_days,
)

NAME = r"[a-z0-9-]{1,40}$"
OUTCOMES = ("did_not_attend", "fta", "warrant")
MOST_LOOKS = 10


class ProtocolError(Exception):
    """A protocol that cannot be locked; the message names the place and says what is expected, `fields` the same by the field's path."""

    def __init__(self, message: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class _Arm(Schema):
    name = fields.String(required=True, validate=validate.Regexp(NAME))
    texted = fields.Boolean(required=True)
    weight = fields.Integer(load_default=1, strict=True, validate=validate.Range(min=1, max=10))
    template = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(ARM_VARIANTS))
    receives = fields.String(load_default=RECEIVES, validate=validate.Length(min=1, max=300))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Arm:
        return Arm(**data)


class _Eligibility(Schema):
    cases = fields.List(
        fields.String(validate=validate.OneOf(CASES)),
        load_default=lambda: list(CASES),
        validate=validate.Length(min=1),
    )


class _Rules(Schema):
    moved = fields.String(load_default="follow", validate=validate.OneOf(["follow", "leave-out"]))
    withdrawn = fields.String(
        load_default="not-at-risk", validate=validate.OneOf(["not-at-risk", "attended"])
    )
    remanded = fields.String(
        load_default="as-recorded", validate=validate.OneOf(["as-recorded", "leave-out"])
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Rules:
        return Rules(**data)


class _Thresholds(Schema):
    # A protocol may be stricter than Heed, not laxer.
    fewest_for_a_rate = fields.Integer(load_default=30, strict=True, validate=validate.Range(min=30))
    smallest_cell = fields.Integer(load_default=10, strict=True, validate=validate.Range(min=10, max=100))
    negligible = fields.Float(
        load_default=None, allow_none=True, validate=validate.Range(min=0, max=0.5, min_inclusive=False)
    )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Thresholds:
        return Thresholds(**data)


class _Plan(Schema):
    control = fields.Float(
        required=True, validate=validate.Range(0, 1, min_inclusive=False, max_inclusive=False)
    )
    treated = fields.Float(
        required=True, validate=validate.Range(0, 1, min_inclusive=False, max_inclusive=False)
    )
    per_arm = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=10_000_000))

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Plan:
        return Plan(**data)


def _known_beforehand(name: str) -> None:
    """A subgroup is made of what was known at assignment, never of what became of people after it."""
    refused = received(name)
    if refused:
        raise ValidationError(refused.sentence)
    validate.OneOf(SUBGROUPS)(name)


class _Protocol(Schema):
    name = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9-]{1,60}$"))
    question = fields.String(required=True, validate=validate.Length(min=1, max=500))
    eligibility = fields.Nested(_Eligibility, load_default=lambda: {"cases": list(CASES)})
    courts = fields.List(
        fields.String(validate=validate.Regexp(r"[A-Z0-9]{5,7}$")),
        required=True,
        validate=validate.Length(min=1),
    )
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    arms = fields.List(fields.Nested(_Arm), required=True, validate=validate.Length(min=1))
    unit = fields.String(load_default=None)
    allocation = fields.String(required=True, validate=validate.OneOf(METHODS))
    seed = fields.String(load_default="")
    block_sizes = fields.List(fields.Integer(strict=True), load_default=list)
    steps = fields.Integer(load_default=0, strict=True, validate=validate.Range(min=0))
    period_days = fields.Integer(load_default=28, strict=True, validate=validate.Range(min=7, max=366))
    primary = fields.String(load_default="did_not_attend", validate=validate.OneOf(OUTCOMES))
    hearing = fields.String(load_default="first-enrolled", validate=validate.Equal("first-enrolled"))
    outcome_lag_days = fields.Integer(load_default=28, strict=True, validate=validate.Range(min=0, max=366))
    rules = fields.Nested(_Rules, load_default=lambda: _Rules().load({}))
    subgroups = fields.List(fields.String(validate=_known_beforehand), load_default=list)
    planned_looks = fields.Integer(
        load_default=None, strict=True, validate=validate.Range(min=1, max=MOST_LOOKS)
    )
    looks = fields.List(fields.Date(), load_default=list, validate=validate.Length(max=MOST_LOOKS))
    stopping_rule = fields.String(
        load_default="obrien-fleming", validate=validate.OneOf(["obrien-fleming", "pocock"])
    )
    thresholds = fields.Nested(_Thresholds, load_default=lambda: _Thresholds().load({}))
    plan = fields.Nested(_Plan, load_default=None, allow_none=True)
    cost_per_text = fields.Float(load_default=None, allow_none=True, validate=validate.Range(min=0, max=10))
    synthetic = fields.Boolean(load_default=False)

    @validates_schema
    def coherent(self, data: dict[str, Any], **_: Any) -> None:
        if data["until"] < data["since"]:
            raise ValidationError("it ends before it begins", "until")
        if len({court[:5] for court in data["courts"]}) < len(data["courts"]):
            raise ValidationError("a court is named twice: its first five characters count", "courts")
        unit = UNITS[data["allocation"]]
        if data["unit"] not in (None, unit):
            raise ValidationError(f"the unit of {data['allocation']} is {unit}", "unit")
        self._arms(data)
        self._looks(data)

    def _arms(self, data: dict[str, Any]) -> None:
        arms, method = data["arms"], data["allocation"]
        if method == "all-treated":
            if len(arms) != 1 or not arms[0].texted:
                raise ValidationError("an all-treated pilot has one arm, which is texted", "arms")
            return
        if len(arms) < 2:
            raise ValidationError("a comparison needs at least two arms, the control last", "arms")
        if not data["seed"]:
            raise ValidationError("an allocation needs a seed", "seed")
        if method == "stepped-wedge":
            if [arm.texted for arm in arms] != [True, False]:
                raise ValidationError("a stepped wedge has a texted arm, then one that is not", "arms")
            if not 1 <= data["steps"] <= len(data["courts"]):
                raise ValidationError("write how many steps: 1 up to the number of courts", "steps")
            days = (data["until"] - data["since"]).days + 1
            if days < data["period_days"] * (data["steps"] + 1):
                raise ValidationError(
                    f"the pilot is over before the last step: {data['steps']} steps need {data['steps'] + 1} "
                    "periods",
                    "period_days",
                )
            return
        try:
            check_plan(data["seed"], [(arm.name, arm.weight) for arm in arms], data["block_sizes"])
        except AllocationError as error:
            field = "arms" if "name" in str(error) else "block_sizes"
            raise ValidationError(str(error), field) from None

    def _looks(self, data: dict[str, Any]) -> None:
        looks, planned = data["looks"], data["planned_looks"]
        if not looks:
            return
        if planned not in (None, len(looks)):
            raise ValidationError(f"it has {len(looks)} days, planned_looks says {planned}", "looks")
        last = data["until"] + timedelta(days=data["outcome_lag_days"] + 1)
        if looks != sorted(set(looks)) or looks[-1] < last:
            raise ValidationError(
                f"looks are in order, the last when every outcome is due: {last.isoformat()} or later",
                "looks",
            )

    @post_load
    def made(self, data: dict[str, Any], **_: Any) -> Protocol:
        planned = data.pop("planned_looks") or 1
        for name in ("unit", "hearing"):
            data.pop(name)
        data["looks"] = tuple(data["looks"]) or look_days(
            data["since"], data["until"], data["outcome_lag_days"], planned
        )
        data["cases"] = tuple(data.pop("eligibility")["cases"])
        for name in ("arms", "block_sizes", "subgroups"):
            data[name] = tuple(data[name])
        data["courts"] = tuple(court[:5] for court in data["courts"])
        return Protocol(**data)


def parse(content: dict[str, Any], written: yaml.Node | None = None) -> Protocol:
    """A protocol from its content; `written` is the YAML it stands in, for the line of a mistake. Raises ProtocolError."""
    try:
        protocol: Protocol = _Protocol().load(content)
    except ValidationError as error:
        said, by_field = [], defaultdict[str, list[str]](list)
        for place, message in named(error.messages):
            said.append(_mistake(place, message, written))
            by_field[place or "_schema"].append(message)
        raise ProtocolError(f"the protocol: {'; '.join(said)}", dict(by_field)) from None
    return protocol


def read(text: str) -> dict[str, Any]:
    """A protocol's content from YAML, checked. Raises ProtocolError."""
    try:
        content = yaml.safe_load(text)
        written = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, ValueError) as error:  # YAML fails with ValueError on a 31 November
        raise ProtocolError(f"the protocol is not YAML: {error}") from None
    if not isinstance(content, dict):
        raise ProtocolError("the protocol is a YAML mapping of name, question, courts, since, until, arms …")
    parse(content, written)
    return content


def _mistake(place: str, message: str, written: yaml.Node | None) -> str:
    line = line_of(written, place)
    return f"{f'line {line}, ' if line else ''}{place or 'the whole'}: {message}"
