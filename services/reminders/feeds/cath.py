"""Court lists as Courts and Tribunals Hearings (CaTH) publishes them: JSON by HMCTS's schemas, in two shapes.

The standard list (`courtLists`) is Common Platform's; the adult court list (`document.data.job`) is Libra's. Either is a snapshot of
court rooms and days. No list has a number, a bail status or a court's code.
Sources: `data/feeds/cath` with its schemas (hmcts/pip-data-management).
"""

from services.reminders.feeds import cath_adult, cath_standard, rooms
from services.reminders.feeds.json_input import Node, load
from services.reminders.feeds.records import Batch, FeedError


def parse(body: bytes) -> Batch:
    """The listings of every room and day in the list, and the snapshots that they make up.

    Raises FeedError: the codes of `json_input.load`, `not-cath`, and `public-list` where nobody can be told apart.
    """
    root = Node(load(body))
    if root["document"]["data"]["job"].is_object:
        batch = rooms.gather(cath_adult.read(root["document"]))
    elif root.holds("courtLists") and root["document"].is_object:
        batch = rooms.gather(cath_standard.read(root))
    else:
        raise FeedError(
            "not-cath", "The JSON is not a CaTH list: send a magistrates' standard or adult court list."
        )
    rooms.refuse_public(batch)
    return batch
