"""Laps at the flag: sure where the race is clear, in doubt where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dryline
from dryline.domain.errors import UnknownLength
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.domain.series import Series
from dryline.model.flag.clock import NO_RESTART_S, draw_clock
from dryline.model.flag.field import FlagCar
from dryline.model.flag.laps_to_come import FILLED
from dryline.model.flag.leader import LETS_BY_S, SPARE_S, WAITS_LAP, spared, who_waits
from dryline.model.flag.projection import IN_LANE_S, SILENT_LAPS, LapsAtFlag, laps_at_flag, project
from dryline.model.flag.restart import SOON_S, YOUNG_S, Train, restarts
from dryline.model.flag.slowing import RED, SAFETY_CAR, STOPPED, Slowing
from dryline.race.finish_rule import FlagFall
from dryline.race.race import Race
from tests.made_up.steady import steady_race

AT_S, TIME_S, LAP_S = 21_000.0, 21_600.0, 100.0
CAR = FlagCar(
    number="1", klass=0, laps=200, last_s=AT_S - 40.0, lap_now_s=LAP_S, lap_later_s=LAP_S,
    lap_dry_s=LAP_S, scatter=0.002, stop_s=70.0, stop_sd=0.1, fill_s=0.0, in_share=0.1,
    range_laps=30.0, range_sd=0.5, used_laps=5.0, early=0.05, spares=1.06, in_lane=False,
)  # fmt: skip
THIRD = replace(CAR, number="3", laps=190, last_s=AT_S - 60.0)
NOBODY = Series.of(None)
QUIET = Slowing(
    rates={1: 0.0, 2: 0.0, 3: 0.0},
    length=dict.fromkeys((1, 2, 3, RED), (6.0, 0.4)),
    share={kind: np.array([0.5]) for kind in (1, 2, 3, RED)},
    now=None,
    share_now=np.ones(1),
    queueing=frozenset({SAFETY_CAR, RED}),
    end_s=TIME_S,
)


def projected(
    cars: Sequence[FlagCar],
    slow: Slowing = QUIET,
    *,
    time_s: float | None = TIME_S,
    laps: int | None = None,
    seed: int = 1,
    series: Series = NOBODY,
) -> LapsAtFlag:
    done = [AT_S - car.last_s for car in cars]
    rng = np.random.Generator(np.random.Philox(key=seed))
    return project(
        cars, slow, done, AT_S, by_time_s=time_s, by_laps=laps, likely_s=time_s or TIME_S,
        series=series, rng=rng,
    )  # fmt: skip


def test_with_a_clear_leader_and_a_known_time_the_laps_are_nearly_sure() -> None:
    """It crosses 60 s from now, then every 100 s: the sixth at 560, so the seventh at 660."""
    found = projected([CAR, replace(CAR, number="2", laps=199, last_s=AT_S - 20.0)])
    assert found.quantiles("1") == (207, 207, 207)
    assert found.quantiles("2") == (206, 206, 206)
    assert found.p_middle("1") > 0.97
    assert found.p_more("1") < 0.02


def test_a_leader_who_comes_by_as_the_time_runs_out_leaves_it_open() -> None:
    rival = replace(CAR, number="2", last_s=AT_S - 1.0)
    found = projected([replace(CAR, last_s=AT_S - 2.0), rival])
    assert 0.2 < found.p_middle("1") < 0.9
    assert set(found.chances("1")) == {206, 207}
    assert sum(found.chances("1").values()) == pytest.approx(1.0)


def test_a_car_about_to_be_lapped_is_as_open_as_its_margin() -> None:
    """The leader crosses 662 s from now; the other 661.5 or 640 s from now, a lap down."""
    close = projected([CAR, replace(CAR, number="2", laps=199, last_s=AT_S - 38.5)])
    clear = projected([CAR, replace(CAR, number="2", laps=199, last_s=AT_S - 60.0)])
    assert close.p_middle("2") < 0.9
    assert clear.p_middle("2") > 0.97
    assert clear.quantiles("2")[1] == 207


@given(
    st.lists(
        st.tuples(st.integers(150, 200), st.floats(0.0, 0.999), st.floats(90.0, 130.0)),
        min_size=2,
        max_size=3,
    )
)
def test_where_nothing_is_close_the_middle_is_what_a_marshal_would_count(
    field: list[tuple[int, float, float]],
) -> None:
    cars = [
        replace(
            CAR, number=str(k), laps=laps, last_s=AT_S - share * lap, lap_now_s=lap,
            lap_later_s=lap, lap_dry_s=lap,
        )
        for k, (laps, share, lap) in enumerate(field)
    ]  # fmt: skip
    lines = [car.last_s + car.lap_now_s * np.arange(1, 20) for car in cars]
    before = [car.laps + int((line < TIME_S).sum()) for car, line in zip(cars, lines, strict=True)]
    flag_s = min(
        line[max(before) - car.laps]
        for car, line in zip(cars, lines, strict=True)
        if max(before) - car.laps < len(line)
    )
    winners = [c for c, line in enumerate(lines) if flag_s in line]
    near = [abs(line - flag_s).min() for c, line in enumerate(lines) if c != winners[0]]
    found = projected(cars)
    assert all(found.p_middle(car.number) <= 1.0 for car in cars)
    close = min(near) < 8.0 or min(abs(line - TIME_S).min() for line in lines) < 20.0
    if close:
        return
    for car, line in zip(cars, lines, strict=True):
        assert found.quantiles(car.number)[1] == car.laps + int((line < flag_s).sum()) + 1


def test_a_stop_still_owed_costs_its_time_and_fuel_to_the_end_costs_none() -> None:
    """It comes by 80, 180 ... 580 s from now; 110 s in the lane, and it is a lap short of that."""
    behind = replace(CAR, number="2", laps=199, last_s=AT_S - 20.0, stop_s=110.0, range_sd=0.01)
    behind = replace(behind, used_laps=25.5)
    owes, reaches = projected([CAR, behind]), projected([CAR, replace(behind, used_laps=5.0)])
    assert reaches.quantiles("2")[1] - owes.quantiles("2")[1] == 1


def test_a_stop_near_the_end_takes_no_more_fuel_than_the_laps_to_go() -> None:
    """Owed at 80 s from now with five laps to go: 22 laps of fuel at 5 s each stay in the rig."""
    owes = replace(CAR, number="2", laps=199, last_s=AT_S - 20.0, used_laps=25.5, range_sd=0.01)
    full = replace(owes, stop_s=180.0)
    splash = replace(full, fill_s=100.0 / (FILLED * CAR.range_laps - 5.0))
    laps = [projected([CAR, each]).quantiles("2")[1] for each in (full, splash, owes)]
    assert laps[0] + 1 == laps[1] == laps[2]


def test_the_leader_eases_in_the_last_ten_minutes() -> None:
    """He would come by 660.7 s from now, the other, a lap down, at 661.3: before him now."""
    found = projected([CAR, replace(CAR, number="2", laps=199, last_s=AT_S - 38.7)])
    assert found.quantiles("2")[1] == 207


@pytest.mark.parametrize(("used", "stops"), [(23.5, False), (24.5, True)])
def test_a_car_that_nearly_reaches_the_flag_saves(used: float, *, stops: bool) -> None:
    """6.5 laps to go: 6.5 of fuel reach by saving up to 6 %, 5.5 do not."""
    car = replace(CAR, number="2", used_laps=used, range_sd=1e-6, stop_s=130.0, laps=199)
    low = projected([CAR, car]).quantiles("2")[1]
    assert (low < 206) is stops


def test_a_car_in_the_lane_has_the_rest_of_its_stop_before_it() -> None:
    """On the road it comes by 30, 130 ... 630 s from now; from the lane, 63 s later each time."""
    road = replace(CAR, number="2", laps=199, last_s=AT_S - 70.0)
    lane = replace(road, in_lane=True)
    assert projected([CAR, road]).quantiles("2")[1] == 207
    assert projected([CAR, lane]).quantiles("2")[1] == 206


def test_a_race_by_distance_ends_with_its_last_lap() -> None:
    found = projected([CAR, replace(CAR, number="2", laps=198)], time_s=None, laps=204)
    assert set(found.chances("1")) == {204}
    assert found.quantiles("2")[1] in (202, 203)
    both = projected([CAR], laps=300)
    assert both.quantiles("1")[1] == 207


@pytest.mark.parametrize(("unseen_laps", "leads"), [(2.4, True), (2.6, False)])
def test_a_leader_who_is_not_seen_for_long_is_not_waited_for(
    unseen_laps: float, *, leads: bool
) -> None:
    assert SILENT_LAPS == 2.5
    """It would bring out the flag before a third car comes by, 640 s from now."""
    gone = replace(CAR, number="9", laps=204, last_s=AT_S - unseen_laps * LAP_S)
    found = projected([CAR, THIRD, gone])
    assert found.quantiles("3")[1] == (197 if leads else 198)


def test_a_car_is_missed_later_when_it_went_into_the_pits() -> None:
    gone = replace(CAR, number="9", laps=204, in_lane=True)
    patient = replace(gone, last_s=AT_S - 2.5 * LAP_S - IN_LANE_S + 5.0)
    given_up = replace(gone, last_s=AT_S - 2.5 * LAP_S - IN_LANE_S - 5.0)
    assert projected([CAR, THIRD, given_up]).quantiles("3") == (198, 198, 198)
    assert projected([CAR, THIRD, patient]).quantiles("3") != (198, 198, 198)


def test_a_neutralisation_in_force_costs_laps_and_a_red_flag_all_of_them() -> None:
    behind = replace(
        QUIET,
        now=(SAFETY_CAR, 60.0),
        share_now=np.array([0.5]),
        length={**QUIET.length, 3: (8, 0.1)},
    )
    stopped = replace(behind, now=(RED, 60.0), share_now=np.array([STOPPED]))
    stopped = replace(stopped, length={**QUIET.length, RED: (8.0, 0.1)}, queueing=frozenset())
    green, slow, red = (
        projected([CAR], each).quantiles("1")[1] for each in (QUIET, behind, stopped)
    )
    assert green == 207
    assert 203 <= slow < 207
    assert red <= 202


@pytest.mark.parametrize(
    ("left_s", "to_the_flag"), [(NO_RESTART_S - 1, 1.0), (NO_RESTART_S + 1, 0)]
)
def test_a_safety_car_in_the_last_ten_minutes_stays_out(left_s: float, to_the_flag: float) -> None:
    """Rates are so high that one begins at once; those that began before may come in."""
    often = replace(QUIET, rates={SAFETY_CAR: 1e6}, end_s=TIME_S)
    clock = draw_clock(often, TIME_S - left_s, TIME_S, 400, np.random.default_rng(1))
    stays = float((clock.edges_s[:, 2] >= TIME_S).mean())
    assert stays == 1.0 if to_the_flag else stays < 0.9


def restarted(age_s: float, left_s: float, line_s: float = 10.0) -> float:
    """The chance that a race is green at the leader's next crossing."""
    train = Train(line_s, 150.0, 1.0)
    ends = restarts(train, age_s - line_s, left_s + line_s, 4000, np.random.default_rng(4))
    assert set((ends - line_s) % 150.0) == {0.0}
    return float((ends == line_s).mean())


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [
        ((YOUNG_S, 4000.0), (YOUNG_S - 1.0, 4000.0)),
        ((800.0, SOON_S - 1.0), (800.0, SOON_S)),
        ((1200.0, 3000.0), (600.0, 3000.0)),
        ((600.0, 1500.0), (600.0, 5400.0)),
    ],
)
def test_a_race_restarts_at_a_crossing_rather_when_old_and_near_its_end(
    likely: tuple[float, float], unlikely: tuple[float, float]
) -> None:
    assert restarted(*likely) > restarted(*unlikely) + 0.04


