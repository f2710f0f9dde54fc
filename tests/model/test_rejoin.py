"""Where a car comes out: known answers in generated races, and the protocol on a real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dryline.analysis.stops.driver_turn import TurnSoFar, change_probability, turn_features
from dryline.analysis.stops.history import ClassStops, PastStop
from dryline.analysis.stops.priors import stop_priors
from dryline.model.luck import normals, uniforms
from dryline.model.pit_time import NextStop, PitTime, pit_time
from dryline.model.rejoin import RankForecast, as_contract, rejoin, rival_hazards
from dryline.model.rejoin_field import RejoinField, crossings
from dryline.studies.learning.company import company_examples, fit_company
from dryline.studies.learning.slowing import fit_slowing, slowing_examples
from dryline.studies.learning.stops import (
    PastRace,
    driver_examples,
    fit_drivers,
    fit_hazards,
    hazard_examples,
)
from dryline.studies.rejoin_scores import backtest_rejoin, rejoin_summary, routine_stops
from tests.made_up.driving import Car, Lap, crossings_of, green_laps
from tests.made_up.services import LAP_MS, RANGE_LAPS, StopWorld, stop_world


@pytest.fixture(scope="module")
def world() -> StopWorld:
    return stop_world(21)


def _field(laps: pl.DataFrame, at_ms: float, length_ms: float) -> RejoinField:
    field = RejoinField.start(stop_priors(), "wec", length_ms)
    for row in crossings(laps):
        if row.elapsed_ms <= at_ms:
            field.cross(row)
    return field


def test_probabilities_of_places_and_neighbours_sum_to_one(world: StopWorld) -> None:
    stop = routine_stops(world.laps)[60]
    field = _field(world.laps, stop.at_ms, world.length_ms)
    said = rejoin(field, stop.car_number, stop.at_ms, replicates=400)
    for ranks in (said.full, said.ghost):
        assert ranks.p_position.sum() == pytest.approx(1)
        assert sum(p for _, p in ranks.ahead) == pytest.approx(1)
        assert sum(p for _, p in ranks.behind) == pytest.approx(1)
    assert said.out_ms[0] < said.out_ms[1] < said.out_ms[2]
    assert stop.at_ms < said.out_ms[0]


def test_the_same_seed_gives_the_same_forecast_and_more_draws_extend_it(world: StopWorld) -> None:
    stop = routine_stops(world.laps)[40]
    field = _field(world.laps, stop.at_ms, world.length_ms)
    first = rejoin(field, stop.car_number, stop.at_ms, replicates=300, seed=5)
    again = rejoin(field, stop.car_number, stop.at_ms, replicates=300, seed=5)
    other = rejoin(field, stop.car_number, stop.at_ms, replicates=300, seed=6)
    assert np.array_equal(first.full.p_position, again.full.p_position)
    assert first.out_ms == again.out_ms
    assert first.out_ms != other.out_ms
    assert np.array_equal(uniforms(200, 5, 3, 1)[:50], uniforms(50, 5, 3, 1))


def test_the_random_numbers_are_uniform_and_their_streams_do_not_hang_together() -> None:
    first, second = uniforms(20_000, 1, 2, 3), uniforms(20_000, 1, 2, 4)
    assert abs(first.mean() - 0.5) < 0.01
    assert np.histogram(first, 10, (0, 1))[0].min() > 1_800
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
    assert abs(normals(20_000, 9).std() - 1) < 0.02


def test_a_forecast_made_before_a_crossing_does_not_know_it(world: StopWorld) -> None:
    stop = routine_stops(world.laps)[50]
    spoilt = world.laps.with_columns(
        lap_time_ms=pl.when(pl.col("elapsed_ms") > stop.at_ms)
        .then(50_000)
        .otherwise(pl.col("lap_time_ms")),
        pit_lane_ms=pl.when(pl.col("elapsed_ms") > stop.at_ms)
        .then(None)
        .otherwise(pl.col("pit_lane_ms")),
    )
    said = [
        rejoin(_field(laps, stop.at_ms, world.length_ms), stop.car_number, stop.at_ms)
        for laps in (world.laps, spoilt, world.laps.filter(pl.col("elapsed_ms") <= stop.at_ms))
    ]
    for other in said[1:]:
        assert np.array_equal(said[0].full.p_position, other.full.p_position)
        assert said[0].ghost.ahead == other.ghost.ahead
        assert said[0].pit_lane_ms == other.pit_lane_ms


def test_rivals_known_not_to_stop_are_ranked_alone(world: StopWorld) -> None:
    stop = routine_stops(world.laps)[50]
    field = _field(world.laps, stop.at_ms, world.length_ms)
    two = [rival.car_number for rival in stop.rivals][:2]
    said = rejoin(field, stop.car_number, stop.at_ms, ghosts=two)
    assert len(said.ghost.p_position) == 3
    assert {car for car, _ in said.ghost.ahead} <= {*two, ""}


def test_the_next_stop_looks_like_its_likes() -> None:
    past = ClassStops()
    for number in range(40):
        change = number % 2 == 0
        past.add(
            PastStop(str(number % 8), number * 1e5, 90.0 if change else 75.0, 30.0, 2.0, 70.0,
                     change, False, 80.0, over_s=float(change))
        )  # fmt: skip
    priors = stop_priors().pit_time

    def of(fill_laps: float, driver_change: float) -> PitTime:
        stop = NextStop("3", fill_laps, 30.0, 40.0, driver_change, 80.0)
        return pit_time(stop, past, priors, 80.0)

    with_change, without, shorter = of(30.0, 0.95), of(30.0, 0.05), of(24.0, 0.05)
    assert with_change.quantile(0.5) > 88
    assert without.quantile(0.5) < 77
    assert shorter.quantile(0.5) < without.quantile(0.5) - 3
    sample, over_s = without.sample(uniforms(2_000, 1), normals(2_000, 2))
    assert set(over_s) == {0.0, 1.0}
    assert abs(np.median(sample) - without.quantile(0.5)) < 1


def test_the_last_stop_takes_no_more_fuel_than_the_race_still_asks_for(world: StopWorld) -> None:
    stop = routine_stops(world.laps)[60]
    lap_ms = _field(world.laps, stop.at_ms, world.length_ms).runners[stop.car_number].pace_ms
    times = []
    for laps_to_go in (3, 10, 200):
        field = _field(world.laps, stop.at_ms, stop.at_ms + laps_to_go * lap_ms)
        times.append(field.next_stop(stop.car_number, stop.at_ms).quantile(0.5))
    assert times == sorted(times)
    assert times[1] > times[0] + 5
    assert times[2] > times[1] + 5


def test_before_any_stop_of_the_class_the_time_in_the_lane_is_wide(world: StopWorld) -> None:
    field = _field(world.laps, 1_000_000, world.length_ms)
    time_in_lane = field.next_stop("1", 1_000_000)
    assert time_in_lane.quantile(0.9) - time_in_lane.quantile(0.1) > 15


def test_the_box_is_found_on_its_side_of_the_line() -> None:
    before, after = ClassStops(), ClassStops()
    for number in range(8):
        pit = 70.0 + number
        before.add(PastStop("1", 1e5, pit, 30, pit + 3, 4.0, False, False, 70.0))
        after.add(PastStop("1", 1e5, pit, 30, 6.0, pit - 5, False, False, 70.0))
    assert before.split("1").share == 1
    assert before.split("1").in_s == pytest.approx(3)
    assert after.split("1").share == 0
    assert after.split("1").in_s == pytest.approx(6)
    assert after.split("1").out_s == pytest.approx(-5)


def test_every_routine_stop_obeys_the_protocol(world: StopWorld) -> None:
    for stop in routine_stops(world.laps):
        assert 20_000 <= stop.pit_lane_ms <= 200_000
        assert stop.at_ms < stop.out_ms
        own = world.laps.filter(pl.col("car_number") == stop.car_number).sort("lap")
        assert own["in_lap"][stop.lap - 1]
        assert own["out_lap"][stop.lap]
        assert own["elapsed_ms"][stop.lap] == stop.out_ms


def test_in_a_generated_race_the_time_in_the_lane_is_forecast_better_than_by_the_median() -> None:
    """Its crews fill whole tanks to the end, as no real one does: the last stint is left out."""
    made = stop_world(31)
    rows = backtest_rejoin(
        made.laps, stop_priors(), series="wec", length_ms=made.length_ms, replicates=100, every=3
    )
    before_last = pl.col("at_ms") < made.length_ms - RANGE_LAPS * LAP_MS
    summary = rejoin_summary(rows.filter(before_last)).row(0, named=True)
    assert summary["stops"] > 25
    assert summary["pit_error_s"] < summary["naive_pit_error_s"]
    assert 55 <= summary["pit_covered"] <= 100
    assert summary["ghost_exact"] >= summary["naive_ghost_exact"] - 5


def _car(name: str, first_ms: int, laps: int = 30, *, box: int = 0, slow: int = 0) -> Car:
    """Laps of 100 s after the first; lap ``box`` ends in the pits, lap ``slow`` takes 250 s."""
    return Car(
        name,
        "GTP",
        [
            Lap(
                first_ms if lap == 1 else 250_000 if lap == slow else 160_000 if after else 100_000,
                in_pit=lap == box,
                lane_ms=60_000 if after else None,
            )
            for lap in range(1, laps + 1)
            for after in (lap == box + 1 and box > 0,)
        ],
    )


def test_a_ghost_neither_stops_nor_comes_in_next_nor_stands() -> None:
    """The car begins its in-lap at 1,200 s and ends its out-lap at 1,460 s."""
    cars = [
        _car("own", 100_000, box=13),
        *(_car(f"early {at}", 101_000 + at, box=4) for at in range(3)),
        _car("stays", 110_000),
        _car("two laps later", 112_000, box=16),
        _car("next line", 114_000, box=15),
        _car("meanwhile", 116_000, box=14),
        _car("stands", 118_000, laps=13),
        _car("slow", 120_000, slow=15),
        _car("a little slow", 122_000, slow=17),
    ]
    laps = green_laps(crossings_of(cars))
    (stop,) = [stop for stop in routine_stops(laps) if stop.car_number == "own"]
    assert (stop.at_ms, stop.out_ms) == (1_200_000, 1_460_000)
    away = {rival.car_number for rival in stop.rivals if rival.away}
    assert away == {"next line", "meanwhile", "stands", "slow"}


@pytest.mark.parametrize(("silent_ms", "stands"), [(200_000, False), (200_001, True)])
def test_a_car_silent_for_two_laps_stands(silent_ms: int, stands: bool) -> None:
    field = _field(green_laps(crossings_of([_car("1", 100_000)])), 1_000_000, 36_000_000)
    runner = field.runners["1"]
    assert runner.stands(runner.last_ms + silent_ms) is stands
    runner.in_pit = True
    assert not runner.stands(runner.last_ms + silent_ms + 200_000)


def test_a_car_that_stands_is_passed_and_is_no_ghost() -> None:
    laps = green_laps(crossings_of([_car("own", 100_000), _car("gone", 99_000, laps=10)]))
    for at_ms, place in ((1_000_000, 2), (1_300_000, 1)):
        field = _field(laps, at_ms, 36_000_000)
        said = rejoin(field, "own", at_ms, replicates=200)
        assert said.full.position == place
        assert said.ghost.position == place
        assert {car for car, _ in said.ghost.behind} >= ({""} if place == 1 else set())


@pytest.mark.parametrize(
    ("p_position", "place"),
    [([0.4, 0.0, 0.0, 0.35, 0.25], 4), ([0.4, 0.1, 0.0, 0.3, 0.1], 1), ([1.0], 1), ([0.2, 0.8], 2)],
)
def test_the_place_said_counts_what_lies_beside_it(p_position: list[float], place: int) -> None:
    assert RankForecast(np.array(p_position), (), ()).position == place


def test_the_contract_names_every_rival_once(world: StopWorld) -> None:
    stop = routine_stops(world.laps)[30]
    field = _field(world.laps, stop.at_ms, world.length_ms)
    said = as_contract(rejoin(field, stop.car_number, stop.at_ms, replicates=200))
    assert set(said) == {"car_number", "out_ms", "pit_lane_ms", "full", "ghost"}
    ahead = said["ghost"]["ahead"]  # type: ignore[index]
    assert len({item["car_number"] for item in ahead}) == len(ahead)


def test_fitting_the_hazard_leaves_the_named_race_out() -> None:
    races = {}
    for seed in (41, 42):
        made = stop_world(seed, cars=6)
        race = PastRace(str(seed), made.laps, "wec", made.length_ms)
        races[str(seed)] = ("wec", hazard_examples(race, stop_priors().range))
    only = fit_hazards({"42": races["42"]}, stop_priors()).hazard["wec"]
    left_out = fit_hazards(races, stop_priors(), leave_out="41").hazard["wec"]
    both = fit_hazards(races, stop_priors()).hazard["wec"]
    assert left_out == only
    assert both != only


def test_how_the_field_slows_is_counted_without_the_named_race() -> None:
    races = {}
    for seed in (41, 42):
        made = stop_world(seed, cars=8)
        race = PastRace(str(seed), made.laps, "wec", made.length_ms)
        races[str(seed)] = ("wec", slowing_examples(race, stop_priors()))
    assert all(row == 0 and abs(slowed) < 0.01 for row, slowed in races["41"][1])
    only = fit_slowing({"42": races["42"]}, stop_priors())
    assert fit_slowing(races, stop_priors(), leave_out="41").slowing == only.slowing
    assert fit_slowing(races, stop_priors()).slowing != only.slowing
    assert only.slowing["imsa"] == stop_priors().slowing["imsa"]


def test_the_driver_change_is_likelier_the_longer_he_has_driven() -> None:
    made = stop_world(43, cars=8)
    race = PastRace("made", made.laps, "wec", made.length_ms)
    examples = driver_examples(race, stop_priors())
    assert 0.1 < examples.outcome.mean() < 0.6
    assert fit_drivers({"made": ("wec", examples)}, stop_priors()).driver["wec"]
    for series in ("wec", "imsa"):
        chances = [
            change_probability(turn_features(turn), stop_priors().driver_of(series))
            for hours in (0.5, 1.5, 3.0)
            for turn in (TurnSoFar(hours, 2, 3.0, 0.5, 0.4, 0.4, 0.4, 1.5, 3, 0.33, 0.9),)
        ]
        assert chances == sorted(chances)
        assert chances[-1] > 0.6


@pytest.mark.needs_data
def test_a_real_race_is_forecast_better_than_naively(data: Path) -> None:
    from dryline import open_race

    race = open_race(data / "imsa/2024/19-road-atlanta")
    rows = backtest_rejoin(
        race.laps, stop_priors(), series="imsa", length_ms=36_000_000, replicates=100, every=8
    )
    summary = rejoin_summary(rows).row(0, named=True)
    assert summary["full_exact"] > summary["naive_full_exact"]
    assert summary["pit_error_s"] < summary["naive_pit_error_s"]


def test_a_rival_on_the_same_load_is_likelier_to_come_in_too(world: StopWorld) -> None:
    stop = routine_stops(world.laps)[45]
    field = _field(world.laps, stop.at_ms, world.length_ms)
    caller = field.runners[stop.car_number]
    rivals = [runner for runner in field.runners.values() if runner is not caller]
    loads = field.watch.ranges.load
    alike, fresh = rivals[0], rivals[1]
    loads[caller.car_number] = loads[alike.car_number] = 27.0
    loads[fresh.car_number] = 6.0
    chances = rival_hazards(field, caller, [alike, fresh], stop.at_ms)
    assert chances[0, 0] > 5 * chances[1, 0]
    assert ((chances > 0) & (chances < 1)).all()


def test_the_company_of_a_stop_is_learnt_from_generated_races() -> None:
    made = stop_world(51, cars=8)
    race = PastRace("made", made.laps, "wec", made.length_ms)
    examples = company_examples(race, stop_priors())
    assert examples.outcome.sum() > 10
    fitted = fit_company({"made": ("wec", examples)}, stop_priors())
    assert fitted.company["wec"] != stop_priors().company["wec"]
    assert fitted.company["imsa"] == stop_priors().company["imsa"]
    left_out = fit_company({"made": ("wec", examples)}, stop_priors(), leave_out="made")
    assert left_out.company == stop_priors().company


def test_after_the_first_lap_a_forecast_is_wide_but_there_is_one(world: StopWorld) -> None:
    at_ms = float(world.laps.filter(pl.col("lap") == 1)["elapsed_ms"].max())  # type: ignore[arg-type]
    field = _field(world.laps, at_ms, world.length_ms)
    said = rejoin(field, "1", at_ms, replicates=300)
    assert np.isfinite(said.full.p_position).all()
    assert said.full.p_position.sum() == pytest.approx(1)
    assert said.pit_lane_ms[2] - said.pit_lane_ms[0] > 15_000
