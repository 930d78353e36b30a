"""What the tests of Consultation share: a listening post in September 2026, and the `heed` command."""

import pytest

from services.common.context import Heed
from tests.consultation.post import START, Post
from tests.support.sandbox import Sandbox


@pytest.fixture
def empty_post(consultation: Heed, carrier: Sandbox) -> Post:
    """A post on a fresh database, on Monday 14 September 2026 at ten; nothing is launched."""
    made = Post(consultation, carrier)
    made.start(START)
    return made


@pytest.fixture
def post(empty_post: Post) -> Post:
    """The same with the sample launched, open from 1 to 30 September."""
    empty_post.launch()
    return empty_post
