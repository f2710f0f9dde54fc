from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.entry import Rating
from dryline.domain.errors import InputError, NotKnown
from dryline.engine import planning
from dryline.feeds.setup_file import read_setup
from dryline.rules.book import rule_book
from dryline.strategy.plan import plans_for
from dryline.strategy.plan_risk import risks
from dryline.strategy.plan_setup import (
    Fuel,
    PlannedCar,
    PlannedDriver,
    PlannedPit,
    PlannedRace,
    PlannedTyres,
    RaceSetup,
    with_rules,
)
from dryline.strategy.plan_stints import StintChoice, breaches, drive_s, timetable

EXAMPLE = planning.example_setup()


def setup(**changed: object) -> RaceSetup:
    plain = RaceSetup(
        race=PlannedRace(name="short race", laps=30),
        car=PlannedCar(number="1", car_class="GT3", lap_s=100.0),
        fuel=Fuel(laps=12, hose_s_per_lap=2.0, burn_gain_s=0.05),
        tyres=PlannedTyres(loss_s=0.1, cold_s=3.0),
        pit=PlannedPit(lane_s=25.0, tyres_s=15.0, driver_s=10.0),
        drivers=(PlannedDriver(name="A"), PlannedDriver(name="B", pace_s=0.5)),
    )
    return msgspec.structs.replace(plain, **changed)


def by_brute_force(one: RaceSetup, stints: int) -> float:
    """The fastest finish over every choice there is, by the exact clock."""
    best = float("inf")
    most, crew = one.fuel.laps, range(len(one.drivers))
    for lengths in itertools.product(range(1, most + 1), repeat=stints):
        if sum(lengths) != one.race.laps:
            continue
        for who in itertools.product(crew, repeat=stints):
            for new in itertools.product((True, False), repeat=stints - 1):
                choices = [
                    StintChoice(d, n, fresh)
                    for d, n, fresh in zip(who, lengths, (True, *new), strict=True)
                ]
                table = timetable(one, choices)
                if not breaches(one, table):
                    best = min(best, table[-1].end_s)
    return best


@pytest.mark.parametrize(
    ("loss_s", "least_s", "parallel"),
    [(0.1, None, False), (0.3, 1000.0, True), (0.0, 900.0, False)],
)
def test_the_solver_finds_what_trying_everything_finds(
    loss_s: float, least_s: float | None, parallel: bool
) -> None:
    one = setup(
        race=PlannedRace(name="r", laps=16),
        fuel=Fuel(laps=7, hose_s_per_lap=2.0, burn_gain_s=0.05),
        tyres=PlannedTyres(loss_s=loss_s, cold_s=3.0),
        pit=PlannedPit(lane_s=25.0, tyres_s=15.0, driver_s=10.0, tyres_after_fuel=not parallel),
        drivers=(PlannedDriver(name="A"), PlannedDriver(name="B", pace_s=0.5, min_s=least_s)),
    )
    best = plans_for(one)[0]
    assert best.stops == 2
    assert best.finish_s == pytest.approx(by_brute_force(one, 3), abs=best.within_s + 0.05)


def test_a_race_by_the_clock_ends_at_the_first_crossing_after_its_length() -> None:
    one = setup(race=PlannedRace(name="r", length_s=3600.0))
    best = plans_for(one)[0]
    assert best.stints[-1].end_s >= 3600.0
    before = timetable(one, _shortened(best.stints))
    assert before[-1].end_s < 3600.0
    assert best.laps_by_flag == best.laps


def _shortened(stints: tuple) -> list[StintChoice]:
    choices = [StintChoice(s.driver, s.laps, s.new_tyres) for s in stints]
    last = choices[-1]
    return [*choices[:-1], StintChoice(last.driver, last.laps - 1, last.new_tyres)]


