"""How a held field is told from a raced one: at each limit and just beside it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dryline.race.class_spread import class_spread, held_longer, without_rain
from dryline.race.field_speed import FieldSpeed, SectorRuns, field_speed, sector_runs
from dryline.race.neutral_edges import sharpened
from dryline.race.neutral_kinds import Trap, parts
from dryline.race.neutral_spans import (
    OPEN_MS,
    baseline_speed,
    nearest,
    neutral_spans,
    true_runs,
)
from dryline.race.slow_zones import slow_zones
from tests.made_up.by_hand import by_sector, crossed, runs, speeds

MINUTE = 60_000
NO_HALT = np.zeros((0, 2), dtype=np.int64)


def laps(count: int, sectors: tuple[int, int, int] = (30_000, 30_000, 30_000)) -> pl.DataFrame:
    """Laps of one car, timed in three sectors, from lap 2 on."""
    lap_ms = sum(sectors)
    rows = [("7", lap, lap * lap_ms) for lap in range(2, count + 2)]
    columns = {f"s{k}_ms": [sectors[k - 1]] * count for k in (1, 2, 3)}
    return crossed(*rows, lap_time_ms=[lap_ms] * count, **columns)


def test_a_lap_of_three_minutes_is_not_yet_that_of_a_long_circuit() -> None:
    assert not sector_runs(laps(8, (60_000, 60_000, 60_000))).is_long_circuit
    assert sector_runs(laps(8, (60_000, 60_000, 60_001))).is_long_circuit


def test_six_clean_laps_make_a_reference_and_five_do_not() -> None:
    assert sector_runs(laps(5)).row.size == 0
    assert sector_runs(laps(6)).row.size == 18


def test_the_reference_is_the_lap_that_a_fifth_are_quicker_than() -> None:
    quick = laps(10).with_columns(
        s1_ms=pl.Series([28_000, 29_000, *[30_000] * 8]),
        lap_time_ms=pl.Series([88_000, 89_000, *[90_000] * 8]),
    )
    assert sector_runs(quick).lap_reference_ms == 90_000
    third = quick.with_columns(
        s1_ms=pl.Series([28_000, 29_000, 29_500, *[30_000] * 7]),
        lap_time_ms=pl.Series([88_000, 89_000, 89_500, *[90_000] * 7]),
    )
    assert sector_runs(third).lap_reference_ms == 89_500


def test_sectors_a_second_off_the_lap_time_are_not_believed() -> None:
    for off, told in ((999, 24), (1_000, 21)):
        table = laps(8).with_columns(
            lap_time_ms=pl.when(pl.col("lap") == 5).then(90_000 + off).otherwise("lap_time_ms")
        )
        assert sector_runs(table).row.size == told


def test_a_car_at_a_tenth_of_its_pace_is_parked() -> None:
    for ms, told in ((299_999, 24), (300_000, 23)):
        slow = pl.col("lap") == 9
        table = laps(8).with_columns(
            s3_ms=pl.when(slow).then(ms).otherwise("s3_ms"),
            lap_time_ms=pl.when(slow).then(60_000 + ms).otherwise("lap_time_ms"),
            elapsed_ms=pl.col("elapsed_ms") + 300_000,
        )
        assert sector_runs(table).row.size == told


def test_nothing_later_than_two_days_is_read() -> None:
    two_days = 48 * 60 * MINUTE
    for over, told in ((0, 3), (1, 2)):
        shift = two_days - 9 * 90_000 + over
        table = laps(8).with_columns(elapsed_ms=pl.col("elapsed_ms") + shift)
        last = sector_runs(table)
        assert (last.row == 7).sum() == told


def at_level(cars: int, share: float) -> float:
    """The field's speed where so many cars run at one share of their pace for ten minutes."""
    made = [(0, 0.0, 600.0)] * cars
    return float(field_speed(runs(*made, speed=share)).overall[60])


