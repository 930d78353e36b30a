"""A real browser: Debian's Chromium, headless. Where there is none the tests are skipped; `.ci/run` requires one."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium

NAMES = ("chromium", "chromium-browser", "google-chrome")
# No calls home: the browser asks this machine only.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=3000",
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("HEED_REQUIRE_BROWSER"):
            pytest.fail("a browser is required here and none of these was found: " + ", ".join(NAMES))
        pytest.skip("no Chromium on this machine")
    return found


@pytest.fixture
def browse(chromium: str, tmp_path: Path) -> Callable[..., str]:
    """Opens an address and answers the page as the browser made it; with `picture`, writes a PNG too."""

    def open_page(url: str, *, width: int = 1100, picture: Path | None = None) -> str:
        what = [f"--screenshot={picture}"] if picture else ["--dump-dom"]
        size = f"--window-size={width},900"
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        done = subprocess.run(
            [chromium, *FLAGS, profile, size, *what, url],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    return open_page


@pytest.fixture(scope="module")
def axe(root: Path) -> str:
    found = root / "services/common/web/sheet/node_modules/axe-core/axe.min.js"
    if not found.exists():
        pytest.skip("axe-core is not installed: `make setup` does it")
    return found.read_text(encoding="utf-8")


@pytest.fixture
def browser(chromium: str, tmp_path: Path) -> Iterator[Chromium]:
    opened = Chromium(chromium, tmp_path / "profile")
    yield opened
    opened.close()
