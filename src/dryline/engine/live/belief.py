"""Which facts can be believed, which were heard before, and which put an earlier one right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from dryline.domain.event import (
    HEARD,
    Correction,
    Evidence,
    LineCrossing,
    LoopPassing,
    RaceControlMessage,
    TeamInput,
    TimingEvent,
    WeatherSample,
)
from dryline.domain.instant import Duration, Instant
from dryline.domain.race_info import RaceLength
from dryline.engine.live.limits import (
    MAX_NUMBER,
    impossible_crossing,
    impossible_input,
    impossible_message,
    impossible_passing,
    impossible_weather,
)
from dryline.engine.live.stamps import Stamps
from dryline.race.team_evidence import in_force

Event = TypeVar("Event", bound=TimingEvent)

MOST_HEARD = 500
"""So many lines that count for nothing are shown of one feed."""


@dataclass(frozen=True, slots=True)
class Believed:
    """A fact to be folded in; ``late`` where something that happened later is known already."""

    event: TimingEvent
    late: bool = False


@dataclass(frozen=True, slots=True)
class Repeated:
    """It was heard before."""


@dataclass(frozen=True, slots=True)
class Unbelieved:
    """It cannot be; why."""

    reason: str
    car_number: str | None = None
    lap: int | None = None


Verdict = Believed | Repeated | Unbelieved


class Belief:
    """What has been believed so far. A lap stated twice differently is a correction."""

    def __init__(self) -> None:
        self._stamps = Stamps()
        self._laps: dict[str, dict[int, LineCrossing]] = {}
        self._classes: dict[str, str] = {}
        self._others: set[bytes] = set()
        self._passings: dict[tuple[object, ...], Instant] = {}
        self._team: list[TeamInput] = []
        self._latest_ms = 0

    def limit(self, length: RaceLength | None) -> None:
        """Nothing can happen long after the race is meant to end."""
        self._stamps = Stamps(length)

    def can_be(self, at: Instant, now: Instant) -> bool:
        """Whether something known ``now`` can bear the stamp ``at``."""
        return self._stamps.can_be(at, now)

    def judge(self, event: TimingEvent, now: Instant, *, typed: bool) -> Sequence[Verdict]:
        """What to make of ``event``, which came ``now``; what is believed is kept in mind."""
        verdicts = self.weigh(event, now, typed=typed)
        for verdict in verdicts:
            if isinstance(verdict, Believed):
                self._remember(verdict.event)
        return verdicts

    def weigh(self, event: TimingEvent, now: Instant, *, typed: bool = False) -> Sequence[Verdict]:
        """What ``judge`` would say, without keeping anything in mind.

        A ``known_at`` that cannot be is refused alone: the fact was known when it came then.
        """
        if not self._can_have_happened(event, now):
            return [_refused(event, f"it would have happened at {event.happened_at}")]
        known = max(now, event.happened_at)
        if self.can_be(event.known_at, known):
            return self._weighed(_known(event, max(known, event.known_at)), typed=typed)
        verdicts = self._weighed(_known(event, known), typed=typed)
        if all(isinstance(verdict, Unbelieved) for verdict in verdicts):
            return verdicts
        return [_refused(event, f"it would have been known at {event.known_at}"), *verdicts]

    def _can_have_happened(self, event: TimingEvent, now: Instant) -> bool:
        if self.can_be(event.happened_at, now):
            return True
        if not isinstance(event, LineCrossing):
            return False
        laps = self._laps.get(event.car_number, {})
        lap = max((lap for lap in laps if lap < event.lap), default=0)
        return self._stamps.is_borne_out(event, laps.get(lap))

    def _weighed(self, event: TimingEvent, *, typed: bool) -> Sequence[Verdict]:
        match event:
            case LineCrossing():
                return [self._crossing(event)]
            case LoopPassing():
                return [self._passing(event)]
            case Correction():
                return list(self._correction(event))
            case TeamInput():
                return [self._team_input(event, typed=typed)]
            case RaceControlMessage() | Evidence() | WeatherSample():
                return [self._other(event)]

    def _remember(self, event: TimingEvent) -> None:
        match event:
            case LineCrossing():
                self._laps.setdefault(event.car_number, {})[event.lap] = event
                if event.car_class:
                    self._classes.setdefault(event.car_number, event.car_class)
                self._latest_ms = max(self._latest_ms, event.happened_at.ms)
            case LoopPassing():
                self._passings[_loop_of(event)] = event.happened_at
            case Correction():
                self._laps.get(event.car_number, {}).pop(event.lap, None)
                if event.crossing is not None:
                    self._remember(event.crossing)
            case TeamInput():
                self._team.append(event)
            case RaceControlMessage() | Evidence() | WeatherSample():
                self._others.add(_words(event))

    def _crossing(self, event: LineCrossing) -> Verdict:
        reason = impossible_crossing(event, self._stamps.longest_ms)
        if reason is not None:
            return _refused(event, reason)
        event = self._with_class(event)
        laps = self._laps.get(event.car_number, {})
        before = laps.get(event.lap)
        if before is not None and _same(before, event):
            return Repeated()
        for neighbour, sign in ((event.lap - 1, -1), (event.lap + 1, 1)):
            other = laps.get(neighbour)
            if other is not None and sign * (other.happened_at.ms - event.happened_at.ms) <= 0:
                return _refused(event, f"its lap {neighbour} was completed at {other.happened_at}")
        if before is not None:
            return self._put_right(event.car_number, event.lap, event, "stated anew")
        return Believed(event, late=event.happened_at.ms < self._latest_ms)

    def _passing(self, event: LoopPassing) -> Verdict:
        reason = impossible_passing(event, self._stamps.longest_ms)
        if reason is not None:
            return _refused(event, reason)
        if event.lap is None:
            laps = self._laps.get(event.car_number, {}).items()
            done = (lap for lap, said in laps if said.happened_at <= event.happened_at)
            event = msgspec.structs.replace(event, lap=max(done, default=0) + 1)
        if self._passings.get(_loop_of(event)) == event.happened_at:
            return Repeated()
        return Believed(event, late=event.happened_at.ms < self._latest_ms)

    def _correction(self, event: Correction) -> Iterator[Verdict]:
        new = event.crossing
        before = self._laps.get(event.car_number, {}).get(event.lap)
        if new is None:
            if before is None:
                yield _refused(event, "takes back a lap that nobody stated")
            else:
                yield self._put_right(event.car_number, event.lap, None, event.reason)
            return
        new = _known(new, event.known_at)
        reason = impossible_crossing(new, self._stamps.longest_ms)
        if reason is None and not self._can_have_happened(new, event.known_at):
            reason = f"it would have happened at {new.happened_at}"
        if reason is not None:
            yield _refused(new, reason)
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
        if crossing is not None:
            crossing = self._with_class(crossing)
        if event is None:
            said = crossing or self._laps.get(number, {}).get(lap)
            at = Instant(0) if said is None else said.known_at
            event = Correction(happened_at=at, known_at=at, car_number=number, lap=lap)
        return Believed(msgspec.structs.replace(event, crossing=crossing, reason=reason))

    def _team_input(self, event: TeamInput, *, typed: bool) -> Verdict:
        reason = impossible_input(event)
        if reason is not None:
            return Unbelieved(reason)
        said = (event.author, event.text, event.happened_at)
        if not typed and any((e.author, e.text, e.happened_at) == said for e in self._team):
            return Repeated()
        if event.kind == HEARD and sum(_is_alike(e, event) for e in self._team) >= MOST_HEARD:
            return Unbelieved(f"{MOST_HEARD} lines in the team's name were heard of it")
        if event.kind == "undo":
            mine = [e.number for e in in_force(self._team) if e.author == event.author]
            known = {e.number for e in self._team}
            wanted = event.undoes if event.undoes is not None else max(mine, default=0)
            if wanted not in known:
                return Unbelieved(
                    f"there is no team input {wanted or ''} to undo".replace("  ", " ")
                )
            event = msgspec.structs.replace(event, undoes=wanted)
        return Believed(msgspec.structs.replace(event, number=len(self._team) + 1))

    def _other(self, event: RaceControlMessage | Evidence | WeatherSample) -> Verdict:
        if isinstance(event, WeatherSample):
            reason = impossible_weather(event)
        else:
            reason = impossible_message(event)
        if reason is not None:
            return Unbelieved(reason)
        return Repeated() if _words(event) in self._others else Believed(event)

    def _with_class(self, event: LineCrossing) -> LineCrossing:
        """A car keeps the class that was stated first."""
        first = self._classes.get(event.car_number, event.car_class)
        return (
            event if event.car_class == first else msgspec.structs.replace(event, car_class=first)
        )


def _refused(event: TimingEvent, reason: str) -> Unbelieved:
    if isinstance(event, LineCrossing | LoopPassing | Correction):
        return Unbelieved(reason, event.car_number[:MAX_NUMBER], event.lap)
    return Unbelieved(reason)


def _loop_of(event: LoopPassing) -> tuple[object, ...]:
    return event.car_number, event.lap, event.loop, event.sector, event.number


def _words(event: RaceControlMessage | Evidence | WeatherSample) -> bytes:
    """What it says, whenever it was known."""
    said = msgspec.structs.replace(event, known_at=event.happened_at)
    return msgspec.msgpack.encode(said, enc_hook=_ms)


def _same(one: LineCrossing, other: LineCrossing) -> bool:
    """Whether two statements of a lap agree; where and when they were made does not matter."""
    if one.happened_at != other.happened_at or one.lap_time != other.lap_time:
        return False
    return one == msgspec.structs.replace(other, known_at=one.known_at, line=one.line)


def _is_alike(one: TeamInput, other: TeamInput) -> bool:
    return (one.kind, one.author) == (other.kind, other.author)


def _ms(value: object) -> int:
    if isinstance(value, Instant | Duration):
        return value.ms
    raise NotImplementedError(type(value).__name__)


def _known(event: Event, at: Instant) -> Event:
    return event if event.known_at == at else msgspec.structs.replace(event, known_at=at)
