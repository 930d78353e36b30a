"""Inviting by text: once each, with consent, paced, in the window, never against the register, and traced to the response."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.common.acts import Refused
from services.common.models import Outbox
from services.consultation import invitations
from services.consultation.models import Consultation, Invitation
from tests.consultation.office import bring_in, contact, invite, reported, row
from tests.consultation.post import ANN, BEN, CONTENT, Post, phone

WORDS = (
    "Herts PCC: you agreed to be asked. What do you think of the plan? Text us. STOP to end, HELP for help."
)
QUESTION = (
    "Herts PCC: you rang 101 of late. How was it? Text us in your own words. STOP to end, HELP for help."
)


@pytest.fixture
def asking(empty_post: Post) -> Post:
    """The sample with a text of invitation, at ten in the morning."""
    empty_post.launch(texts=CONTENT["texts"] | {"invitation": WORDS})
    return empty_post


def due(post: Post) -> list[Outbox]:
    with post.heed.database.begin() as session:
        return list(session.scalars(select(Outbox).where(Outbox.kind == "invitation").order_by(Outbox.id)))


def test_each_is_asked_once_and_the_reply_is_traced(asking: Post) -> None:
    post = asking
    post.hears("More police", phone(7))
    post.hears("STOP", phone(8), said="STOP")
    contacts = [
        contact(ANN),
        contact(BEN),
        contact("07700 900101", "again"),
        contact(phone(7)),
        contact(phone(8)),
    ]
    made = invite(post, *contacts)
    assert made.skipped == {"already-invited": 1, "answered": 1, "opted-out": 1}
    assert len(made.invitations) == 2
    # The same file again, and another with the same people, ask nobody.
    assert invite(post, *contacts).shown()["invited"] == 0
    assert invite(post, *contacts, batch="other.csv").shown()["invited"] == 0
    post.tick("2026-09-14T11:00")
    assert (post.said(ANN), post.said(BEN)) == ([WORDS], [WORDS])
    post.hears("More lights at the station", ANN)
    post.hears("And police", ANN)
    found = reported(post)["invitations"]
    assert found == {"invited": 2, "sent": 2, "not_sent": 0, "replied": 1, "rate": 0.5}
    with post.heed.database.begin() as session:
        row_ = session.scalars(select(Invitation).order_by(Invitation.id)).first()
        assert row_ is not None and row_.consent_enc is not None
        assert (row_.consent, row_.consented_on.isoformat(), b"themselves" in row_.consent_enc) == (
            "form",
            "2026-08-01",
            False,
        )
    assert [one.invitation_id for one in post.respondents() if one.number_key == row_.number_key] == [row_.id]


def test_a_dry_run_writes_nothing_and_says_what_it_costs(asking: Post) -> None:
    with asking.heed.database.begin() as session:
        from services.consultation import files

        good, _ = files.contacts([contact(phone(one)) for one in range(5)], date(2026, 9, 14), drama=True)
        shown = invitations.plan(
            asking.heed, session, session.get_one(Consultation, "plan-2026"), "owl", good, 60
        ).shown()
    assert (shown["invited"], shown["segments"], shown["texts"]) == (5, 5, [WORDS])
    assert shown["last_at"] - shown["first_at"] == timedelta(minutes=4)
    assert due(asking) == []


def test_outside_the_window_an_invitation_waits_and_a_reply_does_not(asking: Post) -> None:
    post = asking
    invite(post, contact(ANN))
    post.tick("2026-09-14T20:00:01")
    post.hears("More police", BEN)
    post.tick()
    assert (post.said(ANN), len(post.said(BEN))) == ([], 1)
    assert due(post)[0].reason == "outside-window"
    post.tick("2026-09-15T09:00:00")
    assert post.said(ANN) == [WORDS]


def test_a_stop_between_inviting_and_sending_is_honoured(asking: Post) -> None:
    invite(asking, contact(ANN), contact(BEN))
    asking.hears("STOP", BEN, said="STOP")
    asking.tick("2026-09-14T10:30")
    assert (asking.said(ANN), asking.said(BEN)) == ([WORDS], [])


def test_a_second_file_goes_on_where_the_first_ends(asking: Post) -> None:
    invite(asking, *(contact(phone(one)) for one in range(3)), per_hour=60)
    invite(asking, *(contact(phone(one)) for one in range(3, 5)), batch="second", per_hour=60)
    times = [one.due_at for one in due(asking)]
    assert times == sorted(times) and times[3] - times[2] <= timedelta(minutes=1)
    assert times[-1] - times[0] >= timedelta(minutes=3)


def test_nobody_is_invited_too_late(asking: Post) -> None:
    with pytest.raises(Refused, match="raise the pace"):
        invite(asking, *(contact(phone(one)) for one in range(300)), per_hour=1)
    asking.tick("2026-10-01T00:00")
    with pytest.raises(Refused, match="has closed"):
        invite(asking, contact(ANN))
    silent = {name: words for name, words in CONTENT["texts"].items() if name != "invitation"}
    asking.launch(id="silent", closes=None, keywords=["SILENT"], texts=silent)
    with pytest.raises(Refused, match="no text 'invitation'"):
        invite(asking, contact(ANN), to="silent")


def test_a_feedback_request_asks_a_person_once_in_its_time(asking: Post) -> None:
    """The third kind of listening: one short question after a contact."""
    post = asking
    post.launch(id="after-101", kind="feedback-request", closes=None, keywords=[], default=False, again_after_days=30,
                texts=CONTENT["texts"] | {"invitation": QUESTION})  # fmt: skip
    assert len(invite(post, contact(ANN), batch="monday", to="after-101").invitations) == 1
    post.tick("2026-09-14T10:10")
    # Without a keyword, it is the answer to what was asked, not to the default consultation.
    post.hears("Forty minutes in a queue, then very kind")
    assert [one.consultation_id for one in post.rows()] == ["after-101"]
    for day, asked in (("2026-10-14T09:59", 0), ("2026-10-14T10:00:30", 1)):
        post.tick(day)
        assert len(invite(post, contact(ANN, day), batch=day, to="after-101").invitations) == asked
    # Whoever was never invited still reaches the default one.
    bring_in(post, row("1"))
    assert reported(post, "after-101")["invitations"]["replied"] == 1


def test_any_later_text_never_silently_resubscribes(asking: Post) -> None:
    """Any later text silently re-subscribes (RapidPro): only START does."""
    post = asking
    post.hears("STOP", said="STOP")
    for number, words in enumerate(("More police", "yes", "ok", "start listening to us")):
        post.hears(words, at=f"2026-09-14T1{number}:30")
    assert invite(post, contact(ANN)).skipped == {"opted-out": 1}
    post.hears("START", said="START")
    assert invite(post, contact(ANN), batch="later").skipped == {"answered": 1}
