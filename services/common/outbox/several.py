"""Asking the carrier about several messages at a time, and leaving off as soon as it does not answer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from threading import Event
from typing import TypeVar

from services.common.carrier import CarrierUnreachable
from services.common.context import Heed

Answer = TypeVar("Answer")
Thing = TypeVar("Thing")


class No(Enum):
    """The carrier did not answer this question, or another one of the same batch before it was asked."""

    ANSWER = "no answer"


def ask_each(heed: Heed, question: Callable[[Thing], Answer], things: Sequence[Thing]) -> list[Answer | No]:
    """The answer about each thing, a message's sid or a text. A carrier that is out of reach is not asked for each: a question may take half a minute."""
    stop = Event()

    def ask(thing: Thing) -> Answer | No:
        if stop.is_set():
            return No.ANSWER
        try:
            return question(thing)
        except CarrierUnreachable:
            stop.set()
            return No.ANSWER

    with ThreadPoolExecutor(heed.settings.drain_threads, thread_name_prefix="ask") as pool:
        return list(pool.map(ask, things))
