"""The tables: exactly those that the migrations make, each with a primary key, personal data encrypted by column."""

from importlib import import_module
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import LargeBinary, MetaData, Table, text
from sqlalchemy.dialects.postgresql import TIMESTAMP

from services.common import months
from services.common.models import CommonBase
from services.common.settings import SERVICES, ServiceName

PRIVATE = (
    "name",
    "surname",
    "given",
    "mobile",
    "phone",
    "email",
    "address",
    "postcode",
    "body",
    "birth",
    "born",
    "words",
)

# Keys that name no person: a hearing's, a promise's, a producer's.
PLAIN_KEYS = {"hearing_key", "dedupe_key", "idempotency_key", "subject_key"}


def metadata(service: ServiceName) -> list[MetaData]:
    return [CommonBase.metadata, import_module(f"services.{service}.models").Base.metadata]


def tables(service: ServiceName) -> dict[str, Table]:
    return {name: table for one in metadata(service) for name, table in one.tables.items()}


def _a_sequence(difference: Any) -> bool:
    """Alembic asks PostgreSQL whether two defaults are equal, and no two numbers of a sequence are."""
    changes = difference if isinstance(difference, list) else []
    return [(one[0], one[2], one[3], "nextval" in str(one[6].arg)) for one in changes] == [
        ("modify_default", "status_events", "id", True)
    ]


def _no_partition(name: str | None, kind: str, parents: Any) -> bool:
    return not (kind == "table" and name and name.rpartition("_")[0].startswith(tuple(months.KEYS)))


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_make_exactly_the_models_tables(open_service: Any, service: ServiceName) -> None:
    heed = open_service(service)
    with heed.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_name": _no_partition},
        )
        found = compare_metadata(context, metadata(service))
        assert [one for one in found if not _a_sequence(one)] == []
        whole = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
        made = set(connection.scalars(text(whole)))
    assert made == set(tables(service)) | {"alembic_version"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_has_a_primary_key(service: ServiceName) -> None:
    assert len(tables(service)) > 12
    assert {name for name, table in tables(service).items() if not table.primary_key.columns} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_every_time_has_a_zone(service: ServiceName) -> None:
    for name, table in tables(service).items():
        for column in table.columns:
            if isinstance(column.type, TIMESTAMP):
                assert column.type.timezone, f"{name}.{column.name}"
            if column.name.endswith("_at"):
                assert isinstance(column.type, TIMESTAMP), f"{name}.{column.name}"


@pytest.mark.parametrize("service", SERVICES)
def test_encrypted_columns_and_keyed_hashes_are_bytes(service: ServiceName) -> None:
    found = 0
    for name, table in tables(service).items():
        for column in table.columns:
            if column.name.endswith("_enc") or (
                column.name.endswith("_key") and column.name not in PLAIN_KEYS
            ):
                found += 1
                assert isinstance(column.type, LargeBinary), f"{name}.{column.name}"
    assert found >= 8


@pytest.mark.parametrize("service", SERVICES)
def test_no_column_could_hold_a_person_in_plain_text(service: ServiceName) -> None:
    """By its name: what names a person's fact ends in _enc or _key."""
    fine = {("pilots", "name"), ("listings", "court_name")}
    for name, table in tables(service).items():
        for column in table.columns:
            words = column.name.split("_")
            if any(word in PRIVATE for word in words) and (name, column.name) not in fine:
                assert column.name.endswith(("_enc", "_key")), f"{name}.{column.name}"


def test_the_services_share_no_table_of_their_own() -> None:
    own = [set(metadata(service)[1].tables) for service in SERVICES]
    assert not own[0] & own[1]
    assert not (own[0] | own[1]) & set(CommonBase.metadata.tables)


@pytest.mark.parametrize("service", SERVICES)
def test_constraints_and_indexes_follow_the_naming(service: ServiceName) -> None:
    for name, table in tables(service).items():
        for constraint in table.constraints:
            assert constraint.name is None or str(constraint.name).split("_")[0] in (
                "pk",
                "uq",
                "fk",
                "ck",
            ), name
        for index in table.indexes:
            assert str(index.name).startswith(("ix_", "uq_")), index.name
