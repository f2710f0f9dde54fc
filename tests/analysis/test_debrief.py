from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.claims.tyres import CALLS
from dryline.analysis.debrief.account import Debrief, debrief, rival_of
from dryline.analysis.debrief.claims import debrief_claims, debrief_tables
from dryline.analysis.debrief.pace import in_traffic
from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.classify import classify
from dryline.engine.measured import services
from dryline.engine.opening import open_decisions, open_race
from dryline.present.report.prose import say_all
from dryline.race.race import Race
from tests.made_up.field import crossings

REAL = (
    "wec/2024/le_mans_24h.csv",
    "wec/2020/spa_6h.csv",
    "imsa/2022/11-watkins-glen-international",
    "imsa/2021/18-long-beach-street-circuit",
)


def made_up(**more: object) -> Race:
    info = RaceInfo(name="made up", length=RaceLength(ms=3_600_000))
    return Race(info=info, crossings=crossings(hours=1.0, **more))  # type: ignore[arg-type]


def accounts(race: Race, decisions: tuple[Decision, ...] = ()) -> dict[str, Debrief]:
    official, _ = classify(race.moment(), decisions)
    seen = services(race)
    found = {}
    for car in race.cars:
        try:
            found[car] = debrief(
                race, car, rival_of(official, car), official, decisions, services=seen
            )
        except NotKnown:
            continue
    return found


def gap_on_the_road(race: Race, car: str, other: str) -> int:
    """The gap at the last lap that both completed, from the crossings and nothing else."""
    at = {
        (number, lap): elapsed
        for number, lap, elapsed in race.crossings.select(
            "car_number", "lap", "elapsed_ms"
        ).iter_rows()
    }
    last = max(lap for number, lap in at if number == car and (other, lap) in at)
    return at[car, last] - at[other, last]


@pytest.fixture(scope="module")
def race() -> Race:
    return made_up()


@pytest.mark.parametrize("flags", [True, False])
def test_the_parts_of_every_car_add_up_to_its_gap(flags: bool) -> None:
    race = made_up(cars=8, flags=flags)
    found = accounts(race)
    assert len(found) == 8
    for car, each in found.items():
        assert each.parts["ms"].sum() == gap_on_the_road(race, car, each.against)


@pytest.mark.needs_data
@pytest.mark.parametrize("name", REAL)
def test_the_parts_of_every_car_of_a_real_race_add_up_to_its_gap(data: Path, name: str) -> None:
    race = open_race(data / name)
    found = accounts(race)
    assert len(found) >= len(race.cars) - len(race.classes)
    for car, each in found.items():
        assert each.parts["ms"].sum() == gap_on_the_road(race, car, each.against), car


@pytest.mark.needs_data
def test_with_the_stewards_seconds_the_parts_add_up_to_the_official_gap(data: Path) -> None:
    folder = data / "imsa/2024/12-watkins-glen-international"
    race = open_race(folder)
    decisions = tuple(open_decisions(data / "imsa-steward-decisions.csv", str(folder)))
    official, _ = classify(race.moment(), decisions)
    times = {r["car_number"]: (r["laps"], r["elapsed_ms"]) for r in official.to_dicts()}
    checked = 0
    for car, each in accounts(race, decisions).items():
        if times[car][0] == times[each.against][0]:
            assert each.parts["ms"].sum() == times[car][1] - times[each.against][1]
            checked += 1
    assert checked


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(-20_000, 20_000), st.booleans())
def test_whatever_a_lap_took_the_account_holds_it(pick: int, more: int, pit: bool) -> None:
    frame = crossings(hours=0.5, cars=4, seed=3)
    at = pick % frame.height
    car, lap = frame["car_number"][at], frame["lap"][at]
    later = (pl.col("car_number") == car) & (pl.col("lap") >= lap)
    here = (pl.col("car_number") == car) & (pl.col("lap") == lap)
    more = max(more, -20_000)
    changed = frame.with_columns(
        elapsed_ms=pl.when(later).then(pl.col("elapsed_ms") + more).otherwise("elapsed_ms"),
        lap_time_ms=pl.when(here).then(pl.col("lap_time_ms") + more).otherwise("lap_time_ms"),
        known_at_ms=pl.when(later).then(pl.col("known_at_ms") + more).otherwise("known_at_ms"),
        pit_lane_ms=pl.when(here & pl.lit(pit)).then(61_007).otherwise("pit_lane_ms"),
    ).sort("elapsed_ms", "line")
    info = RaceInfo(name="made up", length=RaceLength(ms=1_800_000))
    race = Race(info=info, crossings=changed)
    for number, each in accounts(race).items():
        assert each.parts["ms"].sum() == gap_on_the_road(race, number, each.against)