def test_a_safety_car_just_out_stays_for_some_laps_even_near_the_end() -> None:
    """One that has been out for a minute with ten to go was once thought to be in by nine."""
    assert restarted(60.0, 590.0) < 0.05
    assert restarted(YOUNG_S + 100.0, 500.0) > 0.5


def test_the_last_lap_behind_the_safety_car_is_as_short_as_the_series_has_it() -> None:
    rng = [np.random.default_rng(5) for _ in range(2)]
    usual, short = (
        restarts(Train(100.0, 150.0, last), 600.0, 5000.0, 50, each)
        for last, each in zip((1.0, 0.8), rng, strict=True)
    )
    assert usual - short == pytest.approx(np.full(50, 30.0))


@pytest.mark.parametrize("share", [0.0, 0.55])
@pytest.mark.parametrize("ahead_s", [0.1, LETS_BY_S - 0.1, LETS_BY_S + 0.1, np.inf])
def test_only_cars_just_ahead_of_the_winner_let_him_by(ahead_s: float, share: float) -> None:
    many = 4000
    flag = FlagFall(np.full(many, 660.0), np.zeros(many, np.int64), np.full((many, 1), 207))
    laps = spared(flag, np.full((many, 1), 660.0 - ahead_s), share, np.random.default_rng(6))
    assert set(np.unique(laps)) <= {206, 207}
    able = ahead_s < LETS_BY_S
    assert (laps == 206).mean() == pytest.approx(share if able else 0.0, abs=0.03)


