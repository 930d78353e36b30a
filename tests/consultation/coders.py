"""What the tests of coding share: synthetic texts of known themes on a post, and acts of coders in a transaction each."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.common.acts import Refused
from services.consultation import coding, codings, reviewing
from services.consultation.models import Consultation
from services.consultation.themes import queue
from tests.consultation.office import bring_in, row
from tests.consultation.post import Post

ID = "plan-2026"
PLACES = (
    *(
        "Ware",
        "Tring",
        "Bushey",
        "Harpenden",
        "Codicote",
        "Royston",
        "Baldock",
        "Cheshunt",
        "Sandridge",
        "Redbourn",
    ),
    *(
        "Kimpton",
        "Whitwell",
        "Ayot",
        "Hexton",
        "Barley",
        "Buntingford",
        "Wadesmill",
        "Hunsdon",
        "Widford",
        "Aston",
    ),
)
# Synthetic. The last is about something that no theme has.
SAID = {
    "fly-tipping": "Mattresses and rubbish dumped in the lane near {}",
    "road-safety": "Cars speeding past the school in {} every morning",
    "public-contact": "Waited an hour on 101 about noise in {}",
    "": "Horses on the common at {} frightened by drones",
}


def doing(post: Post, act: Callable[[Session], Any]) -> Any:
    """One act in one transaction."""
    with post.heed.database.begin() as session:
        return act(session)


def refused(post: Post, act: Callable[[Session], Any]) -> str:
    """The word with which an act is refused."""
    with pytest.raises(Refused) as error:
        doing(post, act)
    return error.value.error


def written(post: Post) -> dict[int, str]:
    """Twenty texts of each sort; each text's theme by its number."""
    bring_in(
        post,
        *(
            row(f"{theme or 'new'}{at}", words.format(place), place="Watford", publish="yes")
            for theme, words in SAID.items()
            for at, place in enumerate(PLACES)
        ),
    )
    themes = [theme for theme in SAID for _ in PLACES]
    return dict(zip((one.id for one in post.rows()), themes, strict=True))


def code(post: Post, number: int, by: str = "ann", after: int | None = None, **themes: str) -> int:
    """A person's code."""
    given = {theme.replace("_", "-"): stance for theme, stance in themes.items()}
    made: int = doing(post, lambda session: codings.code(session, ID, number, given, by, after))
    return made


def take(post: Post, by: str) -> reviewing.Turn | None:
    """A person's next text."""
    found: reviewing.Turn | None = doing(
        post, lambda session: reviewing.take_next(post.heed, session, session.get_one(Consultation, ID), by)
    )
    return found


def stands(post: Post) -> dict[int, dict[str, str]]:
    """What stands for each response."""
    found = doing(post, lambda session: coding.standing(session, ID))
    return {
        number: {theme: str(stance) for theme, stance in one.themes.items()} for number, one in found.items()
    }


def parted(post: Post) -> tuple[list[int], list[int]]:
    """The texts that the lot fell on, and the others."""
    lot = doing(post, lambda session: session.get_one(Consultation, ID).hash)
    numbers = [one.id for one in post.rows() if one.standing == "counted"]
    drawn = [one for one in numbers if queue.blind(one, lot)]
    return drawn, [one for one in numbers if one not in drawn]