def test_three_cars_tell_the_speed_of_the_field_and_two_do_not() -> None:
    assert at_level(3, 0.8) == pytest.approx(0.8, abs=0.05)
    assert np.isnan(at_level(2, 0.8))


@pytest.mark.parametrize("share", [0.31, 0.42, 0.52, 0.63, 0.72, 0.77, 0.82, 0.86, 0.9, 0.95, 1.0])
def test_the_speed_of_the_field_is_read_to_within_a_step_of_its_scale(share: float) -> None:
    assert at_level(9, share) == pytest.approx(share, abs=0.051)


def spans(*stretches: tuple[float, float], bin_s: int = 5, lap_s: float = 90.0) -> list[list[int]]:
    return neutral_spans(speeds(*stretches, bin_s=bin_s, lap_s=lap_s), NO_HALT).tolist()


GREEN = (60.0, 1.0)


def test_a_field_below_three_quarters_of_its_pace_and_a_bit_is_held() -> None:
    assert len(spans(GREEN, (10.0, 0.755), GREEN)) == 1
    assert spans(GREEN, (10.0, 0.765), GREEN) == []


def test_fifteen_seconds_are_enough_for_a_core_and_ten_are_not() -> None:
    assert len(spans(GREEN, (0.25, 0.5), GREEN)) == 1
    assert spans(GREEN, (10 / 60, 0.5), GREEN) == []


def test_a_held_field_begins_and_ends_where_its_speed_falls_and_rises() -> None:
    ((start, end),) = spans(GREEN, (10.0, 0.5), GREEN)
    assert start == pytest.approx(60 * MINUTE, abs=20_000)
    assert end == pytest.approx(70 * MINUTE, abs=20_000)


def test_a_hold_that_lasts_has_no_end() -> None:
    assert spans(GREEN, (5.0, 0.5))[0][1] == OPEN_MS


def test_a_slowing_field_is_held_from_where_it_left_its_pace() -> None:
    """Dry: from below 95 % of the pace before; until 91 % of the pace after."""
    for share, since in ((0.94, 59.5), (0.96, 60.0)):
        start = spans(GREEN, (0.5, share), (10.0, 0.5), GREEN)[0][0]
        assert start <= (since + 0.5 + 0.75) * MINUTE - 30_000
    early = spans(GREEN, (2.0, 0.94), (10.0, 0.5), GREEN)[0][0]
    late = spans(GREEN, (2.0, 0.955), (10.0, 0.5), GREEN)[0][0]
    assert late - early == pytest.approx(2 * MINUTE, abs=10_000)


def test_a_field_is_let_go_once_it_is_back_within_nine_percent_of_its_pace() -> None:
    early = spans(GREEN, (10.0, 0.5), (2.0, 0.915), GREEN)[0][1]
    late = spans(GREEN, (10.0, 0.5), (2.0, 0.905), GREEN)[0][1]
    assert late - early == pytest.approx(2 * MINUTE, abs=10_000)


WET = (60.0, 0.84)


def test_in_the_rain_the_edges_lie_lower() -> None:
    """Where the pace around is below 95 % of the dry one: 92.5 % of it in, 87 % of it out."""
    early = spans(WET, (2.0, 0.84 * 0.92), (10.0, 0.42), WET)[0][0]
    late = spans(WET, (2.0, 0.84 * 0.93), (10.0, 0.42), WET)[0][0]
    assert late - early == pytest.approx(2 * MINUTE, abs=10_000)
    soon = spans(WET, (10.0, 0.42), (2.0, 0.84 * 0.88), WET)[0][1]
    later = spans(WET, (10.0, 0.42), (2.0, 0.84 * 0.86), WET)[0][1]
    assert later - soon == pytest.approx(2 * MINUTE, abs=10_000)


