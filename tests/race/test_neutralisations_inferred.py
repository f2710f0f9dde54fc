"""Neutralisations read from a made-up field whose speed at every instant is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from dryline.domain.tables import CROSSINGS
from dryline.race.neutralisations import neutralisations

Speed = Callable[[float, int], float]
"""Share of racing pace at an instant (s) in a sector (0 to 2)."""

SHORT = (30.0, 35.0, 28.0)
LONG = (40.0, 85.0, 95.0)
MINUTE = 60.0


def held(start_min: float, end_min: float, share: float) -> Speed:
    return lambda at, sector: share if start_min * MINUTE <= at < end_min * MINUTE else 1.0


def field(
    speed: Speed,
    *,
    minutes: float = 100,
    sectors: tuple[float, float, float] = SHORT,
    cars: int = 20,
    trap: Callable[[float], float] | None = None,
) -> pl.DataFrame:
    """Crossings of cars that all go at ``speed``; no flags, no stops.

    ``trap`` is the speed over the trap, in km/h, at the instant it is passed (in sector 1).
    """
    chance = np.random.default_rng(5)
    rows = []
    for index in range(cars):
        slower = 1.12 if index % 2 else 1.0
        at, lap = index * sum(sectors) / cars * 0.9, 0
        while at < minutes * MINUTE:
            lap += 1
            began, times, top = at, [], None
            for sector, reference in enumerate(sectors):
                left = reference * slower * (1 + abs(chance.normal(0, 0.004)))
                entered = at
                passed = False
                while left > 0:
                    pace = speed(at, sector)
                    step = min(2.0, left / pace)
                    left -= step * pace
                    at += step
                    if trap and sector == 0 and not passed and left < reference / 2:
                        top, passed = trap(at) + chance.normal(0, 0.4), True
                times.append(round((at - entered) * 1000))
            elapsed = round(began * 1000) + sum(times)
            at = elapsed / 1000
            rows.append(
                {
                    "car_number": str(index),
                    "lap": lap,
                    "car_class": "GT" if index % 2 else "P",
                    "lap_time_ms": sum(times) if lap > 1 else elapsed,
                    "s1_ms": times[0] if lap > 1 else elapsed - times[1] - times[2],
                    "s2_ms": times[1],
                    "s3_ms": times[2],
                    "elapsed_ms": elapsed,
                    "known_at_ms": elapsed,
                    "in_pit": False,
                    "top_speed_kmh": top,
                }
            )
    frame = pl.DataFrame(rows, schema_overrides={k: CROSSINGS[k] for k in rows[0]})
    missing = [pl.lit(None, dtype=t).alias(k) for k, t in CROSSINGS.items() if k not in rows[0]]
    return frame.with_columns(missing).select(*CROSSINGS).sort("elapsed_ms")


def limit(speed: Speed) -> Callable[[float], float]:
    """Cars pass the trap at 80 km/h wherever they are held, and at 290 otherwise."""
    return lambda at: 80.0 if speed(at, 0) < 0.9 else 290.0


def virtual_first(at: float) -> float:
    """Held at the limit from minute 40, behind a safety car from 48 to 60."""
    if not 40 * MINUTE <= at < 60 * MINUTE:
        return 290.0
    return 80.0 if at < 48 * MINUTE else 150.0 + at % 50


def only(periods: pl.DataFrame) -> dict[str, object]:
    assert periods.height == 1, periods
    return periods.row(0, named=True)


def test_a_race_without_neutralisation_has_none() -> None:
    assert neutralisations(field(held(0, 0, 1.0)), series="wec").is_empty()


def test_a_held_field_in_imsa_is_a_full_course_yellow_with_edges_within_twenty_seconds() -> None:
    period = only(neutralisations(field(held(40, 55, 0.55)), series="imsa"))
    assert period["kind"] == "fcy"
    assert period["source"] == "inferred"
    assert period["start_ms"] == pytest.approx(40 * 60_000, abs=20_000)
    assert period["end_ms"] == pytest.approx(55 * 60_000, abs=20_000)


def test_a_short_hold_at_the_limit_is_a_full_course_yellow_with_sharp_edges() -> None:
    speed = held(40, 42.5, 0.42)
    period = only(neutralisations(field(speed, cars=36, trap=limit(speed)), series="wec"))
    assert period["kind"] == "fcy"
    assert period["start_ms"] == pytest.approx(40 * 60_000, abs=8_000)
    assert period["end_ms"] == pytest.approx(42.5 * 60_000, abs=8_000)


def test_a_long_hold_away_from_the_limit_is_a_safety_car() -> None:
    crossings = field(held(40, 55, 0.55), trap=lambda at: 140.0 + at % 60)
    assert only(neutralisations(crossings, series="wec"))["kind"] == "safety_car"


def test_a_long_limit_that_goes_over_into_another_pace_is_a_virtual_safety_car_first() -> None:
    periods = neutralisations(field(held(40, 60, 0.45), trap=virtual_first), series="wec")
    assert periods["kind"].to_list() == ["vsc", "safety_car"]
    assert periods["start_ms"][1] == periods["end_ms"][0]
    assert periods["start_ms"][1] == pytest.approx(48 * 60_000, abs=45_000)


def test_without_a_trap_and_a_series_the_kind_is_an_even_guess() -> None:
    period = only(neutralisations(field(held(40, 55, 0.55))))
    assert period["kind"] == "fcy"
    assert period["confidence"] == 0.5


def test_gradual_rain_of_forty_percent_is_no_neutralisation() -> None:
    def rain(at: float, _: int) -> float:
        return 1.0 - 0.28 * float(np.clip((at / MINUTE - 40) / 8, 0, 1))

    assert neutralisations(field(rain), series="wec").is_empty()


def test_sudden_rain_of_twenty_percent_is_no_neutralisation() -> None:
    assert neutralisations(field(held(40, 70, 0.83)), series="wec").is_empty()


def test_a_safety_car_in_the_rain_is_found_between_its_edges() -> None:
    def wet(at: float, _: int) -> float:
        minute = at / MINUTE
        return 0.5 if 60 <= minute < 75 else 0.84 if 45 <= minute < 100 else 1.0

    period = only(neutralisations(field(wet, trap=lambda at: 150.0 + at % 40), series="wec"))
    assert period["kind"] == "safety_car"
    assert period["start_ms"] == pytest.approx(60 * 60_000, abs=25_000)
    assert period["end_ms"] == pytest.approx(75 * 60_000, abs=25_000)


def test_a_start_behind_the_safety_car_begins_with_the_first_crossing() -> None:
    crossings = field(held(0, 14, 0.5), trap=lambda at: 120.0 + at % 90)
    period = only(neutralisations(crossings, series="wec"))
    assert period["kind"] == "safety_car"
    assert period["start_ms"] == crossings["elapsed_ms"][0]


def test_one_slow_sector_of_a_long_circuit_is_a_slow_zone() -> None:
    def zone(at: float, sector: int) -> float:
        return 0.5 if sector == 1 and 60 <= at / MINUTE < 75 else 1.0

    crossings = field(zone, sectors=LONG, minutes=120, cars=30)
    period = only(neutralisations(crossings, series="wec"))
    assert (period["kind"], period["sector"]) == ("slow_zone", 2)
    assert period["start_ms"] == pytest.approx(60 * 60_000, abs=90_000)
    assert period["end_ms"] == pytest.approx(75 * 60_000, abs=90_000)


def test_imsa_has_no_slow_zones() -> None:
    def zone(at: float, sector: int) -> float:
        return 0.5 if sector == 1 and 60 <= at / MINUTE < 75 else 1.0

    crossings = field(zone, sectors=LONG, minutes=120, cars=30)
    assert neutralisations(crossings, series="imsa").is_empty()


def test_a_full_course_yellow_on_a_long_circuit_is_not_a_slow_zone() -> None:
    speed = held(60, 64, 0.4)
    crossings = field(speed, sectors=LONG, minutes=120, cars=30, trap=limit(speed))
    assert only(neutralisations(crossings, series="wec"))["kind"] == "fcy"


def test_a_standing_field_is_a_red_flag_inside_its_neutralisation() -> None:
    def stopped(at: float, _: int) -> float:
        minute = at / MINUTE
        return 0.0005 if 43 <= minute < 70 else 0.5 if 40 <= minute < 80 else 1.0

    periods = neutralisations(field(stopped), series="imsa")
    red = only(periods.filter(pl.col("kind") == "red"))
    yellow = only(periods.filter(pl.col("kind") == "fcy"))
    assert yellow["start_ms"] <= red["start_ms"] < red["end_ms"] <= yellow["end_ms"]  # type: ignore[operator]
    assert red["end_ms"] - red["start_ms"] > 20 * 60_000  # type: ignore[operator]


def test_a_red_flag_is_found_inside_a_coded_full_course_yellow_too() -> None:
    def stopped(at: float, _: int) -> float:
        minute = at / MINUTE
        return 0.0005 if 43 <= minute < 70 else 0.5 if 40 <= minute < 80 else 1.0

    coded = field(stopped).with_columns(
        flag=pl.when(pl.col("elapsed_ms").is_between(40 * 60_000, 80 * 60_000))
        .then(pl.lit("fcy"))
        .otherwise(pl.lit("green"))
    )
    periods = neutralisations(coded, series="imsa")
    assert periods.select("kind", "source").rows() == [("fcy", "flag"), ("red", "inferred")]


def test_a_virtual_safety_car_is_found_between_green_flags_and_lasts_until_the_safety_car() -> None:
    crossings = field(held(40, 60, 0.45), trap=virtual_first)
    coded = crossings.with_columns(
        flag=pl.when(pl.col("elapsed_ms").is_between(48 * 60_000, 60 * 60_000))
        .then(pl.lit("safety_car"))
        .otherwise(pl.lit("green"))
    )
    periods = neutralisations(coded, series="wec")
    assert periods.select("kind", "source").rows() == [("vsc", "inferred"), ("safety_car", "flag")]
    assert periods["end_ms"][0] == periods["start_ms"][1]


def test_what_lasts_at_the_last_row_has_no_end() -> None:
    crossings = field(held(40, 60, 0.5), trap=lambda at: 150.0 + at % 50)
    cut = crossings.filter(pl.col("elapsed_ms") <= 55 * 60_000)
    assert only(neutralisations(cut, series="wec"))["end_ms"] is None
