"""How a race will end, and where a stop now leads."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import polars as pl

from dryline.answers.answer import Answer, Part, alike, means
from dryline.answers.quantities import Neighbour, Quantiles
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import (
    AtMs,
    CarClass,
    CarNumber,
    Futures,
    LengthMs,
    PRainBySector,
    PWetBySector,
    Seed,
    Simulated,
)
from dryline.model.flag.projection import LapsAtFlag
from dryline.model.rejoin import RankForecast, RejoinForecast
from dryline.model.statistical import CarForecast, ForecastTable, TrackOutlook

QUANTILES = ("p10", "p50", "p90")


class CarChances(Part, frozen=True, kw_only=True):
    """What may become of one car."""

    car_number: CarNumber
    car_class: CarClass
    p_position_in_class: Annotated[tuple[float, ...], means("probability of each place in class")]
    p_win_class: Annotated[float, means("probability of winning its class")]
    p_podium_class: Annotated[float, means("probability of the first three places in class")]
    p_win: Annotated[float, means("probability of winning overall")]
    p_retire: Annotated[float, means("probability of no crossing at or after the winner's flag")]
    laps: Annotated[
        Quantiles, means("laps that it has when it takes the flag, if it does: if it goes on now")
    ]
    stops_left: Annotated[
        Quantiles, means("stops still to come, if it takes the flag; none where it never goes on")
    ]
    p_laps: Annotated[
        float | None,
        means("probability of exactly `laps.p50` laps; null: recorded before it was told"),
    ] = None

    @classmethod
    def of(cls, car: CarForecast, flag: LapsAtFlag) -> CarChances:
        """From a forecast's car and the projection of laps."""
        return alike(
            cls,
            car,
            laps=Quantiles.of(flag.quantiles(car.car_number)),
            p_laps=round(flag.p_middle(car.car_number), 3),
            stops_left=Quantiles.of(car.stops_left),
        )

    @property
    def expected_position_in_class(self) -> float:
        """The mean of its place in class."""
        return sum(place * p for place, p in enumerate(self.p_position_in_class, start=1))


class TrackAhead(Part, frozen=True, kw_only=True):
    """The weather that a forecast was run under."""

    p_wet: PWetBySector
    p_rain: PRainBySector
    p_rain_later: Annotated[
        float,
        means("probability that it rains again before the flag, as the simulation draws it"),
    ]
    wet: Annotated[bool, means("whether water is about")]

    @classmethod
    def of(cls, track: TrackOutlook) -> TrackAhead:
        """From the forecast's own."""
        return alike(cls, track)


