"""The release after this one: the same code with one more revision of each schema, as a release of Heed's may bring."""

import re
import shutil
from pathlib import Path

from services.common.migrations import SERVICES_ROOT, newest

REVISION = '''"""Of the release after this one: a column and a table, which the release before it never asks for."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{new}", "{old}", None, None


def upgrade() -> None:
    """What is added stands beside what there is."""
    op.add_column("{table}", sa.Column("of_{new}", sa.Text(), server_default="", nullable=False))
    op.create_table("table_of_{new}", sa.Column("id", sa.BigInteger(), primary_key=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_table("table_of_{new}")
    op.drop_column("{table}", "of_{new}")
'''
GROWS = {"common": "outbox", "reminders": "deliveries", "consultation": "respondents"}


def following(folder: Path) -> Path:
    """The next release's code, in a folder from which `python -m services.cli` runs it."""
    shutil.copytree(
        SERVICES_ROOT, folder / "services", ignore=shutil.ignore_patterns("node_modules", "__pycache__")
    )
    for branch, table in GROWS.items():
        old = newest(branch)
        new = re.sub(r"\d+$", lambda number: f"{int(number[0]) + 1:04}", old)
        versions = "common/migrations/versions" if branch == "common" else f"{branch}/migrations"
        revision = REVISION.format(new=new, old=old, table=table)
        (folder / "services" / versions / f"{new}.py").write_text(revision, encoding="utf-8")
    return folder
