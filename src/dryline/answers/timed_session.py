"""A session that the best lap decides: best laps, runs, programmes, segments, laps lost."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.rows import flat_rows
from dryline.domain.clock_text import format_ms
from dryline.domain.fields import CarClassIfAny, CarNumber, KnownAtMs, SessionKindField, TeamIfAny

SINCE_START = "ms since the start"
DriverIfKnown = Annotated[str | None, means("who drove")]
LapNumber = Annotated[int, means("number of the lap, from 1 per car")]
LapAtMs = Annotated[int, means("when the lap was completed", SINCE_START)]
LapTimeMs = Annotated[int, means("the lap time", "ms")]
RunNumber = Annotated[int, means("number of the run, from 1 per car, as the stints count them")]
TheoreticalMs = Annotated[
    int | None,
    means(
        "sum of the own best sectors on laps that count; null without sectors, also of the best "
        "lap alone",
        "ms",
    ),
]


class BestLap(Part, frozen=True, kw_only=True):
    """The best lap of a car or a driver, of those that count."""

    lap: LapNumber
    driver: DriverIfKnown
    lap_time_ms: LapTimeMs
    at_ms: LapAtMs
    s1_ms: Annotated[int | None, means("sector 1 of that lap", "ms")]
    s2_ms: Annotated[int | None, means("sector 2 of that lap", "ms")]
    s3_ms: Annotated[int | None, means("sector 3 of that lap", "ms")]
    improved_ms: Annotated[
        int | None, means("how much quicker than the best lap before it; null of a first one", "ms")
    ]


class TimedDriver(Part, frozen=True, kw_only=True):
    """One driver in one car."""

    car_number: CarNumber
    car_class: CarClassIfAny
    driver: DriverIfKnown
    laps: Annotated[int, means("laps driven")]
    best: Annotated[BestLap | None, means("the best lap; null: none counts")]
    gap_ms: Annotated[int | None, means("behind the fastest of the class", "ms")]
    theoretical_ms: TheoreticalMs


class TimedCar(Part, frozen=True, kw_only=True):
    """One car in the order of the best laps, with its programme."""

    position: Annotated[int, means("place overall by best lap")]
    position_in_class: Annotated[int, means("place in class by best lap")]
    car_number: CarNumber
    car_class: CarClassIfAny
    team: TeamIfAny
    laps: Annotated[int, means("laps driven")]
    best: Annotated[BestLap | None, means("the best lap; null: none counts")]
    gap_ms: Annotated[int | None, means("behind the fastest of the class", "ms")]
    margin_ms: Annotated[int | None, means("ahead of the next in class", "ms")]
    theoretical_ms: TheoreticalMs
    runs: Annotated[int, means("stretches between two visits to the garage")]
    longest_run_laps: Annotated[int, means("laps of the longest run, out- and in-lap among them")]
    on_track_ms: Annotated[
        int | None,
        means("time on the track; null where not every stay in the pits is stated", "ms"),
    ]
    on_track_share: Annotated[
        float | None, means("of the session up to the last crossing of any car, in [0, 1]")
    ]


class RunSlope(Part, frozen=True, kw_only=True):
    """How a long run's lap time changed by lap: worn tyres and burnt fuel together."""

    value_ms: Annotated[float, means("slower by so much each lap; negative is faster", "ms a lap")]
    lo_ms: Annotated[float, means("10 % of the belief lies below", "ms a lap")]
    hi_ms: Annotated[float, means("90 % of the belief lies below", "ms a lap")]


class SessionRun(Part, frozen=True, kw_only=True):
    """The laps of a car between two visits to the garage."""

    car_number: CarNumber
    car_class: CarClassIfAny
    run: RunNumber
    driver: DriverIfKnown
    kind: Annotated[
        str | None,
        means(
            "`long`: five steady laps or more; `push`: one or two quick ones, within 4 % of the "
            "driver's best; null: neither"
        ),
    ]
    start_ms: Annotated[
        int, means("the crossing (or the start) from which it counts, the garage too", SINCE_START)
    ]
    end_ms: Annotated[int, means("its last crossing", SINCE_START)]
    first_lap: Annotated[int, means("its first lap")]
    laps: Annotated[int, means("laps, out- and in-lap among them")]
    flying_laps: Annotated[int, means("laps neither out of the pits nor into them")]
    steady_laps: Annotated[int, means("green flying laps within 4 % of the run's best")]
    best_ms: Annotated[int | None, means("its best lap that counts", "ms")]
    average_ms: Annotated[
        int | None, means("average of its steady laps; null where it is no long run", "ms")
    ]
    slope: Annotated[
        RunSlope | None, means("change of its steady laps by lap; null where it is no long run")
    ]


class LapOfRun(Part, frozen=True, kw_only=True):
    """How fast a class was on that lap of its runs; tyres are as old where each run began anew."""

    lap_of_run: Annotated[int, means("1 is the lap out of the pits")]
    cars: Annotated[int, means("cars with a steady lap there")]
    lap_time_ms: Annotated[int, means("median over the cars", "ms")]
    behind_best_ms: Annotated[
        int, means("median over the cars of what each is behind its own best lap", "ms")
    ]


