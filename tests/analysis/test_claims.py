from __future__ import annotations

import polars as pl
import pytest

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.lead import passed_in, taken
from dryline.analysis.claims.of_race import race_claims, race_tables
from dryline.analysis.claims.tables import Ground, Tables, quoted, slug
from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.errors import BrokenInvariant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.classify import classify
from dryline.race.race import Race
from tests.made_up.field import crossings


@pytest.fixture(scope="module")
def race() -> Race:
    info = RaceInfo(name="made up", length=RaceLength(ms=3_600_000))
    return Race(info=info, crossings=crossings(hours=1.0))


def claims_of(race: Race, decisions: tuple[Decision, ...] = ()) -> dict[str, Claim]:
    official, _ = classify(race.moment(), decisions)
    return {claim.id: claim for claim in race_claims(race_tables(race, official, decisions))}


def test_a_claim_that_rests_on_nothing_is_refused() -> None:
    with pytest.raises(BrokenInvariant, match="rests on nothing"):
        Claim(
            id="x",
            kind="won",
            section=Section.RESULT,
            values={},
            grounds=(Ground("select 1", ()),),
            importance=1.0,
        )


def test_the_winner_of_the_claims_is_the_first_of_the_running_order(race: Race) -> None:
    first = race.at(race.end).cars[0]
    won = claims_of(race)["won"]
    assert (won.values["car_number"], won.values["laps"]) == (first.car_number, first.laps)
    assert won.grounds[0].rows[0]["car_number"] == first.car_number


def test_every_query_of_a_claim_gives_its_rows_again(race: Race) -> None:
    official, _ = classify(race.moment())
    tables = race_tables(race, official)
    for claim in race_claims(tables):
        for ground in claim.grounds:
            assert tables.ask(ground.query) == ground


def test_laps_led_add_up_to_the_laps_of_the_race(race: Race) -> None:
    led = claims_of(race)["laps-led"].values
    assert sum(row["laps_led"] for row in led["led"]) == led["laps"] == race.laps["lap"].max()
    assert led["changes"] == race.lead_changes.height


def test_the_pit_balance_is_the_sum_of_the_stops(race: Race) -> None:
    first = claims_of(race)["hypercar-pit-balance"].values["first"]
    own = race.stops.filter(pl.col("car_number") == first["car_number"])
    assert first["pit_ms"] == own["pit_lane_ms"].sum()
    assert first["stops"] == own.height


def test_a_penalty_shows_in_the_margin_beside_the_road(race: Race) -> None:
    second = race.at(race.end).cars[1].car_number
    decision = Decision(car_number=second, kind=DecisionKind.TIME_PENALTY, seconds=5.0, reason="x")
    claims = claims_of(race, (decision,))
    values = claims["margin"].values
    assert claims["margin"].kind == "margin_two"
    assert values["gap_ms"] - values["road_ms"] == 5000
    assert f"penalty-{slug(second)}-1" in claims


def test_a_simulated_race_is_simulated_in_every_measured_claim() -> None:
    info = RaceInfo(name="made up", length=RaceLength(ms=3_600_000), simulated=True)
    claims = claims_of(Race(info=info, crossings=crossings(hours=1.0)))
    assert claims["won"].certainty is Certainty.SIMULATED
    assert "limit-simulated" in claims


def test_an_inferred_neutralisation_is_marked_inferred() -> None:
    info = RaceInfo(name="no flags", length=RaceLength(ms=3_600_000))
    claims = claims_of(Race(info=info, crossings=crossings(hours=1.0, flags=False)))
    assert "limit-no-flags" in claims
    told = claims.get("neutralisations") or claims["neutralisations-none"]
    assert told.certainty is Certainty.INFERRED or told.kind == "no_neutralisation"


def _lap(start: int, parts: tuple[int, int, int], **more: object) -> dict[str, object]:
    names = ("s1_ms", "s2_ms", "s3_ms")
    base = {"start_ms": start, "in_lap": False, "out_lap": False, "under": "green"}
    return {**base, **dict(zip(names, parts, strict=True)), **more}


def test_a_pass_is_placed_in_the_first_sector_at_whose_end_the_order_is_new() -> None:
    old, new = _lap(0, (100, 100, 100)), _lap(10, (95, 80, 90))
    assert passed_in(old, new) == 2
    assert taken((), (old,), (new,)) == {"how": "road", "sector": 2, "under": None}


def test_a_lead_that_changes_when_the_leader_stops_is_no_pass() -> None:
    old, new = _lap(0, (100, 100, 100), in_lap=True), _lap(10, (95, 80, 90))
    assert taken((), (old,), (new,))["how"] == "pits"


def told_of_water(race: Race, spells: list[tuple[int, int | None]], doubt: float | None) -> Claim:
    official, _ = classify(race.moment())
    schema = {"start_ms": pl.Int64, "end_ms": pl.Int64}
    against = {"known": [doubt is None], "source": ["x"], "doubt": [doubt or 0.0]}
    against["hindsight"] = [False]
    read = {
        "wet": pl.DataFrame(spells, schema=schema, orient="row"),
        "reference": pl.DataFrame(against),
    }
    claims = race_claims(race_tables(race, official, (), read))
    return next(claim for claim in claims if claim.kind in ("track_wet", "track_dry"))


def test_a_dry_race_is_told_with_the_doubt_that_no_reference_leaves(race: Race) -> None:
    assert told_of_water(race, [], None).values == {"doubt": None, "hindsight": False}
    assert told_of_water(race, [], 0.07).values == {"doubt": 0.07, "hindsight": False}


def test_all_spells_are_counted_and_the_longest_three_told_in_order(race: Race) -> None:
    spells = [(100_000 * n, 100_000 * n + 1_000 * (n + 1)) for n in range(7)]
    values = told_of_water(race, [*spells], None).values
    assert (values["count"], values["total_ms"]) == (7, 28_000)
    assert [row["start_ms"] for row in values["spells"]] == [100_000 * n for n in (4, 5, 6)]
    assert not values["to_the_end"]
    values = told_of_water(race, [*spells, (800_000, None)], None).values
    assert values["to_the_end"]
    assert values["spells"][-1] == {"start_ms": 800_000, "end_ms": race.end.ms}


def test_a_car_number_with_a_quote_is_no_query() -> None:
    odd = "7' or '1'='1"
    tables = Tables({"cars": pl.DataFrame({"car_number": [odd, "8"]})})
    found = tables.ask(f"select * from cars where car_number = {quoted(odd)}")
    assert [row["car_number"] for row in found.rows] == [odd]


def test_where_the_official_result_differs_the_winner_won_on_the_road(race: Race) -> None:
    official, _ = classify(race.moment())
    first = official.row(0, named=True)["car_number"]
    moved = official.select(
        "car_number",
        official=pl.when(pl.col("car_number") == first).then(5).otherwise("position"),
    )
    claims = {c.id: c for c in race_claims(race_tables(race, official, (), {"official": moved}))}
    assert claims["official"].kind == "official_differs"
    assert claims["won"].values["official"] == 5
    agreeing = official.select("car_number", official="position")
    claims = {c.id: c for c in race_claims(race_tables(race, official, (), {"official": agreeing}))}
    assert claims["official"].kind == "official_agrees"
    assert claims["won"].values["official"] is None