@settings(deadline=None, max_examples=6)
@given(
    laps=st.integers(20, 44),
    tank=st.integers(10, 20),
    sets=st.integers(1, 4),
    least=st.floats(0.0, 900.0),
    turn=st.floats(2200.0, 4000.0),
)
def test_every_plan_keeps_every_limit_or_none_is_given(
    laps: int, tank: int, sets: int, least: float, turn: float
) -> None:
    one = setup(
        race=PlannedRace(name="r", laps=laps),
        fuel=Fuel(laps=tank, hose_s_per_lap=2.0),
        tyres=PlannedTyres(sets=sets, loss_s=0.1),
        drivers=(
            PlannedDriver(name="A", turn_max_s=turn),
            PlannedDriver(name="B", pace_s=1.0, min_s=least, turn_max_s=turn),
        ),
    )
    try:
        found = plans_for(one)
    except NotKnown:
        return
    for plan in found:
        assert not breaches(one, plan.stints)
        assert plan.sets <= sets
        assert sum(stint.laps for stint in plan.stints) == laps
        assert all(stint.fuel_laps <= tank for stint in plan.stints)
        assert plan.finish_s >= found[0].finish_s


def test_saving_fuel_drops_a_stop_where_that_pays() -> None:
    thirsty = setup(fuel=Fuel(laps=12, hose_s_per_lap=2.0), race=PlannedRace(name="r", laps=26))
    saving = setup(
        fuel=Fuel(laps=12, hose_s_per_lap=2.0, save_laps=1, save_s=2.0),
        race=PlannedRace(name="r", laps=26),
    )
    assert plans_for(thirsty)[0].stops == 2
    best = plans_for(saving)[0]
    assert best.stops == 1
    assert best.saved_laps == 2


def test_a_limit_that_cannot_be_kept_is_named_with_how_much_is_missing() -> None:
    one = setup(
        drivers=(
            PlannedDriver(name="A"),
            PlannedDriver(name="Early", min_s=2000.0, until_s=1500.0, starts=True),
        )
    )
    with pytest.raises(NotKnown, match=r"Early .* \d+:\d\d (short|too long)"):
        plans_for(one)
    with pytest.raises(NotKnown, match="sets of tyres too few"):
        plans_for(setup(tyres=PlannedTyres(sets=1, laps=12)))


def test_windows_are_kept_over_a_long_race() -> None:
    crew = tuple(
        PlannedDriver(name=name, window_s=4000.0, window_max_s=2500.0) for name in ("A", "B")
    )
    one = setup(race=PlannedRace(name="r", laps=60), drivers=crew)
    assert all(not breaches(one, plan.stints) for plan in plans_for(one))


def test_the_rule_book_gives_limits_where_the_setup_has_none() -> None:
    bronze = PlannedDriver(name="B", rating=Rating.BRONZE)
    own = PlannedDriver(name="C", rating=Rating.BRONZE, min_s=60.0)
    one = setup(
        race=PlannedRace(name="r", length_s=6 * 3600.0),
        car=PlannedCar(number="92", car_class="LMGT3", lap_s=104.0),
        drivers=(bronze, own),
    )
    ruled, remarks = with_rules(one, rule_book("wec", 2024))
    assert ruled.drivers[0].min_s == 105 * 60.0
    assert ruled.drivers[1].min_s == 60.0
    assert any("not confirmed" in line for line in remarks)


def test_risk_is_the_same_for_the_same_seed_and_more_runs_extend_it() -> None:
    one = setup(race=PlannedRace(name="r", length_s=3600.0, series="imsa"))
    plans = plans_for(one)
    first = risks(one, plans, replicates=300, seed=3)
    assert first == risks(one, plans, replicates=300, seed=3, threads=2)
    assert sum(each.p_best for each in first) == pytest.approx(1.0)


def test_without_bad_luck_the_simulated_finish_is_the_planned_one() -> None:
    one = setup(
        race=PlannedRace(name="r", laps=120, series="wec"),
        tyres=PlannedTyres(loss_s=0.02),
        fuel=Fuel(laps=24, hose_s_per_lap=1.5),
    )
    plans = plans_for(one)
    found = risks(one, plans, replicates=400, seed=1)
    assert found[0].finish_s[0] == pytest.approx(plans[0].finish_s, rel=0.02)
    assert found[0].finish_s[2] > plans[0].finish_s


