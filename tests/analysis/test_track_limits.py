"""What is said of water, traffic and paces: at each limit and just beside it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dryline.analysis.debrief.pace import in_traffic, turn_paces
from dryline.analysis.stops.company import company_features
from dryline.analysis.stops.hazard import StopOutlook
from dryline.analysis.stops.history import ClassStops, PastStop
from dryline.analysis.track.crossover import CLASSES, crossovers_frame
from dryline.analysis.track.doubt import (
    FIRST_PACE,
    NONE,
    OUTSIDE,
    OWN_LAPS,
    SAID,
    SAID_DRY,
    SAID_WET,
    SOURCES,
    Reference,
)
from dryline.analysis.track.evidence import OutsideEvidence
from dryline.analysis.track.model import BIN_MS, LEVELS, WET_FROM
from dryline.analysis.track.reference import DryReference, expected_sectors
from dryline.analysis.track.window import OpenObservations
from dryline.analysis.track.words import in_words, is_dry, missing_in_words, reference_in_words
from dryline.domain.dry_prior import DryPrior
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.instant import Instant
from tests.made_up.gauged import state

MINUTE = 60_000


@pytest.mark.parametrize(
    ("p_wet", "words"),
    [(0.2, "dry"), (0.21, "perhaps damp in sector 2"), (0.5, "perhaps damp in sector 2"),
     (0.51, "wet in sector 2 only")],
)  # fmt: skip
def test_a_sector_is_damp_from_one_in_five_and_wet_from_one_in_two(
    p_wet: float, words: str
) -> None:
    assert in_words([state(p_wet=p_wet)]) == words


def against(source: str, doubt: float = 0.08) -> Reference:
    known = source in (*OUTSIDE, OWN_LAPS)
    return Reference(known=known, source=source, doubt=doubt)


@pytest.mark.parametrize(
    ("p_wet", "words"),
    [(0.004, "dry as far as the race itself can tell; no dry reference for this circuit, "
      "1 % that it is wet"),
     (0.2, "dry as far as the race itself can tell; no dry reference for this circuit, "
      "20 % that it is wet"),
     (0.21, "not known, the field gets faster as on a drying track; no dry reference for this "
      "circuit, 21 % that it is wet")],
)  # fmt: skip
def test_dry_is_never_said_flatly_without_a_dry_reference(p_wet: float, words: str) -> None:
    """No lap shows water: what there is of ``p_wet`` is doubt."""
    now = state(p_wet=p_wet, reference=against(FIRST_PACE, p_wet))
    assert in_words([now]) == words
    assert is_dry(now), "no lap shows water"
    assert in_words([state(p_wet=0.2, reference=against(OWN_LAPS))]) == "dry"


def test_water_that_the_laps_show_is_told_with_what_is_missing() -> None:
    dark = state(p_wet=0.9, reference=against(FIRST_PACE))
    wet = replace(dark, masses=np.zeros((3, len(LEVELS))))
    wet.masses[1, WET_FROM] = 0.6
    assert not is_dry(wet)
    assert in_words([wet]) == "wet in sector 2 only; no dry reference for this circuit"
    wet.masses[1, WET_FROM] = 0.21
    assert in_words([wet]).startswith("perhaps damp in sector 2")
    wet.masses[1, WET_FROM] = 0.2
    assert is_dry(wet)


def test_before_any_free_lap_there_is_at_most_a_word_for_it() -> None:
    none = state(p_wet=0.08, reference=against(NONE))
    assert in_words([none]) == "too few free laps yet: the track is not known"
    wet = in_words([state(p_wet=0.9, reference=against(SAID_WET))])
    assert wet.startswith("wet by what was said; no dry reference for this circuit, 90 %")
    dry = in_words([state(p_wet=0.004, reference=against(SAID_DRY))])
    assert dry.startswith("dry by what was said; no dry reference for this circuit, 1 %")
    said = "not known: too few free laps yet; it was said to be "
    assert reference_in_words(against(SAID_DRY)) == f"{said}dry"
    assert reference_in_words(against(SAID_WET, SAID)) == f"{said}wet"
    assert reference_in_words(against(SAID_WET, 0.91)) != f"{said}wet"


def test_a_word_is_a_word_however_damp_it_makes_the_track_look() -> None:
    """Race control's word is all there is, and it said nothing of sector 2."""
    told = state(p_wet=0.9, reference=against(SAID_WET, SAID))
    told.masses[1, WET_FROM] = 0.4
    assert in_words([told]).startswith("wet by what was said")


def test_what_is_missing_is_said_where_a_call_hangs_on_it() -> None:
    assert missing_in_words(state(reference=against(NONE))) == "too few free laps yet"
    assert missing_in_words(state(reference=against(OWN_LAPS))) == ""
    said = missing_in_words(state(p_wet=0.3, reference=against(FIRST_PACE)))
    assert said == "no dry reference for this circuit, 30 % that it is wet"


@pytest.mark.parametrize("source", SOURCES)
def test_every_reference_has_words_and_an_unknown_one_says_so(source: str) -> None:
    words = reference_in_words(against(source))
    assert words.startswith("not known: ") == (source not in (*OUTSIDE, OWN_LAPS))


def test_it_rains_where_rain_is_likelier_than_not() -> None:
    assert in_words([state(p_wet=0.9, p_rain=0.5)]) == "wet in sector 2 only"
    assert in_words([state(p_wet=0.9, p_rain=0.51)]) == "raining now in sector 2 only"


def test_a_track_dries_that_has_lost_a_tenth_of_its_water_in_three_minutes() -> None:
    def said(level: float, since_ms: int = 3 * MINUTE) -> str:
        now = state(since_ms, p_wet=0.9, level=level)
        return in_words([state(0, p_wet=0.9, level=0.1), now]).split()[0]

    assert said(0.0899) == "drying"
    assert said(0.0901) == "wet"
    assert said(0.05, 3 * MINUTE - 1) == "wet", "nothing was said three minutes ago"


def turned(*p: float, step_ms: int = 100_000) -> list[tuple[int, str, float]]:
    rows = [("GT", step_ms * n, 0.0, 1.0, value) for n, value in enumerate(p)]
    frame = crossovers_frame(pl.DataFrame(rows, schema=CLASSES, orient="row"))
    return frame.select("at_ms", "direction", "confidence").rows()


def test_the_faster_tyre_changed_once_it_is_sixty_percent_sure() -> None:
    assert turned(0.2, 0.55, 0.59) == []
    assert turned(0.2, 0.55, 0.6) == [(100_000, "to_wet", 0.6)]
    assert [row[1] for row in turned(0.2, 0.9, 0.41)] == ["to_wet"]
    assert [row[1] for row in turned(0.2, 0.9, 0.4)] == ["to_wet", "to_slick"]


def test_a_crossover_is_as_sure_as_it_becomes_within_five_minutes() -> None:
    assert turned(0.2, 0.7, 0.7, 0.7, 0.9)[0][2] == 0.9
    assert turned(0.2, 0.7, 0.7, 0.7, 0.7, 0.9)[0][2] == 0.7