def test_a_pace_of_ninety_five_percent_is_already_wet() -> None:
    """Just below it the edge of the wet holds: 92.5 % of the pace around, not 95 %."""
    wet, dry = (60.0, 0.945), (60.0, 0.955)
    for around, share, held in ((wet, 0.94, 0), (dry, 0.94, 2)):
        base = spans(around, (10.0, 0.5), around)[0][0]
        slow = spans(around, (2.0, share * around[1]), (10.0, 0.5), around)[0][0]
        assert slow - base == pytest.approx((2 - held) * MINUTE, abs=10_000)


def begun(slow_s: float, share: float) -> float:
    """When a hold began, in s after the field left its pace, so long before it fell so low."""
    return spans(GREEN, (slow_s / 60, 0.9), (10.0, share), GREEN)[0][0] / 1000 - 3600


def test_an_edge_is_put_back_by_what_a_median_over_sectors_of_thirty_seconds_smears() -> None:
    assert begun(20, 0.63) == pytest.approx(0.15 * 30)
    assert begun(20, 0.61) == pytest.approx(0.4 * 30), "more, where it soon comes to a crawl"
    assert begun(40, 0.61) == pytest.approx(0.4 * 30)
    assert begun(45, 0.61) == pytest.approx(0.15 * 30), "soon is within forty seconds"
    assert spans(GREEN, (10.0, 0.5), GREEN)[0][1] / 1000 == pytest.approx(4200 - 0.42 * 30)


@pytest.mark.parametrize(("seconds", "count"), [(25, 1), (30, 2)])
def test_half_a_minute_of_racing_parts_two_holds(seconds: float, count: int) -> None:
    assert len(spans(GREEN, (5.0, 0.5), (seconds / 60, 1.0), (5.0, 0.5), GREEN)) == count


@pytest.mark.parametrize(
    ("minutes", "lap_s", "count"), [(7.4, 90.0, 1), (7.6, 90.0, 2), (4.9, 50.0, 1), (5.1, 50.0, 2)]
)
def test_slow_running_joins_two_holds_for_five_laps_and_five_minutes_at_most(
    minutes: float, lap_s: float, count: int
) -> None:
    assert len(spans(GREEN, (3.0, 0.5), (minutes, 0.8), (3.0, 0.5), GREEN, lap_s=lap_s)) == count


def test_ten_seconds_at_pace_let_a_field_go_and_five_do_not() -> None:
    base = spans(GREEN, (10.0, 0.5), GREEN)[0][1]
    for seconds, later in ((5, 65_000), (10, 0)):
        end = spans(GREEN, (10.0, 0.5), (seconds / 60, 1.0), (1.0, 0.8), GREEN)[0][1]
        assert end - base == later


def test_on_a_long_lap_the_field_must_race_for_most_of_it() -> None:
    around = {"bin_s": 10, "lap_s": 200.0}
    base = spans(GREEN, (10.0, 0.5), GREEN, **around)[0][1]  # type: ignore[arg-type]
    for seconds, later in ((130, 190_000), (140, 0)):
        quick = (seconds / 60, 1.0)
        end = spans(GREEN, (10.0, 0.5), quick, (1.0, 0.8), GREEN, **around)[0][1]  # type: ignore[arg-type]
        assert end - base == later


def test_a_stopped_field_is_a_hold_even_where_nobody_is_timed() -> None:
    field = speeds(GREEN, (10.0, float("nan")), GREEN)
    assert neutral_spans(field, NO_HALT).tolist() == []
    halt = np.array([[60 * MINUTE, 70 * MINUTE]], dtype=np.int64)
    assert len(neutral_spans(field, halt)) == 1


def test_the_baseline_is_that_of_the_twenty_minutes_either_side() -> None:
    field = speeds((60.0, 1.0), (60.0, 0.8))
    base = baseline_speed(field.overall, 5_000)
    assert base[0] == 1.0
    assert base[-1] == 0.8
    turned = np.flatnonzero(np.diff(base))[0] * 5 / 60
    assert turned == pytest.approx(60 + 20 - 8, abs=2), "a fifth of the window is still quick"