def test_the_times_at_the_wheel_add_up_to_the_race_less_the_stops() -> None:
    one = setup()
    plan = plans_for(one)[0]
    total = sum(drive_s(one, plan.stints)) + sum(stint.pit_s for stint in plan.stints)
    assert total == pytest.approx(plan.finish_s)
    assert np.all(np.diff([stint.end_s for stint in plan.stints]) > 0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lane_s = 30.0", "lane = 30.0", "unknown field `lane`"),
        ("laps = 34 ", "laps = 0 ", "fuel.laps must be at least 1"),
        ('length = "6:00"', 'length = "six"', "'six' is not a time"),
        ('name = "Silver"', 'name = "Bronze"', "two have the same name"),
        ("full_s = 46.0", "full_s = 46.0\nhose_s_per_lap = 2", "one of the two"),
        ('rating = "silver"', 'rating = "tin"', "tin"),
        ("pace_s = 0.8", "pace_s = -200", "leaves no lap time"),
        ("[race]", "[race", "no TOML"),
    ],
)
def test_a_bad_setup_is_refused_with_its_key(old: str, new: str, said: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(InputError, match=r"mine\.toml") as refused:
        read_setup(EXAMPLE.replace(old, new, 1).encode(), "mine.toml")
    assert said in str(refused.value)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_setup_or_one_error(data: bytes) -> None:
    with pytest.raises(InputError):
        read_setup(data, "x.toml")


def test_the_example_setup_can_be_planned(tmp_path: Path) -> None:
    path = tmp_path / "setup.toml"
    path.write_text(EXAMPLE.replace('length = "6:00"', 'length = "5:30"'))
    answer = planning.plan_race(path, replicates=50)
    best = answer.plans[0]
    assert best.behind_best_ms == 0
    assert best.risk is not None
    assert best.risk.laps.p10 <= best.risk.laps.p90
    assert best.stints[0].start_of_day == "13:00:00"
    assert best.stints[-1].last_lap == answer.laps
    assert answer.frame().height == best.stops + 1


ENERGY = '[energy]\nbalance = "{}"\nmake = "Ferrari"\nmj_per_lap = 30.0\n\n[tyres]'


def with_energy(balance: str) -> bytes:
    return EXAMPLE.replace("[tyres]", ENERGY.format(balance), 1).encode()


def test_the_energy_allowance_ends_a_stint_where_it_is_sooner_than_the_tank() -> None:
    fuel = read_setup(with_energy("imola-2024"), "mine.toml").fuel
    assert fuel.energy_laps == pytest.approx(904 / 30)
    assert fuel.laps == 30
    assert fuel.hose_s_per_lap == pytest.approx(46.0 / 34)
    small_tank = with_energy("imola-2024").replace(b"laps = 34", b"laps = 20")
    assert read_setup(small_tank, "mine.toml").fuel.laps == 20


def test_rates_of_a_file_of_ones_own_say_the_hose_time(tmp_path: Path) -> None:
    (tmp_path / "bop.csv").write_text(
        "manufacturer,car,max_stint_energy_mj,energy_rate_mj_s,refuel_handicap_s,sources\n"
        "Ferrari,499P,900,22.5,3,me\n"
    )
    path = tmp_path / "setup.toml"
    lines = with_energy("bop.csv").decode().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(("laps = 34", "full_s"))))
    fuel = planning.open_setup(path)[0].fuel
    assert fuel.laps == 30
    assert fuel.hose_s_per_lap == pytest.approx((900 / 22.5 + 3) / 30)


def test_what_an_energy_section_leaves_unknown_is_named() -> None:
    without = with_energy("imola-2024").replace(b"full_s = 46.0", b"")
    with pytest.raises(InputError, match="the energy rate of Ferrari"):
        read_setup(without, "mine.toml")
    with pytest.raises(InputError, match="no make 'Skoda' in imola-2024"):
        read_setup(with_energy("imola-2024").replace(b"Ferrari", b"Skoda"), "mine.toml")
    with pytest.raises(InputError, match="fuel: say laps"):
        read_setup(EXAMPLE.replace("laps = 34", "", 1).encode(), "mine.toml")
