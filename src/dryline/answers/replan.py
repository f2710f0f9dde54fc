"""The rest of a race planned from now: what was driven, what is to come, and on what conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.plan import TimedStint, ms
from dryline.answers.rows import table_of
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import CarClass, CarNumber, KnownAtMs, LengthMs
from dryline.domain.language import language
from dryline.race.moment import Moment
from dryline.strategy.plan import driving
from dryline.strategy.plan_setup import RaceSetup
from dryline.strategy.replan import Replan, StopWindow
from dryline.strategy.rest_of_race import RestToPlan
from dryline.strategy.setting import OwnCar


class DrivenStint(Part, frozen=True, kw_only=True):
    """A stint that has been driven, or the part of one that has."""

    stint: Annotated[int, means("counted from 1")]
    driver: Annotated[str, means("who drove")]
    first_lap: Annotated[int, means("its first lap")]
    last_lap: Annotated[int, means("its last lap so far")]
    laps: Annotated[int, means("how many laps")]
    start_ms: Annotated[int, means("when it began", "ms since the start")]
    end_ms: Annotated[int, means("its last crossing", "ms since the start")]


class StopToCome(Part, frozen=True, kw_only=True):
    """A stop of the plan, and when one under yellow would do in its place."""

    stop: Annotated[int, means("counted over the whole race")]
    lap: Annotated[int, means("the in-lap")]
    at_ms: Annotated[int, means("the crossing that ends it", "ms since the start")]
    first_lap: Annotated[
        int, means("the earliest in-lap that leaves the number of stops as it is, for fuel")
    ]
    latest_lap: Annotated[int, means("the latest in-lap that the fuel allows")]
    fuel_laps: Annotated[int, means("laps of fuel to be taken")]
    tyres: Annotated[str, means("`new` or `kept`")]
    driver: Annotated[str, means("who drives after it")]
    changes: Annotated[bool, means("whether somebody gets in")]
    standing_ms: Annotated[int, means("standing in the box", "ms")]
    words: Annotated[str, means("the stop in words")]
    condition: Annotated[str, means("what a neutralisation before it changes, in words")]


class DriverToCome(Part, frozen=True, kw_only=True):
    """How long a driver has driven and is to drive, and between which limits."""

    driver: Annotated[str, means("who drives")]
    driven_ms: Annotated[int, means("at the wheel so far", "ms")]
    planned_ms: Annotated[int, means("at the wheel in the rest of the plan", "ms")]
    total_ms: Annotated[int, means("both together", "ms")]
    least_ms: Annotated[int | None, means("least that is asked for; null without a limit", "ms")]
    most_ms: Annotated[int | None, means("most that is allowed; null without a limit", "ms")]


class Replanned(AboutRace, frozen=True, kw_only=True):
    """The rest of the race from now: stints done are fixed, the others the fastest there are."""

    car_number: CarNumber
    car_class: CarClass
    at_ms: KnownAtMs
    length_ms: LengthMs
    words: Annotated[str, means("the next stop in words, or that there is none")]
    laps: Annotated[int, means("laps at the flag")]
    finish_ms: Annotated[int, means("when the last of them is done", "ms since the start")]
    stops_made: Annotated[int, means("stops so far")]
    proven_within_ms: Annotated[
        int, means("no plan is quicker by more, whatever its stops: the solver's bound", "ms")
    ] = 0
    stops: Annotated[tuple[StopToCome, ...], means("the stops to come, in order")]
    driven: Annotated[tuple[DrivenStint, ...], means("the stints so far, as they were driven")]
    stints: Annotated[
        tuple[TimedStint, ...], means("from the lap under way to the flag; the first may be begun")
    ]
    drivers: Annotated[tuple[DriverToCome, ...], means("who drives how long")]
    against_rules: Annotated[
        tuple[str, ...], means("limits that can no longer be kept, and by how much")
    ]
    not_kept: Annotated[tuple[str, ...], means("what the team wants and no plan keeps")]
    not_used: Annotated[tuple[str, ...], means("what the team typed that could not be used")]
    assumes: Annotated[tuple[str, ...], means("what the plan rests on, in words")]
    remarks: Annotated[tuple[str, ...], means("what is not confirmed or not known")]

    @classmethod
    def of(cls, moment: Moment, mine: OwnCar, rest: RestToPlan, found: Replan) -> Replanned:
        """From the planner's."""
        setup, plan = rest.setup, found.plan
        driven = tuple(_driven(moment, mine.number))
        stops = tuple(_stops(setup, found))
        no_stop = "no_stop_likely" if rest.likely else "no_stop"
        begun = len(driven) if setup.under_way is not None and driven else len(driven) + 1
        return cls(
            race=moment.race.info.name,
            simulated=moment.race.info.simulated,
            car_number=mine.number,
            car_class=setup.car.car_class,
            at_ms=moment.at_ms,
            length_ms=moment.length_ms,
            words=stops[0].words if stops else language().say("replan", no_stop),
            laps=plan.laps_by_flag,
            finish_ms=ms(plan.finish_s),
            stops_made=setup.stops_made,
            proven_within_ms=ms(plan.within_s),
            stops=stops,
            driven=driven,
            stints=tuple(
                TimedStint.of(begun + k, stint, setup) for k, stint in enumerate(plan.stints)
            ),
            drivers=tuple(_drivers(setup, found)),
            against_rules=found.broken,
            not_kept=found.not_kept,
            not_used=rest.not_used,
            assumes=rest.assumes,
            remarks=rest.remarks,
        )

    def frame(self) -> pl.DataFrame:
        """A row per stint, those driven first."""
        names = DrivenStint.__struct_fields__
        types = {name: pl.String if name == "driver" else pl.Int64 for name in names}
        done = table_of(self.driven, types).with_columns(state=pl.lit("driven"))
        to_come = pl.DataFrame(
            [[getattr(each, name) for name in names] for each in self.stints],
            schema=types,
            orient="row",
        ).with_columns(state=pl.lit("planned"))
        return pl.concat([done, to_come])

    def heading(self) -> str:
        """Whose plan, from when, and its next stop."""
        clock = format_clock(self.at_ms)
        return self.titled(f"#{self.car_number} from {clock}: {self.words}")


