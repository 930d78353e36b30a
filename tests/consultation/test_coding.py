"""From texts to themes that people stand behind: what is kept of it, and what stands."""

from services.common.times import parse_instant
from services.consultation import coding, publication
from services.consultation.models import Coding
from services.consultation.themes.codeframe import Stance
from tests.consultation.office import BY, CAMPAIGN, bring_in, row
from tests.consultation.post import START, Post
from tests.consultation.test_duplicates import find

ID = "plan-2026"


def test_what_stands_and_what_may_be_quoted(post: Post) -> None:
    bring_in(
        post,
        row("1", "Fly tipping by Mrs Brown of AL1 2BC", place="Watford"),
        row("2", "More police"),
        row("3", ""),
        *(row(f"c{number}", CAMPAIGN) for number in range(6)),
    )
    find(post)
    rows = [one for one in post.rows() if one.standing == "counted"]
    at = parse_instant(START)
    with post.heed.database.begin() as session:
        session.add_all(
            Coding(submission_id=one.id, themes={theme: "support"}, version=1, by=BY, at=at)
            for one, theme in ((rows[0], "fly-tipping"), (rows[-1], "local-policing"))
        )
        session.add(Coding(submission_id=rows[1].id, themes={"nhs": "unclear"}, version=1, model="m", at=at))
    with post.heed.database.begin() as session:
        found = coding.standing(session, ID)
        assert coding.reviewed(session, ID) == (7, 8)
        assert publication.quotes(post.heed, session, ID) == []
    assert {number: dict(one.themes) for number, one in found.items()} == {
        rows[0].id: {"fly-tipping": Stance.SUPPORT},
        rows[1].id: {"nhs": Stance.UNCLEAR},
        **{one.id: {"local-policing": Stance.SUPPORT} for one in rows[2:]},
    }
    assert {one.text for one in found.values()} == {rows[0].id, rows[1].id, rows[2].id}
