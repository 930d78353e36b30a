"""Reminders' pages: thin edges over the use cases that the API and the commands call."""

from services.reminders.pages import (
    by_hand,
    calls,
    feeds,
    hearings,
    inbox,
    incidents,
    needs,
    outcomes,
    pauses,
    people,
    pilots,
    quality,
    rights,
    texts,
    today,
    uploads,
)

blueprints = (
    today.blueprint,
    needs.blueprint,
    inbox.blueprint,
    incidents.blueprint,
    hearings.blueprint,
    people.blueprint,
    by_hand.blueprint,
    outcomes.blueprint,
    calls.blueprint,
    feeds.blueprint,
    uploads.blueprint,
    pauses.blueprint,
    texts.blueprint,
    pilots.blueprint,
    quality.blueprint,
    rights.blueprint,
)

NAVIGATION = (
    ("Hearings", "/hearings", "hearings:read", "/people", "/find"),
    ("Needs a person", "/needs", "inbox:read", "/duty", "/inbox", "/incidents"),
    ("Outcomes", "/outcomes", "outcomes:write"),
    ("Calls", "/calls", "calls:read"),
    ("Feeds", "/feeds", "listings:write", "/upload", "/listings"),
    ("Texts", "/texts", "hearings:read"),
    ("Pauses", "/pauses", "pauses:read"),
    ("Pilots", "/pilots", "evaluation:read"),
    ("Data quality", "/quality", "quality:read"),
    ("A person's rights", "/rights", "subject:read"),
)
