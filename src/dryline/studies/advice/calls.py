"""Whether a call holds: for another seed, from lap to lap, and on the tyres that the track is for.

Asked of dry races, at random instants, along quiet stints, and in every neutralisation. Each call
is the product's own; only the luck that is drawn differs, or a lap has gone by.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.reading import run_filter
from dryline.domain.dry_prior import DryPrior
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.engine.championship import known_book
from dryline.race.race import Race
from dryline.race.snapshot import CarState
from dryline.race.status import Status
from dryline.rules.book import RuleBook
from dryline.strategy.call import Budget, call_for
from dryline.strategy.candidates import Candidate
from dryline.strategy.setting import Setting, own_car, read_setting
from dryline.strategy.utility import Utility
from dryline.studies.advice.cards import periods_of
from dryline.studies.advice.figures import mean
from dryline.studies.advice.wet import Live

Row = dict[str, Any]
INSTANTS, STINTS, CROSSINGS = 5, 2, 10
"""Of each race: instants and quiet stints drawn, and a stint's crossings that are asked at."""
REPLICATES = 64
SAME_LAP = 1
"""A call that names a lap no farther off is the same."""
TRIES = 20
INTO_MS = 120_000
"""So long after its beginning the tyres offered under a neutralisation are asked for."""


@dataclass(frozen=True)
class Called:
    """A call as far as it can be kept or changed; ``lap`` is that of the stop or of the flag."""

    does: str
    until: str | None
    lap: int
    offers_wets: bool

    @classmethod
    def of(cls, call: Candidate, *, offers_wets: bool) -> Called:
        """What is done on this lap: the stop, waiting for the lane, staying or saving."""
        waits = call.until == "lane_opens"
        now = call.laps_ahead == 0
        does = "box" if now else "wait" if waits else "save" if call.action == "save" else "stay"
        return cls(does, call.until, call.lap, offers_wets)

    def is_kind_of(self, other: Called) -> bool:
        """Whether both say to do the same now, until the same thing."""
        return (self.does, self.until) == (other.does, other.until)

    def follows(self, before: Called) -> bool:
        """Whether it is the call of a lap ago still: of its kind and lap, or its stop come due."""
        same_lap = abs(self.lap - before.lap) <= SAME_LAP
        due = self.does == "box" and before.until in (None, "range_end")
        return same_lap and (self.is_kind_of(before) or due)

    def __str__(self) -> str:
        return " ".join(str(each) for each in (self.does, self.until, self.lap) if each)


@dataclass(frozen=True)
class _Asked:
    """A race to be asked, with the rain gauge as it went."""

    name: str
    race: Race
    length_ms: int
    book: RuleBook | None
    live: Live

    def setting(self, at_ms: int, cars: Sequence[str]) -> Setting:
        """The race at an instant for these cars."""
        moment = self.race.moment(Instant(at_ms))
        return read_setting(
            moment, cars, self.length_ms, self.book, track=self.live.at(moment.at_ms)
        )

    def calls(self, at_ms: int, car: str, seeds: Sequence[int]) -> tuple[Setting, list[Called]]:
        """A car's call for each of some seeds, on one reading of the race."""
        setting = self.setting(at_ms, (car,))
        mine = own_car(setting, car)
        offered = mine.now.rain in mine.now.tyres
        said = []
        for seed in seeds:
            spend = Budget(REPLICATES, seed, card_replicates=1, extras=False)
            call = call_for(setting, mine, Utility("position"), spend).ranking.call
            said.append(Called.of(call, offers_wets=offered))
        return setting, said

    def running(self, at_ms: int) -> list[CarState]:
        """The cars on the road; nobody under a red flag or once the race is over."""
        moment = self.race.moment(Instant(at_ms))
        read = moment.race.at(moment.at)
        if moment.is_over or read.flag is Flag.RED:
            return []
        return [car for car in read.cars if car.status is Status.RUNNING and car.laps]


def call_rows(
    name: str, race: Race, length_ms: int, dry: Sequence[DryPrior], seed: int
) -> list[Row]:
    """A row per random instant, quiet stint and neutralisation."""
    gauge = Live(*run_filter(TrackFilter(dry, name), race.laps, race.messages))
    asked = _Asked(name, race, length_ms, known_book(race), gauge)
    random = np.random.Generator(np.random.Philox(key=[seed, zlib.crc32(name.encode())]))
    found = (*_instants(asked, random, seed), *_stints(asked, random, seed), *_tyres(asked))
    return [{"part": "calls", "race": name, **row} for row in found]


