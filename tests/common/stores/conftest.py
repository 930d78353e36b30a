"""Holders in processes of their own, folders that are left clean, and a look at what runs."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PATH = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
HOLDER = """
import dataclasses, json, sys
from pathlib import Path
from services.common.stores import hold
with hold(Path(sys.argv[1])) as stores:
    print(json.dumps(dataclasses.asdict(stores)), flush=True)
    sys.stdin.read()
"""


class Holder:
    """A process that holds the stores of a folder until it is released or killed."""

    def __init__(
        self, data_dir: Path, python: str = sys.executable, script: str = HOLDER, **options: Any
    ) -> None:
        options.setdefault("env", {**os.environ, "PYTHONPATH": PATH})
        self.process = subprocess.Popen(
            [python, "-c", script, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=options.pop("cwd", "/"),
            **options,
        )

    def __enter__(self) -> "Holder":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def stores(self) -> dict[str, Any]:
        """What `hold` gave: waits for it."""
        line = self.process.stdout.readline()
        assert line, "the holder failed: see its standard error"
        return json.loads(line)

    def release(self) -> None:
        """Let the block end."""
        self.process.communicate(timeout=20)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.communicate(timeout=20)


def running(mark: str) -> dict[int, str]:
    """Process numbers and command lines that contain `mark`; the dead that nobody has buried do not count."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            title = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if mark in title and int(folder.name) != os.getpid():
                found[int(folder.name)] = title
    return found


def is_alive(pid: int) -> bool:
    """Whether the process runs: it is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Poll until the condition holds, and return what it returned."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.02)
    return result


def supervisors(data_dir: Path) -> list[int]:
    """Process numbers of the folder's supervisors."""
    return list(running(f"services.common.stores.supervisor {data_dir.resolve()} "))


def everything(data_dir: Path) -> dict[int, str]:
    """All that runs for a folder: its supervisor, and whatever names its sockets."""
    sockets = json.loads((data_dir / "stores/state.json").read_text())["sockets"]
    return running(f"services.common.stores.supervisor {data_dir.resolve()} ") | running(sockets)


def cluster(data_dir: Path) -> Path:
    """Where the cluster is: in the data folder or where its pointer says."""
    pointer = data_dir / "stores/elsewhere.json"
    return (
        Path(json.loads(pointer.read_text())["home"] if pointer.exists() else data_dir / "stores") / "cluster"
    )


def announced(data_dir: Path) -> dict[str, int]:
    """The process numbers that the supervisor told last."""
    return json.loads((data_dir / "stores/state.json").read_text())["pids"]


def clean(data_dir: Path) -> None:
    """Check that everything of the folder ends by itself, then remove it and the home that it points to."""
    try:
        if (data_dir / "stores/state.json").exists():
            until(lambda: not everything(data_dir))
    finally:
        for pid in supervisors(data_dir):
            os.kill(pid, signal.SIGTERM)
        with suppress(FileNotFoundError):
            shutil.rmtree(json.loads((data_dir / "stores/elsewhere.json").read_text())["home"])
        shutil.rmtree(data_dir, ignore_errors=True)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter."""
    parent = Path(tempfile.mkdtemp(prefix="heed-test-", dir="/tmp"))
    try:
        parent.chmod(0o755)
        yield parent
    finally:
        shutil.rmtree(parent)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Makes names of data folders that do not exist yet, and cleans up after them."""
    made = []

    def name(called: str = ".heed") -> Path:
        made.append(tmp_path / called)
        return made[-1]

    yield name
    for data_dir in made:
        clean(data_dir)


@pytest.fixture(scope="session")
def settled() -> Iterator[Path]:
    """A data folder whose cluster exists and whose stores are stopped: a start takes a third of a first one.

    Everybody may enter the folder above it, so that root's stores run in it (pytest's own folders are closed).
    """
    with open_folder() as parent:
        data_dir = parent / ".heed"
        with holding(data_dir):
            pass
        yield data_dir
        clean(data_dir)


@contextmanager
def holding(data_dir: Path, count: int = 1, **options: Any) -> Iterator[Any]:
    """One holder or several of a folder, started at once; killed at the end if they still live."""
    with ExitStack() as stack:
        holders = [stack.enter_context(Holder(data_dir, **options)) for _ in range(count)]
        for holder in holders:
            holder.held = holder.stores()
        yield holders[0] if count == 1 else holders


@pytest.fixture
def tools() -> Any:
    """The functions of this file (the suite imports test files without a package)."""
    return sys.modules[__name__]
