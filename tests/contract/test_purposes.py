"""What each encrypted column's values are sealed for is declared, so that a rotation of keys reaches every one of them."""

from importlib import import_module
from typing import Any

import pytest

from services.common import rewriting
from services.common.models import CommonBase
from services.common.settings import SERVICES, ServiceName


@pytest.mark.parametrize("service", SERVICES)
def test_every_encrypted_column_has_a_declared_purpose(service: ServiceName) -> None:
    own = import_module(f"services.{service}.models").Base.metadata
    assert len(list(rewriting.columns(CommonBase.metadata, own))) >= 8


def test_purposes_are_those_that_values_are_sealed_with(sources: Any) -> None:
    """A purpose that nobody seals with would open nothing."""
    sealed = {
        argument.value
        for source in sources
        for call in source.calls()
        if call.args
        and "seal" in (getattr(call.func, "attr", ""), getattr(call.func, "id", ""))
        and len(call.args) == 2
        for argument in [call.args[1]]
        if hasattr(argument, "value")
    }
    # Others are sealed for a while and never stored: a cookie.
    assert set(rewriting.PURPOSES.values()) <= sealed
