"""Every fault and every control call of the stand-in carrier is in docs/sandbox.md."""

from pathlib import Path

import pytest

from services.sandbox import control_api
from services.sandbox.faults import table


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_fault_is_listed_with_its_digits(page: str) -> None:
    assert not [fault.name for fault in table() if f"| {fault.digits} | `{fault.name}` |" not in page]


def test_every_control_call_is_listed(page: str) -> None:
    from flask import Flask

    app = Flask("documented")
    app.register_blueprint(control_api.blueprint)
    calls = [
        f"`{method} {rule.rule}`"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/sandbox/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    assert calls
    assert not [call for call in calls if call not in page]
