"""Reminders over HTTP: one thin view a call."""

from services.reminders.api import (
    calls,
    contacts,
    feeds,
    hearings,
    inbox,
    outcomes,
    pauses,
    people,
    pilots,
    quality,
    subject,
    typed,
)

blueprints = (
    feeds.blueprint,
    contacts.blueprint,
    hearings.blueprint,
    outcomes.blueprint,
    typed.blueprint,
    pauses.blueprint,
    people.blueprint,
    inbox.blueprint,
    calls.blueprint,
    pilots.blueprint,
    quality.blueprint,
    subject.blueprint,
)