def _instants(asked: _Asked, random: np.random.Generator, seed: int) -> Iterator[Row]:
    """Instants at random, a running car of each: the call with two seeds."""
    for _ in range(INSTANTS):
        for _ in range(TRIES):
            at_ms = int(random.integers(asked.length_ms))
            running = asked.running(at_ms)
            if running:
                break
        else:
            continue
        car = running[int(random.integers(len(running)))].car_number
        setting, (one, other) = asked.calls(at_ms, car, (seed, seed + 1))
        yield {
            "asked": "instant", "at_ms": at_ms, "car_number": car,
            "neutralised": setting.neutralised is not None, "same": one.is_kind_of(other),
            "same_lap": abs(one.lap - other.lap) <= SAME_LAP, "offers_wets": one.offers_wets,
            "calls": [str(one), str(other)],
        }  # fmt: skip


def _stints(asked: _Asked, random: np.random.Generator, seed: int) -> Iterator[Row]:
    """Quiet stints at random: the call at every crossing, and how often it changed."""
    quiet = quiet_stints(asked.race.laps, asked.length_ms)
    for pick in random.permutation(len(quiet))[:STINTS]:
        car, crossings = quiet[pick]
        said = [asked.calls(at_ms, car, (seed,))[1][0] for at_ms in crossings]
        yield {
            "asked": "stint", "at_ms": crossings[0], "car_number": car,
            "laps": len(said) - 1,
            "changes": sum(not after.follows(before) for before, after in pairwise(said)),
            "offers_wets": any(each.offers_wets for each in said),
            "calls": [str(each) for each in said],
        }  # fmt: skip


def quiet_stints(laps: pl.DataFrame, length_ms: int) -> list[tuple[str, list[int]]]:
    """Every car's runs of consecutive crossings without a stop of its own or a neutralisation.

    Stint by stint from its first lap on, the crossings in ms.
    """
    out = []
    quiet = laps.filter(pl.col("elapsed_ms") < length_ms).sort("elapsed_ms")
    for (car, _), stint in quiet.group_by("car_number", "stint", maintain_order=True):
        at: list[int] = []
        for elapsed, slow_ms, in_lap in stint.select(
            "elapsed_ms", "neutralised_ms", "in_lap"
        ).iter_rows():
            at = [] if slow_ms or in_lap else [*at, elapsed]
            if len(at) == CROSSINGS:
                out.append((str(car), at))
                at = []
    return out


def _tyres(asked: _Asked) -> Iterator[Row]:
    """Every neutralisation soon after it began, a car of each class: the tyres it may fit."""
    for period in periods_of(asked.race):
        at_ms = min(period.start_ms + INTO_MS, (period.start_ms + period.end_ms) // 2)
        first: dict[str, str] = {}
        for car in asked.running(at_ms) if at_ms < asked.length_ms else []:
            first.setdefault(car.car_class, car.car_number)
        if first:
            setting = asked.setting(at_ms, tuple(first.values()))
            asked_for = [own_car(setting, car).now for car in first.values()]
            offers = [now.rain in now.tyres for now in asked_for]
            yield {
                "asked": "neutralisation", "at_ms": at_ms, "kind": period.kind,
                "cars": len(offers), "offers_wets": any(offers),
            }  # fmt: skip


def steadiness(rows: Sequence[Row]) -> dict[str, Any]:
    """The figures: the same for two seeds, changes on quiet stints, and wets offered in the dry."""
    instants, stints, yellows = (
        [r for r in rows if r["asked"] == what] for what in ("instant", "stint", "neutralisation")
    )
    laps = sum(r["laps"] for r in stints)
    changes = sum(r["changes"] for r in stints)
    return {
        "races": len({r["race"] for r in rows}),
        "instants": len(instants),
        "same_for_two_seeds": mean([float(r["same"]) for r in instants]),
        "and_lap": mean([float(r["same"] and r["same_lap"]) for r in instants]),
        "stints": len(stints),
        "changes": changes,
        "changes_per_ten_laps": 10 * changes / laps if laps else None,
        "steady_stints": mean([float(r["changes"] == 0) for r in stints]),
        "dry_instants": len(instants) + sum(r["laps"] + 1 for r in stints),
        "neutralisations": len(yellows),
        "offered_wets": sum(r["offers_wets"] for r in (*instants, *stints)),
        "offered_wets_neutralised": sum(r["offers_wets"] for r in yellows),
        "races_offered_wets": sorted({r["race"] for r in rows if r["offers_wets"]}),
    }
