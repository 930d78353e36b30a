"""Reminders over HTTP: one thin view a call."""

from services.reminders.api import contacts, feeds, hearings, pilots

blueprints = (feeds.blueprint, contacts.blueprint, hearings.blueprint, pilots.blueprint)
