"""What cost a car that could have won: the events, their times, and which are decisive."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.claims.defence import defences
from dryline.analysis.claims.of_race import race_claims, race_tables
from dryline.analysis.debrief.costs import (
    LEAST_MS,
    LEAST_MS_PER_HOUR,
    LEAST_SHARE,
    costs,
    decisive,
    seen_penalties,
)
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.classify import classify
from dryline.present.report.prose import say_all
from dryline.race.race import Race
from tests.made_up.field import crossings

FRAME = crossings(hours=1.0)
WHOLE = Race(RaceInfo(name="made up"), FRAME)
FIRST, SECOND = [car.car_number for car in WHOLE.at(WHOLE.end).cars if car.car_class == "LMGT3"][:2]
GREEN_LAP = 8


def race_of(frame: pl.DataFrame) -> Race:
    info = RaceInfo(name="made up", length=RaceLength(ms=3_600_000))
    return Race(info=info, crossings=frame.sort("elapsed_ms", "line"))


def later(frame: pl.DataFrame, car: str, lap: int, more_ms: int) -> pl.DataFrame:
    """The race in which one lap of a car took so much longer, and all of it after that is late."""
    mine = pl.col("car_number") == car
    here, after = mine & (pl.col("lap") == lap), mine & (pl.col("lap") >= lap)
    return frame.with_columns(
        *(
            pl.when(after).then(pl.col(name) + more_ms).otherwise(name).alias(name)
            for name in ("elapsed_ms", "known_at_ms")
        ),
        *(
            pl.when(here).then(pl.col(name) + more_ms).otherwise(name).alias(name)
            for name in ("lap_time_ms", "s2_ms")
        ),
    )


def through_the_lane(frame: pl.DataFrame, car: str, lap: int, lane_ms: int) -> pl.DataFrame:
    """The race in which a car came in at the end of a lap and drove through the lane."""
    mine = pl.col("car_number") == car
    inside, out = mine & (pl.col("lap") == lap), mine & (pl.col("lap") == lap + 1)
    return later(frame, car, lap + 1, lane_ms).with_columns(
        in_pit=pl.when(inside).then(pl.lit(value=True)).otherwise("in_pit"),
        pit_lane_ms=pl.when(out).then(lane_ms).otherwise("pit_lane_ms"),
    )


def found_in(race: Race) -> pl.DataFrame:
    official, _ = classify(race.moment())
    return costs(race, official)


def told(race: Race) -> dict[str, str]:
    official, _ = classify(race.moment())
    extra = {"costs": costs(race, official), "seen": seen_penalties(race)}
    claims = race_claims(race_tables(race, official, (), extra))
    return {each.claim.id: each.text for each in say_all(claims)}


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(1_000, 60_000), st.integers(4, 10))
def test_a_slow_lap_is_decisive_from_the_mark_on_and_with_the_time_that_it_took(
    more_ms: int, lap: int
) -> None:
    race = race_of(later(FRAME, SECOND, lap, more_ms))
    found = found_in(race).filter((pl.col("kind") == "slow") & (pl.col("car_number") == SECOND))
    official = classify(race.moment())[0].filter(pl.col("car_class") == "LMGT3").sort("position")
    gap = official["elapsed_ms"][1] - official["elapsed_ms"][0]
    mark = max(LEAST_MS + LEAST_MS_PER_HOUR * race.end.ms / 3_600_000, LEAST_SHARE * gap)
    assert all(ms >= mark for ms in found["ms"])
    if more_ms > mark + 5_000:
        assert found["lap"].to_list() == [lap]
        assert abs(found["ms"][0] - more_ms) < 5_000
        assert found["end_ms"][0] - found["at_ms"][0] >= more_ms
    elif more_ms < mark - 5_000:
        assert found.is_empty()


EVENTS = st.lists(
    st.tuples(st.sampled_from(["penalty", "stop", "slow", "weather"]), st.integers(0, 90_000)),
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(EVENTS, st.integers(-5_000, 120_000), st.floats(0.5, 24.0))
def test_of_events_the_fewest_are_decisive_that_make_up_the_gap_and_every_penalty(
    drawn: list[tuple[str, int]], gap_ms: int, hours: float
) -> None:
    rows = [{"kind": kind, "ms": ms} for kind, ms in drawn]
    found = list(decisive(rows, gap_ms, hours))
    through = [row["ms"] for row in rows if row["kind"] == "penalty" and row["ms"] >= LEAST_MS]
    told = [row["ms"] for row in found if row["kind"] == "penalty"]
    assert told == (through if sum(through) >= LEAST_SHARE * gap_ms else [])
    others = [row["ms"] for row in found if row["kind"] != "penalty"]
    least = max(LEAST_MS + LEAST_MS_PER_HOUR * hours, LEAST_SHARE * gap_ms)
    assert all(ms >= least for ms in others)
    assert sum(others[:-1]) < max(gap_ms, 1)
    left = sorted((row["ms"] for row in rows if row["kind"] != "penalty"), reverse=True)
    assert others == left[: len(others)]
    if sum(others) < gap_ms and len(others) < len(left):
        assert left[len(others)] < least


@pytest.mark.parametrize(("lane_ms", "seen"), [(25_000, True), (70_000, False)])
def test_a_drive_through_the_lane_is_probably_a_penalty_and_a_stop_is_none(
    lane_ms: int, seen: bool
) -> None:
    race = race_of(through_the_lane(FRAME, SECOND, GREEN_LAP, lane_ms))
    visits = seen_penalties(race).select("car_number", "lap", "lane_ms").rows()
    assert visits == ([(SECOND, GREEN_LAP, lane_ms)] if seen else [])
    penalties = found_in(race).filter(pl.col("kind") == "penalty")
    assert penalties.select("car_number", "lap", "lane_ms").rows() == visits
    texts = [text for name, text in told(race).items() if "penalt" in name]
    assert all(f"on lap {GREEN_LAP}" in text or "lane" in text for text in texts)
    assert any("probably a penalty: 25.0 seconds in the lane" in text for text in texts) == seen


def test_two_drives_through_the_lane_of_a_car_are_told_in_one_sentence() -> None:
    once = through_the_lane(FRAME, SECOND, GREEN_LAP - 3, 25_000)
    texts = told(race_of(through_the_lane(once, SECOND, GREEN_LAP, 25_000)))
    mine = [text for name, text in texts.items() if name.startswith("cost-penalty")]
    assert len(mine) == 1
    assert f"on lap {GREEN_LAP - 3}," in mine[0]
    assert f"and on lap {GREEN_LAP}," in mine[0]
    assert "probably penalties" in mine[0]


def test_a_leader_that_does_not_go_on_is_told_with_the_laps_that_it_led() -> None:
    gone = FRAME.filter((pl.col("car_number") != FIRST) | (pl.col("lap") <= 2 * GREEN_LAP))
    race = race_of(gone)
    row = found_in(race).filter(pl.col("kind") == "out").row(0, named=True)
    assert (row["car_number"], row["lap"], row["ms"]) == (FIRST, 2 * GREEN_LAP, None)
    led = race.leaders("LMGT3").filter(pl.col("car_number") == FIRST).height
    text = told(race)[f"cost-out-{FIRST}-{2 * GREEN_LAP}"]
    assert f"led {led} of {race.leaders('LMGT3').height} laps in LMGT3" in text
    assert "did not take the flag" in text


def test_every_query_of_what_it_cost_gives_its_rows_again() -> None:
    race = race_of(through_the_lane(FRAME, SECOND, GREEN_LAP, 25_000))
    official, _ = classify(race.moment())
    extra = {"costs": costs(race, official), "seen": seen_penalties(race)}
    tables = race_tables(race, official, (), extra)
    kinds = ("cost_", "seen_", "penalties_", "defence", "order_", "next_", "most_")
    mine = [claim for claim in race_claims(tables) if claim.kind.startswith(kinds)]
    assert {"cost_penalty", "penalties_seen", "order_at"} <= {claim.kind for claim in mine}
    for claim in mine:
        for ground in claim.grounds:
            assert tables.ask(ground.query) == ground


@pytest.mark.parametrize(("gap_ms", "defended"), [(1_500, True), (1_501, False)])
def test_a_lead_is_defended_while_the_second_is_close_to_the_flag(
    gap_ms: int, defended: bool
) -> None:
    leader = FRAME.filter(pl.col("car_number") == FIRST)
    times = ("elapsed_ms", "known_at_ms")
    behind = leader.with_columns(
        pl.lit(SECOND).alias("car_number"), *(pl.col(name) + gap_ms for name in times)
    )
    others = FRAME.filter(~pl.col("car_number").is_in([FIRST, SECOND]))
    race = race_of(pl.concat([leader, behind, others]))
    official, _ = classify(race.moment())
    found = [claim for claim in defences(race_tables(race, official)) if claim.car_class == "LMGT3"]
    assert bool(found) == defended
    if defended:
        values = found[0].values
        assert (values["car_number"], values["other"]) == (FIRST, SECOND)
        assert values["most_ms"] == gap_ms
        assert values["laps"] == leader.height
