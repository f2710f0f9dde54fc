"""A race that is over as a feed: every fact at the instant at which it became known."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import polars as pl

from dryline.domain.errors import NotKnown
from dryline.domain.event import LineCrossing, TimingEvent, WeatherSample
from dryline.domain.instant import START, Instant
from dryline.feeds.alkamel import spec
from dryline.feeds.events import events
from dryline.feeds.lap_sheet import LapSheet
from dryline.feeds.live.arrival import Arrival, ArrivalForm
from dryline.feeds.live.lines import event_line, heartbeat_line
from dryline.feeds.synthesised_loops import synthesised_loops
from dryline.race.race import Race

AT_ONCE = 500
HEARTBEAT_MS = 30_000
SOURCE = "replay"


def race_events(race: Race) -> list[TimingEvent]:
    """Every fact of a race, in order of ``known_at``; crossings, messages, weather."""
    sheet = LapSheet(
        crossings=race.crossings, extras=None, dialect=spec.WEC, findings=(), set_aside=0
    )
    facts: list[TimingEvent] = [*events(sheet), *race.messages, *_samples(race.weather)]
    return sorted(facts, key=lambda event: event.known_at.ms)


class ReplayFeed:
    """The facts of a finished race, handed over when the clock reaches them.

    With ``loops`` the sectors' ends and the stops that its rows imply are told when they happened,
    marked as synthesised. Where nothing happens for half a minute there is a heartbeat, as from
    a feed that is alive.
    """

    def __init__(self, race: Race, source: str = SOURCE, *, loops: bool = False) -> None:
        self.source = source
        told = synthesised_loops(race.crossings) if loops else []
        self._events = sorted([*told, *race_events(race)], key=lambda event: event.known_at.ms)
        self._due: list[tuple[int, TimingEvent | None]] = list(_with_heartbeats(self._events))
        self._due_ms = [at_ms for at_ms, _ in self._due]
        self._next = 0
        self._closed = False

    @property
    def ended(self) -> bool:
        """Whether the last fact was handed over; a jump back begins it again."""
        return self._closed or self._next >= len(self._due)

    @property
    def end(self) -> Instant:
        """When the last fact is due."""
        return Instant(self._due_ms[-1]) if self._due_ms else START

    def poll(self, now: Instant) -> Sequence[Arrival]:
        """The facts that are due, at most ``AT_ONCE``."""
        due = min(bisect_right(self._due_ms, now.ms), self._next + AT_ONCE)
        got = [self._arrival(place) for place in range(self._next, due)]
        self._next = max(self._next, due)
        return got

    def next_at(self) -> Instant | None:
        """When the next fact is due."""
        return None if self.ended else Instant(self._due_ms[self._next])

    def resume(self, position: int) -> None:
        """Go on after the first ``position`` lines."""
        self._next = position

    def close(self) -> None:
        """Hand over nothing more."""
        self._closed = True

    def crossing(self, car_number: str, lap: int) -> Instant:
        """When a car completed a lap.

        Raises:
            NotKnown: where it never did.
        """
        for event in self._events:
            if isinstance(event, LineCrossing) and (event.car_number, event.lap) == (
                car_number, lap,
            ):  # fmt: skip
                return event.known_at
        raise NotKnown(f"car {car_number} never completed lap {lap}")

    def _arrival(self, place: int) -> Arrival:
        at_ms, event = self._due[place]
        at = Instant(at_ms)
        return Arrival(
            source=self.source,
            form=ArrivalForm.TEAM_LINES,
            data=heartbeat_line(at) if event is None else event_line(event),
            position=place + 1,
            at=at,
        )


def _with_heartbeats(facts: Sequence[TimingEvent]) -> Iterator[tuple[int, TimingEvent | None]]:
    last_ms = 0
    for event in facts:
        while event.known_at.ms - last_ms > HEARTBEAT_MS:
            last_ms += HEARTBEAT_MS
            yield last_ms, None
        last_ms = max(last_ms, event.known_at.ms)
        yield event.known_at.ms, event


def _samples(weather: pl.DataFrame) -> list[WeatherSample]:
    samples = []
    for row in weather.to_dicts():
        at = Instant(row.pop("at_ms"))
        samples.append(WeatherSample(happened_at=at, known_at=at, **row))
    return samples
