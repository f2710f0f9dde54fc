"""One list of wet spells: what makes one, what speaks for it, and how sure it is."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.claims.of_race import race_claims, race_tables
from dryline.analysis.track.doubt import FIRST_PACE, SAID_WET, Reference
from dryline.analysis.track.reading import STEP_MS, TrackEstimate
from dryline.analysis.track.spells import EVIDENCE, GRADES, SPELLS, wet_spells, wet_track
from dryline.answers.spells import water_of
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.tables import WEATHER
from dryline.engine.classify import classify
from dryline.present.charts.estimates import track_tables
from dryline.race.race import Race
from tests.made_up.driving import race_of
from tests.made_up.field import crossings
from tests.made_up.gauged import estimate, soaked

DRY_RACE = race_of(crossings(cars=8, hours=1.0))
MINUTE = 60_000
FROM_MS = 10 * MINUTE
"""When the spells of these tests begin: the field is green, the safety car comes at 27 minutes."""
RACE = soaked(DRY_RACE, FROM_MS, FROM_MS + MINUTE)
DRY, DAMP = (0.0, 0.0, 0.0), (0.0, 0.0, 0.21)
SOAKED = (0.95, 0.95, 0.1)

Three = tuple[float, float, float]


def spells(*p_wet: Three, race: Race = RACE, **more: object) -> pl.DataFrame:
    return wet_spells(estimate(p_wet, from_ms=FROM_MS, **more), race)  # type: ignore[arg-type]


def graded(*p_wet: Three, race: Race = RACE, **more: object) -> str:
    return str(spells(*p_wet, DRY, race=race, **more)["grade"].item())


def minutes(found: pl.DataFrame) -> list[tuple[float, float | None]]:
    return [
        ((begun - FROM_MS) / MINUTE, None if end is None else (end - FROM_MS) / MINUTE)
        for begun, end in found.select("from_ms", "to_ms").iter_rows()
    ]


def field_of(cars: int) -> Race:
    """The same race with so many of its cars."""
    kept = RACE.crossings.filter(pl.col("car_number").is_in(RACE.cars[:cars]))
    return race_of(kept)


probability = st.sampled_from([0.0, 0.19, 0.2, 0.21, 0.49, 0.5, 0.89, 0.9, 0.91, 1.0])
beliefs = st.lists(st.tuples(probability, probability, probability), min_size=1, max_size=60)


@settings(max_examples=150, deadline=None)
@given(beliefs)
def test_spells_are_apart_in_order_within_the_race_and_hold_every_wet_sample(
    p_wet: list[Three],
) -> None:
    found = spells(*p_wet)
    assert dict(found.schema) == SPELLS
    end_ms = FROM_MS + (len(p_wet) - 1) * STEP_MS
    before = FROM_MS - 1
    inside: set[int] = set()
    for begun, ended, sectors, most, evidence, grade in found.iter_rows():
        until = end_ms if ended is None else ended
        assert before < begun <= until <= end_ms
        before = until
        places = [
            place
            for place in range(len(p_wet))
            if begun <= FROM_MS + place * STEP_MS < (end_ms + 1 if ended is None else ended)
        ]
        inside.update(places)
        within = [p_wet[place] for place in places]
        assert sectors == [k + 1 for k in range(3) if max(three[k] for three in within) >= 0.5]
        assert sectors
        assert 0 <= most <= 1
        assert set(evidence) <= set(EVIDENCE)
        assert grade in GRADES
    assert {place for place, three in enumerate(p_wet) if max(three) >= 0.5} <= inside


@settings(max_examples=40, deadline=None)
@given(beliefs, st.sampled_from([0.0, 0.05]))
def test_the_table_the_chart_and_the_report_say_the_same_minutes(
    p_wet: list[Three], loss: float
) -> None:
    read = estimate(p_wet, from_ms=FROM_MS, loss=loss)
    listed = water_of(RACE, read)["spells"]
    told = [(each.from_ms, each.to_ms) for each in listed if each.grade != "weak"]
    wet = track_tables(RACE, read)["wet"]
    assert wet.rows() == told
    official, _ = classify(RACE.moment())
    claims = {each.id: each for each in race_claims(race_tables(RACE, official, (), {"wet": wet}))}
    if not told:
        assert "track-dry" in claims
        return
    ends = [(begun, RACE.end.ms if ended is None else ended) for begun, ended in told]
    values = claims["track-wet"].values
    assert values["count"] == len(told)
    assert values["total_ms"] == sum(ended - begun for begun, ended in ends)
    rows = [(row["start_ms"], row["end_ms"]) for row in values["spells"]]
    assert rows == [each for each in ends if each in rows]
    assert len(rows) == min(6, len(ends))
    shortest = min(ended - begun for begun, ended in rows)
    assert all(ended - begun <= shortest for begun, ended in ends if (begun, ended) not in rows)


def test_a_spell_goes_on_over_a_pause_that_is_short_and_was_no_dry_one() -> None:
    pause = 20  # ten minutes of half minutes
    assert minutes(spells(SOAKED, *[DAMP] * (pause - 1), SOAKED, DRY)) == [(0.0, 10.5)]
    assert len(spells(SOAKED, *[DAMP] * pause, SOAKED, DRY)) == 2, "ten minutes are too long"
    assert len(spells(SOAKED, (0.0, 0.0, 0.2), SOAKED, DRY)) == 2, "a dry half minute parts them"


def test_a_spell_that_lasts_has_no_end() -> None:
    assert minutes(spells(DRY, SOAKED, SOAKED)) == [(0.5, None)]
    assert minutes(spells(SOAKED, SOAKED, DRY)) == [(0.0, 1.0)]
    assert spells(DRY, DAMP).is_empty()


def test_clear_are_two_sectors_at_once_beyond_nine_in_ten_by_five_cars() -> None:
    assert graded(SOAKED, SOAKED) == "clear"
    assert graded((0.91, 0.91, 0.0), (0.6, 0.0, 0.0)) == "clear"
    assert graded((0.91, 0.9, 0.0), (0.9, 0.91, 0.0)) == "likely", "not at once"
    assert graded(SOAKED, SOAKED, race=field_of(5)) == "clear"
    assert graded(SOAKED, SOAKED, race=field_of(4)) == "likely"


def test_laps_against_a_word_only_repeat_it() -> None:
    """In half an hour of them; a short spell is held against the laps around it."""
    said, shown = (Reference(False, source, 0.08) for source in (SAID_WET, FIRST_PACE))
    half_an_hour = [SOAKED] * 60
    assert graded(*half_an_hour, reference=shown) == "clear"
    assert graded(*half_an_hour, reference=said) == "likely"
    assert graded(SOAKED, SOAKED, reference=said) == "clear"


def test_weak_is_one_sector_that_was_never_surely_wet() -> None:
    assert graded((0.9, 0.0, 0.0), (0.9, 0.0, 0.0)) == "weak"
    assert graded((0.91, 0.0, 0.0), (0.9, 0.0, 0.0)) == "likely"
    assert graded((0.9, 0.5, 0.0), (0.9, 0.49, 0.0)) == "likely", "two sectors"


def test_weak_is_a_single_sample() -> None:
    assert graded(SOAKED) == "weak"
    assert graded(SOAKED, (0.5, 0.0, 0.0)) == "clear"


def test_weak_is_a_short_spell_in_which_cars_were_as_quick_as_around_it() -> None:
    slow = [soaked(DRY_RACE, FROM_MS, FROM_MS + MINUTE, by) for by in (0.0, 0.018, 0.022)]
    assert [graded(SOAKED, SOAKED, race=race) for race in slow] == ["weak", "weak", "clear"]
    assert graded((0.0, 0.0, 0.95), (0.0, 0.0, 0.95), race=slow[2]) == "likely"
    few = DRY_RACE.crossings.filter(pl.col("car_number").is_in(DRY_RACE.cars[:4]))
    assert graded(SOAKED, SOAKED, race=race_of(few)) == "likely", "too few cars to compare"
    until = 40  # twenty minutes, and the safety car in them
    assert graded(*[SOAKED] * until, race=DRY_RACE) == "weak"
    assert graded(*[SOAKED] * (until + 1), race=DRY_RACE) == "clear", "the gauge is believed"
    lasting = spells(DRY, SOAKED, SOAKED, race=DRY_RACE)
    assert lasting["grade"].to_list() == ["clear"], "so it is of one that lasts"


def test_weak_is_what_no_free_lap_shows() -> None:
    assert graded(*[SOAKED] * 41, loss=0.02) == "clear"
    assert graded(*[SOAKED] * 41, loss=0.0199) == "weak", "the laps lost nothing"
    held = [row for row in RACE.neutralisations.iter_rows(named=True) if row["end_ms"]]
    under = held[0]["start_ms"] + 120_000
    dark = wet_spells(estimate([SOAKED, SOAKED, DRY], from_ms=under), RACE)
    assert dark["evidence"].to_list() == [[]]
    assert dark["grade"].to_list() == ["weak"]
    assert wet_track(dark).is_empty()


CARS = RACE.cars[:3]


def changes(p: tuple[float, float], at_ms: int, cars: int = 3) -> list[tuple[str, int, float]]:
    return [row for car in CARS[:cars] for row in ((car, 0, p[0]), (car, at_ms, p[1]))]


@pytest.mark.parametrize(
    ("p", "word"), [((0.1, 0.9), "stops_to_wets"), ((0.9, 0.1), "stops_to_slicks")]
)
def test_three_cars_that_change_tyres_speak_for_a_spell(p: tuple[float, float], word: str) -> None:
    def heard(at_ms: int, cars: int = 3, p: tuple[float, float] = p) -> list[str]:
        found = spells(SOAKED, SOAKED, DRY, stints=changes(p, at_ms, cars))
        return list(found["evidence"].item())

    assert heard(FROM_MS) == ["free_laps", word]
    assert heard(FROM_MS, cars=2) == ["free_laps"]
    assert heard(FROM_MS - 5 * MINUTE) == ["free_laps", word]
    assert heard(FROM_MS - 5 * MINUTE - 1) == ["free_laps"]
    assert heard(FROM_MS + MINUTE + 5 * MINUTE - 1) == ["free_laps", word]
    assert heard(FROM_MS + MINUTE + 5 * MINUTE) == ["free_laps"]
    assert heard(FROM_MS, p=(0.5, p[1])) == ["free_laps"], "nobody knows what it came from"


@pytest.mark.parametrize(("seen", "free_lap"), [(False, False), (True, False), (False, True)])
def test_tyres_that_nobody_saw_and_no_free_lap_was_driven_on_speak_for_nothing(
    seen: bool, free_lap: bool
) -> None:
    """A halt in the pits is no change to wets and back, whatever the gauge believes of it."""
    back_ms = FROM_MS + (4 * MINUTE if free_lap else 1)
    rows = [(car, at, p) for car in CARS for at, p in ((0, 0.1), (FROM_MS, 0.9), (back_ms, 0.1))]
    read = estimate([SOAKED] * 2 + [DRY], from_ms=FROM_MS, stints=rows)
    read = replace(read, stints=read.stints.with_columns(seen=pl.lit(seen)))
    told = wet_spells(read, RACE)["evidence"].item().to_list()
    assert ("stops_to_wets" in told) == (seen or free_lap)


def said(kind: str, at_ms: int, source: str | None = None) -> RaceControlMessage | Evidence:
    at = Instant(at_ms)
    if source is None:
        return RaceControlMessage(happened_at=at, known_at=at, kind=kind)
    return Evidence(happened_at=at, known_at=at, kind=kind, source=source)


@pytest.mark.parametrize(
    ("kind", "source", "word"),
    [("track_declared_wet", None, "race_control"), ("rain", "team: A", "team_word"),
     ("wet", "spotter", "report")],
)  # fmt: skip
def test_words_of_the_ten_minutes_before_a_spell_speak_for_it(
    kind: str, source: str | None, word: str
) -> None:
    def heard(at_ms: int, kind: str = kind) -> list[str]:
        told = replace(RACE, messages=(said(kind, at_ms, source),))
        return list(spells(SOAKED, SOAKED, DRY, race=told)["evidence"].item())

    assert heard(FROM_MS - 10 * MINUTE) == ["free_laps", word]
    assert heard(FROM_MS - 10 * MINUTE - 1) == ["free_laps"]
    assert heard(FROM_MS + MINUTE - 1) == ["free_laps", word]
    assert heard(FROM_MS + MINUTE) == ["free_laps"]
    assert heard(FROM_MS, "track_declared_dry" if source is None else "dry") == ["free_laps"]
    weak = replace(RACE, messages=(said(kind, FROM_MS, source),))
    assert graded((0.6, 0.0, 0.0), race=weak) == "likely", "it is not alone"


def test_the_rain_flag_is_shown_and_makes_nothing_surer() -> None:
    def told(rain: float) -> Race:
        row = dict.fromkeys(WEATHER) | {"at_ms": FROM_MS, "rain": rain}
        return replace(RACE, weather=pl.DataFrame([row], schema=WEATHER))

    weak = (0.6, 0.0, 0.0)
    assert spells(weak, DRY, race=told(1.0))["evidence"].item().to_list() == [
        "free_laps",
        "rain_flag",
    ]
    assert spells(weak, DRY, race=told(0.0))["evidence"].item().to_list() == ["free_laps"]
    assert graded(weak, race=told(1.0)) == "weak"


def test_an_estimate_without_a_sample_of_water_asks_for_no_lap() -> None:
    dry: TrackEstimate = estimate([DRY, DAMP])
    assert wet_spells(dry, RACE).is_empty()


NO_FLAGS = race_of(DRY_RACE.crossings.with_columns(flag=pl.lit(None, pl.String)))
HELD_MS, FREE_MS = (
    NO_FLAGS.neutralisations.filter(pl.col("kind") == "safety_car")
    .select("start_ms", "end_ms")
    .row(0)
)


def told_around(before_ms: int, after_ms: int, race: Race = NO_FLAGS) -> pl.DataFrame:
    """Spells of a gauge that reads water from so long before the safety car to so long after."""
    count = (FREE_MS + after_ms - HELD_MS + before_ms) // STEP_MS
    return wet_spells(estimate([SOAKED] * count + [DRY], from_ms=HELD_MS - before_ms), race)


def wet_without_flags(from_ms: int, to_ms: int) -> Race:
    """The race on water for a time, its safety car inferred to the same instants as on the dry."""
    race = soaked(NO_FLAGS, from_ms, to_ms)
    race.__dict__["neutralisations"] = NO_FLAGS.neutralisations
    return race


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 3 * MINUTE), st.integers(0, 3 * MINUTE))
def test_what_was_a_safety_car_that_no_flag_states_is_no_wet_spell(
    before_ms: int, after_ms: int
) -> None:
    assert told_around(before_ms, after_ms).is_empty()


def test_a_spell_around_a_safety_car_is_told_when_longer_stated_or_spoken_of() -> None:
    shown = wet_without_flags(HELD_MS - 4 * MINUTE, FREE_MS + 4 * MINUTE)
    assert told_around(4 * MINUTE, MINUTE, shown).height == 1
    assert told_around(MINUTE, 4 * MINUTE, shown).height == 1
    assert told_around(MINUTE, MINUTE, shown).is_empty()
    assert told_around(4 * MINUTE, 4 * MINUTE).is_empty(), "no lap shows it"
    assert told_around(MINUTE, MINUTE, DRY_RACE).height == 1, "flags state it"
    spoken = replace(NO_FLAGS, messages=(said("rain", HELD_MS, "spotter"),))
    assert told_around(MINUTE, MINUTE, spoken).height == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 5), st.integers(1, 7), st.booleans())
def test_what_follows_a_safety_car_that_no_flag_states_is_told_where_laps_show_it(
    begins: int, lasts: int, shown: bool
) -> None:
    """The gauge forgets a field that was held back in three minutes."""
    from_ms = -(-(FREE_MS + begins * STEP_MS) // STEP_MS) * STEP_MS
    to_ms = from_ms + lasts * MINUTE
    race = wet_without_flags(from_ms, to_ms) if shown else NO_FLAGS
    water = estimate([SOAKED] * (2 * lasts) + [DRY], from_ms=from_ms)
    assert wet_spells(water, race).height == (shown and to_ms - FREE_MS > 3 * MINUTE)


@pytest.mark.parametrize(("minutes_ago", "told"), [(3, 0), (4, 1)])
def test_without_flags_a_slow_field_may_be_held_for_three_minutes(
    minutes_ago: int, told: int
) -> None:
    begun = (NO_FLAGS.end.ms // STEP_MS) * STEP_MS - minutes_ago * MINUTE
    water = estimate([SOAKED] * (2 * minutes_ago + 1), from_ms=begun)
    race = replace(
        NO_FLAGS,
        crossings=NO_FLAGS.crossings.filter(pl.col("elapsed_ms") < begun + minutes_ago * MINUTE),
    )
    assert wet_spells(water, race).height == told
