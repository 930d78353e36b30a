"""A listening post with something of everything, and the addresses of its office's pages."""

from services.consultation import codings, duplicates, feedback, merging, publicity, redacting, said_back
from services.consultation.models import Consultation
from tests.consultation.coders import ID
from tests.consultation.office import CAMPAIGN, LONG, bring_in, contact, invite, row
from tests.consultation.post import BEN, Post, phone
from tests.consultation.staff import OWN

PAGES = (
    "/",
    "/listening",
    "/listening/launch",
    OWN,
    *(
        f"{OWN}/{part}"
        for part in (
            *(
                "responses",
                "copies",
                "letter",
                "file",
                "invitations",
                "questionnaire",
                "report",
                "redactions",
                "answers",
            ),
            *("themes", "themes/review", "themes/codeframe", "themes/emerging"),
        )
    ),
    "/rights",
    "/duty",
    "/audit",
)


def fill(post: Post) -> None:
    """Something of everything."""
    post.hears("PLAN More officers on foot")
    post.hears("Watford")
    post.hears("someone is in my house help me", BEN)
    bring_in(post, row("a", LONG, place="Watford"), row("b", f"{LONG} please", place="Watford"))
    bring_in(post, *(row(f"c{n}", CAMPAIGN) for n in range(5)), batch="campaign.csv")
    bring_in(
        post,
        row("l1", "A letter", channel="letter", type="organisation", organisation="Synthetic Parish"),
        batch="letters",
    )
    with post.heed.database.begin() as session:
        duplicates.find(post.heed, session, ID, "person:test")
        publicity.note(session, ID, "households", 100, "person:test")
        codings.code(session, ID, 1, {"local-policing": "support"}, "person:test")
        redacting.propose(post.heed, session, ID, 1, [("foot", "a word")], "person:test")
        answer = {"theme": "local-policing", "outcome": "done"}
        answer |= dict.fromkeys(("considered", "done", "brief"), "Ten more officers.")
        row_ = session.get_one(Consultation, ID)
        made = feedback.write(session, row_, said_back.read(answer), "person:test")
        feedback.approve(session, row_, made.id, "person:other")
        references = [one.reference for one in post.respondents()]
        merging.merge(session, references[-1], references[-2], "person:test")
    invite(post, contact(phone(1)))
