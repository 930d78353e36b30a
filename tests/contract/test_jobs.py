"""Work: every job that is woken is found by a sweep too, takes ids only, and has a worker."""

import ast
import inspect
import typing
from importlib import import_module
from typing import Any

import pytest

from services.common import work
from services.common.settings import SERVICES, ServiceName
from services.common.work import Sweep

CASES = [
    (service, sweep) for service in SERVICES for sweep in import_module(f"services.{service}.jobs").SWEEPS
]


@pytest.mark.parametrize(("service", "sweep"), CASES, ids=lambda one: getattr(one, "name", one))
class TestEverySweep:
    def test_its_job_is_importable_by_the_name_on_the_queue(self, service: ServiceName, sweep: Sweep) -> None:
        module, _, name = work.job_name(sweep.job).partition(":")
        assert module == f"services.{service}.jobs"
        assert getattr(import_module(module), name) is sweep.job

    def test_its_job_takes_ids_only(self, service: ServiceName, sweep: Sweep) -> None:
        parameters = inspect.signature(sweep.job).parameters
        hints = typing.get_type_hints(sweep.job)
        for name, parameter in parameters.items():
            assert hints[name] is int, f"{sweep.job.__name__}({name})"
            assert parameter.default is inspect.Parameter.empty
        assert hints["return"] is type(None)
        assert sweep.job.__doc__

    def test_its_pace_is_seconds(self, service: ServiceName, sweep: Sweep) -> None:
        assert 0.5 <= sweep.every <= 3600
        assert callable(sweep.due)


@pytest.mark.parametrize("service", SERVICES)
def test_names_are_unique(service: ServiceName) -> None:
    names = [sweep.name for other, sweep in CASES if other == service]
    assert len(set(names)) == len(names) >= 3


@pytest.mark.parametrize("service", SERVICES)
def test_every_public_job_has_a_sweep(service: ServiceName) -> None:
    """A job that only an enqueue knows is lost with Valkey."""
    module = import_module(f"services.{service}.jobs")
    swept = {sweep.job for sweep in module.SWEEPS}
    helpers = {"configured"}
    for name, value in vars(module).items():
        mine = inspect.isfunction(value) and value.__module__ == module.__name__
        if mine and not name.startswith("_") and name not in helpers:
            assert value in swept, name


def test_whatever_is_woken_is_swept(sources: Any) -> None:
    """Every call of `wake` names a job of a sweep, or the handler that a service's app gives to the webhooks."""
    swept = {sweep.job.__name__ for _, sweep in CASES}
    woken = set()
    for source in sources:
        for call in source.calls():
            if ast.unparse(call.func) in ("wake", "work.wake", "wake_once"):
                name = ast.unparse(call.args[1])
                woken.add(name.rpartition(".")[2])
    assert woken - {"sweep.job", "job"} <= swept | {"handle"}
    for source in sources:
        for call in source.calls():
            if ast.unparse(call.func) == "hooks.blueprint":
                assert ast.unparse(call.args[0]).rpartition(".")[2] in swept


def test_nothing_else_is_put_on_a_queue(sources: Any) -> None:
    found = {
        source.place
        for source in sources
        for call in source.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr.startswith("enqueue")
    }
    assert found == {"services/common/work.py"}


def test_no_sweep_depends_on_an_hour_that_a_clock_change_skips() -> None:
    """A sweep has a pace, not an hour: there is no field for one."""
    assert set(Sweep.__dataclass_fields__) == {"name", "every", "job", "due"}


def test_jobs_are_never_described_with_their_arguments(sources: Any) -> None:
    text = next(source.text for source in sources if source.place == "services/common/work.py")
    assert "log_job_description=False" in text
    assert "description=job.__name__" in text
