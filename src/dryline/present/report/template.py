"""Sentences with places for a claim's values, each said by a word of its own.

``{driver:person}`` is the claim's driver as a sentence names one, ``{laps:count lap}`` counts
them; Python's own formats (``{laps:,}``) hold as well. A name that the claim does not have is a
part made of several of its values: ``{the_car}`` is number and team.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from typing import Any

from dryline.domain.clock_text import format_ms
from dryline.present.names import car, cars, crew, person, safe, the_class
from dryline.present.report.words import clock, count, nth, seconds, span, tenths, times

V = dict[str, Any]
"""The values of a claim."""
Words = str | Callable[[V], str]
"""A way of saying a claim: with places for its values, or made of them."""


def moved(ms: int) -> str:
    """``cost 12.3 seconds`` or ``gained 12.3 seconds``."""
    return f"{'cost' if ms > 0 else 'gained'} {tenths(abs(ms))}"


def signed(ms: int) -> str:
    """``+12.345``: lost; ``-12.345``: gained."""
    return f"{'+' if ms > 0 else ''}{format_ms(ms)}"


SAID: dict[str, Callable[[Any], str]] = {
    "car": car,
    "cars": cars,
    "class": the_class,
    "clock": clock,
    "crew": crew,
    "lap_time": format_ms,
    "moved": moved,
    "nth": nth,
    "person": person,
    "safe": safe,
    "seconds": seconds,
    "signed": signed,
    "span": span,
    "tenths": tenths,
    "times": times,
}
"""What may stand behind the colon, ``count NOUN`` apart."""


class _Template(string.Formatter):
    def __init__(self, parts: Mapping[str, Callable[[V], str]]) -> None:
        self._parts = parts

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        if key in kwargs:
            return kwargs[key]
        return self._parts[str(key)](kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        word, _, noun = format_spec.partition(" ")
        if word == "count":
            return count(value, noun)
        said = SAID.get(word)
        return str(format(value, format_spec)) if said is None else said(value)


def told(words: Words, values: V, parts: Mapping[str, Callable[[V], str]]) -> str:
    """A claim's values in these words.

    Raises:
        KeyError: where the claim has no such value, and there is no such part.
    """
    return words(values) if callable(words) else _Template(parts).vformat(words, (), values)
