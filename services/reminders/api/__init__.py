"""Reminders over HTTP: one thin view a call."""

from services.reminders.api import calls, contacts, feeds, hearings, inbox, pauses, people, pilots, typed

blueprints = (
    feeds.blueprint,
    contacts.blueprint,
    hearings.blueprint,
    typed.blueprint,
    pauses.blueprint,
    people.blueprint,
    inbox.blueprint,
    calls.blueprint,
    pilots.blueprint,
)