def test_what_is_below_seven_tenths_is_never_only_rain() -> None:
    for share, base in ((0.71, 0.71), (0.69, 1.0)):
        assert baseline_speed(speeds((60.0, share)).overall, 5_000)[0] == base


def test_eight_minutes_of_known_pace_make_a_baseline_and_seven_do_not() -> None:
    for minutes, base in ((8.0, 0.8), (7.0, 1.0)):
        field = speeds((minutes, 0.8), (53.0, float("nan")))
        assert baseline_speed(field.overall, 5_000)[0] == base


def test_a_gap_is_filled_from_its_nearest_neighbour_and_no_farther_than_asked() -> None:
    nan = float("nan")
    filled = nearest(np.array([nan, nan, 1.0, nan, nan, nan, 5.0]), 2)
    assert filled.tolist() == [1, 1, 1, 1, 1, 5, 5]
    assert np.isnan(nearest(np.array([nan, nan, 1.0]), 1)[0])


def test_a_run_counts_from_its_shortest_length_on() -> None:
    assert true_runs(np.array([True, True, False, True]), 2) == [(0, 2)]
    assert true_runs(np.array([True, True]), 3) == []


def zones(share: float, minutes: float = 10.0, raced: float = 1.0) -> int:
    """How many slow zones are seen where the second sector alone is so slow for so long."""
    long = {"bin_s": 10, "lap_s": 220.0}
    quick = speeds((60.0, 1.0), (minutes, raced), (60.0, 1.0), **long)  # type: ignore[arg-type]
    slow = speeds((60.0, 1.0), (minutes, share), (60.0, 1.0), **long)  # type: ignore[arg-type]
    return len(slow_zones(by_sector(quick, slow, quick), NO_HALT))


def test_a_sector_below_seventy_four_percent_alone_is_a_slow_zone() -> None:
    assert zones(0.735) == 1
    assert zones(0.745) == 0


def test_a_slow_zone_lasts_four_minutes_at_least() -> None:
    assert zones(0.5, 4.0) == 1
    assert zones(0.5, 4.0 - 10 / 60) == 0


def test_a_slow_zone_needs_another_sector_that_is_raced() -> None:
    assert zones(0.5, raced=0.86) == 1
    assert zones(0.5, raced=0.84) == 0


def test_no_slow_zone_is_seen_within_a_quarter_of_a_lap_of_a_held_field() -> None:
    quick = speeds((130.0, 1.0), bin_s=10, lap_s=220.0)
    slow = speeds((60.0, 1.0), (10.0, 0.5), (60.0, 1.0), bin_s=10, lap_s=220.0)
    for end, count in ((65 * MINUTE, 1), (67 * MINUTE, 0)):
        held = np.array([[50 * MINUTE, end]], dtype=np.int64)
        assert len(slow_zones(by_sector(quick, slow, quick), held)) == count


def trapped(limited_s: int, whole_s: int = 1200) -> tuple[Trap, SectorRuns]:
    """A trap that cars pass every second: at the limit for so long, and then at other speeds."""
    passed = runs(*((0, float(at), at + 5.0) for at in range(whole_s)), speed=0.5)
    kmh = [80.0 if at < limited_s else 150.0 for at in range(whole_s)]
    rows = [("7", 2, 1000 * at) for at in range(whole_s)]
    return Trap(crossed(*rows, top_speed_kmh=kmh), passed), passed


def kinds(limited_s: int, whole_s: int) -> list[str]:
    trap, _ = trapped(limited_s, whole_s)
    return [part.kind for part in parts((0, whole_s * 1000), trap, "wec")]


def test_a_safety_car_follows_only_where_five_and_a_half_minutes_are_left_for_it() -> None:
    assert kinds(100, 100 + 325) == ["fcy"]
    assert kinds(100, 100 + 335) == ["fcy", "safety_car"]


def test_a_limit_of_five_minutes_before_a_safety_car_is_a_virtual_one() -> None:
    assert kinds(295, 1000) == ["fcy", "safety_car"]
    assert kinds(305, 1000) == ["vsc", "safety_car"]


