"""The shapes of Reminders' API."""

from marshmallow import EXCLUDE, Schema, fields, validate

LAST_ID = 2**63 - 1  # what a bigint holds
ATTENDANCE = ("attended", "represented", "absent", "unknown")
FTA = ("yes", "presumed", "no", "unknown")
WARRANT = ("none", "issued", "closed", "unknown")


class Acknowledged(Schema):
    """A push is kept; it is applied by a worker."""

    id = fields.String(metadata={"description": "The delivery's id"})
    url = fields.String(metadata={"description": "Where to see what became of it"})


class Rejection(Schema):
    """A record left out."""

    where = fields.String(metadata={"description": "Its place in the message"})
    code = fields.String()
    reason = fields.String()


class Counts(Schema):
    """What a delivery did; hearings counts (person, hearing) rows."""

    hearings = fields.Integer()
    new = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    suspended = fields.Integer()
    results = fields.Integer()
    rejected = fields.Integer()


class Delivery(Schema):
    """A push and what became of it."""

    id = fields.String()
    file = fields.String(allow_none=True)
    format = fields.String()
    status = fields.String(
        validate=validate.OneOf(["received", "applied", "partly_applied", "rejected"]),
    )
    received_at = fields.String()
    applied_at = fields.String(allow_none=True)
    counts = fields.Nested(Counts)
    rejections = fields.List(fields.Nested(Rejection))


class Outcome(Schema):
    """What happened, the three facts apart."""

    attendance = fields.String(required=True, validate=validate.OneOf(ATTENDANCE))
    fta = fields.String(required=True, validate=validate.OneOf(FTA))
    warrant = fields.String(required=True, validate=validate.OneOf(WARRANT))


class DayOutcome(Outcome):
    """What happened on one of the hearing's days."""

    day = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The hearing's day; the last one if left out"},
    )


class Hearing(Schema):
    """One person listed for one hearing. Names are shown in sandbox mode only."""

    id = fields.Integer()
    case_ref = fields.String(allow_none=True)
    case_refs = fields.List(fields.String())
    court = fields.String(allow_none=True)
    court_name = fields.String(allow_none=True)
    room = fields.String(allow_none=True)
    starts_at = fields.String(allow_none=True, metadata={"description": "ISO 8601 with London's offset"})
    time_certain = fields.Boolean()
    first_hearing = fields.Boolean()
    hearing_type = fields.String(allow_none=True)
    status = fields.String()
    name = fields.String(allow_none=True)
    date_of_birth = fields.String(allow_none=True)
    mobile = fields.String()
    eligible = fields.Boolean()
    reasons = fields.List(fields.String())
    doubts = fields.List(fields.String())
    version = fields.Integer()
    outcome = fields.Nested(Outcome)
    outcomes = fields.List(fields.Nested(DayOutcome))


class Hearings(Schema):
    """A page of hearings; `next` is the id to give as `after` for the next page."""

    hearings = fields.List(fields.Nested(Hearing))
    next = fields.Integer(allow_none=True)


class HearingsQuery(Schema):
    """Which hearings."""

    class Meta:
        unknown = EXCLUDE

    court = fields.String(
        load_default=None,
        validate=validate.Regexp(r"[A-Za-z0-9]{1,10}$"),
        metadata={"description": "Court code; its first five characters count"},
    )
    date = fields.Date(load_default=None, metadata={"description": "The hearing's day in London"})
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=LAST_ID),
        metadata={"description": "From after this id"},
    )
    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=1000))


class Cost(Schema):
    """What segments cost by the price in the county's file."""

    amount = fields.String(metadata={"description": "A decimal number, like 0.04"})
    currency = fields.String()


class DueText(Schema):
    """A text that would go out."""

    send_at = fields.String()
    case_ref = fields.String(allow_none=True)
    to = fields.String(allow_none=True, metadata={"description": "The number's last three digits"})
    step = fields.String()
    template = fields.String()
    language = fields.String()
    text = fields.String()
    segments = fields.Integer()
    cost = fields.Nested(Cost, allow_none=True)


class WaitingText(DueText):
    """A text that is ready and kept back, and why."""

    reason = fields.String()


class Held(Schema):
    """A person who is not texted, and why."""

    case_ref = fields.String(allow_none=True)
    reason = fields.String()


class Due(Schema):
    """What would be sent and what would not."""

    due = fields.List(fields.Nested(DueText))
    held = fields.List(fields.Nested(Held))
    waiting = fields.List(fields.Nested(WaitingText))
    cost = fields.Nested(Cost, allow_none=True, metadata={"description": "Of all in `due`"})


class DueQuery(Schema):
    """Which moment."""

    class Meta:
        unknown = EXCLUDE

    at = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class Attached(Schema):
    """What became of numbers."""

    status = fields.String()
    counts = fields.Dict(fields.String(), fields.Integer())
    rejections = fields.List(fields.Nested(Rejection))


class PilotCreated(Schema):
    """A locked pilot."""

    id = fields.Integer()
    name = fields.String()
    hash = fields.String()
