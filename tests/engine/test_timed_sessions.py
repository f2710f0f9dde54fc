"""Practice and qualifying asked as what they are: made-up ones by hand, the real ones by rule."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dryline
from dryline.domain.errors import BadOption, NotKnown, UnknownCar
from dryline.domain.finding import LAP_TAKEN_AWAY, Finding, Severity
from dryline.domain.race_info import RaceInfo
from dryline.domain.session_kind import SessionKind
from dryline.engine.facade import OpenedMoment, OpenedRace
from dryline.engine.questions import AskSession, ask
from dryline.race.race import Race
from tests.conftest import SESSIONS
from tests.made_up.field import crossings
from tests.made_up.practice import practised


def practice(taken_away: list[tuple[str, int]] | None = None, **made: Any) -> Race:
    """A made-up practice, of which some laps were taken away."""
    gone = tuple(
        Finding(
            kind=LAP_TAKEN_AWAY, severity=Severity.NOTE, message="", file="", car_number=car,
            lap=lap,
        )
        for car, lap in taken_away or ()
    )  # fmt: skip
    info = RaceInfo(name="made up", session_kind=SessionKind.PRACTICE)
    return Race(info, practised(**made), findings=gone)


def counted(rows: list[dict[str, Any]], gone: set[int]) -> list[dict[str, Any]]:
    """The laps of one car that count, told apart row by row."""
    found, in_before = [], False
    for row in rows:
        out = in_before or row["pit_lane_ms"] is not None
        in_before = row["in_pit"]
        if row["lap"] > 1 and not out and not row["in_pit"] and row["lap"] not in gone:
            found.append(row)
    return found


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), cars=st.integers(1, 8), lanes=st.booleans())
def test_best_laps_gaps_and_theoretical_bests_are_those_counted_by_hand(
    seed: int, cars: int, lanes: bool
) -> None:
    rows = practised(cars=cars, hours=0.6, seed=seed, lanes=lanes)
    quick = rows.filter(pl.col("lap") > 3).sort("lap_time_ms").head(2)
    gone = list(quick.select("car_number", "lap").iter_rows())
    answer = ask(
        practice(gone, cars=cars, hours=0.6, seed=seed, lanes=lanes).moment(), AskSession()
    )
    by_car = {
        car: counted(
            rows.filter(pl.col("car_number") == car).to_dicts(),
            {lap for number, lap in gone if number == car},
        )
        for car in rows["car_number"].unique()
    }
    best = {car: min(each["lap_time_ms"] for each in laps) for car, laps in by_car.items() if laps}
    classes = dict(rows.select("car_number", "car_class").iter_rows())
    assert [car.car_number for car in answer.cars if car.best] == sorted(best, key=best.__getitem__)
    for car in answer.cars:
        if car.best is None:
            assert car.car_number not in best
            assert car.gap_ms is car.theoretical_ms is None
            continue
        laps = by_car[car.car_number]
        mates = sorted(ms for each, ms in best.items() if classes[each] == car.car_class)
        assert car.best.lap_time_ms == best[car.car_number]
        assert car.gap_ms == best[car.car_number] - mates[0]
        after = [ms for ms in mates if ms > best[car.car_number]]
        assert car.margin_ms == (after[0] - best[car.car_number] if after else None)
        assert car.theoretical_ms == sum(
            min(lap[name] for lap in laps) for name in ("s1_ms", "s2_ms", "s3_ms")
        )
        for driver in (each for each in answer.drivers if each.car_number == car.car_number):
            own = [lap["lap_time_ms"] for lap in laps if lap["driver"] == driver.driver]
            assert (None if driver.best is None else driver.best.lap_time_ms) == min(
                own, default=None
            )
    assert sum(each.laps for each in answer.drivers) == rows.height
    assert [(lap.car_number, lap.lap) for lap in answer.taken_away] == [
        (row["car_number"], row["lap"])
        for row in rows.iter_rows(named=True)
        if (row["car_number"], row["lap"]) in gone
        and row in counted(rows.filter(pl.col("car_number") == row["car_number"]).to_dicts(), set())
    ]


def test_a_race_is_refused_with_the_remedy() -> None:
    race = Race(RaceInfo(name="a race"), crossings())
    with pytest.raises(NotKnown, match=r"a race is a race.*--session practice"):
        ask(race.moment(), AskSession())


def test_what_is_not_there_cannot_be_asked() -> None:
    moment = practice().moment()
    with pytest.raises(BadOption, match="car, driver or run"):
        ask(moment, AskSession(by="team"))
    with pytest.raises(UnknownCar, match="no car '99'"):
        ask(moment, AskSession(car_number="99"))


def test_one_car_is_told_as_it_stands_among_all() -> None:
    race = practice(cars=8)
    whole = ask(race.moment(), AskSession())
    last = whole.cars[-1]
    alone = ask(race.moment(), AskSession(car_number=last.car_number))
    assert alone.cars == (last,)
    assert {run.car_number for run in alone.runs} == {last.car_number}
    own = ask(race.moment(), AskSession(car_class=last.car_class))
    assert {car.car_class for car in own.cars} == {last.car_class}
    assert last in own.cars


@pytest.mark.parametrize("by", ["car", "driver", "run"])
def test_a_table_has_a_row_for_each(by: str) -> None:
    race = practice()
    moment = OpenedMoment(OpenedRace(race.info, race.crossings), race.end)
    answer = moment.session(by)
    rows = {"car": answer.cars, "driver": answer.drivers, "run": answer.runs}[by]
    table = answer.frame()
    assert table.height == len(rows) > 1
    assert table["car_number"].to_list() == [row.car_number for row in rows]


def test_what_comes_later_is_not_known_before() -> None:
    race = practice(cars=6, hours=1.0)
    early = race.end.ms // 2
    told = ask(race.moment(early // 1000), AskSession())
    again = ask(race.cut(early // 1000).moment(early // 1000), AskSession())
    assert told == again
    assert all(car.best is None or car.best.at_ms <= early for car in told.cars)


@pytest.mark.needs_data
def test_every_real_session_answers_and_no_theory_is_slower_than_the_best_lap() -> None:
    assert SESSIONS is not None
    sessions = theories = segments = 0
    for path in sorted(SESSIONS.rglob("*-laps.csv")):
        race = dryline.open_race(path)
        answer = race.moment().session()
        assert len(answer.runs) == race.stints.height, path.name
        assert sum(run.laps for run in answer.runs) == race.laps.height
        assert [car.car_number for car in answer.cars] == race.at(race.end).order
        for row in (*answer.cars, *answer.drivers):
            if row.theoretical_ms is not None:
                assert row.best is not None
                assert row.theoretical_ms <= row.best.lap_time_ms
                theories += 1
        shares = [car.on_track_share for car in answer.cars if car.on_track_share is not None]
        assert all(0 <= share <= 1 for share in shares), path.name
        assert all(lap.lost_ms > 0 for lap in answer.lost)
        sessions += 1
        if len(answer.segments) > 1:
            assert answer.session_kind is SessionKind.QUALIFYING, path.name
            segments += 1
    assert sessions == 212
    assert theories > 20_000
    assert segments >= 20


@pytest.mark.needs_data
def test_the_qualifying_of_sebring_2024_is_told_as_it_was() -> None:
    """Classes in turn; #10 lost pole with the lap that was taken away; #31 on pole by 0.147 s."""
    assert SESSIONS is not None
    path = next(SESSIONS.rglob("202403151250-qualifying-laps.csv"))
    answer = dryline.open_race(path).moment().session()
    assert [set(part.classes) for part in answer.segments] == [{"GTD", "GTDPRO"}, {"LMP2"}, {"GTP"}]
    first = answer.cars[0]
    assert (first.car_number, first.margin_ms) == ("31", 147)
    pole = next(lap for lap in answer.taken_away if lap.would_be == 1)
    assert (pole.car_number, pole.lap_time_ms, pole.position_in_class) == ("10", 108_038, 11)
