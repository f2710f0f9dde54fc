"""Plans for a race that has not begun: stints, drivers, fuel, tyres, and their risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import polars as pl

from dryline.answers.answer import Answer, Part, means
from dryline.answers.quantities import Quantiles
from dryline.answers.rows import table_of
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import CarNumber, RaceName
from dryline.strategy.plan import Plan, driving
from dryline.strategy.plan_risk import Risk
from dryline.strategy.plan_setup import RaceSetup
from dryline.strategy.plan_stints import PlannedStint

DAY_S = 86_400


class TimedStint(Part, frozen=True, kw_only=True):
    """A stint of a plan: laps, instants and time of day, who, on what."""

    stint: Annotated[int, means("counted from 1")]
    driver: Annotated[str, means("who drives")]
    first_lap: Annotated[int, means("its first lap")]
    last_lap: Annotated[int, means("its last lap, at whose end the car boxes")]
    laps: Annotated[int, means("how many laps")]
    start_ms: Annotated[int, means("when it begins", "ms since the start")]
    end_ms: Annotated[int, means("when its last lap is done", "ms since the start")]
    start_of_day: Annotated[str | None, means("time of day at its start; null: not told")]
    box_of_day: Annotated[str | None, means("time of day to box; null: not told")]
    tyres: Annotated[str, means("`new` or `kept`")]
    tyre_age_laps: Annotated[int, means("laps on the set at its start")]
    fuel_laps: Annotated[int, means("laps of fuel taken")]
    saved_laps: Annotated[int, means("laps gained by saving")]
    pit_ms: Annotated[int, means("what the stop before it costs", "ms")]
    standing_ms: Annotated[int, means("of which standing", "ms")]

    @classmethod
    def of(cls, number: int, stint: PlannedStint, setup: RaceSetup) -> TimedStint:
        """From the planner's."""
        return cls(
            stint=number,
            driver=setup.drivers[stint.driver].name,
            first_lap=stint.first_lap,
            last_lap=stint.last_lap,
            laps=stint.laps,
            start_ms=ms(stint.start_s),
            end_ms=ms(stint.end_s),
            start_of_day=_of_day(setup, stint.start_s),
            box_of_day=_of_day(setup, stint.end_s),
            tyres="new" if stint.new_tyres else "kept",
            tyre_age_laps=stint.tyre_age,
            fuel_laps=stint.fuel_laps,
            saved_laps=stint.saved_laps,
            pit_ms=ms(stint.pit_s),
            standing_ms=ms(stint.standing_s),
        )


class DriverShare(Part, frozen=True, kw_only=True):
    """How long a driver drives, and between which limits."""

    driver: Annotated[str, means("who drives")]
    driven_ms: Annotated[int, means("at the wheel in the plan", "ms")]
    least_ms: Annotated[int | None, means("least that is asked for; null without a limit", "ms")]
    most_ms: Annotated[int | None, means("most that is allowed; null without a limit", "ms")]


class PlanRisk(Part, frozen=True, kw_only=True):
    """What becomes of a plan: every one raced as written, on the same luck."""

    simulated: Annotated[bool, means("always true: these are simulated races")]
    p_best: Annotated[
        float, means("share of simulated races in which it was the best of these plans")
    ]
    p_best_se: Annotated[float, means("its standard error")]
    laps: Annotated[Quantiles, means("laps at the flag")]
    finish_ms: Annotated[Quantiles, means("when the last lap is done", "ms since the start")]
    neutralised_min: Annotated[float, means("neutralised in those races, on average", "minutes")]

    @classmethod
    def of(cls, risk: Risk) -> PlanRisk:
        """From the simulated."""
        (few, middle, many), (early, usual, late) = risk.laps, risk.finish_s
        return cls(
            simulated=True,
            p_best=risk.p_best,
            p_best_se=risk.p_best_se,
            laps=Quantiles(p10=int(few), p50=int(middle), p90=int(many)),
            finish_ms=Quantiles(p10=ms(early), p50=ms(usual), p90=ms(late)),
            neutralised_min=round(risk.neutralised_min, 1),
        )