def test_a_series_in_which_they_let_by_spares_lapped_cars_a_lap() -> None:
    """The other would come by four seconds before the winner, and go round once more."""
    near = [CAR, replace(CAR, number="2", laps=199, last_s=AT_S - 42.0)]
    assert projected(near).quantiles("2")[1] == 207
    assert projected(near, series=Series.of("wec")).quantiles("2")[1] == 206
    assert projected(near, series=Series.of("wec")).quantiles("1")[1] == 207


def test_green_and_race_time_are_each_other_s_inverse() -> None:
    often = replace(QUIET, rates={1: 3.0, 2: 1.0, 3: 2.0})
    clock = draw_clock(often, AT_S, TIME_S + 9000.0, 50, np.random.default_rng(2))
    at = np.linspace(AT_S, TIME_S + 9000.0, 37)
    for t in at:
        green = clock.green_by(np.full(50, t), 0)
        assert clock.race_time_of(green[:, None], 0)[:, 0] == pytest.approx(np.full(50, t))
    assert (clock.green_by(np.full(50, TIME_S), 0) <= TIME_S - AT_S).all()


def waited(early_s: float, in_hand_s: float) -> float:
    """In which share of finishes a leader waits who would come by ``early_s`` before the time."""
    many = 400
    led = np.tile([TIME_S - early_s, TIME_S - early_s + in_hand_s], (many, 1))
    crossings = led[:, :, None] + LAP_S * np.arange(1, 4)
    done = np.tile([206, 206], (many, 1))
    flag = FlagFall(crossings[:, 0, 0], np.zeros(many, np.int64), done + 1)
    found = who_waits(
        flag, done, crossings, led, np.full(many, TIME_S), AT_S, LAP_S, np.random.default_rng(3)
    )
    wait = found.at_s < TIME_S + 60.0
    assert (found.at_s[wait] >= TIME_S).all()
    assert (found.laps[wait, 0] == 206).all()
    return float(wait.mean())


