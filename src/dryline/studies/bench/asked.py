"""What a forecaster is asked: a timing file cut at an instant, and a small JSON beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import BrokenInvariant
from dryline.engine.session_files import find_session
from dryline.feeds.alkamel.spec import LAPS_HEADER
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.dialect import Dialect
from dryline.model.running import Running, running_at
from dryline.studies.bench.manifest import BenchManifest, order_sha256
from dryline.studies.cases import (
    AFTER_ALL_MS,
    SCORED_FRACTIONS,
    SMALLEST_CLASS,
    LearningRace,
    truth_of,
)
from dryline.studies.forecast import learning_race
from dryline.studies.naive import PlaceCounts

CUT_FILE = Dialect(
    columns=tuple(name.strip() for name in LAPS_HEADER), newline="\n", bom=False, trailing=False
)
"""How a cut timing file is written, whatever wrote the whole one."""


@dataclass(frozen=True)
class BenchRace:
    """A race to be scored on; in the protocol its name, length and kind are the manifest's."""

    known: LearningRace
    sha256: str
    in_protocol: bool

    @property
    def length_ms(self) -> int:
        """The scheduled length."""
        return round(self.known.length_s * 1000)


@dataclass(frozen=True)
class AskedInstant:
    """One race at one instant: all that may be known, and what came of it.

    ``order`` has the cars of each class that is scored in their order at the instant, ``places``
    the place from 0 that each of them came to.
    """

    protocol: int
    race: BenchRace
    fraction: float
    at_ms: int
    order: Mapping[str, tuple[str, ...]]
    places: Mapping[str, NDArray[np.intp]]
    winners: PlaceCounts

    @property
    def name(self) -> str:
        """Which race at which instant, for messages."""
        return f"{self.race.known.race} at {format_clock(self.at_ms)} ({self.fraction:.0%})"

    def timing(self) -> bytes:
        """The timing file as it was at the instant."""
        crossings = self.race.known.crossings
        return write_laps(crossings.filter(pl.col("elapsed_ms") <= self.at_ms), None, CUT_FILE)

    def request(self, timing: Path) -> bytes:
        """What is asked, as JSON; ``timing`` is where the cut file lies."""
        known, length_ms = self.race.known, self.race.length_ms
        asked: dict[str, Any] = {
            "protocol": self.protocol,
            "race": known.race,
            "series": known.series,
            "year": known.year,
            "fraction": self.fraction,
            "at": format_clock(self.at_ms),
            "at_ms": self.at_ms,
            "length": format_clock(length_ms),
            "length_ms": length_ms,
            "timing": str(timing),
            "cars": [
                {"car_number": number, "car_class": name}
                for name, cars in self.order.items()
                for number in sorted(cars)
            ],
            "winners_by_place": {
                "won": [int(won) for won in self.winners.won],
                "seen": [int(seen) for seen in self.winners.seen],
            },
        }
        return msgspec.json.encode(asked)


def sha256_of(path: Path) -> str:
    """The hash of the timing file in ``path``, which may be a session's folder."""
    return hashlib.sha256(find_session(path).laps[1]).hexdigest()


def bench_race(path: Path, sha256: str, manifest: BenchManifest) -> BenchRace:
    """A finished race to be scored on.

    Raises:
        NotKnown: where it is outside the protocol and its scheduled length is not known.
        BrokenInvariant: where this version reads another final order from a file of the protocol.
    """
    listed = manifest.race_of(sha256)
    if listed is None:
        return BenchRace(learning_race(path), sha256, in_protocol=False)
    known = learning_race(path, listed.length_ms)
    final = final_order(running_at(known.crossings, AFTER_ALL_MS))
    if order_sha256(final) != listed.order_sha256:
        raise BrokenInvariant(
            f"this version of Dryline reads another final order from {listed.race} than protocol "
            f"{manifest.protocol} has"
        )
    told = LearningRace(
        listed.race, listed.series, listed.year, known.length_s, listed.wet, known.crossings
    )
    return BenchRace(told, sha256, in_protocol=True)


def final_order(whole: Running) -> dict[str, list[str]]:
    """Every class's cars from its winner on."""
    return {name: [car.car_number for car in cars] for name, cars in whole.classes().items()}


def asked_instants(race: BenchRace, manifest: BenchManifest) -> Iterator[AskedInstant]:
    """The race at each fraction at which it is still on, with the classes that are scored."""
    crossings = race.known.crossings
    whole = running_at(crossings, AFTER_ALL_MS)
    starters = {car.car_number: car.car_class for car in whole.cars}
    without = race.known.race if race.in_protocol else None
    for fraction in SCORED_FRACTIONS:
        at_ms = round(fraction * race.length_ms)
        if crossings["elapsed_ms"].max() <= at_ms:  # type: ignore[operator]
            continue
        now = final_order(running_at(crossings, at_ms, starters))
        order = {name: tuple(cars) for name, cars in now.items() if len(cars) >= SMALLEST_CLASS}
        yield AskedInstant(
            protocol=manifest.protocol,
            race=race,
            fraction=fraction,
            at_ms=at_ms,
            order=order,
            places={
                name: truth_of(cars, name, whole, at_ms / 1000).place
                for name, cars in order.items()
            },
            winners=manifest.winners(fraction, without),
        )
