"""Forecasts of odd races: a sensible answer with wide intervals, or one clear line."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dryline.domain.errors import BadOption, NotKnown, UnknownLength
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.forecasting import box_now, forecast
from dryline.engine.questions import AskForecast, ask
from dryline.model.flag.projection import laps_at_flag
from dryline.race.moment import Moment
from dryline.race.race import Race
from tests.made_up.field import crossings

HOUR = RaceInfo(name="made up", series="wec", year=2024, length=RaceLength(ms=3_600_000))
FRAME = crossings(cars=8, hours=1.0)


def at(frame: pl.DataFrame, clock: str, info: RaceInfo = HOUR) -> Moment:
    return Race(info, frame).moment(clock)


ODD = {
    "no green lap yet": (FRAME.with_columns(flag=pl.lit("safety_car")), "0:08:00"),
    "one car": (FRAME.filter(pl.col("car_number") == "7"), "0:30:00"),
    "a class of one": (
        FRAME.filter((pl.col("car_class") == "HYPERCAR") | (pl.col("car_number") == "31")),
        "0:30:00",
    ),
    "no stops so far": (FRAME, "0:09:00"),
    "the first minutes": (FRAME, "0:02:30"),
    "a red flag now": (
        FRAME.with_columns(
            flag=pl.when(pl.col("elapsed_ms") > 1_500_000).then(pl.lit("red")).otherwise("flag")
        ),
        "0:28:00",
    ),
    "without flags": (FRAME.with_columns(flag=pl.lit(None, pl.String)), "0:30:00"),
    "past the time but not the flag": (FRAME.filter(pl.col("flag") != "chequered"), "1:00:20"),
    "an unknown class": (FRAME.with_columns(car_class=pl.lit("KARTS")), "0:30:00"),
}


@pytest.mark.parametrize("case", ODD)
def test_an_odd_race_has_sensible_laps_at_the_flag(case: str) -> None:
    """No fewer than each car has, and no more than an hour's worth of the quickest laps."""
    frame, clock = ODD[case]
    moment = at(frame, clock)
    found = laps_at_flag(moment)
    quickest_s = int(frame["lap_time_ms"].min()) / 1000  # type: ignore[arg-type]
    most = 3600.0 / quickest_s + 2.0
    for car in moment.race.at(moment.at).cars:
        low, middle, high = found.quantiles(car.car_number)
        assert car.laps < low <= middle <= high <= most
        assert sum(found.chances(car.car_number).values()) == pytest.approx(1.0)


@pytest.mark.parametrize("forecaster", ["blend", "statistical"])
@pytest.mark.parametrize("case", ODD)
def test_an_odd_race_has_a_sensible_forecast(case: str, forecaster: str) -> None:
    frame, clock = ODD[case]
    moment = at(frame, clock)
    table = forecast(moment, replicates=200, forecaster=forecaster)
    assert {car.car_number for car in table.cars} == set(moment.race.entries)
    assert sum(car.p_win for car in table.cars) == pytest.approx(1.0)
    for name in {car.car_class for car in table.cars}:
        p = np.array([car.p_position_in_class for car in table.cars if car.car_class == name])
        assert p.shape[0] == p.shape[1]
        assert p.sum(axis=0) == pytest.approx(1.0)
        assert p.sum(axis=1) == pytest.approx(1.0)
    for car in table.cars:
        assert 0 <= car.p_retire <= 1


def test_early_the_intervals_are_wide_and_late_they_are_narrow() -> None:
    def favourite(clock: str) -> float:
        moment = at(FRAME, clock)
        return max(car.p_win for car in forecast(moment, replicates=500).cars)

    assert favourite("0:05:00") < favourite("0:57:00")


def test_more_replicates_extend_the_same_draws_within_their_error() -> None:
    moment = at(FRAME, "0:30:00")
    few = {c.car_number: c.p_win_class for c in forecast(moment, replicates=500).cars}
    many = {c.car_number: c.p_win_class for c in forecast(moment, replicates=4000).cars}
    assert max(abs(few[car] - many[car]) for car in few) < 0.06


def test_nothing_after_t_changes_a_forecast() -> None:
    now = Instant(1_800_000)
    later = pl.col("elapsed_ms") > now.ms
    other = FRAME.with_columns(
        driver=pl.when(later).then(pl.lit("Nobody")).otherwise("driver"),
        flag=pl.when(later).then(pl.lit("red")).otherwise("flag"),
    ).filter(~(later & (pl.col("car_number") == "7")))
    honest, changed = (Race(HOUR, frame).moment(now) for frame in (FRAME, other))
    assert forecast(honest, replicates=300) == forecast(changed, replicates=300)
    assert box_now(honest, "8", replicates=300).out_ms == (
        box_now(changed, "8", replicates=300).out_ms
    )


def test_a_length_in_laps_is_run_at_the_leaders_pace() -> None:
    info = RaceInfo(name="made up", series="wec", length=RaceLength(laps=38))
    moment = at(FRAME, "0:30:00", info)
    assert 3_300_000 < forecast(moment, replicates=100).length_ms < 4_000_000


@pytest.mark.parametrize(
    ("info", "clock", "error", "said"),
    [
        (RaceInfo(name="made up"), "0:30:00", UnknownLength, "--length"),
        (HOUR, "0:00:05", NotKnown, r"crossed the line by 0:00:05\."),
    ],
)
def test_what_cannot_be_forecast_is_said(
    info: RaceInfo, clock: str, error: type[Exception], said: str
) -> None:
    moment = at(FRAME, clock, info)
    with pytest.raises(error, match=said):
        forecast(moment)


def test_a_car_in_the_pits_cannot_box_now() -> None:
    race = Race(HOUR, FRAME)
    stop = race.stops.filter(pl.col("exception").is_null()).row(0, named=True)
    now = Instant(stop["in_ms"] + 1000)
    with pytest.raises(NotKnown, match="cannot box now"):
        box_now(race.moment(now), stop["car_number"])
    with pytest.raises(BadOption):
        forecast(race.moment(now), forecaster="tarot")


def test_a_forecast_says_what_track_it_was_run_on() -> None:
    moment = at(FRAME, "0:30:00")
    told = ask(moment, AskForecast(replicates=50)).track
    assert told is not None
    assert [len(told.p_wet), len(told.p_rain)] == [3, 3]
    assert max(told.p_wet) < 0.1
    assert told.wet is False
    assert 0.0 < told.p_rain_later < 0.05
    assert ask(moment, AskForecast(replicates=50, forecaster="statistical")).track is None


def test_progress_tells_the_share_that_is_done() -> None:
    moment = at(FRAME, "0:30:00")
    heard: list[float] = []
    forecast(moment, replicates=1000, tell=heard.append)
    assert len(heard) > 1
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)
