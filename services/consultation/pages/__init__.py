"""Consultation's pages: the public form, and those of the office. One thin view a page, over the use cases that calls and commands share."""

from services.consultation.pages import (
    answers,
    bringing_in,
    copies,
    emerging,
    inviting,
    launching,
    overview,
    public_done,
    public_form,
    publishing,
    reports,
    responses,
    review,
    rights,
    splitting,
    themes,
)

NAVIGATION = (
    ("Consultations", "/listening", "responses:read"),
    ("On duty", "/duty", "duty:read"),
    ("A person's rights", "/rights", "subject:read"),
)
blueprints = tuple(
    part.blueprint
    for part in (
        public_form,
        public_done,
        overview,
        responses,
        copies,
        bringing_in,
        launching,
        inviting,
        themes,
        splitting,
        review,
        emerging,
        publishing,
        answers,
        reports,
        rights,
    )
)
