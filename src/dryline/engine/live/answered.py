"""What the answers in a journal say, as the records that they were written from.

An answer of an older edition of Dryline, whose record had other fields, says nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar

import msgspec

from dryline.answers.answer import Answer
from dryline.engine.live.state import Answered, SessionState

A = TypeVar("A", bound=Answer)
OLDER_EDITION = "answered by an older edition of Dryline, which this one cannot show"
_KEPT = 64


def value_of(answered: Answered, record: type[A]) -> A | None:
    """The record in an answer; ``None`` where there is none, or of an older edition."""
    if answered.error is not None:
        return None
    value: A | None = _decoded(bytes(answered.value), record)
    return value


def answers_of(state: SessionState, kind: str, record: type[A]) -> Iterator[tuple[Answered, A]]:
    """Every answer of a kind that can be read, oldest first."""
    for each in state.answers:
        if each.kind == kind and (value := value_of(each, record)) is not None:
            yield each, value


def newest(state: SessionState, kind: str, record: type[A]) -> tuple[Answered, A] | None:
    """The newest answer of a kind that can be read, by the instant that it is about."""
    latest = state.latest.get(kind)
    if latest is None:
        return None
    value = value_of(latest, record)
    if value is not None:
        return latest, value
    found = answers_of(state, kind, record)
    return max(found, key=lambda each: each[0].as_of_ms, default=None)


@lru_cache(maxsize=_KEPT)
def _decoded(value: bytes, record: type[A]) -> A | None:
    try:
        return msgspec.json.decode(value, type=record)
    except msgspec.ValidationError:
        return None