class RacePlan(Part, frozen=True, kw_only=True):
    """One plan for the whole race."""

    rank: Annotated[int, means("its place among the plans, fastest first")]
    stops: Annotated[int, means("how many stops")]
    tyre_sets: Annotated[int, means("sets of tyres used, the first included")]
    laps: Annotated[int, means("laps planned, the same for every plan")]
    laps_by_flag: Annotated[int, means("laps at the flag")]
    finish_ms: Annotated[int, means("when the last lap is done", "ms since the start")]
    behind_best_ms: Annotated[int, means("slower than the best plan", "ms")]
    proven_within_ms: Annotated[
        int, means("no plan of this many stops and sets is quicker by more", "ms")
    ]
    stints: Annotated[tuple[TimedStint, ...], means("from the start to the flag")]
    drivers: Annotated[tuple[DriverShare, ...], means("who drives how long")]
    assumes: Annotated[tuple[str, ...], means("what must hold for it to come out, in words")]
    risk: Annotated[PlanRisk | None, means("what becomes of it; null: not simulated")]

    @classmethod
    def of(cls, rank: int, plan: Plan, best: Plan, risk: Risk | None, setup: RaceSetup) -> RacePlan:
        """From the planner's; ``best`` is the fastest of the list."""
        shares = zip(setup.drivers, driving(setup, plan), strict=True)
        return cls(
            rank=rank,
            stops=plan.stops,
            tyre_sets=plan.sets,
            laps=plan.laps,
            laps_by_flag=plan.laps_by_flag,
            finish_ms=ms(plan.finish_s),
            behind_best_ms=ms(plan.finish_s - best.finish_s),
            proven_within_ms=ms(plan.within_s),
            stints=tuple(
                TimedStint.of(number, stint, setup)
                for number, stint in enumerate(plan.stints, start=1)
            ),
            drivers=tuple(
                DriverShare(
                    driver=who.name,
                    driven_ms=ms(driven),
                    least_ms=None if who.min_s is None else ms(who.min_s),
                    most_ms=None if who.max_s is None else ms(who.max_s),
                )
                for who, driven in shares
            ),
            assumes=tuple(assumptions(setup, plan)),
            risk=None if risk is None else PlanRisk.of(risk),
        )

    def frame(self) -> pl.DataFrame:
        """A row per stint."""
        words = ("driver", "start_of_day", "box_of_day", "tyres")
        names = TimedStint.__struct_fields__
        return table_of(
            self.stints, {name: pl.String if name in words else pl.Int64 for name in names}
        )


class Plans(Answer, frozen=True, kw_only=True):
    """The best few plans for a race, fastest first."""

    race: RaceName
    car_number: CarNumber
    car_class: Annotated[str, means("the class as the setup calls it")]
    length_ms: Annotated[int | None, means("scheduled length; null: a race of laps", "ms")]
    laps: Annotated[int, means("laps that the plans cover")]
    replicates: Annotated[int, means("simulated races per plan; 0: none")]
    seed: Annotated[int, means("of the random numbers; the same seed gives the same answer")]
    plans: Annotated[tuple[RacePlan, ...], means("fastest first")]
    remarks: Annotated[tuple[str, ...], means("what is not confirmed, or could not be kept")]
    energy_laps: Annotated[
        float | None, means("laps that a full energy allowance lasts; null: not told")
    ]

    @classmethod
    def of(
        cls,
        setup: RaceSetup,
        plans: Sequence[Plan],
        risks: Sequence[Risk],
        remarks: tuple[str, ...],
        *,
        replicates: int,
        seed: int,
    ) -> Plans:
        """From the planner's; ``risks`` is empty where nothing was simulated."""
        race, car = setup.race, setup.car
        each_risk: Sequence[Risk | None] = risks or [None] * len(plans)
        return cls(
            race=race.name,
            car_number=car.number,
            car_class=car.car_class,
            length_ms=None if race.length_s is None else ms(race.length_s),
            laps=plans[0].laps,
            replicates=replicates,
            seed=seed,
            plans=tuple(
                RacePlan.of(rank, plan, plans[0], risk, setup)
                for rank, (plan, risk) in enumerate(zip(plans, each_risk, strict=True), start=1)
            ),
            remarks=remarks,
            energy_laps=setup.fuel.energy_laps,
        )

    def frame(self) -> pl.DataFrame:
        """A row per stint of the best plan."""
        return self.plans[0].frame()

    def heading(self) -> str:
        """The race, and what the best plan comes to."""
        best = self.plans[0]
        return f"{self.race}, #{self.car_number}: {best.stops} stops, {best.laps_by_flag} laps"


def ms(seconds: float) -> int:
    """Seconds as whole milliseconds."""
    return round(seconds * 1000)


def assumptions(setup: RaceSetup, plan: Plan) -> list[str]:
    """What must hold for the plan to come out, in words."""
    out = ["green all the way; every stop as long as the setup says"]
    if plan.saved_laps:
        words = _some(plan.saved_laps, "lap")
        out.append(f"{words} beyond a full tank by saving, in {_stints_that(plan.stints)}")
    kept = sum(not stint.new_tyres for stint in plan.stints)
    if kept:
        oldest = max(stint.tyre_age + stint.laps for stint in plan.stints)
        out.append(f"tyres kept at {_some(kept, 'stop')}; the oldest set runs {oldest} laps")
    closest = _closest(setup, plan)
    return out if closest is None else [*out, closest]


def _stints_that(stints: Sequence[PlannedStint]) -> str:
    saving = [str(k) for k, stint in enumerate(stints, start=1) if stint.saved_laps]
    return f"stint{'' if len(saving) == 1 else 's'} {', '.join(saving)}"


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _closest(setup: RaceSetup, plan: Plan) -> str | None:
    """The drive-time limit with least to spare."""
    spare = []
    for who, driven in zip(setup.drivers, driving(setup, plan), strict=True):
        if who.min_s is not None:
            spare.append((driven - who.min_s, f"{who.name} above the least"))
        if who.max_s is not None:
            spare.append((who.max_s - driven, f"{who.name} below the most"))
    if not spare:
        return None
    left, whose = min(spare)
    return f"drive time: {whose} by {format_clock(ms(left))}, the closest limit"


def _of_day(setup: RaceSetup, seconds: float) -> str | None:
    start = setup.race.start_of_day_s
    return None if start is None else format_clock(ms(round((start + seconds) % DAY_S)))
