"""What is worth knowing beside a call: if it is neutralised now, if it rains, the window, laps."""

from __future__ import annotations

from typing import Annotated

import msgspec
import polars as pl

from dryline.answers.answer import Answer, Part, means
from dryline.answers.call import WordedAction, worth
from dryline.answers.quantities import RealQuantiles, Worth
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import (
    AtMs,
    CarClass,
    CarNumber,
    LengthMs,
    Maximised,
    Seed,
    Simulated,
    WhyKnown,
)
from dryline.domain.language import language
from dryline.strategy.candidates import Situation
from dryline.strategy.cards import Card
from dryline.strategy.field_cards import DrawnCards
from dryline.strategy.outlook import CarToFlag, PitWindow, RainCall


class NeutralisedNow(Part, frozen=True, kw_only=True):
    """What the car does if this kind of neutralisation begins now, or goes on."""

    kind: Annotated[str, means("which: fcy, vsc, safety_car or red")]
    pit_lane: Annotated[str, means("state of the lane then, for this class")]
    why: WhyKnown
    opens_at_ms: Annotated[
        int | None, means("when the lane would open, where it is closed", "ms since the start")
    ]
    confidence: Annotated[float, means("how sure the lane's state is, in [0, 1]")]
    call: Annotated[WordedAction, means("what is done then")]
    margin: Annotated[Worth, means("how much better that is than the next best")]
    stop_s: Annotated[
        float | None,
        means("what a stop under it has cost on the road, the middle; null: not measured", "s"),
    ]
    stop_p90_s: Annotated[float | None, means("the dearest tenth of those cost more", "s")]
    green_stop_s: Annotated[float | None, means("what the same stop costs under green", "s")]
    name: Annotated[str, means("what such a neutralisation is called")]
    short_name: Annotated[str, means("the same in short")]

    @classmethod
    def of(cls, card: Card, now: Situation) -> NeutralisedNow:
        """From the strategy's card."""
        lane, price = card.lane, now.yellow_price.get(card.kind)
        green = now.green_stop_s
        return cls(
            kind=card.kind,
            pit_lane=lane.state.value,
            why=lane.why,
            opens_at_ms=None if lane.opens_at is None else lane.opens_at.ms,
            confidence=lane.confidence,
            call=WordedAction.of(card.call, now),
            margin=worth(card.margin, card.unit),
            stop_s=None if price is None else price.median_s,
            stop_p90_s=None if price is None else price.p90_s,
            green_stop_s=None if green is None else round(green, 1),
            name=language().flag(card.kind),
            short_name=language().say("flags_in_short", card.kind),
        )


class RainCard(Part, frozen=True, kw_only=True):
    """What the car does if it begins to rain in a sector."""

    sector: Annotated[int, means("the sector: 1, 2 or 3")]
    call: Annotated[WordedAction, means("what is done then")]
    margin: Annotated[Worth, means("how much better that is than the next best")]

    @classmethod
    def of(cls, card: RainCall, now: Situation) -> RainCard:
        """From the strategy's card."""
        return cls(
            sector=card.sector,
            call=WordedAction.of(card.call, now),
            margin=worth(card.margin, card.unit),
        )


class CarOutlook(Part, frozen=True, kw_only=True):
    """A car to the flag."""

    car_number: CarNumber
    stops_left: Annotated[RealQuantiles, means("stops still to come")]
    window: Annotated[PitWindow, means("the window of its next stop for fuel")]
    planned_laps: Annotated[int, means("laps at the flag, the middle: `laps.p50` of the forecast")]
    p_one_more_lap: Annotated[float, means("probability that it has more laps to run")]

    @classmethod
    def of(cls, each: CarToFlag) -> CarOutlook:
        """From the strategy's outlook."""
        low, middle, high = each.stops_left
        return cls(
            car_number=each.car_number,
            stops_left=RealQuantiles(p10=low, p50=middle, p90=high),
            window=each.window,
            planned_laps=each.planned_laps,
            p_one_more_lap=each.p_more,
        )


class CarCards(CarOutlook, frozen=True, kw_only=True):
    """Everything that is worth knowing of a car beside a call."""

    car_class: CarClass
    neutralised_now: Annotated[
        tuple[NeutralisedNow, ...],
        means("by kind, if a neutralisation began now; the one in force alone"),
    ]
    rain: Annotated[
        tuple[RainCard, ...], means("by sector, if it began to rain; empty where it does already")
    ]

    @classmethod
    def with_outlook(cls, cards: DrawnCards, ahead: CarToFlag, now: Situation) -> CarCards:
        """From a car's cards and its outlook."""
        plain = CarOutlook.of(ahead)
        return cls(
            **{name: getattr(plain, name) for name in plain.__struct_fields__},
            car_class=cards.car_class,
            neutralised_now=tuple(NeutralisedNow.of(card, now) for card in cards.neutralised),
            rain=tuple(RainCard.of(card, now) for card in cards.rain),
        )


class Cards(Answer, frozen=True, kw_only=True):
    """For every running car: what it does if the race is neutralised now or it rains, and when."""

    at_ms: AtMs
    length_ms: LengthMs
    simulated: Simulated
    seed: Seed
    replicates: Annotated[int, means("how many futures were drawn for each card")]
    utility: Maximised
    cars: Annotated[tuple[CarCards, ...], means("every car on the track")]

    def of_class(self, car_class: str) -> Cards:
        """The same for the cars of one class alone."""
        cars = tuple(car for car in self.cars if car.car_class == car_class)
        return msgspec.structs.replace(self, cars=cars)

    def frame(self) -> pl.DataFrame:
        """A row per car and card; a card for rain in sector 1 is of kind ``rain_1``."""
        schema: dict[str, type[pl.DataType]] = {
            "car_number": pl.String, "car_class": pl.String, "kind": pl.String,
            "pit_lane": pl.String, "action": pl.String, "lap": pl.Int64,
            "tyre": pl.String, "margin": pl.Float64, "margin_se": pl.Float64, "unit": pl.String,
        }  # fmt: skip
        rows = []
        for car in self.cars:
            cards = [(c.kind, c.pit_lane, c.call, c.margin) for c in car.neutralised_now]
            rain = [(f"rain_{c.sector}", None, c.call, c.margin) for c in car.rain]
            for kind, lane, call, margin in (*cards, *rain):
                tyre = None if call.tyres is None else call.tyres.kind
                rows.append(
                    (car.car_number, car.car_class, kind, lane, call.action, call.lap, tyre,
                     margin.value, margin.se, margin.unit)
                )  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")

    def heading(self) -> str:
        """Of how many cars, and when."""
        return f"Cards of {len(self.cars)} cars at {format_clock(self.at_ms)}"
