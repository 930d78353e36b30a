"""Consultation over HTTP: one thin view a call."""

from services.consultation.api import (
    consultations,
    duplicates,
    feedback,
    invitations,
    report,
    responses,
    subject,
)

blueprints = (
    consultations.blueprint,
    responses.blueprint,
    invitations.blueprint,
    report.blueprint,
    feedback.blueprint,
    duplicates.blueprint,
    subject.blueprint,
)
