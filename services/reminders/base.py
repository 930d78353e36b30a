"""What every table of Reminders is made of."""

from sqlalchemy import LargeBinary, MetaData
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase

from services.common.base import NAMES, TYPES


class Base(DeclarativeBase):
    """Base of Reminders' tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES | {list[bytes]: ARRAY(LargeBinary())}
