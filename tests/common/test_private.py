"""A private value shows a mask wherever it might be printed, and cannot leave the process by accident."""

import copy
import doctest
import json
import logging
import pickle
import traceback
from dataclasses import dataclass

import pytest

from services.common import private
from services.common.private import Private

SECRET = "07700 900123"
VALUE = Private(SECRET)


@dataclass(frozen=True)
class Holder:
    name: Private


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        ascii,
        "{}".format,
        "{!r}".format,
        "{!s:>20}".format,
        "{:>20}".format,
        "{:.3}".format,
        lambda value: f"{value}{value!r}{value:^40}",
        lambda value: "%s %r" % (value, value),  # noqa: UP031 - loggers format so
        lambda value: str([value, {value: value}, (value,)]),
        lambda value: repr(Holder(value)),
        lambda value: str(ValueError(value)) + repr(KeyError(value)),
        lambda value: json.dumps([value], default=str),
        lambda value: logging.makeLogRecord({"msg": "%s", "args": (value,)}).getMessage(),
    ],
)
def test_every_way_of_printing_shows_the_mask(show: object) -> None:
    shown = show(VALUE)  # type: ignore[operator]
    assert SECRET not in shown
    assert "07700" not in shown
    assert "[pr" in shown


def test_a_traceback_shows_the_mask() -> None:
    try:
        raise ValueError(VALUE)
    except ValueError as error:
        assert SECRET not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_never_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(VALUE, protocol)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Holder(VALUE), protocol)


@pytest.mark.parametrize("act", [copy.copy, copy.deepcopy, json.dumps, vars, dict, list, iter, bytes, len])
def test_no_other_way_out(act: object) -> None:
    with pytest.raises(TypeError):
        act(VALUE)  # type: ignore[operator]


def test_it_has_no_dictionary_to_print() -> None:
    assert not hasattr(VALUE, "__dict__")
    with pytest.raises(AttributeError):
        VALUE.other = 1  # type: ignore[attr-defined]


def test_reveal_is_the_one_way() -> None:
    assert VALUE.reveal() == SECRET


def test_equality_is_by_value_and_never_with_plain_text() -> None:
    assert Private("a") == Private("a")
    assert Private("a") != Private("b")
    assert Private("a") != "a"
    assert len({Private("a"), Private("a"), Private("b")}) == 2


def test_truth_is_that_of_the_text() -> None:
    assert Private("a")
    assert not Private("")


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(private).failed == 0
