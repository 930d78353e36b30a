"""The deployment's files, read as the tools that use them read them. Nothing here needs Docker."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def deploy() -> Path:
    """The folder of the deployment's files."""
    return ROOT / "deploy"


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """docker-compose.yml."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return content


@pytest.fixture(scope="session")
def live() -> dict[str, Any]:
    """deploy/live.yml, which is laid over it."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "deploy/live.yml").read_text())
    return content
