"""A plan on the clock: when each stint begins and ends, and what rule it breaks, if any.

Exact for the setup's own model: whole laps, tyre age lap by lap, fuel as it burns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dryline.strategy.plan_setup import RaceSetup


@dataclass(frozen=True, slots=True)
class StintChoice:
    """What is decided of one stint: who, how many laps, on new tyres or not."""

    driver: int
    laps: int
    new_tyres: bool


@dataclass(frozen=True, slots=True)
class PlannedStint:
    """One stint of a plan.

    Laps count from 1; ``start_s`` is the release from the pits (0 for the first), ``end_s`` the
    crossing that ends its last lap; ``pit_s`` is what the stop before it cost against driving
    past, ``standing_s`` of it in the box; ``tyre_age`` laps on the set when the stint begins;
    ``saved_laps`` laps beyond a full tank.
    """

    driver: int
    first_lap: int
    last_lap: int
    start_s: float
    end_s: float
    pit_s: float
    standing_s: float
    new_tyres: bool
    tyre_age: int
    fuel_laps: int
    saved_laps: int

    @property
    def laps(self) -> int:
        """How many laps."""
        return self.last_lap - self.first_lap + 1

    @property
    def driven_s(self) -> float:
        """Time at the wheel, standing in the pits apart."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule or a limit that a plan does not keep: ``short_s`` seconds short or over."""

    driver: int
    limit: str
    short_s: float
    stints: tuple[int, ...] = ()


def timetable(setup: RaceSetup, choices: Sequence[StintChoice]) -> tuple[PlannedStint, ...]:
    """The plan on the clock."""
    out: list[PlannedStint] = []
    now, lap = setup.begins_s, setup.laps_done + 1
    age = 0 if setup.so_far is None else setup.so_far.tyre_age
    driver = None if setup.so_far is None else setup.so_far.driver
    left = setup.left_in_tank
    for k, each in enumerate(choices):
        age = 0 if each.new_tyres else age
        saved = max(0, each.laps - (setup.longest(k) - setup.saving(k)))
        taken = max(0, each.laps - saved - left)
        standing = pit = 0.0
        if setup.stops_before(k):
            standing = setup.pit.standing_s(
                setup.fuel.hose_s_per_lap * taken,
                tyres=each.new_tyres,
                driver=driver is not None and each.driver != driver,
            )
            pit = setup.pit.lane_s + standing
        start = now + pit
        now = start + stint_s(
            setup, each, age, cold=setup.stops_before(k), on_board=max(each.laps - saved, left)
        )
        out.append(
            PlannedStint(
                each.driver, lap, lap + each.laps - 1, start, now, pit, standing,
                each.new_tyres, age, taken, saved,
            )
        )  # fmt: skip
        lap += each.laps
        age += each.laps
        driver, left = each.driver, max(0, left + taken - each.laps) if saved == 0 else 0
    return tuple(out)


def stint_s(
    setup: RaceSetup, stint: StintChoice, tyre_age: int, *, cold: bool, on_board: int
) -> float:
    """Seconds from the start of a stint, on so much fuel, to the end of its last lap."""
    n, fuel, tyres = stint.laps, setup.fuel, setup.tyres
    worn = tyres.loss_s * (wear(tyre_age + n) - wear(tyre_age))
    light = fuel.burn_gain_s * (n * (fuel.laps - on_board) + wear(n))
    warming = tyres.cold_s if stint.new_tyres and cold else 0.0
    saved = max(0, n - on_board)
    return n * setup.lap_s(stint.driver) + worn - light + warming + fuel.save_s * saved


def wear(laps: int) -> float:
    """Laps of age summed over a set's first ``laps`` laps."""
    return laps * (laps - 1) / 2.0


def drive_s(setup: RaceSetup, stints: Sequence[PlannedStint]) -> list[float]:
    """Each driver's time at the wheel, what was driven before the plan included."""
    out = [setup.driven_s(d) for d in range(len(setup.drivers))]
    for each in stints:
        out[each.driver] += each.driven_s
    return out


def breaches(setup: RaceSetup, stints: Sequence[PlannedStint]) -> list[Breach]:
    """Every limit of the setup that the plan does not keep."""
    out: list[Breach] = []
    for d, total in enumerate(drive_s(setup, stints)):
        who = setup.drivers[d]
        if who.min_s is not None and total < who.min_s:
            out.append(Breach(d, "least", who.min_s - total))
        if who.max_s is not None and total > who.max_s:
            out.append(Breach(d, "most", total - who.max_s))
        out += _turns(setup, stints, d)
        out += _windows(setup, stints, d)
        for k, each in enumerate(stints):
            if each.driver != d or (k == 0 and setup.under_way is not None):
                continue
            if who.until_s is not None and each.end_s > who.until_s:
                out.append(Breach(d, "until", each.end_s - who.until_s, (k,)))
            if who.from_s is not None and each.start_s < who.from_s:
                out.append(Breach(d, "from", who.from_s - each.start_s, (k,)))
    return out


def _turns(setup: RaceSetup, stints: Sequence[PlannedStint], d: int) -> list[Breach]:
    """Stints in a row at the wheel that last too long, standing time left out."""
    most = setup.drivers[d].turn_max_s
    out: list[Breach] = []
    if most is None:
        return out
    run: list[int] = []
    before = 0.0 if setup.so_far is None or setup.so_far.driver != d else setup.so_far.turn_s
    for k in range(len(stints) + 1):
        if k < len(stints) and stints[k].driver == d:
            run.append(k)
            continue
        total = before + sum(stints[i].driven_s for i in run)
        if run and total > most:
            out.append(Breach(d, "turn", total - most, tuple(run)))
        run, before = [], 0.0
    return out


def _windows(setup: RaceSetup, stints: Sequence[PlannedStint], d: int) -> list[Breach]:
    """The windows that hold too much driving; each begins with one of the driver's stints."""
    who = setup.drivers[d]
    out: list[Breach] = []
    if who.window_s is None or who.window_max_s is None:
        return out
    mine = [k for k, each in enumerate(stints) if each.driver == d]
    spells = () if setup.so_far is None else setup.so_far.spells[d]
    for first in (*(start for start, _ in spells), *(stints[k].start_s for k in mine)):
        end = first + who.window_s
        inside = [k for k in mine if first <= stints[k].start_s < end]
        driven = sum(min(stints[k].end_s, end) - stints[k].start_s for k in inside)
        driven += sum(min(until, end) - since for since, until in spells if first <= since < end)
        if inside and driven > who.window_max_s:
            out.append(Breach(d, "window", driven - who.window_max_s, tuple(inside)))
    return out