def test_a_time_penalty_is_a_part_of_its_own(race: Race) -> None:
    second = accounts(race)
    car = next(c for c, each in second.items() if each.gap["position_in_class"][0] == 2)
    decision = Decision(car_number=car, kind=DecisionKind.TIME_PENALTY, seconds=5.0, reason="x")
    before, after = second[car], accounts(race, (decision,))[car]
    added = after.parts.filter(pl.col("part") == "penalty_added")
    assert added["ms"].to_list() == [5000]
    assert after.gap["gap_ms"][0] - before.gap["gap_ms"][0] == 5000


def test_a_served_penalty_is_no_stop(race: Race) -> None:
    car, lap = race.stops.filter(pl.col("pit_lane_ms").is_not_null()).select(
        "car_number", "lap"
    ).row(0)  # fmt: skip
    decision = Decision(
        car_number=car, kind=DecisionKind.DRIVE_THROUGH, lap=lap, served=True, reason="speeding"
    )
    found = accounts(race, (decision,))[car]
    served = found.ledger.filter(
        (pl.col("part") == "penalty_served") & (pl.col("car_number") == car)
    )
    assert served["key"].to_list() == [lap]
    assert served["ms"].sum() == race.stops.filter(
        (pl.col("car_number") == car) & (pl.col("lap") == lap)
    )["pit_lane_ms"].sum()  # fmt: skip


def test_the_other_side_of_an_account_is_its_mirror(race: Race) -> None:
    official, _ = classify(race.moment())
    one, two = official.filter(pl.col("car_class") == official["car_class"][0])["car_number"][:2]
    there, back = (
        debrief(race, a, b, official, services=services(race)) for a, b in ((one, two), (two, one))
    )
    assert there.gap["gap_ms"][0] == -back.gap["gap_ms"][0]
    total = {d: d_.parts.group_by("part").agg(pl.col("ms").sum()) for d, d_ in
             (("there", there), ("back", back))}  # fmt: skip
    joined = total["there"].join(total["back"], on="part")
    assert joined.height == total["there"].height
    assert (joined["ms"] + joined["ms_right"]).to_list() == [0] * joined.height


def test_a_race_cut_short_is_accounted_to_its_last_lap_in_common(race: Race) -> None:
    cut = race.cut("0:30:00")
    for car, each in accounts(cut).items():
        assert each.parts["ms"].sum() == gap_on_the_road(cut, car, each.against)
        assert each.ledger["lap"].max() == each.gap["lap"][0]


def test_a_car_is_not_held_against_itself_or_nobody(race: Race) -> None:
    official, _ = classify(race.moment())
    car = official["car_number"][0]
    with pytest.raises(BadOption, match="itself"):
        debrief(race, car, car, official, services=services(race))
    alone = official.filter(pl.col("car_number") == car)
    with pytest.raises(NotKnown, match="alone"):
        rival_of(alone, car)


def test_a_car_right_behind_another_at_a_sector_end_is_in_traffic() -> None:
    laps = pl.DataFrame(
        {
            "car_number": ["1", "2", "3"],
            "lap": [2, 2, 1],
            "start_ms": [0, 500, 40_000],
            "s1_ms": [30_000, 31_500, 30_000],
            "s2_ms": [30_000, 30_000, None],
            "elapsed_ms": [90_000, 90_900, 95_000],
        }
    )
    found = dict(in_traffic(laps).select("car_number", "in_traffic").iter_rows())
    assert found == {"1": False, "2": True, "3": False}


def test_every_claim_of_a_debrief_rests_on_rows_that_its_queries_give_again(race: Race) -> None:
    for each in accounts(race).values():
        tables = debrief_tables("made up", each)
        found = list(debrief_claims(tables))
        assert {"debrief-gap", "debrief-balance", "debrief-pace", "debrief-how"} <= {
            claim.id for claim in found
        }
        for claim in found:
            assert any(ground.rows for ground in claim.grounds)
            for ground in claim.grounds:
                assert tables.ask(ground.query) == ground


def test_a_wet_spell_is_a_heading_with_the_tyre_changes_of_both(race: Race) -> None:
    official, _ = classify(race.moment())
    one, two = official.filter(pl.col("car_class") == official["car_class"][0])["car_number"][:2]
    wet = pl.DataFrame({"start_ms": [600_000], "end_ms": [1_500_000]})
    tyres = pl.DataFrame(
        [(610_000, 7, one, "HYPERCAR", "wet", 0.9), (700_000, 8, "other", "LMGT3", "wet", 0.9)],
        schema=CALLS,
        orient="row",
    )
    found = debrief(race, two, one, official, services=services(race), wet=wet, tyres=tyres)
    weather = found.parts.filter(pl.col("part") == "weather")
    assert weather["key"].to_list() == [1]
    assert found.parts["ms"].sum() == gap_on_the_road(race, two, one)
    assert found.tyres["car_number"].to_list() == [one]
    said = {
        each.claim.id: each.text for each in say_all(debrief_claims(debrief_tables("x", found)))
    }
    assert (
        f"#{two} did not change kinds; #{one} wets after lap 6 at 0:10:10"
        in said["debrief-tyres-1"]
    )