class TimedClass(Part, frozen=True, kw_only=True):
    """What is told of a class."""

    car_class: CarClassIfAny
    cars: Annotated[int, means("cars that crossed the line")]
    timed: Annotated[int, means("cars with a lap that counts")]
    fastest: Annotated[str | None, means("number of the fastest car; null: nobody set a time")]
    last_improved: Annotated[str | None, means("the car that improved last")]
    last_improved_ms: Annotated[int | None, means("when that was", SINCE_START)]
    by_lap_of_run: Annotated[tuple[LapOfRun, ...], means("pace by lap of the run")]


class SessionSegment(Part, frozen=True, kw_only=True):
    """Classes that were out together, while no other was."""

    classes: Annotated[tuple[str, ...], means("which, the first out first")]
    from_ms: Annotated[int, means("when the first flying lap began", SINCE_START)]
    to_ms: Annotated[int, means("when the last one ended", SINCE_START)]
    cars: Annotated[int, means("cars with a flying lap")]
    laps: Annotated[int, means("flying laps")]


class TakenAwayLap(Part, frozen=True, kw_only=True):
    """A lap whose time did not count, though it was quicker than the car's best."""

    car_number: CarNumber
    car_class: CarClassIfAny
    driver: DriverIfKnown
    lap: LapNumber
    at_ms: LapAtMs
    lap_time_ms: LapTimeMs
    would_be: Annotated[int, means("the place in class that it would have given")]
    position_in_class: Annotated[int, means("the place in class without it")]


class LostTime(Part, frozen=True, kw_only=True):
    """A flying lap with one sector over 3 % slower than usual in its run, the others as usual.

    Why is not known: traffic, a mistake, a flag.
    """

    car_number: CarNumber
    car_class: CarClassIfAny
    driver: DriverIfKnown
    run: RunNumber
    lap: LapNumber
    at_ms: LapAtMs
    lap_time_ms: LapTimeMs
    sector: Annotated[int, means("where the time was lost")]
    lost_ms: Annotated[int, means("against the median of that sector in the run", "ms")]


class PartPlace(Part, frozen=True, kw_only=True):
    """A car's place by all parts of a qualifying, before any penalty."""

    position: Annotated[int, means("place by all parts, class by class, the quickest class first")]
    position_in_class: Annotated[
        int, means("place in class: who was in the latest part first, then the others")
    ]
    car_number: CarNumber
    car_class: CarClassIfAny
    team: TeamIfAny
    part: Annotated[str, means("the latest part that it was in, as its name has it")]
    lap_time_ms: Annotated[int | None, means("its best lap there; null: none counts", "ms")]


class TimedSession(AboutRace, frozen=True, kw_only=True):
    """Practice, qualifying, a warm-up or a test: what the best lap decides, and what was done."""

    session_kind: SessionKindField
    at_ms: KnownAtMs
    by: Annotated[str, means("what a row of its table is: car, driver or run")]
    neutralised_ms: Annotated[int, means("how long it was neutralised, red flags too", "ms")]
    classes: Annotated[tuple[TimedClass, ...], means("by the best lap of each")]
    cars: Annotated[tuple[TimedCar, ...], means("in the order of the best laps")]
    drivers: Annotated[tuple[TimedDriver, ...], means("car by car, in order of appearance")]
    runs: Annotated[tuple[SessionRun, ...], means("car by car, in order of time")]
    segments: Annotated[
        tuple[SessionSegment, ...],
        means("classes that were out together; several where they took turns"),
    ]
    taken_away: Annotated[
        tuple[TakenAwayLap, ...],
        means("laps whose times did not count, by time; known when the session is over"),
    ]
    lost: Annotated[tuple[LostTime, ...], means("laps that lost time in one sector, by time")]
    combined: Annotated[
        tuple[PartPlace, ...],
        means(
            "the order by all parts of the qualifying; empty where it had one, or no other is known"
        ),
    ] = ()

    def frame(self) -> pl.DataFrame:
        """A row per car, driver or run, as ``by`` says; a field of a record is a column."""
        rows: dict[str, tuple[Part, ...]] = {
            "car": self.cars, "driver": self.drivers, "run": self.runs,
        }  # fmt: skip
        return flat_rows(BY[self.by], rows[self.by])

    def heading(self) -> str:
        """What it was, and who was fastest."""
        first = self.cars[0] if self.cars else None
        fastest = (
            "nobody set a time"
            if first is None or first.best is None
            else (f"#{first.car_number} fastest in {format_ms(first.best.lap_time_ms)}")
        )
        return self.titled(f"{self.session_kind.name_in_words}, {fastest}")


BY: dict[str, type[Part]] = {"car": TimedCar, "driver": TimedDriver, "run": SessionRun}
"""What a row of its table may be."""
