"""A plan for a race that has not begun: the setup file, the rules over it, the answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import BadOption, NotKnown
from dryline.engine.championship import read_override
from dryline.engine.session_files import read_file
from dryline.feeds.setup_file import read_setup
from dryline.rules.book import rule_book
from dryline.strategy.plan import Plan, driving, plans_for
from dryline.strategy.plan_risk import Risk, risks
from dryline.strategy.plan_setup import RaceSetup, with_rules
from dryline.strategy.plan_stints import PlannedStint

REPLICATES, MOST_REPLICATES = 1000, 100_000
DAY_S = 86_400


@dataclass(frozen=True)
class Planned:
    """The best plans of a setup, fastest first, with their risks where they were simulated."""

    setup: RaceSetup
    remarks: tuple[str, ...]
    plans: tuple[Plan, ...]
    risks: tuple[Risk, ...]
    replicates: int
    seed: int


def example_setup() -> str:
    """A setup to begin from, as text."""
    return (resources.files("dryline.data") / "examples" / "race-setup.toml").read_text("utf-8")


def open_setup(path: Path, rules: Path | None = None) -> tuple[RaceSetup, tuple[str, ...]]:
    """The setup of a file with the rule book's limits, and what is to be known about them.

    Raises:
        InputError: a file that is not there or no setup; a rule file that is none.
    """
    setup = read_setup(read_file(path), path.name)
    race = setup.race
    if race.series is None or race.year is None:
        return with_rules(setup, None)
    try:
        book = rule_book(race.series, race.year, read_override(rules))
    except NotKnown as error:
        setup, remarks = with_rules(setup, None)
        return setup, (str(error), *remarks)
    return with_rules(setup, book)


def plan_race(
    path: Path,
    *,
    rules: Path | None = None,
    most: int = 4,
    replicates: int = REPLICATES,
    seed: int = 1,
    tell: Callable[[str], None] = lambda _: None,
) -> Planned:
    """The best plans for the setup in a file; ``replicates`` 0 leaves their risk out.

    Raises:
        InputError: an unusable setup.
        NotKnown: where no plan keeps every limit; which, and by how much.
        BadOption: replicates out of range.
    """
    if not 0 <= replicates <= MOST_REPLICATES:
        raise BadOption(f"--replicates must be from 0 to {MOST_REPLICATES:,}")
    if most < 1:
        raise BadOption("--plans must be at least 1")
    setup, remarks = open_setup(path, rules)
    plans = plans_for(setup, most, tell)
    found: tuple[Risk, ...] = ()
    if replicates:
        tell(f"racing {len(plans)} plans {replicates:,} times")
        found = risks(setup, plans, replicates=replicates, seed=seed, threads=os.cpu_count() or 1)
    return Planned(setup, remarks, plans, found, replicates, seed)


def plan_object(planned: Planned) -> dict[str, Any]:
    """The plans as JSON: whole milliseconds, instants from the start of the race."""
    setup, plans = planned.setup, planned.plans
    race = setup.race
    return {
        "race": race.name,
        "car_number": setup.car.number,
        "car_class": setup.car.car_class,
        "length_ms": None if race.length_s is None else round(race.length_s * 1000),
        "laps": plans[0].laps,
        "replicates": planned.replicates,
        "seed": planned.seed,
        "plans": [
            {
                "rank": rank,
                "stops": plan.stops,
                "tyre_sets": plan.sets,
                "laps": plan.laps,
                "laps_by_flag": plan.laps_by_flag,
                "finish_ms": round(plan.finish_s * 1000),
                "behind_best_ms": round((plan.finish_s - plans[0].finish_s) * 1000),
                "proven_within_ms": round(plan.within_s * 1000),
                "stints": stint_rows(setup, plan),
                "drivers": _drivers(setup, plan),
                "assumes": assumptions(setup, plan),
                "risk": _risk(planned.risks, rank - 1),
            }
            for rank, plan in enumerate(plans, start=1)
        ],
        "remarks": list(planned.remarks),
    }


def stint_rows(setup: RaceSetup, plan: Plan) -> list[dict[str, Any]]:
    """A plan's stints as rows: laps, instants and time of day, who, on what."""
    return [
        {
            "stint": number,
            "driver": setup.drivers[stint.driver].name,
            "first_lap": stint.first_lap,
            "last_lap": stint.last_lap,
            "laps": stint.laps,
            "start_ms": round(stint.start_s * 1000),
            "end_ms": round(stint.end_s * 1000),
            "start_of_day": _of_day(setup, stint.start_s),
            "box_of_day": _of_day(setup, stint.end_s),
            "tyres": "new" if stint.new_tyres else "kept",
            "tyre_age_laps": stint.tyre_age,
            "fuel_laps": stint.fuel_laps,
            "saved_laps": stint.saved_laps,
            "pit_ms": round(stint.pit_s * 1000),
            "standing_ms": round(stint.standing_s * 1000),
        }
        for number, stint in enumerate(plan.stints, start=1)
    ]


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
    return f"drive time: {whose} by {format_clock(round(left * 1000))}, the closest limit"


def _drivers(setup: RaceSetup, plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "driver": who.name,
            "driven_ms": round(driven * 1000),
            "least_ms": None if who.min_s is None else round(who.min_s * 1000),
            "most_ms": None if who.max_s is None else round(who.max_s * 1000),
        }
        for who, driven in zip(setup.drivers, driving(setup, plan), strict=True)
    ]


def _risk(found: Sequence[Risk], at: int) -> dict[str, Any] | None:
    if not found:
        return None
    risk = found[at]
    names = ("p10", "p50", "p90")
    return {
        "simulated": True,
        "p_best": risk.p_best,
        "p_best_se": risk.p_best_se,
        "laps": dict(zip(names, map(int, risk.laps), strict=True)),
        "finish_ms": {name: round(s * 1000) for name, s in zip(names, risk.finish_s, strict=True)},
        "neutralised_min": round(risk.neutralised_min, 1),
    }


def _of_day(setup: RaceSetup, seconds: float) -> str | None:
    start = setup.race.start_of_day_s
    return None if start is None else format_clock(round((start + seconds) % DAY_S) * 1000)
