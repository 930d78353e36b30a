"""What every table and every sweep keeps to."""

import importlib
import inspect

import pytest
from sqlalchemy import LargeBinary, Table

from services.common.models import CommonBase
from services.common.settings import SERVICES
from services.consultation.models import Base as ConsultationBase
from services.reminders.models import Base as RemindersBase

TABLES = [
    table for base in (CommonBase, RemindersBase, ConsultationBase) for table in base.metadata.sorted_tables
]
# Words that a column's name may hold only if it is encrypted or a keyed hash.
PERSONAL = ("name", "number", "birth", "body", "mobile", "words")
# Columns with such a word that hold no person: a count in order, our own sender, a court's name.
IMPERSONAL = {"deliveries.number", "inbound.to_number", "listings.court_name", "pilots.name"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_a_primary_key(table: Table) -> None:
    assert table.primary_key.columns


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_personal_data_is_encrypted_or_hashed(table: Table) -> None:
    for column in table.columns:
        if f"{table.name}.{column.name}" in IMPERSONAL or not any(word in column.name for word in PERSONAL):
            continue
        assert column.name.endswith(("_enc", "_key")), column.name
        assert isinstance(column.type, LargeBinary)


def test_the_services_share_no_table() -> None:
    assert not set(RemindersBase.metadata.tables) & set(ConsultationBase.metadata.tables)
    assert not (set(RemindersBase.metadata.tables) | set(ConsultationBase.metadata.tables)) & set(
        CommonBase.metadata.tables
    )


@pytest.mark.parametrize("service", SERVICES)
def test_sweeps_wake_jobs_that_take_ids_only(service: str) -> None:
    jobs = importlib.import_module(f"services.{service}.jobs")
    names = [sweep.name for sweep in jobs.SWEEPS]
    assert len(names) == len(set(names)) and "drain" in names and "settle" in names
    for sweep in jobs.SWEEPS:
        assert getattr(jobs, sweep.job.__name__) is sweep.job
        assert all(one.annotation is int for one in inspect.signature(sweep.job).parameters.values())
        assert sweep.every <= 60
