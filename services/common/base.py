"""What every table of either service is made of: names of constraints, and which Python type is which column."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Date, Interval, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
TYPES: dict[Any, Any] = {
    datetime: TIMESTAMP(timezone=True),
    timedelta: Interval(),
    date: Date(),
    bool: Boolean(),
    bytes: LargeBinary(),
    str: Text(),
    dict[str, Any]: JSONB(),
    list[Any]: JSONB(),
    list[str]: ARRAY(Text()),
}


class CommonBase(DeclarativeBase):
    """Base of the tables below; each service has its own base, and so its own metadata."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES
