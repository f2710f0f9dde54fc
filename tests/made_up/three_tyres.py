"""Races in the rain in a series with intermediates and full wets, whose every tyre is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.dry_prior import DryPrior
from dryline.domain.tyre_kind import TyreKind
from tests.made_up.driving import Car, Lap, crossings_of

KINDS = (
    TyreKind(name="slick", words="slicks", source="made up"),
    TyreKind(name="inter", words="grooved tyres", source="made up"),
    TyreKind(name="wet", words="monsoon tyres", source="made up", quicker_from=0.2, spares=0.6),
)
CAR_CLASS, DRY_MS, LANE_MS = "Rain Cup", (31_000.0, 42_000.0, 35_000.0), 25_000
Water = Callable[[float], float]
"""Loss of a GT car on slicks, log time, at a minute."""
Plan = tuple[tuple[int, str], ...]
"""The laps at whose end a car stops, and what it then goes out on; lap 0 is the start."""


@dataclass(frozen=True)
class KindsRace:
    """Laps in the columns of ``CROSSINGS``, and the kind of tyre of each lap by car and lap."""

    laps: pl.DataFrame
    kinds: dict[tuple[str, int], str]


def dry_elsewhere() -> tuple[DryPrior, ...]:
    """The circuit's dry times, as another race had them."""
    first, second, third = map(round, DRY_MS)
    return (DryPrior("other", 5.0, CAR_CLASS, (first, second, third), -1),)


def loss_on(kind: str, level: float) -> float:
    """What a GT car loses on a kind of tyre where slicks lose ``level``, log time."""
    inter = 0.075 + 0.22 * level
    return {"slick": 0.8 * level, "inter": inter, "wet": inter + 0.6 * (0.2 - inter)}[kind]


def drive(water: Water, laps: int, plans: dict[str, Plan], seed: int = 1) -> KindsRace:
    """Everybody for so many laps, each car by its own plan."""
    rng, truth = np.random.default_rng(seed), dict[tuple[str, int], str]()

    def field() -> Iterator[Car]:
        for car, plan in plans.items():
            yield Car(car, CAR_CLASS, _laps(rng, car, dict(plan), water, laps, truth))

    return KindsRace(crossings_of(field()), truth)


def _laps(
    rng: np.random.Generator,
    car: str,
    plan: dict[int, str],
    water: Water,
    laps: int,
    truth: dict[tuple[str, int], str],
) -> Iterator[Lap]:
    own, kind, at = rng.normal(0.0, 0.006), plan[0], float(rng.uniform(0, 15_000))
    known = 0
    for lap in range(1, laps + 1):
        truth[car, lap] = kind
        times = []
        for sector_ms in DRY_MS:
            loss = loss_on(kind, water(at / 60_000))
            scatter = 0.22 * loss if kind == "slick" else 0.0
            noise = rng.normal(0.0, 0.005 + scatter)
            times.append(sector_ms * float(np.exp(own + loss + noise)) * (1.1 if lap == 1 else 1.0))
            at += times[-1]
        out = lap - 1 in plan and lap > 1
        if out:
            times[0] += LANE_MS
            at += LANE_MS
        crossed, second, third = round(at), round(times[1]), round(times[2])
        yield Lap(
            crossed - known,
            sectors_ms=(crossed - known - second - third, second),
            driver=f"driver {car}",
            in_pit=lap in plan,
            lane_ms=LANE_MS if out else None,
            also={"speed_kmh": 5.0 / (sum(times) / 3_600_000)},
        )
        known, kind = crossed, plan.get(lap, kind)


def shower(minute: float) -> float:
    """Dry for 27 minutes, then as wet as may be for 20, and dry again by 82."""
    rising, drying = (minute - 27) / 4, 1 - (minute - 50) / 32
    return 0.8 * max(0.0, min(1.0, rising, drying))


def on_wets_first(wets: int, cars: int = 20) -> dict[str, Plan]:
    """All go off slicks as the shower begins, so many onto wets, and onto inters when it dries."""
    return {
        str(car): ((0, "slick"), (15 + car % 3, "wet" if car <= wets else "inter"), (39, "inter"))
        for car in range(1, cars + 1)
    }
