"""The base of Consultation's tables, which `models.py` and the files that it draws in define."""

from datetime import date

from sqlalchemy import Date, MetaData
from sqlalchemy.orm import DeclarativeBase

from services.common.models import NAMES, TYPES


class Base(DeclarativeBase):
    """Base of Consultation's tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES | {date: Date()}
