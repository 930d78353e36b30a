"""Consultation over HTTP: one thin view a call."""

from services.consultation.api import consultations, duplicates, invitations, responses, subject

blueprints = (
    consultations.blueprint,
    responses.blueprint,
    invitations.blueprint,
    duplicates.blueprint,
    subject.blueprint,
)