def _driven(moment: Moment, car_number: str) -> Iterator[DrivenStint]:
    mine = moment.race.stints.filter(pl.col("car_number") == car_number)
    for row in mine.iter_rows(named=True):
        yield DrivenStint(
            **{name: row[name] for name in DrivenStint.__struct_fields__ if name != "driver"},
            driver=row["driver"] or "",
        )


def _drivers(setup: RaceSetup, found: Replan) -> Iterator[DriverToCome]:
    for d, total in enumerate(driving(setup, found.plan)):
        who, so_far = setup.drivers[d], setup.driven_s(d)
        yield DriverToCome(
            driver=who.name,
            driven_ms=ms(so_far),
            planned_ms=ms(total) - ms(so_far),
            total_ms=ms(total),
            least_ms=None if who.min_s is None else ms(who.min_s),
            most_ms=None if who.max_s is None else ms(who.max_s),
        )


def _stops(setup: RaceSetup, found: Replan) -> Iterator[StopToCome]:
    """The stops after each stint but the last; one that is being made is no stop to come."""
    stints = found.plan.stints
    first = setup.stops_made + (1 if setup.under_way is not None or setup.so_far is None else 2)
    for k, window in enumerate(found.windows):
        before, after = stints[k], stints[k + 1]
        driver, changes = setup.drivers[after.driver].name, after.driver != before.driver
        yield StopToCome(
            stop=first + k,
            lap=window.lap,
            at_ms=ms(before.end_s),
            first_lap=window.first_lap,
            latest_lap=window.last_lap,
            fuel_laps=after.fuel_laps,
            tyres="new" if after.new_tyres else "kept",
            driver=driver,
            changes=changes,
            standing_ms=ms(after.standing_s),
            words=_words(first + k, window, after.fuel_laps, driver, changes, after.new_tyres),
            condition=_condition(window, setup.laps_done),
        )


def _words(
    number: int, window: StopWindow, fuel: int, driver: str, changes: bool, new: bool
) -> str:
    say = language().say
    work = (
        say("replan", "fuel_1" if fuel == 1 else "fuel", laps=fuel),
        say("replan", "new" if new else "kept"),
        say("replan", "gets_in" if changes else "stays", name=driver),
    )
    return say("replan", "stop", number=number, lap=window.lap, work=", ".join(work))


def _condition(window: StopWindow, laps_done: int) -> str:
    key = "window"
    if window.lap == laps_done + 1:
        key = "this_lap" if window.last_lap == window.lap else "from_this_lap"
    elif window.first_lap >= window.lap:
        key = "no_window"
    elif window.first_lap <= laps_done + 1:
        key = "at_once"
    return language().say(
        "replan", key, lap=window.lap, first=window.first_lap, last=window.last_lap
    )
