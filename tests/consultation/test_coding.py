"""From texts to themes that people stand behind: suggested, coded, coded anew, read under a changed codeframe, tampered with."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text

from services.common.acts import Refused
from services.consultation import codeframes, coding, codings, emerging, reviewing, suggesting
from services.consultation.models import Candidate, Coding, Consultation, SuggestedThemes
from services.consultation.themes import codeframe as frames
from tests.consultation.coders import ID, code, doing, parted, refused, stands, take, written
from tests.consultation.office import BY, CAMPAIGN, bring_in, row
from tests.consultation.post import Post
from tests.consultation.test_duplicates import find

THEME: dict[str, Any] = {"id": "", "title": "A theme", "group": "heading", "means": "something"}
WHY = "the texts say so"


def theme(id_: str, **more: Any) -> dict[str, Any]:
    return THEME | {"id": id_} | more


def test_from_a_text_to_what_stands(post: Post) -> None:
    """Suggested, reviewed by two people, learnt from by the sweep, merged, split, looked at again; every code stays."""
    truth = written(post)
    drawn, others = parted(post)
    assert suggesting.run(post.heed, ID, BY)["learnt_from"] == 0
    assert doing(post, lambda session: session.scalar(select(func.count()).select_from(Coding))) == 0
    post.tick("2026-09-14T11:00")
    # Ann works through the queue; every tenth turn is blind, without suggestions. At first the codeframe's own words suggest, and
    # nothing is called likely.
    blind = 0
    for _ in range(60):
        turn = take(post, "ann")
        assert turn is not None and (turn.blind is (turn.response in drawn))
        assert len(turn.suggestions) == (0 if turn.blind else 3)
        assert not any(one["likely"] for one in turn.suggestions)
        blind += turn.blind
        code(
            post,
            turn.response,
            "ann",
            turn.after,
            **({truth[turn.response]: "oppose"} if truth[turn.response] else {}),
        )
    assert blind == min(6, len(drawn))
    post.tick()
    run = doing(post, lambda session: coding.latest_run(session, ID))
    assert (run["learnt_from"], run["version"]) == (60, 1)
    assert run["line"] is not None and run["f1"] > 0.9 and run["recall"] > 0.9
    # The same rows give the same model.
    assert suggesting.run(post.heed, ID, BY)["digest"] == run["digest"]
    # A model's code stands, without a stance, until a person has spoken.
    found = doing(post, lambda session: coding.standing(session, ID))
    machine = {number for number, one in found.items() if not one.reviewed}
    assert len(machine) > 5
    assert all(set(found[one].themes) <= {truth[one]} for one in machine)
    assert {str(stance) for one in machine for stance in found[one].themes.values()} <= {"unclear"}
    assert doing(post, lambda session: coding.reviewed(session, ID)) == (60, 80)
    one = next(number for number in machine if number in others and truth[number] == "fly-tipping")
    code(post, one, "ben", fly_tipping="support", nhs="unclear")
    shown = doing(post, lambda session: codings.history(session, ID, one, "cat"))
    assert [(entry["by"], bool(entry["model"]), entry["stands"]) for entry in shown] == [
        (None, True, False),
        ("ben", False, True),
    ]
    # Merged: the code counts as the new theme, and keeps its own. Split: somebody looks again, and is told what was said.
    both = {"fly-tipping": "support", "nhs": "unclear"}
    assert stands(post)[one] == both
    doing(
        post,
        lambda session: codeframes.merge(session, ID, ["fly-tipping", "highways"], theme("streets"), WHY, BY),
    )
    assert stands(post)[one] == {"streets": "support", "nhs": "unclear"}
    new = [theme("tipping"), theme("surfaces")]
    doing(post, lambda session: codeframes.split(session, ID, "streets", new, WHY, BY))
    assert stands(post)[one] == {"nhs": "unclear"}
    again = sum(truth[number] == "fly-tipping" for number, before in found.items() if before.reviewed) + 1
    state = doing(post, lambda session: reviewing.state(session, session.get_one(Consultation, ID)))
    assert state["to_look_at_again"] == again
    seen: dict[int, reviewing.Turn] = {}
    while len(seen) < again:
        turn = take(post, "cat")
        assert turn is not None
        if turn.stands is None:  # the lot's tenth is dealt out all the same
            code(post, turn.response, "cat")
            continue
        seen[turn.response] = turn
        code(post, turn.response, "cat", turn.after, tipping=turn.stands["themes"]["fly-tipping"])
    assert seen[one].stands["themes"] == both  # type: ignore[index] # it was coded before
    assert stands(post)[one] == {"tipping": "support"}
    assert [
        entry["version"] for entry in doing(post, lambda session: codings.history(session, ID, one, "cat"))
    ] == [1, 1, 3]
    # Learnt anew under the new version, though nobody has coded more than twenty since.
    post.tick("2026-09-14T12:00")
    assert doing(post, lambda session: coding.runs(session, ID))[0]["version"] == 3


def test_a_group_that_no_theme_has_is_named_once(post: Post) -> None:
    written(post)
    suggesting.run(post.heed, ID, BY)
    groups = doing(post, lambda session: emerging.candidates(post.heed, session, ID, BY))
    drones = next(one for one in groups if "drones" in one["marks"])
    assert (drones["texts"], len(drones["examples"])) == (20, 3)
    assert all("drones" in one["words"] for one in drones["examples"])
    number = drones["id"]
    assert refused(post, lambda session: emerging.dismiss(session, ID, number, " ", BY)) == "bad-reason"
    assert (
        refused(post, lambda session: emerging.name(session, ID, number, theme("nhs"), WHY, BY))
        == "bad-codeframe"
    )
    doing(post, lambda session: emerging.dismiss(session, ID, number, WHY, BY))
    assert refused(post, lambda session: emerging.dismiss(session, ID, number, WHY, BY)) == "already-decided"
    # Found again, and not offered again.
    suggesting.run(post.heed, ID, BY)
    assert "drones" not in str(doing(post, lambda session: emerging.candidates(post.heed, session, ID, BY)))
    with post.heed.database.begin() as session:
        session.execute(text("UPDATE candidates SET decision = NULL"))
    new = theme("drones", group="new-idea", lexicon=["drone*"])
    assert doing(post, lambda session: emerging.name(session, ID, number, new, WHY, BY)) == 2
    assert refused(post, lambda session: emerging.name(session, ID, 10**6, new, WHY, BY)) == "not-found"
    frame = doing(post, lambda session: coding.codeframe(session, ID))
    assert frame.ids[-3:] == ("drones", "none-of-these", "no-reason-given")
    suggesting.run(post.heed, ID, BY)
    row_ = doing(
        post, lambda session: session.get_one(SuggestedThemes, session.get_one(Candidate, number).members[0])
    )
    assert "drones" in [one[0] for one in row_.themes]


def test_the_tenth_is_coded_twice_and_nobody_sees_the_others_code(post: Post) -> None:
    written(post)
    drawn, others = parted(post)
    first, second, third = drawn[:3]
    code(post, first, "ann", fly_tipping="oppose")
    history = lambda number, by: lambda session: codings.history(session, ID, number, by)  # noqa: E731
    assert refused(post, history(first, "ben")) == "blind"
    assert [one["by"] for one in doing(post, history(first, "ann"))] == ["ann"]
    # Ben is given it, knows nothing of it, and says something else; Ann's word stands, and was changed by her before.
    turn = take(post, "ben")
    assert turn is not None
    assert (turn.response, turn.blind, turn.stands, turn.suggestions) == (first, True, None, [])
    mine = doing(post, history(first, "ann"))[0]["id"]
    assert refused(post, lambda session: codings.code(session, ID, first, {}, "ann")) == "coded-meanwhile"
    code(post, first, "ann", mine, fly_tipping="support", nhs="support")
    theirs = code(post, first, "ben", nhs="support")
    assert stands(post)[first] == {"fly-tipping": "support", "nhs": "support"}
    for one in (second, third):
        code(post, one, "ann", nhs="support")
        code(post, one, "ben", nhs="oppose")
    code(post, others[0], "ann", nhs="support")
    assert [
        one.blind
        for one in doing(post, lambda session: session.scalars(select(Coding).order_by(Coding.id)).all())
    ] == [True] * 7 + [False]
    found = {one.theme: one for one in doing(post, lambda session: coding.agreement(session, ID))}
    assert (found["nhs"].texts, found["nhs"].both, found["nhs"].kappa) == (3, 3, None)
    assert (found["fly-tipping"].both, found["fly-tipping"].one_only, found["fly-tipping"].kappa) == (
        0,
        1,
        0.0,
    )
    state = doing(post, lambda session: reviewing.state(session, session.get_one(Consultation, ID)))
    assert (state["coded_twice"], state["differ"], state["coders"]) == (3, [first], {"ann": 4, "ben": 3})
    # A third settles where two differ, seeing both; not over the second's head, whose code does not stand.
    assert (
        refused(post, lambda session: codings.code(session, ID, first, {}, "cat", theirs))
        == "coded-meanwhile"
    )
    standing = next(one["id"] for one in doing(post, history(first, "cat")) if one["stands"])
    code(post, first, "cat", standing, nhs="oppose")
    assert stands(post)[first] == {"nhs": "oppose"}


def test_a_campaign_is_coded_once(post: Post) -> None:
    bring_in(post, *(row(str(at), CAMPAIGN, place="Watford") for at in range(6)), row("9", "More lights"))
    copies = [one.id for one in post.rows()][:6]
    # A copy that was coded before they were known to be copies speaks for all.
    code(post, copies[3], local_policing="support")
    find(post)
    assert stands(post) == {one: {"local-policing": "support"} for one in copies}
    assert doing(post, lambda session: coding.reviewed(session, ID)) == (6, 7)
    assert {one.text for one in doing(post, lambda session: coding.standing(session, ID)).values()} == {
        copies[0]
    }
    turn = take(post, "ben")
    assert turn is not None and turn.response not in copies
    # The first one is withdrawn: another stands for all, and what was coded still counts for those that are left.
    with post.heed.database.begin() as session:
        session.execute(
            text("UPDATE submissions SET standing = 'withdrawn' WHERE id = :id"), {"id": copies[0]}
        )
    assert {one.text for one in doing(post, lambda session: coding.standing(session, ID)).values()} == {
        copies[1]
    }
    assert doing(post, lambda session: coding.reviewed(session, ID)) == (5, 6)
    # The next one's words are erased: they count, and the words that are left are what is read and learnt from.
    with post.heed.database.begin() as session:
        session.execute(
            text(
                "UPDATE respondents SET erased_at = now() WHERE id = (SELECT respondent_id FROM submissions WHERE id = :id)"
            ),
            {"id": copies[1]},
        )
    assert set(doing(post, lambda session: coding.units(session, ID)).text_of.values()) == {
        copies[2],
        copies[5] + 1,
    }
    assert doing(post, lambda session: codings.text_of(session, ID, copies[4])).first == copies[2]
    assert doing(post, lambda session: coding.reviewed(session, ID)) == (5, 6)
    assert refused(post, lambda session: codings.code(session, ID, copies[0], {}, "ben")) == "not-analysed"


def test_two_coders_at_once(post: Post) -> None:
    """One of them codes, the other is told; they are given different texts; and a codeframe is changed by one of two."""
    written(post)
    _, others = parted(post)

    def both(act: Any, *args: tuple[Any, ...]) -> list[Any]:
        def one(given: tuple[Any, ...]) -> Any:
            try:
                return act(*given)
            except Refused as error:
                return error.error

        with ThreadPoolExecutor(2) as threads:
            return list(threads.map(one, args))

    said = both(lambda by: code(post, others[0], by, nhs="support"), ("ann",), ("ben",))
    assert sorted(str(one) for one in said)[1] == "coded-meanwhile"
    # After the blind text, which is for both, each is given one of their own, and the same again until it is coded or the time is up.
    for by in ("ann", "ben"):
        while (turn := take(post, by)) and turn.blind:
            code(post, turn.response, by)
    turns = dict(zip(("ann", "ben"), both(lambda by: take(post, by), ("ann",), ("ben",)), strict=True))
    held = {by: turn.response for by, turn in turns.items()}
    assert len(set(held.values())) == 2 and not any(turn.blind for turn in turns.values())
    assert {by: take(post, by).response for by in held} == held  # type: ignore[union-attr] # something waits
    first = []
    for by, at in (("ann", "2026-09-14T10:16"), ("ben", "2026-09-14T10:32")):
        post.start(at)
        first.append(take(post, by).response)  # type: ignore[union-attr] # something waits
    assert first[0] == first[1] and first[0] in held.values()
    content = frames.content(doing(post, lambda session: coding.codeframe(session, ID)))

    def change(title: str) -> Any:
        themes = [content["themes"][0] | {"title": title}, *content["themes"][1:]]
        return doing(
            post, lambda session: codeframes.read_in(session, ID, content | {"themes": themes}, WHY, title)
        ).version

    assert sorted(map(str, both(change, ("One",), ("Other",)))) == ["2", "version-changed"]
    assert [one["version"] for one in doing(post, lambda session: codeframes.versions(session, ID))] == [2, 1]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda content: content | {"version": 7}, "bad-codeframe"),
        (lambda content: content | {"id": "other"}, "bad-codeframe"),
        (lambda content: content, "bad-codeframe"),  # nothing changes
        (lambda content: content | {"themes": content["themes"][1:]}, "bad-codeframe"),  # the first is in use
        (
            lambda content: content | {"themes": [*content["themes"], theme("x", group="nonsense")]},
            "bad-codeframe",
        ),
        (lambda content: content | {"themes": content["themes"][:-1]}, None),  # never used: may go
        (lambda content: content | {"themes": [*content["themes"], theme("x")]}, None),
    ],
)
def test_a_codeframe_is_revised(codeframe_post: Post, change: Any, word: str | None) -> None:
    post = codeframe_post
    content = frames.content(doing(post, lambda session: coding.codeframe(session, ID)))
    act = lambda session: codeframes.read_in(session, ID, change(content), WHY, BY)  # noqa: E731
    if word:
        assert refused(post, act) == word
    else:
        assert doing(post, act).version == 2


@pytest.fixture
def codeframe_post(post: Post) -> Post:
    bring_in(post, row("1", "More police on foot"))
    code(post, post.rows()[0].id, local_policing="support")
    return post
