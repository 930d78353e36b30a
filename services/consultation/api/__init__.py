"""Consultation over HTTP: one thin view a call."""

from services.consultation.api import (
    browsing,
    codeframes,
    consultations,
    duplicates,
    feedback,
    invitations,
    report,
    responses,
    review,
    subject,
)

blueprints = (
    consultations.blueprint,
    responses.blueprint,
    browsing.blueprint,
    invitations.blueprint,
    report.blueprint,
    feedback.blueprint,
    duplicates.blueprint,
    codeframes.blueprint,
    review.blueprint,
    subject.blueprint,
)