def test_a_limit_of_less_than_forty_five_seconds_is_the_safety_car_picking_up() -> None:
    assert kinds(38, 1000) == ["safety_car"]
    assert kinds(48, 1000) == ["fcy", "safety_car"]


@pytest.mark.parametrize(
    ("kmh", "limited"), [(76.9, False), (77.0, True), (83.0, True), (83.1, False)]
)
def test_a_car_holds_the_limit_between_77_and_83(kmh: float, limited: bool) -> None:
    passed = runs(*((0, float(at), at + 5.0) for at in range(200)), speed=0.5)
    table = crossed(*(("7", 2, 1000 * at) for at in range(200)), top_speed_kmh=[kmh] * 200)
    assert (Trap(table, passed).limited_until(0, 200_000) > 0) is limited


def caught(cars: int, at_s: float = 100.0, *, held: float = 0.4) -> SectorRuns:
    """Cars caught one second apart in a sector of 60 s at an instant, then held for good."""
    passages = []
    for car in range(cars):
        begun = at_s - 10.0 - car
        left = 60.0 - (at_s - begun)
        passages.append((0, begun, at_s + left / held))
    inside = [(0, at_s + 60.0 + car, at_s + 60.0 + car + 60.0 / held) for car in range(4)]
    return runs(*passages, *inside, reference_ms=60_000.0)


def test_eight_cars_tell_when_a_full_course_yellow_began_and_seven_do_not() -> None:
    span = (110_000, 900_000)
    assert sharpened(span, caught(8), end_too=False) == (pytest.approx(100_000, abs=2), 900_000)
    assert sharpened(span, caught(7), end_too=False) == span


@pytest.mark.parametrize(("off_s", "believed"), [(44.9, True), (45.1, False)])
def test_cars_that_say_something_else_by_more_than_45_seconds_are_not_believed(
    off_s: float, believed: bool
) -> None:
    start = round((100 + off_s) * 1000)
    found, _ = sharpened((start, 900_000), caught(9), end_too=False)
    assert (found != start) is believed


def classes(share_of_usual: float, cars: int = 12, *, apart: float = 0.1) -> SectorRuns:
    """Two classes, a tenth apart in the dry, through sector 0 so much of that apart now."""
    quick, slow = 30_000.0, 30_000.0 * np.exp(apart)
    now = {True: 50_000.0, False: 50_000.0 * np.exp(share_of_usual * apart)}
    made = runs(*((0, 10.0, 10.0 + now[car % 2 == 0] / 1000) for car in range(cars)))
    usual = np.array([quick if car % 2 == 0 else slow for car in range(cars)])
    return SectorRuns(
        made.row, made.sector, made.start_ms, made.end_ms, made.speed, usual, made.lap_reference_ms
    )


def test_the_spread_of_the_classes_is_one_when_racing_and_none_when_held() -> None:
    assert class_spread(classes(1.0), 0, 10**6) == pytest.approx(1.0, abs=0.01)
    assert class_spread(classes(0.0), 0, 10**6) == pytest.approx(0.0, abs=0.01)
    assert class_spread(classes(0.5), 0, 10**6) == pytest.approx(0.5, abs=0.01)


def test_twelve_runs_tell_of_the_classes_and_eleven_do_not() -> None:
    assert np.isfinite(class_spread(classes(1.0, 12), 0, 10**6))
    assert np.isnan(class_spread(classes(1.0, 11), 0, 10**6))


def rain_kept(minutes: float, share: float, spread: float) -> int:
    """How many spans stay that are so long, so slow, with the classes so far apart."""
    field = speeds((minutes, share))
    span = np.array([[0, round(minutes * MINUTE)]], dtype=np.int64)
    return len(without_rain(span, field, field.overall, classes(spread)))


