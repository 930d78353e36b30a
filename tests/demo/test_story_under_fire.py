"""The demo's story while processes are killed and Valkey is emptied: it comes out all the same, and leaves no trace of anybody.

One run serves both tests. What is searched for: every name, number and message of the run. Where: every log in the data folder,
both services' metrics, and everything that was in Valkey when it was looked at, many times during the run.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis
from redis.exceptions import RedisError

from services.common.stores import state
from services.demo.people import people, plainly
from services.demo.residents import texts
from services.demo.words import FOLDED
from tests.support.ports import free_ports

KILLED = ("reminders-web", "reminders-worker", "reminders-clock", "consultation-worker")
# Texts accepted when the fire opens: while Friday's reminders are being sent, and again during Sunday's.
FIRE_AT = (3, 75)
PATIENCE = 300.0  # seconds; it takes one on an idle machine
LOOK_EVERY = 0.25
WORDS_AT_LEAST = 12  # characters: "STOP" and "10am" are words of our own in a log


@dataclass
class Run:
    """One told story: how it ended, what it printed, and what was seen of it from outside."""

    data_dir: Path
    code: int = -1
    printed: str = ""
    fires: list[dict[str, int]] = field(default_factory=list)
    metrics: set[str] = field(default_factory=set)
    valkey: set[str] = field(default_factory=set)
    looks: int = 0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """`heed demo --once` on ports and a folder of its own, under fire."""
    told = Run(tmp_path_factory.mktemp("demo") / "data")
    ports = free_ports()
    environment = os.environ | ports | {"HEED_DATA_DIR": str(told.data_dir), "HEED_LOG_LEVEL": "debug"}
    command = [sys.executable, "-m", "services.cli", "demo", "--once"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        arsonist = threading.Thread(target=_fire, args=(process, told))
        arsonist.start()
        try:
            told.printed, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.terminate()
            told.printed, _ = process.communicate()
        finally:
            arsonist.join()
    told.code = process.returncode
    yield told


def test_the_story_comes_out_under_fire(run: Run) -> None:
    assert run.code == 0, run.printed[-6000:]
    assert len(run.fires) == len(FIRE_AT)
    assert all(set(fire) == set(KILLED) for fire in run.fires)
    assert run.fires[0] != run.fires[1], "what was killed came back under other process ids"


def test_nobody_is_named_in_logs_metrics_or_valkey(run: Run) -> None:
    places = {str(path): path.read_text(errors="replace") for path in _logs(run.data_dir)}
    assert any(path.endswith("reminders-web.log") for path in places)
    assert run.metrics and run.valkey and run.looks > 20
    places |= {"metrics": "\n".join(run.metrics), "Valkey": "\n".join(run.valkey)}
    found = {place: sorted(_traces(run.data_dir, text)) for place, text in places.items()}
    assert {place: traces for place, traces in found.items() if traces} == {}


def test_the_search_finds_what_it_looks_for(run: Run) -> None:
    person = next(one for one in people() if one.number and one.given in FOLDED)
    for written in (person.surname.upper(), FOLDED[person.given], *_forms(person.number or "")):
        assert _traces(run.data_dir, f'{{"event": "x {written} y"}}')
    assert _traces(run.data_dir, f"was {texts()[0].text}")


def _fire(process: subprocess.Popen[str], told: Run) -> None:
    """Look at Valkey and the metrics again and again; when the moment has come, kill and empty."""
    moments, next_look = list(FIRE_AT), 0.0
    while process.poll() is None:
        up = _up(told.data_dir)
        if up and time.monotonic() > next_look:
            _look(up, told)
            next_look = time.monotonic() + LOOK_EVERY
        if up and moments and _accepted(up) >= moments[0]:
            moments.pop(0)
            told.fires.append(_kill(up))
            _valkey(told.data_dir).flushall()
        time.sleep(0.02 if moments else LOOK_EVERY)


def _kill(up: dict[str, Any]) -> dict[str, int]:
    pids = {name: int(up["pids"][name]) for name in KILLED}
    for pid in pids.values():
        with suppress(ProcessLookupError, FileNotFoundError):
            # A process that has ended meanwhile may have left its number to a stranger.
            if b"services.cli" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
    return pids


def _up(data_dir: Path) -> dict[str, Any] | None:
    with suppress(FileNotFoundError, ValueError):
        content: dict[str, Any] = json.loads((data_dir / "up.json").read_text())
        return content
    return None


def _accepted(up: dict[str, Any]) -> int:
    with suppress(requests.RequestException):
        return int(requests.get(f"{up['sandbox']['url']}/sandbox/accepted", timeout=5).json()["accepted"])
    return 0


def _look(up: dict[str, Any], told: Run) -> None:
    for name in ("reminders", "consultation"):
        with suppress(requests.RequestException):
            told.metrics.update(requests.get(f"{up[name]['url']}/metrics", timeout=5).text.splitlines())
    with suppress(RedisError, FileNotFoundError):
        told.valkey.update(_everything(_valkey(told.data_dir)))
        told.looks += 1


def _valkey(data_dir: Path) -> "Redis":
    return Redis.from_url(state.read(data_dir / "stores" / "state.json").redis_url)


def _everything(valkey: "Redis") -> Iterator[str]:
    """Every key and value, compressed ones opened."""
    with valkey:
        for key in list(valkey.scan_iter(count=1000)):
            yield _opened(key)
            readers = {
                b"string": lambda key: [valkey.get(key)],
                b"list": lambda key: valkey.lrange(key, 0, -1),
                b"hash": lambda key: [part for pair in valkey.hgetall(key).items() for part in pair],
                b"set": valkey.smembers,
                b"zset": lambda key: valkey.zrange(key, 0, -1),
                b"stream": lambda key: [str(valkey.xrange(key)).encode()],
            }
            with suppress(RedisError):
                values = readers.get(valkey.type(key), lambda key: [])(key)
                yield from (_opened(value) for value in values if value is not None)


def _opened(value: bytes) -> str:
    with suppress(zlib.error):
        value = zlib.decompress(value)
    return value.decode(errors="replace")


def _logs(data_dir: Path) -> Iterator[Path]:
    """Every file of the run but the databases, the carrier's own journal and the keys."""
    for path in sorted(data_dir.rglob("*")):
        inside = path.relative_to(data_dir).parts
        if path.is_file() and "cluster" not in inside and path.name not in ("sandbox.jsonl", "secrets.json"):
            yield path


