"""What a person may do: a role is a set of the scopes that also bound machines' keys, so that one rule guards both doors.

An evaluator sees de-identified rows, an operator sees a defendant, an analyst sees responses; an administrator looks after
accounts and sees no person's data.
"""

from collections.abc import Iterable

_WATCH = ("sending:read", "alarms:read", "queue:read")
_ACT = ("sending:write", "alarms:write", "queue:write", "duty:read", "duty:write")

ROLES: dict[str, dict[str, frozenset[str]]] = {
    "reminders": {
        "operator": frozenset(
            {
                *_WATCH,
                *_ACT,
                "listings:write",
                "contacts:write",
                "hearings:read",
                "outcomes:write",
                "quality:read",
                "pauses:read",
                "pauses:write",
                "releases:read",
                "releases:write",
                "do-not-text:write",
                "numbers:write",
                "people:read",
                "people:write",
                "inbox:read",
                "inbox:write",
                "calls:read",
                "calls:write",
            }
        ),
        "evaluator": frozenset({"evaluation:read", "pilots:write", "quality:read"}),
        # What a person may ask of those who hold their data, and incidents; nobody else sees everything about one person.
        "records": frozenset({*_WATCH, "subject:read", "subject:write", "inbox:read", "inbox:write"}),
        # Who is on duty rings people back, so they alone may look up a number.
        "duty": frozenset({*_WATCH, *_ACT, "identities:read", "inbox:read", "inbox:write"}),
        "administrator": frozenset({*_WATCH, "audit:read"}),
    },
    "consultation": {
        "analyst": frozenset(
            {
                *_WATCH,
                "consultations:write",
                "responses:read",
                "responses:write",
                "words:read",
                "invitations:write",
                "duplicates:read",
                "duplicates:write",
                "themes:read",
                "themes:write",
                "codes:write",
                "feedback:read",
                "feedback:write",
                "bundles:write",
            }
        ),
        # Approves what analysts would publish; a person who is both still approves nothing of their own.
        "publisher": frozenset(
            {*_WATCH, "responses:read", "words:read", "themes:read", "feedback:read", "publish:write"}
        ),
        # What a resident may ask of those who hold their data; nobody else sees everything about one person.
        "records": frozenset({*_WATCH, "subject:read", "subject:write"}),
        "duty": frozenset({*_WATCH, *_ACT, "identities:read"}),
        "administrator": frozenset({*_WATCH, "audit:read"}),
    },
}


def scopes_of(service: str, roles: Iterable[str]) -> frozenset[str]:
    """All that these roles allow in a service; a role that the service no longer has allows nothing."""
    return frozenset[str]().union(*(ROLES[service].get(role, frozenset()) for role in roles))
