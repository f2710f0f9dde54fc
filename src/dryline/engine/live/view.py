"""What every viewer may see, as values: a screen, and what changes from one to the next.

Answers of the workers and team inputs are not in it: they are for the team alone and are read
from the state by whoever may see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.instant import Duration, Instant
from dryline.engine.live.health import FeedHealth
from dryline.engine.live.line_now import lines_now
from dryline.engine.live.session import LiveSession

CarLine = dict[str, Any]
"""One car: the columns of ``race.snapshot.SNAPSHOT``, then those of ``LineNow``."""


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """The race at ``at_ms`` for all to see; ``version`` counts the session's records.

    ``order`` lists car numbers in running order, ``cars`` holds their lines, ``feeds`` each
    feed's health, ``messages`` what race control and others have said, oldest first.
    """

    version: int
    name: str
    at_ms: int
    flag: str
    order: tuple[str, ...]
    cars: Mapping[str, CarLine]
    feeds: Mapping[str, FeedHealth]
    messages: tuple[RaceControlMessage | Evidence, ...] = ()


class Delta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What turns the screen of version ``since`` into that of ``version``.

    ``cars`` has the changed cells of each changed car, ``gone`` cars that are no more,
    ``messages`` those to be kept from the old screen and the new ones after them.
    """

    since: int
    version: int
    at_ms: int
    name: str | None = None
    flag: str | None = None
    order: tuple[str, ...] | None = None
    cars: dict[str, CarLine] = {}
    gone: tuple[str, ...] = ()
    feeds: dict[str, FeedHealth] = {}
    messages_kept: int | None = None
    messages: tuple[RaceControlMessage | Evidence, ...] = ()


def screen(session: LiveSession, at: Instant | None = None) -> Screen:
    """What there is to see at ``at``, the clock's now when left out."""
    state, race = session.state, session.race()
    now = max(session.clock.now(), state.now) if at is None else at
    snapshot = race.at(now, state.race.passed)
    added = lines_now(snapshot, state.race, session.habits())
    lines = {
        row["car_number"]: {**row, **added[row["car_number"]]} for row in snapshot.table.to_dicts()
    }
    return Screen(
        version=state.seq,
        name=race.info.name,
        at_ms=now.ms,
        flag=snapshot.flag.value,
        order=tuple(snapshot.order),
        cars=lines,
        feeds=_public(state.feeds),
        messages=tuple(state.race.messages),
    )


def delta(before: Screen, after: Screen) -> Delta:
    """What ``applied`` needs to turn ``before`` into ``after``."""
    changed = {
        number: cells
        for number, line in after.cars.items()
        if (cells := _changed(before.cars.get(number, {}), line))
    }
    kept = _kept(before.messages, after.messages)
    same = kept == len(before.messages) == len(after.messages)
    return Delta(
        since=before.version,
        version=after.version,
        at_ms=after.at_ms,
        name=None if before.name == after.name else after.name,
        flag=None if before.flag == after.flag else after.flag,
        order=None if before.order == after.order else after.order,
        cars=changed,
        gone=tuple(number for number in before.cars if number not in after.cars),
        feeds={name: feed for name, feed in after.feeds.items() if before.feeds.get(name) != feed},
        messages_kept=None if same else kept,
        messages=after.messages[kept:],
    )


def applied(before: Screen, change: Delta) -> Screen:
    """The screen after a change.

    Raises:
        ValueError: where the change is about another screen than ``before``.
    """
    if change.since != before.version:
        raise ValueError(f"a change since {change.since} does not follow {before.version}")
    cars = {number: line for number, line in before.cars.items() if number not in change.gone}
    for number, cells in change.cars.items():
        cars[number] = {**cars.get(number, {}), **cells}
    kept = len(before.messages) if change.messages_kept is None else change.messages_kept
    return Screen(
        version=change.version,
        name=before.name if change.name is None else change.name,
        at_ms=change.at_ms,
        flag=before.flag if change.flag is None else change.flag,
        order=before.order if change.order is None else change.order,
        cars=cars,
        feeds={**before.feeds, **change.feeds},
        messages=(*before.messages[:kept], *change.messages),
    )


def encoded(value: Screen | Delta) -> bytes:
    """As JSON, once, for all viewers."""
    return _ENCODER.encode(value)


def _public(feeds: Mapping[str, FeedHealth]) -> dict[str, FeedHealth]:
    """How the feeds do, without who types here and without a word of what could not be read."""
    return {
        name: msgspec.structs.replace(health, last_garbage="")
        for name, health in feeds.items()
        if health.state != "typed"
    }


def _changed(before: CarLine, after: CarLine) -> CarLine:
    return {
        name: cell for name, cell in after.items() if name not in before or before[name] != cell
    }


def _kept(before: tuple[Any, ...], after: tuple[Any, ...]) -> int:
    if before == after[: len(before)]:
        return len(before)
    pairs = zip(before, after, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), len(after))


def _plain(value: Any) -> Any:
    if isinstance(value, Instant | Duration):
        return value.ms
    raise NotImplementedError(type(value).__name__)


_ENCODER = msgspec.json.Encoder(enc_hook=_plain)
