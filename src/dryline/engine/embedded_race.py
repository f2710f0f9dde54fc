"""The embedded event as a race: one simulated running of its scenario, and its what-ifs.

No lap-by-lap timing of the 6 Hours of Imola 2024 is public. Whatever needs laps is answered from
one running of the scenario, with a fixed seed, and says that it is simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
import polars as pl

from dryline.domain.event import RaceControlMessage
from dryline.domain.finding import Finding, Severity
from dryline.domain.instant import Instant
from dryline.race.race import Race
from dryline.rules.embedded import EMBEDDED_EVENTS, EmbeddedEvent, embedded_event
from dryline.strategy.replayed import Replayed, ScenarioWhatIf
from dryline.strategy.scenario import load_scenario
from dryline.strategy.scenario_run import replay, run_what_if, simulated_running

_DECLARED = {"track declared WET": "track_declared_wet", "track declared DRY": "track_declared_dry"}
SEED = 1
Progress = Callable[[str, float], None]
"""Told what is being run, and the share of it that is done."""


def is_embedded(name: str) -> bool:
    """Whether an event of that id ships with Dryline."""
    return name in EMBEDDED_EVENTS


@lru_cache(maxsize=4)
def simulated_race(event_id: str, seed: int = SEED) -> Race:
    """One simulated running of the event, as a race that every command opens.

    Raises:
        RaceNotFound: where no such event ships.
    """
    event = embedded_event(event_id)
    frame = simulated_running(load_scenario(event_id), seed=seed, entries=event.entries)
    return Race(
        info=msgspec.structs.replace(event.info, simulated=True),
        crossings=frame.with_columns(pl.col("group", "manufacturer").fill_null("")),
        findings=(
            Finding(
                kind="simulated",
                severity=Severity.NOTE,
                message=(
                    f"simulated running of {event.info.name} with seed {seed}: no lap-by-lap "
                    "timing of this race is public"
                ),
            ),
        ),
        crews={number: entry.drivers for number, entry in event.entries.items()},
        messages=_declared(event),
    )


def _declared(event: EmbeddedEvent) -> tuple[RaceControlMessage, ...]:
    """What race control declared of the track, from the event's timeline."""
    return tuple(
        RaceControlMessage(
            happened_at=Instant(each.at_ms),
            known_at=Instant(each.at_ms),
            kind=_DECLARED[each.event],
            text=each.detail,
        )
        for each in event.timeline
        if each.event in _DECLARED and each.at_ms is not None
    )


def replayed(
    event_id: str,
    *,
    replicates: int,
    seed: int = SEED,
    threads: int = 2,
    tell: Progress | None = None,
) -> Replayed:
    """Race the scenario from its replay instant with the calls as made, then with each what-if.

    The what-ifs run on the luck of the calls as made, so that a difference is the call's.
    """
    scenario = load_scenario(event_id)
    told = tell or (lambda *_: None)

    def share(name: str) -> Callable[[int], None]:
        return lambda done: told(name, done / replicates)

    made = replay(
        scenario,
        replicates=replicates,
        seed=seed,
        threads=threads,
        progress=share("the calls as made"),
    )
    what_ifs = [
        ScenarioWhatIf(
            each["id"],
            each["text"],
            tuple(
                run_what_if(
                    scenario, each, made, seed=seed, threads=threads, progress=share(each["text"])
                )
            ),
        )
        for each in scenario.what_ifs
    ]
    return Replayed(
        event=event_id,
        from_ms=round(scenario.replay.now_ms),
        replicates=replicates,
        seed=seed,
        classes=dict(zip(scenario.cars, scenario.car_classes, strict=True)),
        p_win=_shares(scenario.cars, made.positions()),
        p_win_class=_shares(scenario.cars, made.class_positions()),
        what_ifs=tuple(what_ifs),
    )


def _shares(cars: tuple[str, ...], places: Any) -> dict[str, float]:
    """How often each car was first."""
    return {car: float((places[:, at] == 1).mean()) for at, car in enumerate(cars)}
