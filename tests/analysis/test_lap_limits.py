"""Which laps are clean, what a transit is, how far a tank goes: at each limit and beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dryline.analysis.pace.clean_laps import clean_laps
from dryline.analysis.pace.customary import best_three_of_last_five
from dryline.analysis.pace.design import lap_terms
from dryline.analysis.stops.driver_turn import TurnSoFar, turn_features
from dryline.analysis.stops.fuel_range import ClassRange, RangeTracker
from dryline.analysis.stops.hazard import StopOutlook, hazard_features
from dryline.analysis.stops.outlook import StopWatch
from dryline.analysis.stops.pit_loss import UNKNOWN_TRANSIT, pit_losses, transit_time
from dryline.analysis.stops.priors import RangePriors
from dryline.analysis.track.tyres import TyreBook, tyre_name
from dryline.domain.tables import LAPS, STINTS, STOPS
from dryline.studies.matched_cars import CarRun, DryPaces, Usual, alike, dry_paces
from dryline.studies.stops_owed import StopPrice, owed_s, stop_prices
from dryline.studies.track_scores import class_group
from dryline.studies.tyre_waves import TyreChange, tyre_changes, waves_of
from tests.made_up.services import stop_world


def driven(*cars: list[int]) -> pl.DataFrame:
    """Green laps of cars 0, 1, 2 and so on, each by its lap times in ms from lap 2 on."""
    rows = []
    for number, times in enumerate(cars):
        elapsed = 100_000 + number
        for lap, ms in enumerate(times, 2):
            elapsed += ms
            rows.append(
                {
                    "car_number": str(number), "car_class": "GTP", "driver": "Ada", "lap": lap,
                    "lap_time_ms": ms, "elapsed_ms": elapsed, "in_lap": False, "out_lap": False,
                    "neutralised_ms": 0, "is_green": True,
                }
            )  # fmt: skip
    table = pl.DataFrame(rows, schema=LAPS).sort("elapsed_ms", maintain_order=True)
    return table.with_columns(line=pl.int_range(2, table.height + 2, dtype=pl.Int32))


def verdict(*cars: list[int]) -> str | None:
    """The verdict on the last lap of car 0."""
    judged = clean_laps(driven(*cars)).filter(pl.col("car_number") == "0").sort("lap")
    found: str | None = judged["refused"][-1]
    return found


def test_a_lap_six_percent_off_the_cars_own_pace_counts_and_a_slower_one_does_not() -> None:
    usual = [100_000] * 20
    assert verdict([*usual, 106_000]) is None
    assert verdict([*usual, 106_001]) == "slow"


def test_the_track_is_wet_once_the_field_is_more_than_four_percent_off_its_pace() -> None:
    def field(ms: int) -> list[list[int]]:
        return [[100_000] * 20 + [ms] * 5 for _ in range(4)]

    assert verdict(*field(104_000)) is None
    assert verdict(*field(104_001)) == "wet"


@pytest.mark.parametrize(("slow_ms", "wet"), [(74_999, True), (75_000, False)])
def test_five_laps_within_five_minutes_tell_of_the_field_and_four_do_not(
    slow_ms: int, wet: bool
) -> None:
    assert (verdict([71_500] * 20 + [slow_ms] * 6) == "wet") is wet


def test_the_own_pace_is_the_best_of_the_first_twenty_laps_and_then_the_next() -> None:
    ratio = {}
    for laps in (20, 21):
        judged = clean_laps(driven([90_000] + [100_000] * (laps - 1))).sort("lap")
        ratio[laps] = judged["ratio"][-1]
    assert ratio[20] == pytest.approx(100 / 90)
    assert ratio[21] == pytest.approx(1.0), "one lap in twenty may be a fluke"


def test_three_used_laps_make_a_recent_pace_and_two_do_not() -> None:
    for laps, pace in ((3, 100_000), (2, None)):
        judged = driven([100_000] * laps).with_columns(refused=pl.lit(None, pl.String))
        assert best_three_of_last_five(judged)["recent_ms"].item() == pace


def transit(*lane_ms: float) -> tuple[float, int]:
    found = transit_time(np.array(lane_ms))
    return found.ms, found.drive_throughs


STOPS_MS = (60_000.0,) * 4


def test_three_passages_within_nine_tenths_of_a_second_are_drive_throughs() -> None:
    assert transit(30_000, 30_450, 30_900, *STOPS_MS) == (30_450, 3)
    assert transit(30_000, 30_450, 30_901, *STOPS_MS) == (30_000, 1)


def test_a_cluster_must_be_below_three_quarters_of_the_usual_stop() -> None:
    below, at = (44_999.0,) * 3, (45_000.0,) * 3
    assert transit(*below, *STOPS_MS) == (44_999, 3)
    assert transit(*at, *STOPS_MS)[1] == 0


def test_one_passage_far_below_the_usual_stop_is_a_drive_through_though_less_sure() -> None:
    alone = transit_time(np.array([37_199.0, *STOPS_MS]))
    assert (alone.ms, alone.drive_throughs) == (37_199, 1)
    together = transit_time(np.array([30_000.0, 30_000.0, 30_000.0, *STOPS_MS]))
    assert together.sd_ms < alone.sd_ms
    assert transit(37_200, *STOPS_MS)[1] == 0


def test_without_a_drive_through_the_transit_is_about_three_fifths_of_the_shortest_stop() -> None:
    found = transit_time(np.array([50_000.0, *STOPS_MS]))
    assert (found.ms, found.sd_ms) == (30_000, 10_000)


def test_a_lane_time_of_eight_seconds_is_no_passage_at_all() -> None:
    assert transit_time(np.array([8_000.0] * 3)) == UNKNOWN_TRANSIT
    assert transit_time(np.array([8_001.0] * 3)).ms == pytest.approx(0.6 * 8_001)


def test_a_stop_is_priced_against_the_five_clean_laps_before_and_after_it() -> None:
    before, after = [99_000, 98_000, *[100_000] * 3], [*[102_000] * 3, 97_000, 96_000]
    times = [50_000, *before, 120_000, 160_000, *after, 50_000]
    laps = driven(times).with_columns(
        refused=pl.when(pl.col("lap_time_ms") > 110_000).then(pl.lit("in_lap"))
    )
    stop = {
        **dict.fromkeys(STOPS), "car_number": "0", "lap": 8, "in_lap_ms": 120_000,
        "out_lap_ms": 160_000,
    }  # fmt: skip
    found = pit_losses(pl.DataFrame([stop], schema=STOPS), laps).row(0, named=True)
    assert (found["pace_before_ms"], found["pace_after_ms"]) == (100_000, 102_000)
    assert found["pit_loss_ms"] == 120_000 + 160_000 - 100_000 - 102_000


def ranged(*loads: float, prior: float = 30.0) -> ClassRange:
    known = ClassRange(prior, prior / 10)
    for place, load in enumerate(loads):
        known.ended(str(place), load)
    return known


def test_a_stint_of_ninety_three_percent_of_the_longest_counts_as_a_full_one() -> None:
    full = ranged(93.0, 100.0, 100.0, 100.0, prior=100.0).estimate()[0]
    short = ranged(92.9, 100.0, 100.0, 100.0, prior=100.0).estimate()[0]
    assert short == pytest.approx(100.0)
    assert full == pytest.approx((93.0 + 3 * 100.0 + 100.0) / 5), "the prior counts as one more"


def test_a_cars_own_full_stints_count_with_those_of_its_class() -> None:
    known = ranged(30.0, 30.0, 30.0, 30.0)
    known.ended("7", 28.0)
    known.ended("8", 27.5)
    mean = known.estimate()[0]
    assert 0.93 * mean < 28.0
    assert known.estimate("7")[0] == pytest.approx((2 * mean + 28.0) / 3)
    assert known.estimate("8")[0] == pytest.approx(mean)


def test_of_four_stints_or_more_the_longest_may_be_a_fluke() -> None:
    assert ranged(30.0, 30.0, 33.0).estimate()[0] > 30.5
    assert ranged(27.0, 27.0, 27.0, 33.0).estimate()[0] < 30.0


def test_before_anybody_has_run_eighty_five_percent_of_the_prior_it_still_speaks() -> None:
    assert ranged(25.4).estimate() == pytest.approx((28.5, 3.0))
    assert ranged(25.5).estimate()[1] < 3.0


def test_loads_that_no_tank_holds_are_left_aside() -> None:
    assert ranged(6.0, 45.0).loads == []
    assert ranged(6.01, 44.99).loads == [6.01, 44.99]


def test_two_cars_still_running_prove_the_range_unless_it_is_beyond_belief() -> None:
    known = ranged()
    for car in ("1", "2"):
        known.reached(car, 42.0)
        assert known.running == 0.0
    known.reached("1", 41.9)
    assert known.running == 0.0
    known.reached("2", 41.8)
    assert known.estimate()[0] == 41.8


def test_a_stop_less_than_two_seconds_over_the_transit_leaves_the_tank_as_it_was() -> None:
    priors = RangePriors(yellow_factor=0.5, default_minutes=50, default_sd=0.1, minutes={}, sd={})
    for over_ms, load in ((1_999.0, 6.0), (2_000.0, 1.0)):
        tracker = RangeTracker(priors)
        for ms in (30_000.0, 30_000.0, 30_000.0, *STOPS_MS):
            tracker.crossed(
                "9", "GTP", 100_000, yellow_share=0, out_lap=True, in_lap=False, pit_ms=ms
            )
        for _ in range(5):
            tracker.crossed("1", "GTP", 100_000, yellow_share=0, out_lap=False, in_lap=False)
        tracker.crossed(
            "1", "GTP", 100_000, yellow_share=0, out_lap=True, in_lap=False,
            pit_ms=30_000.0 + over_ms,
        )  # fmt: skip
        assert tracker.load["1"] == load


def owed(*stints: tuple[int, int]) -> dict[str, StopPrice]:
    """Prices where the class drove these stints, given as laps and green laps, then a last one."""
    world = stop_world(7)
    rows = [
        {
            **dict.fromkeys(STINTS),
            "car_number": str(place),
            "car_class": "HYPERCAR",
            "stint": 1,
            "last_lap": laps,
            "laps": laps,
            "green_laps": green,
        }
        for place, (laps, green) in enumerate(stints)
    ]
    rows += [{**row, "stint": 2, "last_lap": 300, "laps": 99, "green_laps": 97} for row in rows]
    return dict(stop_prices(world.laps, world.stops, pl.DataFrame(rows, schema=STINTS)))


def test_the_range_is_what_eight_stints_in_ten_do_not_go_beyond() -> None:
    found = owed(*((laps, laps) for laps in range(20, 31)))
    assert found["HYPERCAR"].range_laps == 28


def test_a_stint_counts_where_nine_tenths_of_it_were_green_the_ends_apart() -> None:
    six = [(22, 20)] * 5
    assert "HYPERCAR" in owed(*six, (22, 18))
    assert owed(*six, (22, 17)) == {}, "and five stints are too few"


def test_a_stop_of_less_than_twenty_or_more_than_two_hundred_seconds_is_no_routine() -> None:
    world, stints = stop_world(7), [(22, 22)] * 6
    for lane_ms, routine in ((19_999, 0), (20_000, 1), (200_000, 1), (200_001, 0)):
        stops = world.stops.with_columns(
            pit_lane_ms=pl.lit(lane_ms, pl.Int64),
            car_class=pl.lit("HYPERCAR"),
        )
        rows = [
            {
                **dict.fromkeys(STINTS), "car_number": str(place), "car_class": "HYPERCAR",
                "stint": n, "last_lap": 22 * n, "laps": laps, "green_laps": green,
            }
            for place, (laps, green) in enumerate(stints)
            for n in (1, 2)
        ]  # fmt: skip
        found = stop_prices(world.laps, stops, pl.DataFrame(rows, schema=STINTS))
        assert len(found) == routine


def run(*lap_ends: float) -> CarRun:
    ends = np.array(lap_ends, dtype=np.float64)
    laps = np.arange(1, len(ends) + 1)
    return CarRun(
        ends, laps.astype(np.float64), ends, np.diff(ends, prepend=0.0), laps, ("Ada",) * len(ends),
        {2: 60_000.0},
    )  # fmt: skip


def test_stops_owed_are_those_beyond_what_the_tank_still_holds() -> None:
    car = run(*(100_000.0 * lap for lap in range(1, 11)))
    price = StopPrice(30.0, 60.0, 50.0)
    at = 500_000.0  # three laps after its stop, so 27 more are in the tank
    assert owed_s(car, price, at, at + 27 * 100_000.0, 100_000.0) == 0.0
    assert owed_s(car, price, at, at + 57 * 100_000.0, 100_000.0) == pytest.approx(60.0)


def test_a_lap_beyond_a_third_more_than_the_classs_is_a_mishap() -> None:
    usual = Usual(np.array([0.0, 400_000.0]), np.array([100_000.0, 100_000.0]))
    for last, lost in ((135_000.0, False), (135_001.0, True)):
        car = run(100_000.0, 200_000.0, 300_000.0, 400_000.0, 400_000.0 + last)
        assert car.mishap(400_000.0, 600_000.0, usual) is lost


def test_the_usual_lap_is_read_over_four_minutes_either_side() -> None:
    usual = Usual(np.array([240_000.0]), np.array([100_000.0]))
    assert usual.at(0.0) == np.inf
    assert usual.at(1.0) == 100_000.0
    assert usual.at(480_000.0) == 100_000.0
    assert usual.at(480_001.0) == np.inf


def test_cars_within_half_a_percent_are_alike() -> None:
    runs = {"1": run(100.0), "2": run(100.0)}
    for slower, like in ((0.005, True), (0.00501, False)):
        paces = DryPaces({}, {"1": slower, "2": 0.0})
        assert np.isfinite(alike(paces, runs, ("1", "2"), 50.0)) is np.bool_(like)


def test_eight_clean_laps_tell_a_dry_pace_and_seven_do_not() -> None:
    found = dry_paces(driven([100_000] * 8, [100_000] * 7))
    assert set(found.cars) == {"0"}


def test_the_dry_pace_is_what_four_laps_in_ten_are_not_slower_than() -> None:
    times = [100_000 + 100 * lap for lap in range(21)]
    assert np.exp(dry_paces(driven(times)).cars["0"]) == pytest.approx(100_800)


@pytest.mark.parametrize(
    ("p_wet", "name"), [(0.199, "slick"), (0.2, "unknown"), (0.8, "unknown"), (0.801, "wet")]
)
def test_a_tyre_is_named_from_four_to_one(p_wet: float, name: str) -> None:
    assert tyre_name(p_wet) == name


def test_what_a_stint_tells_for_good_is_bounded() -> None:
    book = TyreBook()
    first = book.of("7", 0, 0.5)
    for odds, bound in ((5.9, 5.9), (5.0, 6.0), (-20.0, -6.0)):
        book.absorb(first, odds)
        assert book.segments[first].absorbed == pytest.approx(bound)


def test_a_stint_is_open_to_revision_while_its_end_is_not_before_the_edge() -> None:
    for edge, open_ones in ((100_000, [0, 1]), (100_001, [1])):
        book = TyreBook()
        book.of("7", 0, 0.5)
        book.stop("7", 100_000)
        assert book.open_segments(set(), edge) == open_ones


def changes(*minutes: float, cars: int = 4) -> list[str]:
    """The waves seen where as many cars of a class of ``cars`` change at these minutes."""
    made = [
        TyreChange(str(car), "HYPERCAR", 10, round(minute * 60_000), "wet")
        for car, minute in enumerate(minutes)
    ]
    return [each.source for each in waves_of(made, {class_group("HYPERCAR"): cars}, [])]


def test_four_cars_and_a_quarter_of_the_class_make_a_wave() -> None:
    assert changes(1, 2, 3, 4, cars=16) == ["inferred"]
    assert changes(1, 2, 3, 4, cars=17) == []
    assert changes(1, 2, 3) == []


def test_a_pause_of_twelve_minutes_ends_a_wave() -> None:
    assert changes(1, 2, 3, 14.99) == ["inferred"]
    assert changes(1, 2, 3, 15) == []


def test_a_stop_changed_the_tyre_where_the_belief_moved_by_more_than_a_half() -> None:
    stops = pl.DataFrame([{**dict.fromkeys(STOPS), "car_number": "7", "in_ms": 9, "lap": 3}], STOPS)
    for p_wet, found in ((0.5, 0), (0.51, 1)):
        tyres = pl.DataFrame(
            {"car_number": ["7", "7"], "from_ms": [0, 9], "p_wet_tyre": [0.0, p_wet]}
        )
        assert len(tyre_changes(tyres, stops, {"7": "GTP"})) == found


def watch(at_ms: float, *, yellow_ms: float = 0.0) -> StopOutlook:
    """The outlook of a car whose rival stopped at 1,000 s, with laps of 100 s."""
    priors = RangePriors(yellow_factor=0.5, default_minutes=50, default_sd=0.1, minutes={}, sd={})
    seen = StopWatch.start(priors, 3_600_000.0)
    seen.crossed("1", "GTP", 900_000, 100_000, yellow_ms=0, out_lap=False, in_lap=False)
    seen.crossed("1", "GTP", 1_000_000, 100_000, yellow_ms=yellow_ms, out_lap=False, in_lap=False)
    seen.crossed("2", "GTP", 1_000_000, 100_000, yellow_ms=0, out_lap=False, in_lap=True)
    return seen.outlook(["1"], [1.0], at_ms)


def test_the_window_of_a_class_counts_stops_of_the_last_two_and_a_third_laps() -> None:
    assert watch(1_229_999.0).window[0] == 0.5
    assert watch(1_230_000.0).window[0] == 0.0


def test_a_restart_is_felt_for_three_laps() -> None:
    assert watch(1_299_999.0, yellow_ms=5.0).restart[0] == 1.0
    assert watch(1_300_000.0, yellow_ms=5.0).restart[0] == 0.0


def features(**known: float) -> dict[str, float]:
    usual = {
        "load": 10.0, "range_laps": 30.0, "last_load": 29.0, "laps_to_go": 50.0, "window": 0.0,
        "restart": 0.0, "first": 0.0,
    }  # fmt: skip
    arrays = {name: np.array([value]) for name, value in {**usual, **known}.items()}
    return {name: float(v[0]) for name, v in hazard_features(StopOutlook(**arrays)).items()}


def test_a_stint_is_fresh_and_a_race_is_ending_for_less_than_three_laps() -> None:
    assert (features(load=2.9)["fresh"], features(load=3.0)["fresh"]) == (1, 0)
    assert (features(laps_to_go=2.9)["last_laps"], features(laps_to_go=3.0)["last_laps"]) == (1, 0)


def test_a_car_reaches_the_end_with_just_enough_for_it() -> None:
    assert features(load=28.0, laps_to_go=2.0)["reaches_end"] == 1
    assert features(load=28.0, laps_to_go=2.01)["reaches_end"] == 0


def test_the_end_is_near_within_four_tenths_of_a_range() -> None:
    assert features(load=29.0, laps_to_go=12.0)["near_end"] == 0
    assert features(load=29.0, laps_to_go=6.0)["near_end"] == pytest.approx(0.5)


def test_half_of_the_class_in_the_pits_is_a_window_wide_open() -> None:
    assert [features(window=w)["window"] for w in (0.4, 0.5, 0.9)] == [0.4, 0.5, 0.5]
    late = [features(load=load, window=0.5)["window_late"] for load in (18.0, 24.0, 30.0)]
    assert late == pytest.approx([0.0, 0.25, 0.5])


USUAL_TURN = TurnSoFar(1.0, 2, 1.0, 0.5, 0.5, 0.5, 0.4, 1.2, 3, 0.4, 0.9)


def test_a_turn_is_held_against_the_cars_own_where_there_is_one() -> None:
    def over(wheel_h: float, usual_h: float = 1.0) -> list[float]:
        turn = turn_features(replace(USUAL_TURN, wheel_h=wheel_h, usual_h=usual_h))
        names = "usual_known", "over_usual_h", "past_usual_h"
        return [pytest.approx(turn[name]) for name in names]

    assert over(0.9) == [1, -0.1, 0]
    assert over(1.2) == [1, 0.2, 0.3]
    assert over(9.0) == [1, 1.5, 1.6]
    assert over(1.2, float("nan")) == [0, 0, 0]


def test_who_drives_alone_or_with_one_other_is_asked_by_how_late_it_is() -> None:
    for crew, alone, two in ((1, 0.5, 0.0), (2, 0.0, 0.5), (3, 0.0, 0.0)):
        turn = turn_features(replace(USUAL_TURN, crew_seen=crew))
        assert (turn["alone_late"], turn["two_late"]) == (alone, two)


def test_the_last_hour_of_driver_changes_is_sixty_six_minutes() -> None:
    def turn(left_h: float, share: float = 0.5) -> dict[str, float]:
        return turn_features(replace(USUAL_TURN, left_h=left_h, class_share=share, own_share=share))

    assert [turn(h)["last_hour"] for h in (1.09, 1.1)] == [1, 0]
    assert [turn(h)["left_h"] for h in (-1.0, 1.5, 2.5)] == [0.0, 1.5, 2.0]
    for nobody, edge, inside in ((0.0, 0.02, 0.03), (1.0, 0.98, 0.97)):
        logits = [turn(1.0, share)["class_logit"] for share in (nobody, edge, inside)]
        assert logits[0] == logits[1], "what never or always happened is not taken for certain"
        assert abs(logits[2]) < abs(logits[1])


def test_a_stint_settles_over_its_second_lap_and_the_three_after_it() -> None:
    past, second, early = lap_terms(np.array([1.0, 2.0, 3.0, 5.0, 6.0, 8.0]))
    assert second.tolist() == [0, 1, 0, 0, 0, 0]
    assert early.tolist() == [0, 0, 1, 1, 0, 0]
    assert past.tolist() == [-7, -6, -5, -3, -2, 0], "measured from the eighth lap"
