"""The track: how wet, which tyre is the faster, when that changed and may change next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
import polars as pl

from dryline.analysis.track.crossover import CrossoverForecast
from dryline.analysis.track.rain_tyres import quickest_rain_kind
from dryline.analysis.track.reading import SAMPLES, TrackEstimate
from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.quantities import OpenQuantiles
from dryline.answers.rows import rows_of
from dryline.answers.spells import Against, Contradictions, Spells, water_of
from dryline.answers.tyre_kinds import KindsOfStints, KindWords, PKinds, kind_words
from dryline.domain.fields import AtMs, CarClass, CarNumber, Seen, Sure
from dryline.domain.series import Series
from dryline.domain.tyre_kind import has_kinds_of_rain_tyre
from dryline.race.race import Race

Sectors = tuple[float, float, float]
IN_A_SAMPLE = {"wetness": "w", "sd": "sd", "p_wet": "p_wet", "loss": "loss"}
"""The fields of a sample that hold three sectors, and what their columns begin with."""


class Sample(Part, frozen=True, kw_only=True):
    """The track at an instant, sector by sector."""

    at_ms: AtMs
    wetness: Annotated[
        Sectors,
        means(
            "wetness of sectors 1, 2, 3 in [0, 1]: 1 costs an average car on slicks 30 %",
        ),
    ]
    sd: Annotated[Sectors, means("standard deviations of the three")]
    p_wet: Annotated[
        Sectors,
        means("probabilities that the three sectors cost more than 2.5 % for their water"),
    ]
    p_rain: Annotated[float, means("probability that it rains in some sector")]
    loss: Annotated[
        Sectors,
        means(
            "what the three sectors cost an average car on slicks for their water, in log time "
            "(0.025 is 2.5 %)"
        ),
    ]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Sample:
        """From a row of ``SAMPLES``."""

        def three(name: str) -> Sectors:
            return row[f"{name}1"], row[f"{name}2"], row[f"{name}3"]

        return cls(
            at_ms=row["at_ms"],
            wetness=three("w"),
            sd=three("sd"),
            p_wet=three("p_wet"),
            p_rain=row["p_rain"],
            loss=three("loss"),
        )


class ClassTyre(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Which tyre is the faster for a class."""

    car_class: CarClass
    at_ms: AtMs
    wet_minus_slick_ms: Annotated[
        int, means("a lap on wets less one on slicks: negative means that wets are faster", "ms")
    ]
    sd: Annotated[int, means("standard deviation of the difference", "ms")]
    p_wet_faster: Annotated[float, means("probability that wets are the faster tyre")]
    rain_tyre: Annotated[
        str | None,
        means("the kind of rain tyre that is quickest now; left out where the series has but one"),
    ] = None


class Crossover(Part, frozen=True, kw_only=True):
    """One change of the faster tyre in a class."""

    car_class: CarClass
    at_ms: Annotated[int, means("when it changed", "ms since the start")]
    direction: Annotated[str, means("`to_wet` or `to_slick`")]
    confidence: Sure


