"""One thread that does things later, and a few that do slow things in turn."""

import heapq
import itertools
import logging
import queue
import threading
import time
import zlib
from collections.abc import Callable

log = logging.getLogger(__name__)
Action = Callable[[], object]


class Timers:
    """Runs short actions at their time on one thread, so that 100,000 waiting texts cost a heap and not a thread."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="sandbox-timers", daemon=True)
        self._thread.start()

    def after(self, seconds: float, action: Action) -> None:
        """Run the action once, this many seconds from now; equal times run in the order in which they were asked."""
        with self._changed:
            heapq.heappush(self._heap, (time.monotonic() + seconds, next(self._order), action))
            if self._heap[0][2] is action:
                self._changed.notify()

    def clear(self) -> None:
        with self._changed:
            self._heap.clear()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            action = self._next()
            if action is None:
                return
            run_safely(action)

    def _next(self) -> Action | None:
        with self._changed:
            while not self._stopped:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(wait)
            return None


class Lanes:
    """A few threads for slow work. Work with one key stays on one lane, so it is done in the order of asking."""

    def __init__(self, count: int) -> None:
        self._queues: list[queue.Queue[Action | None]] = [queue.Queue() for _ in range(count)]
        self._threads = [
            threading.Thread(target=_work, args=(lane,), name=f"sandbox-lane-{number}", daemon=True)
            for number, lane in enumerate(self._queues)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, key: str, action: Action) -> None:
        self._queues[zlib.crc32(key.encode()) % len(self._queues)].put(action)

    def waiting(self) -> int:
        """How many actions wait for a lane or are under way on one."""
        return sum(lane.unfinished_tasks for lane in self._queues)

    def stop(self) -> None:
        for lane in self._queues:
            lane.put(None)
        for thread in self._threads:
            thread.join(timeout=5)


def _work(lane: "queue.Queue[Action | None]") -> None:
    while (action := lane.get()) is not None:
        run_safely(action)
        lane.task_done()


def run_safely(action: Action) -> None:
    """Run it; a failure is logged by its type alone (its words could hold a number or a text) and ends nothing."""
    try:
        action()
    except Exception as error:
        log.error("an action of the sandbox carrier failed: %s", type(error).__name__)
