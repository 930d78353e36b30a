"""Copies found and settled by a person: nothing is deleted, everything can be taken back, and the report closes throughout."""

import pytest

from services.common import audit
from services.common.acts import Refused
from services.consultation import duplicates, merging
from tests.consultation.office import BY, CAMPAIGN, LONG, bring_in, removed, reported, row
from tests.consultation.post import ANN, Post


def find(post: Post) -> duplicates.Found:
    with post.heed.database.begin() as session:
        return duplicates.find(post.heed, session, "plan-2026", BY)


def suggested(post: Post) -> list[int]:
    with post.heed.database.begin() as session:
        return [one["id"] for one in duplicates.suggestions(session, "plan-2026")]


def test_a_duplicate_is_suggested_accepted_and_undone(post: Post) -> None:
    bring_in(
        post,
        row("1", LONG, place="Watford"),
        row("2", LONG + " thank you", place="Watford", channel="letter"),
        row("3", LONG, place="Ware"),
        row("4", "And one more view of the same person as the second", receipt=""),
    )
    assert (find(post).suggested, find(post).suggested) == (1, 0)
    [number] = suggested(post)
    first, second, *_ = post.respondents()
    with post.heed.database.begin() as session:
        made = duplicates.accept(session, number, BY)
    found = reported(post)
    assert removed(found) == {"duplicate": 1}
    assert (found["counts"]["counted"], found["counts"]["respondents"]) == (3, 3)
    assert post.respondents()[1].merged_into == first.id
    # A later response of the merged person is the same person's.
    bring_in(post, row("5", "Later view", receipt=second.reference))
    assert post.rows()[-1].respondent_id == first.id
    assert reported(post)["counts"]["respondents"] == 3
    for act in (
        lambda session: duplicates.accept(session, number, BY),
        lambda session: duplicates.reject(session, number, BY),
    ):
        with (
            pytest.raises(Refused, match="was accepted by person:test"),
            post.heed.database.begin() as session,
        ):
            act(session)
    with post.heed.database.begin() as session:
        merging.undo(session, made, BY)
    assert (removed(reported(post)), reported(post)["counts"]["respondents"]) == ({}, 4)
    with pytest.raises(Refused, match="was undone"), post.heed.database.begin() as session:
        merging.undo(session, made, BY)
    with post.heed.database.begin() as session:
        duplicates.reject(session, number, BY)
        assert [one["undone_by"] for one in merging.merges(session, "plan-2026")] == [BY]
        assert not list(audit.verify(session))
    assert (suggested(post), find(post).suggested) == ([], 0)


def test_a_merge_makes_a_composite_and_withdrawing_takes_it_all(post: Post) -> None:
    post.hears("More police on foot")
    bring_in(
        post, row("1", "More lights"), row("2", "Fewer cars"), row("3", "Late words", received="2026-08-01")
    )
    ann, *others = (one.reference for one in post.respondents())
    with post.heed.database.begin() as session:
        merging.merge(session, ann, others[0], BY)
    assert removed(reported(post)) == {"merged": 1, "early": 1}
    refusals = [
        (ann, ann, "already-merged"),
        (others[1], others[0], "already-merged"),
        (others[1], ann, "stands-for-others"),
        (ann, "ZZZZZZZ", "not-found"),
    ]
    for kept, merged, code in refusals:
        with pytest.raises(Refused) as refused, post.heed.database.begin() as session:
            merging.merge(session, kept, merged, BY)
        assert refused.value.error == code
    # By way of one who was merged, the one who stands for both is meant.
    with post.heed.database.begin() as session:
        second = merging.merge(session, others[0], others[1], BY)
    assert [one.merged_into for one in post.respondents()] == [None, 1, 1, None]
    post.hears("REMOVE", ANN)
    assert removed(reported(post)) == {"withdrawn": 3, "early": 1}
    # What was withdrawn since is not counted again by undoing.
    with post.heed.database.begin() as session:
        merging.undo(session, second, BY)
    assert removed(reported(post)) == {"withdrawn": 3, "early": 1}


def test_a_campaign_is_counted_whole_analysed_once_and_never_a_duplicate(post: Post) -> None:
    bring_in(
        post, *(row(str(number), CAMPAIGN + " now" * (number % 2), place="Watford") for number in range(6))
    )
    found = find(post)
    assert (found.campaigns, found.copies, found.suggested) == (1, 6, 0)
    bring_in(post, row("9", CAMPAIGN.upper()))
    assert find(post).copies == 7
    report = reported(post)
    assert (report["counts"]["counted"], report["counts"]["respondents"]) == (7, 7)
    assert [(one["responses"], one["people"]) for one in report["campaigns"]] == [(7, 7)]
    assert "five characters" in " ".join(report["method"]) or "runs of 5" in " ".join(report["method"])
    assert len({one.campaign_id for one in post.rows()}) == 1