class CarTyre(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What is believed of a car's tyres from an instant on."""

    car_number: CarNumber
    from_ms: Annotated[int, means("from when on", "ms since the start")]
    p_wet_tyre: Annotated[
        float | None,
        means("probability that the car is on wets; null before a free lap has told of it"),
    ]
    tyre: Annotated[str, means("`wet`, `slick`, or `unknown` between 20 and 80 %")]
    seen: Seen
    kinds: Annotated[
        PKinds | None,
        means(
            "probability of each kind of tyre by name, where the series has more than slicks and "
            "wets; left out elsewhere, and live in a row that a later one takes the place of"
        ),
    ] = None


def _with_kinds(race: Race, estimate: TrackEstimate) -> Iterable[CarTyre]:
    """What is believed of every car's tyres, with their kinds where that is more than two."""
    rows = rows_of(CarTyre, estimate.tyres)
    kinds = KindsOfStints(race, estimate)
    newest = {row.car_number: row for row in rows}
    for row in rows:
        told = not estimate.filtered or newest[row.car_number] is row
        at_ms = estimate.last.at_ms if estimate.filtered else row.from_ms
        found = kinds.at(row.car_number, at_ms, row.p_wet_tyre) if told else None
        yield row if found is None else msgspec.structs.replace(row, kinds=found)


def _quickest(race: Race, estimate: TrackEstimate, car_class: str) -> str | None:
    kinds = Series.of(race.series).tyres
    if not has_kinds_of_rain_tyre(kinds):
        return None
    return quickest_rain_kind(estimate.last, car_class, kinds).name


def _not_known(race: Race, estimate: TrackEstimate) -> Iterable[CarTyre]:
    """The cars that have crossed the line and of whose tyres nothing is believed yet."""
    crossed = set(race.laps["car_number"]) - set(estimate.tyres["car_number"])
    for number in sorted(crossed):
        yield CarTyre(car_number=number, from_ms=0, p_wet_tyre=None, tyre="unknown", seen=False)


class CrossoverAhead(Part, frozen=True, kw_only=True):
    """When a class's faster tyre changes next."""

    car_class: CarClass
    direction: Annotated[str, means("`to_wet` or `to_slick`")]
    p_within_hour: Annotated[float, means("probability that it changes within the hour")]
    after_ms: Annotated[OpenQuantiles, means("how long until then", "ms from the instant on")]

    @classmethod
    def of(cls, found: CrossoverForecast) -> CrossoverAhead:
        """From the forecast of a class."""
        minutes = (found.p10_min, found.p50_min, found.p90_min)
        return cls(
            car_class=found.car_class,
            direction=found.direction,
            p_within_hour=found.p_within,
            after_ms=OpenQuantiles.of(
                *(None if each is None else round(each * 60_000) for each in minutes)
            ),
        )


class Track(AboutRace, frozen=True, kw_only=True, omit_defaults=True):
    """The track over a race, as it could be known at an instant or in hindsight."""

    filtered: Annotated[
        bool, means("whether every row uses only what was known at its time, or the whole race")
    ]
    words: Annotated[str, means("the present state in one sentence")]
    reference: Against
    spells: Spells
    contradictions: Contradictions
    samples: Annotated[tuple[Sample, ...], means("the track every half minute")]
    classes: Annotated[tuple[ClassTyre, ...], means("the faster tyre of each class at the end")]
    crossovers: Annotated[tuple[Crossover, ...], means("when the faster tyre changed, per class")]
    tyres: Annotated[
        tuple[CarTyre, ...], means("what is believed of each car's tyres, as it moved")
    ]
    crossovers_ahead: Annotated[
        tuple[CrossoverAhead, ...] | None,
        means(
            "when the faster tyre changes next, for the classes whose dry lap time is known; "
            "null where that is not known: on a dry track, in hindsight, once the race is over"
        ),
    ]
    kinds: KindWords = None

    @classmethod
    def of(
        cls, race: Race, estimate: TrackEstimate, ahead: Iterable[CrossoverForecast] | None
    ) -> Track:
        """From an estimate, and what may come of it."""
        latest = estimate.classes.sort("at_ms").unique(
            "car_class", keep="last", maintain_order=True
        )
        return cls(
            race=race.info.name,
            simulated=race.info.simulated,
            filtered=estimate.filtered,
            words=estimate.words,
            **water_of(race, estimate),
            samples=tuple(Sample.of(row) for row in estimate.samples.iter_rows(named=True)),
            classes=tuple(
                ClassTyre(
                    car_class=car_class,
                    at_ms=at_ms,
                    wet_minus_slick_ms=round(difference_ms),
                    sd=round(sd_ms),
                    p_wet_faster=p,
                    rain_tyre=_quickest(race, estimate, car_class),
                )
                for car_class, at_ms, difference_ms, sd_ms, p in latest.iter_rows()
            ),
            crossovers=rows_of(Crossover, estimate.crossovers),
            tyres=(*_with_kinds(race, estimate), *_not_known(race, estimate)),
            kinds=kind_words(race),
            crossovers_ahead=(
                None if ahead is None else tuple(CrossoverAhead.of(each) for each in ahead)
            ),
        )

    def frame(self) -> pl.DataFrame:
        """A row per half minute: schema ``SAMPLES``."""
        rows = [
            {
                "at_ms": each.at_ms,
                "p_rain": each.p_rain,
                **{
                    f"{start}{sector}": value
                    for field, start in IN_A_SAMPLE.items()
                    for sector, value in enumerate(getattr(each, field), start=1)
                },
            }
            for each in self.samples
        ]
        return pl.DataFrame(rows, schema=SAMPLES, orient="row")

    def heading(self) -> str:
        """The present in words."""
        return self.titled(self.words)
