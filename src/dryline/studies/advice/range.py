"""Whether the tank was said to reach the flag, against whether the car stopped again before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from dryline.domain.instant import Instant
from dryline.engine.measured import services
from dryline.model.flag.projection import laps_at_flag
from dryline.model.race_priors import Priors
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.status import Status
from dryline.strategy.candidates import LIKELY_P, SURE_P
from dryline.strategy.own_range import own_reaches
from dryline.strategy.team_said import NOTHING
from dryline.studies.advice.figures import mean
from dryline.studies.flag import laps_taken

Row = dict[str, Any]
SPRINT_SHARES, LONG_SHARES = (0.5, 0.6, 0.7, 0.8), (0.8, 0.9)
"""Of the scheduled length: where a tank may reach the flag, and hardly earlier."""

FUEL = ("splash", "fuel", "fuel_and_tyres")
"""Services that take fuel on; the others are penalties, repairs, tyres, and what nobody can say."""
TENTHS = tuple(tenth / 10 for tenth in range(11))


def range_rows(name: str, race: Race, length_ms: int, priors: Priors, seed: int) -> list[Row]:
    """Every running car that took the flag: P(reach) as advice says it, and what it did then."""
    took, stops = laps_taken(race), _stops(race)
    shares = SPRINT_SHARES if race.moment(Instant(0)).is_sprint else LONG_SHARES
    rows: list[Row] = []
    for share in shares:
        moment = race.moment(Instant(round(share * length_ms)))
        if not moment.is_over:
            about = {"part": "range", "race": name, "sprint": moment.is_sprint, "share": share}
            said = _said(moment, list(took), priors, seed)
            rows += [{**about, **each, **_did(each, moment, stops, took)} for each in said]
    return rows


def _said(moment: Moment, cars: Sequence[str], priors: Priors, seed: int) -> list[Row]:
    """What advice says of the tank of each of these cars that is running."""
    running = {
        car.car_number: car.laps
        for car in moment.race.at(moment.at).cars
        if car.status is Status.RUNNING and car.laps and car.car_number in cars
    }
    reach = own_reaches(moment, dict.fromkeys(running, NOTHING))
    flag = laps_at_flag(moment, seed=seed, priors=priors)
    return [
        {
            "car_number": car, "car_class": moment.race.entries[car].car_class,
            "laps_to_go": flag.quantiles(car)[1] - done, "used_laps": round(reach[car].load, 2),
            "p_reach": reach[car].p_lasts(flag.to_go(car, done)),
        }
        for car, done in running.items()
    ]  # fmt: skip


def _did(said: Row, moment: Moment, stops: pl.DataFrame, took: Mapping[str, int]) -> Row:
    """Whether it stopped again before the lap on which it took the flag, and took fuel on."""
    car = said["car_number"]
    later = stops.filter(
        (pl.col("car_number") == car)
        & (pl.col("in_ms") > moment.at_ms)
        & (pl.col("lap") < took[car])
    )
    kinds = later["service"].to_list()
    return {"stopped_again": bool(kinds), "for_fuel": any(kind in FUEL for kind in kinds)}


def _stops(race: Race) -> pl.DataFrame:
    """Every stop with its service, in the light of the whole race."""
    return race.stops.with_columns(service=services(race)["kind"])


def reached(rows: Sequence[Row]) -> dict[str, Any]:
    """The figures: told that no stop is needed and stopped again, told with P above one half."""
    sprints, longer = ([r for r in rows if r["sprint"] is kind] for kind in (True, False))
    return {
        "races": len({r["race"] for r in rows}),
        "sprints": _by_share(sprints),
        "longer": _by_share(longer),
        "reliability": _reliability(sprints),
        "reliability_longer": _reliability(longer),
    }


def _by_share(rows: Sequence[Row]) -> list[Row]:
    out = []
    for share in sorted({r["share"] for r in rows}):
        mine = [r for r in rows if r["share"] == share]
        told = [r for r in mine if r["p_reach"] > SURE_P]
        home = [r for r in mine if not r["stopped_again"]]
        out.append(
            {
                "share": share,
                "cars": len(mine),
                "told": len(told),
                "stopped_again": sum(r["stopped_again"] for r in told),
                "for_fuel": sum(r["for_fuel"] for r in told),
                "got_home": len(home),
                "likely_of_those": mean([float(r["p_reach"] > LIKELY_P) for r in home]),
            }
        )
    return out


def _reliability(rows: Sequence[Row]) -> list[Row]:
    """How often cars got home without a stop, by the probability that was said."""
    out = []
    for low, high in pairwise(TENTHS):
        mine = [r for r in rows if low <= r["p_reach"] < high or r["p_reach"] == high == 1.0]
        if mine:
            out.append(
                {
                    "from": low,
                    "to": high,
                    "stated": mean([r["p_reach"] for r in mine]),
                    "observed": mean([float(not r["stopped_again"]) for r in mine]),
                    "observed_fuel": mean([float(not r["for_fuel"]) for r in mine]),
                    "count": len(mine),
                }
            )
    return out