def heard(event: Evidence | RaceControlMessage) -> float:
    """The log odds of water in sector 1 that the event is worth in its bin."""
    outside = OutsideEvidence()
    outside.hear(event)
    term = outside.likelihood(event.known_at.ms // BIN_MS, 1)[0, 0]
    return float(term[-1] - term[0])


def report(kind: str, weight: float, **more: object) -> Evidence:
    at = Instant(10 * MINUTE)
    return Evidence(happened_at=at, known_at=at, kind=kind, weight=weight, source="x", **more)  # type: ignore[arg-type]


def test_no_word_is_worth_more_than_nineteen_to_one() -> None:
    assert heard(report("wet", 1.0)) == pytest.approx(math.log(19))
    assert heard(report("wet", 0.9)) == pytest.approx(math.log(19))
    assert heard(report("wet", 0.8)) == pytest.approx(math.log(9))
    assert heard(report("dry", 0.8)) == pytest.approx(-math.log(9))
    assert heard(report("wet", -1.0)) == 0.0


def test_race_controls_declaration_is_worth_forty_nine_to_one() -> None:
    at = Instant(10 * MINUTE)
    for kind, sign in (("track_declared_wet", 1), ("track_declared_dry", -1)):
        said = RaceControlMessage(happened_at=at, known_at=at, kind=kind)
        assert heard(said) == pytest.approx(sign * math.log(49))


def test_a_forecast_counts_half_and_only_above_one_in_two() -> None:
    assert heard(report("rain_forecast", 1.0, probability=0.9)) == pytest.approx(
        math.log(0.7 / 0.3)
    )
    assert heard(report("rain_forecast", 1.0, probability=0.5)) == 0.0


def test_water_begins_where_the_levels_call_it_wet() -> None:
    outside = OutsideEvidence()
    outside.hear(report("wet", 0.8))
    term = outside.likelihood(10 * MINUTE // BIN_MS, 1)[0, 0]
    assert len({*term[:WET_FROM].tolist()}) == len({*term[WET_FROM:].tolist()}) == 1
    assert term[WET_FROM] > term[WET_FROM - 1]


def test_a_slow_zone_without_an_end_lasts_ten_minutes() -> None:
    outside = OutsideEvidence()
    outside.hear(report("slow_zone", 1.0, sector=2))
    assert outside.zones(10 * MINUTE) == [(1, 10 * MINUTE, 20 * MINUTE)]
    assert outside.zones(10 * MINUTE - 1) == []


def test_a_sector_far_off_its_dry_time_says_nothing_of_water() -> None:
    window = OpenObservations(len(LEVELS))
    for y, stopped in ((0.36, -1), (0.361, -1), (-0.15, -1), (-0.151, -1), (math.nan, 1)):
        window.add(0, 1, 0, 0, 0, 0, 0.0, y, 0.01, 1.0, 0.0, stopped, False, False)
    window.merge()
    assert window.usable().tolist() == [1.0, 0.0, 1.0, 0.0, 1.0]


def test_a_circuit_is_the_same_within_four_and_a_half_metres() -> None:
    prior = [DryPrior("a", 5.0, "GTP", (27_000, 36_000, 31_500))]
    assert expected_sectors(prior, 5.0044, ["GTP"])
    assert not expected_sectors(prior, 5.0046, ["GTP"])


def learnt(error: float, weight: float = 1.0) -> float:
    reference = DryReference()
    reference.set_level("GT", (10.0, 10.0, 10.0), 0.0)
    reference.learn("GT", "7", "Ada", 0, 10.0 + error, weight)
    return reference.level("GT", 0) - 10.0


def test_a_lap_nine_percent_off_teaches_nothing_and_one_three_percent_off_the_most() -> None:
    assert learnt(0.0901) == learnt(-0.0901) == 0.0
    assert learnt(0.0899) == learnt(0.03) > learnt(0.02) > 0.0
    assert learnt(0.02, 0.0) == 0.0


def trailing(gap_ms: int) -> bool:
    """Whether the second of two cars that pass a point so far apart is in traffic."""
    laps = pl.DataFrame(
        {
            "car_number": ["1", "2"], "lap": [2, 2], "start_ms": [0, gap_ms],
            "s1_ms": [30_000, 30_000], "s2_ms": [30_000, 30_000],
            "elapsed_ms": [90_000, 90_000 + gap_ms],
        }
    )  # fmt: skip
    return dict(in_traffic(laps).select("car_number", "in_traffic").iter_rows())["2"]


def test_a_car_less_than_a_second_behind_another_is_in_traffic() -> None:
    assert trailing(999)
    assert not trailing(1_000)


def paced(free: int, behind: int) -> tuple[int, bool]:
    """The pace of a turn of so many free laps of 100 s, and others behind a car in 110 s."""
    times = [100_000] * free + [110_000] * behind
    judged = pl.DataFrame(
        {
            "car_number": ["7"] * len(times), "lap": range(len(times)), "turn": [1] * len(times),
            "driver": ["Ada"] * len(times), "lap_time_ms": times, "in_lap": False, "out_lap": False,
            "refused": pl.Series([None] * len(times), dtype=pl.String),
            "in_traffic": [False] * free + [True] * behind,
        }
    )  # fmt: skip
    found = turn_paces(judged).row(0, named=True)
    return found["pace_ms"], found["own"]


def test_three_free_laps_make_a_pace_then_three_clean_ones_and_two_borrow() -> None:
    assert paced(3, 9) == (100_000, True)
    assert paced(2, 9) == (110_000, True)
    assert paced(0, 3) == (110_000, True)
    assert paced(0, 2) == (110_000, False)


STOP = PastStop("7", 0.0, 60.0, 30.0, 60.0, 5.0, False, False, 60.0)


def split_of(*stops: PastStop) -> float:
    """The share of the lane time that falls on the in-lap."""
    known = ClassStops()
    for stop in stops:
        known.add(stop)
    return known.split("8").share


@pytest.mark.parametrize(
    ("odd", "counts"),
    [
        (replace(STOP, pit_s=20.0, in_excess_s=20.0), False),
        (replace(STOP, pit_s=20.1, in_excess_s=20.1), True),
        (replace(STOP, pit_s=249.9, in_excess_s=249.9), True),
        (replace(STOP, pit_s=250.0, in_excess_s=250.0), False),
        (replace(STOP, in_excess_s=94.9), True),
        (replace(STOP, in_excess_s=95.0), False),
        (replace(STOP, in_excess_s=25.1), True),
        (replace(STOP, in_excess_s=25.0), False),
        (replace(STOP, neutralised=True), False),
    ],
)
def test_only_ordinary_stops_say_where_a_box_lies(odd: PastStop, counts: bool) -> None:
    assert (split_of(odd) == 1.0) is counts


def test_a_box_lies_before_the_line_where_most_of_the_stop_is_on_the_in_lap() -> None:
    assert split_of(replace(STOP, in_excess_s=33.0, out_excess_s=32.0)) == 1.0
    assert split_of(replace(STOP, in_excess_s=32.0, out_excess_s=33.0)) == 0.0


def company(load: float, caller: float, caller_range: float = 100.0) -> dict[str, float]:
    arrays = [np.array([v]) for v in (load, 100.0, 90.0, 50.0, 0.0, 0.0, 0.0)]
    found = company_features(
        StopOutlook(*arrays), {}, np.array([1.0]), caller, caller_range, np.zeros(1)
    )
    return {name: float(value[0]) for name, value in found.items()}


@pytest.mark.parametrize(
    ("older", "band"),
    [(0.0, "same"), (0.6, "same"), (0.8, "close"), (1.6, "close"), (1.8, "near"), (3.4, "near"),
     (3.6, "")],
)  # fmt: skip
def test_rivals_stand_in_bands_by_how_much_longer_they_have_run(older: float, band: str) -> None:
    found = company(50.0 + older, 50.0)
    assert [name for name in ("same", "close", "near") if found[name]] == ([band] if band else [])


def test_a_caller_is_at_the_end_of_its_tank_above_85_percent_and_midway_above_half() -> None:
    for load, end, midway in ((50.0, 0, 0), (50.1, 0, 1), (85.0, 0, 1), (85.1, 1, 0)):
        found = company(40.0, load)
        assert (found["at_end"], found["midway"]) == (end, midway)