def _traces(data_dir: Path, text: str) -> set[str]:
    names, numbers, messages = _needles(data_dir)
    found = {match.group(0) for match in names.finditer(text)} | {
        match.group(0) for match in numbers.finditer(text)
    }
    return found | {message for message in messages if message in text}


_KNOWN: dict[Path, tuple[re.Pattern[str], re.Pattern[str], set[str]]] = {}


def _needles(data_dir: Path) -> tuple[re.Pattern[str], re.Pattern[str], set[str]]:
    """Every name as a word in any case, every number in any writing, every message sent or received, as it is and in JSON."""
    if data_dir not in _KNOWN:
        given = {
            form for one in people() for form in (one.given, plainly(one.given), FOLDED.get(one.given, ""))
        }
        names = {name for name in given | {one.surname for one in people()} if len(name) > 3}
        numbers = {one.number for one in people() if one.number} | {one.number for one in texts()}
        events = [json.loads(line) for line in (data_dir / "sandbox.jsonl").read_text().splitlines()]
        bodies = {event["body"] for event in events if event["event"] == "message"}
        bodies |= {one.text for one in texts()}
        long = {body for body in bodies if len(body) >= WORDS_AT_LEAST}
        _KNOWN[data_dir] = (
            re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b", re.IGNORECASE),
            re.compile("|".join(re.escape(form) for number in sorted(numbers) for form in _forms(number))),
            long | {json.dumps(body)[1:-1] for body in long},
        )
    return _KNOWN[data_dir]


def _forms(number: str) -> tuple[str, ...]:
    """+447700900123 as people and machines write it."""
    digits = number.removeprefix("+44")
    return (
        digits,
        f"0{digits[:4]} {digits[4:]}",
        f"0{digits[:4]} {digits[4:7]} {digits[7:]}",
        f"%2B44{digits}",
        f"44 {digits[:4]} {digits[4:]}",
    )
