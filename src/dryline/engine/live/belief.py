"""Which facts can be believed, which were heard before, and which put an earlier one right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from dryline.domain.event import (
    Correction,
    Evidence,
    LineCrossing,
    RaceControlMessage,
    TeamInput,
    TimingEvent,
    WeatherSample,
)
from dryline.domain.instant import Duration, Instant
from dryline.domain.race_info import RaceLength
from dryline.engine.live.limits import (
    LONGEST_MS,
    MAX_NUMBER,
    impossible_crossing,
    impossible_input,
    impossible_message,
)
from dryline.race.team_evidence import in_force

Event = TypeVar("Event", bound=TimingEvent)

OVERTIME_MS = 2 * 3_600_000
BEFORE_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Believed:
    """A fact to be folded in; ``late`` where something that happened later is known already."""

    event: TimingEvent
    late: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """It was heard before."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be; why."""

    reason: str
    car_number: str | None = None
    lap: int | None = None


Verdict = Believed | Repeated | Refused


class Belief:
    """What has been believed so far. A lap stated twice differently is a correction."""

    def __init__(self, length: RaceLength | None) -> None:
        self.limit(length)
        self._laps: dict[str, dict[int, LineCrossing]] = {}
        self._classes: dict[str, str] = {}
        self._others: set[bytes] = set()
        self._team: list[TeamInput] = []
        self._latest_ms = 0

    def limit(self, length: RaceLength | None) -> None:
        """Nothing can happen long after the race is meant to end."""
        known = None if length is None else length.ms
        self._longest_ms = LONGEST_MS if known is None else known + OVERTIME_MS

    def judge(self, event: TimingEvent, known_at: Instant, *, typed: bool) -> Iterator[Verdict]:
        """What to make of ``event``, known at ``known_at`` or when it happened, if later."""
        if not self.can_be(event.happened_at):
            yield Refused(f"it would have happened at {event.happened_at}")
            return
        known = max(known_at, event.happened_at)
        if self.can_be(event.known_at):
            known = max(known, event.known_at)
        match event:
            case LineCrossing():
                yield self._crossing(_known(event, known))
            case Correction():
                yield from self._correction(_known(event, known))
            case TeamInput():
                yield self._team_input(_known(event, known), typed=typed)
            case RaceControlMessage() | Evidence() | WeatherSample():
                yield self._other(_known(event, known))

    def can_be(self, at: Instant) -> bool:
        """Whether something about this race can have happened then."""
        return -BEFORE_MS <= at.ms <= self._longest_ms

    def _crossing(self, event: LineCrossing) -> Verdict:
        reason = impossible_crossing(event, self._longest_ms)
        if reason is not None:
            return Refused(reason, event.car_number[:MAX_NUMBER], event.lap)
        event = self._with_class(event)
        laps = self._laps.get(event.car_number, {})
        before = laps.get(event.lap)
        if before is not None and _same(before, event):
            return Repeated()
        for neighbour, sign in ((event.lap - 1, -1), (event.lap + 1, 1)):
            other = laps.get(neighbour)
            if other is not None and sign * (other.happened_at.ms - event.happened_at.ms) <= 0:
                reason = f"its lap {neighbour} was completed at {other.happened_at}"
                return Refused(reason, event.car_number, event.lap)
        if before is not None:
            return self._put_right(event.car_number, event.lap, event, "stated anew")
        self._laps.setdefault(event.car_number, {})[event.lap] = event
        late = event.happened_at.ms < self._latest_ms
        self._latest_ms = max(self._latest_ms, event.happened_at.ms)
        return Believed(event, late)

    def _correction(self, event: Correction) -> Iterator[Verdict]:
        new = event.crossing
        before = self._laps.get(event.car_number, {}).get(event.lap)
        if new is None:
            if before is None:
                yield Refused("takes back a lap that nobody stated", event.car_number, event.lap)
            else:
                yield self._put_right(event.car_number, event.lap, None, event.reason)
            return
        new = _known(new, event.known_at)
        reason = impossible_crossing(new, self._longest_ms)
        if reason is not None:
            yield Refused(reason, new.car_number[:MAX_NUMBER], new.lap)
            return
        if before is not None and _same(before, new):
            yield Repeated()
            return
        is_moved = (new.car_number, new.lap) != (event.car_number, event.lap)
        if is_moved and new.lap in self._laps.get(new.car_number, {}):
            taken = Correction(
                happened_at=event.happened_at,
                known_at=event.known_at,
                car_number=new.car_number,
                lap=new.lap,
                reason=event.reason,
            )
            yield self._put_right(taken.car_number, taken.lap, None, event.reason, taken)
        yield self._put_right(event.car_number, event.lap, new, event.reason)

    def _put_right(
        self,
        number: str,
        lap: int,
        crossing: LineCrossing | None,
        reason: str,
        event: Correction | None = None,
    ) -> Believed:
        before = self._laps.get(number, {}).pop(lap, None)
        if crossing is not None:
            crossing = self._with_class(crossing)
            self._laps.setdefault(crossing.car_number, {})[crossing.lap] = crossing
            self._latest_ms = max(self._latest_ms, crossing.happened_at.ms)
        if event is None:
            said = crossing if crossing is not None else before
            at = Instant(0) if said is None else said.known_at
            event = Correction(happened_at=at, known_at=at, car_number=number, lap=lap)
        return Believed(msgspec.structs.replace(event, crossing=crossing, reason=reason))

    def _team_input(self, event: TeamInput, *, typed: bool) -> Verdict:
        reason = impossible_input(event)
        if reason is not None:
            return Refused(reason)
        said = (event.author, event.text, event.happened_at)
        if not typed and any((e.author, e.text, e.happened_at) == said for e in self._team):
            return Repeated()
        if event.kind == "undo":
            mine = [e.number for e in in_force(self._team) if e.author == event.author]
            known = {e.number for e in self._team}
            wanted = event.undoes if event.undoes is not None else max(mine, default=0)
            if wanted not in known:
                return Refused(f"there is no team input {wanted or ''} to undo".replace("  ", " "))
            event = msgspec.structs.replace(event, undoes=wanted)
        event = msgspec.structs.replace(event, number=len(self._team) + 1)
        self._team.append(event)
        return Believed(event)

    def _other(self, event: RaceControlMessage | Evidence | WeatherSample) -> Verdict:
        reason = None if isinstance(event, WeatherSample) else impossible_message(event)
        if reason is not None:
            return Refused(reason)
        key = msgspec.msgpack.encode(
            msgspec.structs.replace(event, known_at=event.happened_at), enc_hook=_ms
        )
        if key in self._others:
            return Repeated()
        self._others.add(key)
        return Believed(event)

    def _with_class(self, event: LineCrossing) -> LineCrossing:
        """A car keeps the class that was stated first."""
        first = self._classes.setdefault(event.car_number, event.car_class)
        if not first and event.car_class:
            self._classes[event.car_number] = event.car_class
            return event
        return (
            event if event.car_class == first else msgspec.structs.replace(event, car_class=first)
        )


def _same(one: LineCrossing, other: LineCrossing) -> bool:
    """Whether two statements of a lap agree; where and when they were made does not matter."""
    if one.happened_at != other.happened_at or one.lap_time != other.lap_time:
        return False
    return one == msgspec.structs.replace(other, known_at=one.known_at, line=one.line)


def _ms(value: object) -> int:
    if isinstance(value, Instant | Duration):
        return value.ms
    raise NotImplementedError(type(value).__name__)


def _known(event: Event, at: Instant) -> Event:
    return event if event.known_at == at else msgspec.structs.replace(event, known_at=at)