def test_a_long_slow_span_is_rain_where_the_classes_still_differ() -> None:
    assert rain_kept(10.0, 0.72, 0.51) == 0
    assert rain_kept(10.0, 0.72, 0.49) == 1
    assert rain_kept(10.0, 0.69, 0.51) == 0
    assert rain_kept(10.0, 0.67, 0.51) == 1, "so slow it is no rain"
    assert rain_kept(6.0, 0.72, 1.0) == 1, "six minutes are too short to tell"
    assert rain_kept(6.1, 0.72, 1.0) == 0


def longer(spread: float, share: float) -> int:
    """By how much a hold is prolonged over ten minutes at such a speed and spread."""
    made = classes(spread)
    field = FieldSpeed(np.full(240, share), np.empty((0, 1)), 5_000, 90_000.0)
    again = np.tile(np.arange(12), 20)
    shift = np.repeat(np.arange(20) * 60_000, 12)
    every = SectorRuns(
        made.row[again], made.sector[again], made.start_ms[again] + shift,
        made.end_ms[again] + shift, made.speed[again], made.reference_ms[again], 90_000.0,
    )  # fmt: skip
    span = np.array([[0, 60_000]], dtype=np.int64)
    return int(held_longer(span, field, field.overall, every)[0, 1]) - 60_000


def test_a_hold_goes_on_while_the_field_is_slow_and_its_classes_closed_up() -> None:
    assert longer(0.55, 0.9) > 5 * MINUTE
    assert longer(0.65, 0.9) == 0
    assert longer(0.55, 0.91) > 5 * MINUTE
    assert longer(0.55, 0.93) == 0


def test_classes_less_than_three_percent_apart_count_as_one() -> None:
    for apart, told in ((0.031, True), (0.029, False)):
        assert np.isfinite(class_spread(classes(1.0, apart=apart), 0, 10**6)) is np.bool_(told)


def held_at(cars_inside: int) -> int:
    """When a yellow began by nine caught cars, where so many others were held all along at 0.3."""
    made = caught(9, held=0.3)
    keep = np.arange(len(made.row)) < 9 + cars_inside
    return sharpened((110_000, 900_000), made.where(keep), end_too=False)[0]


def test_three_cars_held_all_along_tell_the_speed_held_and_two_do_not() -> None:
    assert held_at(3) == pytest.approx(100_000, abs=2)
    assert held_at(2) != pytest.approx(100_000, abs=2), "then a usual one is taken"


def seen_in_the_first_sector(share: float) -> bool:
    """Whether a trap that says limit is read in sector 1, where sector 3 runs at such a speed."""
    laps = range(100)
    made = runs(
        *((0, float(at), at + 1.0) for at in laps), *((2, at + 500.0, at + 501.0) for at in laps)
    )
    both = SectorRuns(
        np.tile(np.arange(100), 2), made.sector, made.start_ms, made.end_ms,
        np.repeat([1.0, share], 100), made.reference_ms, 90_000.0,
    )  # fmt: skip
    rows = [("7", 2, 1000 * at) for at in laps]
    trap = Trap(crossed(*rows, top_speed_kmh=[80.0] * 100), both)
    return trap.limited_until(0, 100_000) > 0


def test_the_trap_stands_where_cars_are_slow_while_it_says_that_they_hold_the_limit() -> None:
    assert not seen_in_the_first_sector(0.69)
    assert seen_in_the_first_sector(0.71)


def test_a_sector_with_nobody_in_it_keeps_what_is_known_for_six_minutes_either_side() -> None:
    long = {"bin_s": 10, "lap_s": 220.0}
    for minutes, count in ((12.0, 1), (12.5, 2)):
        empty = ((60.0, 1.0), (5.0, 0.5), (minutes, float("nan")), (5.0, 0.5), (60.0, 1.0))
        slow = speeds(*empty, **long)  # type: ignore[arg-type]
        quick = speeds((130.0 + minutes, 1.0), **long)  # type: ignore[arg-type]
        assert len(slow_zones(by_sector(quick, slow, quick), NO_HALT)) == count