class Forecast(Answer, frozen=True, kw_only=True):
    """For every car the probability of each place in class, of winning, of retiring."""

    at_ms: AtMs
    length_ms: LengthMs
    replicates: Futures
    seed: Seed
    simulated: Simulated
    track: Annotated[TrackAhead | None, means("the weather it was run under; null: not looked at")]
    cars: Annotated[tuple[CarChances, ...], means("every starter")]
    elapsed_s: Annotated[float, means("how long it took to work out", "s")]

    @classmethod
    def of(
        cls, table: ForecastTable, flag: LapsAtFlag, elapsed_s: float, *, simulated: bool
    ) -> Forecast:
        """From the forecaster's table and the projection of laps."""
        return cls(
            at_ms=table.at_ms,
            length_ms=table.length_ms,
            replicates=table.replicates,
            seed=table.seed,
            simulated=simulated,
            track=None if table.track is None else TrackAhead.of(table.track),
            cars=tuple(CarChances.of(car, flag) for car in table.cars),
            elapsed_s=round(elapsed_s, 3),
        )

    def of_class(self, car_class: str) -> Forecast:
        """The same for the cars of one class alone."""
        cars = tuple(car for car in self.cars if car.car_class == car_class)
        return msgspec.structs.replace(self, cars=cars)

    def frame(self) -> pl.DataFrame:
        """A row per car, a column per place in class.

        Columns of places that a smaller class does not have are null in its rows; the quantiles
        are ``laps_p10`` to ``stops_left_p90``.
        """
        places = max((len(car.p_position_in_class) for car in self.cars), default=0)
        ranges = [(what, q) for what in ("laps", "stops_left") for q in QUANTILES]
        plain = ("p_win_class", "p_podium_class", "p_win", "p_retire")
        schema: dict[str, type[pl.DataType]] = {
            "car_number": pl.String, "car_class": pl.String, **dict.fromkeys(plain, pl.Float64),
            **{f"{what}_{q}": pl.Int64 for what, q in ranges},
            **{f"p_position_in_class_{place}": pl.Float64 for place in range(1, places + 1)},
        }  # fmt: skip
        rows = [
            (
                car.car_number,
                car.car_class,
                *(getattr(car, name) for name in plain),
                *(getattr(getattr(car, what), q) for what, q in ranges),
                *car.p_position_in_class,
                *(None for _ in range(places - len(car.p_position_in_class))),
            )
            for car in self.cars
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def heading(self) -> str:
        """When it was made, and who is most likely to win."""
        first = max(self.cars, key=lambda car: car.p_win, default=None)
        when = f"Forecast at {format_clock(self.at_ms)} of {format_clock(self.length_ms)}"
        who = "" if first is None else f": #{first.car_number} wins with {first.p_win:.0%}"
        return f"{when}{who}{' (simulated)' if self.simulated else ''}"


class Ranks(Part, frozen=True, kw_only=True):
    """A place in class at the end of the out-lap, and between whom."""

    position: Annotated[int, means("the place to say, exactly or within one most probably right")]
    p_position_in_class: Annotated[tuple[float, ...], means("probability of each place in class")]
    ahead: Annotated[tuple[Neighbour, ...], means("the car directly ahead, the likeliest first")]
    behind: Annotated[tuple[Neighbour, ...], means("the car directly behind, the likeliest first")]

    @classmethod
    def of(cls, ranks: RankForecast) -> Ranks:
        """From the model's."""

        def named(pairs: tuple[tuple[str, float], ...]) -> tuple[Neighbour, ...]:
            return tuple(Neighbour(car_number=number or None, p=p) for number, p in pairs)

        return cls(
            position=ranks.position,
            p_position_in_class=tuple(ranks.p_position.tolist()),
            ahead=named(ranks.ahead),
            behind=named(ranks.behind),
        )


class ComesOut(Part, frozen=True, kw_only=True):
    """Where a car comes out if it boxes on the lap it is on."""

    car_number: CarNumber
    out_ms: Annotated[Quantiles, means("the crossing that ends the out-lap", "ms since the start")]
    pit_lane_ms: Annotated[Quantiles, means("time in the pit lane", "ms")]
    full: Annotated[Ranks, means("among all rivals, who may stop too")]
    ghost: Annotated[
        Ranks,
        means("among the rivals who neither stop meanwhile nor at their next line, nor stand"),
    ]

    @classmethod
    def found(cls, found: RejoinForecast) -> ComesOut:
        """From the model's."""
        return cls(**_comes_out(found))


def _comes_out(found: RejoinForecast) -> dict[str, Any]:
    return {
        "car_number": found.car_number,
        "out_ms": Quantiles.of(found.out_ms),
        "pit_lane_ms": Quantiles.of(found.pit_lane_ms),
        "full": Ranks.of(found.full),
        "ghost": Ranks.of(found.ghost),
    }


class Rejoin(ComesOut, Answer, frozen=True, kw_only=True):
    """Where a car comes out if it boxes on the lap it is on."""

    simulated: Simulated

    @classmethod
    def of(cls, found: RejoinForecast, *, simulated: bool) -> Rejoin:
        """From the model's."""
        return cls(**_comes_out(found), simulated=simulated)

    def frame(self) -> pl.DataFrame:
        """A row per place in class."""
        p_full = self.full.p_position_in_class
        return pl.DataFrame({"position": range(1, len(p_full) + 1), "p_full": p_full})

    def heading(self) -> str:
        """Out when."""
        return f"#{self.car_number} boxes now: out at {format_clock(self.out_ms.p50)}"
