"""The figures by which real and simulated races are compared, on races whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest

from dryline.model.race_measures import MEASURES, RestOfRace, measured

CLASSES = ("TOP", "TOP", "GT")


def _race(
    laps: dict[int, list[float]], pits: dict[int, set[int]], spoilt: bool = False
) -> RestOfRace:
    """Cars by index with their lap times in ms; ``pits`` are the in-laps, counted from 1."""
    rows = []
    for c, times in laps.items():
        at = 0.0
        for lap, ms in enumerate(times, start=1):
            at += ms
            stop = lap in pits.get(c, set())
            green = not stop and lap - 1 not in pits.get(c, set()) and not spoilt
            rows.append((c, lap, at, ms, stop, green))
    car, lap, elapsed, lap_ms, in_pit, green = (np.array(x) for x in zip(*rows, strict=True))
    return RestOfRace(
        car=car, lap=lap, elapsed=elapsed.astype(float), lap_ms=lap_ms.astype(float),
        in_pit=in_pit.astype(bool), green=green.astype(bool), car_class=CLASSES,
        neutralised_ms=180000.0,
    )  # fmt: skip


def test_margins_and_gaps_are_taken_at_the_last_line_that_both_crossed() -> None:
    told = measured(_race({0: [100.0e3] * 20, 1: [100.5e3] * 20, 2: [110.0e3] * 19}, {}))
    assert told.figures["margin_s"] == pytest.approx(10.0)
    assert told.figures["class_margin_s"] == pytest.approx(10.0)
    assert told.figures["finishers_pct"] == pytest.approx(100.0)
    assert told.figures["neutralised_min"] == 3.0


def test_a_car_that_stops_running_before_the_flag_is_no_finisher() -> None:
    told = measured(_race({0: [100.0e3] * 20, 1: [100.5e3] * 12, 2: [110.0e3] * 19}, {}))
    assert told.figures["finishers_pct"] == pytest.approx(200.0 / 3.0)
    assert np.isnan(told.figures["class_margin_s"])


def test_a_car_that_never_crosses_again_counts_as_a_car_of_the_race() -> None:
    told = measured(_race({0: [100.0e3] * 20, 2: [110.0e3] * 19}, {}))
    assert told.figures["finishers_pct"] == pytest.approx(200.0 / 3.0)


def test_the_lead_changes_when_another_car_first_ends_a_lap() -> None:
    quick, slow = [100.0e3] * 20, [101.0e3] * 20
    slow_later = [99.0e3] * 10 + [103.0e3] * 10
    assert measured(_race({0: quick, 1: slow, 2: slow}, {})).figures["lead_changes"] == 0
    assert measured(_race({0: quick, 1: slow_later, 2: slow}, {})).figures["lead_changes"] == 1


def test_stints_run_from_stop_to_stop() -> None:
    told = measured(
        _race({0: [100.0e3] * 30, 1: [101.0e3] * 30, 2: [110.0e3] * 28}, {0: {6, 18}, 1: {10, 22}})
    )
    assert sorted(told.samples["stint_min"]) == pytest.approx([20.0, 20.2])
    assert told.figures["stops_per_car"] == pytest.approx(4.0 / 3.0)


def test_noise_is_the_spread_around_the_stint_and_forgives_a_slow_lap() -> None:
    rng = np.random.default_rng(4)
    laps = {c: list(100.0e3 * (1.0 + 0.006 * rng.standard_normal(200))) for c in range(3)}
    pits = {c: set(range(20, 200, 20)) for c in range(3)}
    clean = measured(_race(laps, pits)).figures["lap_noise_pct"]
    assert clean == pytest.approx(0.6, rel=0.15)
    for times in laps.values():
        times[9::20] = [130.0e3] * len(times[9::20])
    assert measured(_race(laps, pits)).figures["lap_noise_pct"] == pytest.approx(clean, rel=0.25)


def test_without_green_laps_there_is_no_noise_to_tell() -> None:
    told = measured(_race({0: [100.0e3] * 20, 1: [101.0e3] * 20, 2: [110.0e3] * 19}, {}, True))
    assert np.isnan(told.figures["lap_noise_pct"])


def test_a_race_of_which_nothing_is_left_has_no_figures() -> None:
    none = np.zeros(0)
    rest = RestOfRace(
        none.astype(int), none.astype(int), none, none, none.astype(bool), none.astype(bool),
        CLASSES, 0.0,
    )  # fmt: skip
    assert set(measured(rest).figures) == set(MEASURES)
    assert all(np.isnan(list(measured(rest).figures.values())))