@pytest.mark.parametrize(
    ("early_s", "in_hand_s", "may"),
    [
        (5.0, 5.0 + SPARE_S + 0.1, True),
        (5.0, 5.0 + SPARE_S - 0.1, False),
        (WAITS_LAP * LAP_S - 0.1, 90.0, True),
        (WAITS_LAP * LAP_S + 0.1, 90.0, False),
    ],
)
def test_a_leader_waits_for_the_time_if_he_is_near_it_and_has_it_in_hand(
    early_s: float, in_hand_s: float, *, may: bool
) -> None:
    assert (waited(early_s, in_hand_s) > 0.5) is may
    assert may or waited(early_s, in_hand_s) == 0.0


def race_of(frame: pl.DataFrame, **length: int) -> Race:
    said = RaceLength(**length) if length else None
    return Race(info=RaceInfo(name="made up", series="imsa", length=said), crossings=frame)


STEADY = steady_race({"GTP": ["1", "2", "3"], "GTD": ["7", "8"]})


def test_without_a_length_there_are_no_laps_to_tell() -> None:
    with pytest.raises(UnknownLength):
        laps_at_flag(race_of(STEADY).moment("1:00:00"))


def test_a_race_is_projected_from_its_crossings_and_from_none_later() -> None:
    race = race_of(STEADY, ms=7_200_000)
    cut = race_of(STEADY.filter(pl.col("elapsed_ms") <= 5_400_000), ms=7_200_000)
    whole, part = (laps_at_flag(each.moment("1:30:00")) for each in (race, cut))
    assert whole.cars == part.cars
    assert (whole.laps == part.laps).all()
    lap = STEADY.filter(pl.col("car_number") == "1")["lap"].max()
    low, _, high = whole.quantiles("1")
    assert low <= lap <= high  # type: ignore[operator]


def test_a_race_by_laps_is_projected_from_its_crossings() -> None:
    found = laps_at_flag(race_of(STEADY, laps=70).moment("1:30:00"))
    assert found.quantiles("1")[1] == 70
    assert max(found.chances("7")) < 70


def test_once_the_flag_is_out_everybody_has_the_lap_that_he_is_on() -> None:
    race = race_of(STEADY, ms=7_200_000)
    won = race.crossings.filter(pl.col("elapsed_ms") >= 7_100_000).with_columns(
        flag=pl.lit("chequered")
    )
    before = race.crossings.filter(pl.col("elapsed_ms") < 7_100_000)
    flagged = race_of(pl.concat([before, won]), ms=7_200_000)
    assert flagged.finish is not None
    found = laps_at_flag(flagged.moment(flagged.finish))
    lap = dict(before.group_by("car_number").agg(pl.col("lap").max()).iter_rows())
    assert {car: set(found.chances(car)) for car in found.cars} == {
        car: {lap[car] + 1} for car in found.cars
    }


@pytest.mark.needs_data
def test_at_fuji_two_minutes_before_the_end_the_leader_has_two_laps_to_do(data: Path) -> None:
    """#6 has 211 laps, crosses 61 s before the time and again 32 s after it."""
    moment = dryline.open_race(data / "wec/2024/fuji_6h.csv").moment("5:58:00")
    found = laps_at_flag(moment)
    assert found.quantiles("6") == (213, 213, 213)
    assert found.p_middle("6") > 0.98


def test_the_laps_to_go_are_those_to_come_each_with_its_chance_and_never_none() -> None:
    flag = LapsAtFlag(("1",), np.array([[212], [213], [213], [214]]))
    assert flag.to_go("1", 210) == ((2.0, 0.25), (3.0, 0.5), (4.0, 0.25))
    assert flag.to_go("1", 213) == ((1.0, 0.25), (1.0, 0.5), (1.0, 0.25))
