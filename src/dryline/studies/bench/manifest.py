"""The frozen protocol: which races, how long, who won from where, and what the control scored.

Two files in ``dryline.data.bench``. ``manifest.json`` names each race by the sha256 of its timing
file and holds no timing; ``control.json`` holds the control's scores. ``scripts/bench_manifest.py``
writes both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np

from dryline.studies.cases import SCORED_FRACTIONS
from dryline.studies.naive import PlaceCounts

PROTOCOL = (
    "every class of at least three starters at 25, 50 and 75 % of the scheduled length, unless the "
    "race is over by then; truth: order on the road (laps, then the earlier last crossing); naive: "
    "the order stays, and places win as often as in the other races; gains are paired by class "
    "and race, with 90 % intervals over races"
)


class FrozenClass(msgspec.Struct, frozen=True):
    """A class of a race: its starters, and where its winner lay at each fraction, from 0.

    ``None`` where the race was over by then.
    """

    car_class: str
    cars: int
    winner_was: tuple[int | None, ...]


class FrozenRace(msgspec.Struct, frozen=True):
    """A race of the protocol; ``order_sha256`` is the hash of its final order and of nothing
    else, so that whoever reads the file otherwise is noticed.
    """

    race: str
    sha256: str
    length_ms: int
    series: str | None
    year: int | None
    wet: bool
    order_sha256: str
    classes: tuple[FrozenClass, ...]


class BenchManifest(msgspec.Struct, frozen=True):
    """The races of one version of the protocol."""

    protocol: int
    races: tuple[FrozenRace, ...]

    def race_of(self, sha256: str) -> FrozenRace | None:
        """The race whose timing file has this hash; ``None`` for any outside the protocol."""
        return next((race for race in self.races if race.sha256 == sha256), None)

    def winners(self, fraction: float, without: str | None) -> PlaceCounts:
        """From which places classes were won, one race (by its name) left out."""
        at = SCORED_FRACTIONS.index(fraction)
        return PlaceCounts.of(
            [
                np.where(np.arange(each.cars) == won_from, 0, 1)
                for race in self.races
                if race.race != without
                for each in race.classes
                if (won_from := each.winner_was[at]) is not None
            ]
        )


class ForecastScores(msgspec.Struct, frozen=True):
    """The scores of one forecast of a class: log-loss, Brier score and hit of its winner, error
    of the expected place, share of cars inside their 80 % interval.
    """

    log_loss: float
    brier: float
    hit: float
    error: float
    held: float


class ControlScores(msgspec.Struct, frozen=True):
    """The statistical control on one class-race, whole races left out of its fit."""

    race: str
    fraction: float
    car_class: str
    scores: ForecastScores


class Control(msgspec.Struct, frozen=True):
    """The control: which forecaster of which version, and its frozen scores."""

    forecaster: str
    dryline: str
    rows: tuple[ControlScores, ...]


@dataclass(frozen=True)
class Frozen:
    """The protocol as it ships, with the sha256 of both its files."""

    manifest: BenchManifest
    control: Mapping[tuple[str, float, str], ForecastScores]
    manifest_sha256: str
    control_sha256: str


@cache
def frozen() -> Frozen:
    """The protocol that ships with this version."""
    manifest, control = (
        files("dryline.data").joinpath("bench", name).read_bytes()
        for name in ("manifest.json", "control.json")
    )
    rows = msgspec.json.decode(control, type=Control).rows
    return Frozen(
        msgspec.json.decode(manifest, type=BenchManifest),
        {(row.race, row.fraction, row.car_class): row.scores for row in rows},
        hashlib.sha256(manifest).hexdigest(),
        hashlib.sha256(control).hexdigest(),
    )


def order_sha256(classes: Mapping[str, Sequence[str]]) -> str:
    """The hash of a final order: classes by name, each with its car numbers from the winner on."""
    return hashlib.sha256(msgspec.json.encode(sorted(classes.items()))).hexdigest()
