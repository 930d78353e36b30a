"""What an API key may do, by service. A meta-test holds every route's scope to this table."""

from services.common.settings import ServiceName

SCOPES: dict[ServiceName, dict[str, str]] = {
    "reminders": {
        "listings:write": "push feeds and read what became of them",
        "contacts:write": "attach mobile numbers",
        "hearings:read": "read hearings and what will go out",
        "outcomes:write": "record outcomes by hand",
        "pilots:write": "lock a pilot's protocol",
        "evaluation:read": "read a pilot's report",
    },
    "consultation": {
        "consultations:write": "launch consultations",
        "responses:read": "read counts",
    },
}
