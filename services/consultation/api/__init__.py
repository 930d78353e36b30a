"""Consultation over HTTP: one thin view a call."""

from services.consultation.api import consultations

blueprints = (consultations.blueprint,)
