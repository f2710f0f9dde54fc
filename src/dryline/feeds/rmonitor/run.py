"""The run that RMonitor tells of: its cars, what is on, how long it is meant to last. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from dryline.domain.finding import LAP_TAKEN_AWAY, Finding, Severity
from dryline.domain.flag import Flag
from dryline.domain.race_info import RaceLength
from dryline.feeds.rmonitor.car_laps import CarLaps
from dryline.feeds.rmonitor.entry_list import EntryList
from dryline.feeds.rmonitor.loops import LoopWatch
from dryline.feeds.rmonitor.records import RunClock
from dryline.feeds.said import StatedEvent

_ROUND_MS, _ROUND_TO_MS, _NO_LAPS = 2_000, 60_000, 9_000


@dataclass
class ClubRun:
    """The run that is on: its cars, and the places that the feed gives them.

    ``is_on``: it has been seen running. ``told_ms`` is the latest instant that anything was told
    of; ``held`` waits until it is certain that the run is on.
    """

    number: int | None = None
    name: str = ""
    cars: dict[str, CarLaps] = field(default_factory=dict)
    loops: LoopWatch = field(default_factory=LoopWatch)
    is_on: bool = False
    is_clocked: bool = False
    is_counted: bool = False
    flag: Flag | None = None
    told_flag: Flag | None = None
    told_ms: int = 0
    passings: int = 0
    length: RaceLength | None = None
    race_places: dict[str, int] = field(default_factory=dict)
    best_places: dict[str, int] = field(default_factory=dict)
    held: list[StatedEvent] = field(default_factory=list)

    def findings(self, entries: EntryList) -> list[Finding]:
        """Laps that nobody heard, and those whose times do not count."""
        unheard = sum(max(car.unheard, 0) for car in self.cars.values())
        found = []
        if unheard:
            found.append(
                Finding(
                    kind="laps_unheard",
                    severity=Severity.WARNING,
                    message="laps were completed while nothing was heard of them; the next lap that"
                    " is known lasts, where nobody says how long it was, as long as they did on "
                    "average",
                    rows=unheard,
                )
            )
        for registration, car in self.cars.items():
            number = entries.car(registration).number
            found += [_uncounted(number, lap) for lap in sorted(car.uncounted)]
        return found


def _uncounted(car_number: str, lap: int) -> Finding:
    return Finding(
        kind=LAP_TAKEN_AWAY,
        severity=Severity.NOTE,
        message="its time does not count: the timing gives the car a slower one as its best",
        car_number=car_number,
        lap=lap,
    )


def length_of(clock: RunClock) -> RaceLength | None:
    """How long the run is meant to last: whole minutes, or laps where it has not begun."""
    if clock.flag is not Flag.GREEN:
        return None
    whole_ms = clock.to_go_ms + clock.run_ms
    minutes = round(whole_ms / _ROUND_TO_MS)
    if clock.to_go_ms and minutes and abs(whole_ms - minutes * _ROUND_TO_MS) <= _ROUND_MS:
        return RaceLength(ms=minutes * _ROUND_TO_MS, source="the timing itself")
    if clock.run_ms < _ROUND_MS and 0 < clock.laps_to_go < _NO_LAPS:
        return RaceLength(laps=clock.laps_to_go, source="the timing itself")
    return None
