"""Who is ahead where two are level, and what the last paid place gets."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.errors import BadDecision, BadRuleBook
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.rules.book import RuleBook, rule_book
from dryline.rules.changes import classification_changes, lead_of, standings_changes
from dryline.rules.decisions import apply_decisions
from dryline.rules.endurance_cup import endurance_awards, endurance_table
from dryline.rules.energy import read_allowances
from dryline.rules.pass_around import pass_around
from dryline.rules.scoring import half_points_share, race_awards
from dryline.rules.season import finishes_of
from dryline.rules.standings import championship_table
from dryline.rules.title_program import Contest, TitleRival, somebody_else_must_win
from dryline.rules.tyre_rules import tyres_allowed

from .orders import finish, order, race

WEC, IMSA = rule_book("wec", 2024), rule_book("imsa", 2024)
DRIVERS, MAKES, *_ = WEC.text.tables
HOUR = 3_600_000
FIELD = order(
    [
        ("7", "HYPERCAR", 205, 21_600_000),
        ("6", "HYPERCAR", 205, 21_602_081),
        ("5", "HYPERCAR", 205, 21_625_000),
        ("20", "HYPERCAR", 204, 21_601_000),
    ]
)


def decided(
    *decisions: tuple[str, str, dict[str, object]], field: pl.DataFrame = FIELD
) -> list[str]:
    given = [
        Decision(car_number=number, kind=DecisionKind(kind), **more)  # type: ignore[arg-type]
        for number, kind, more in decisions
    ]
    return apply_decisions(field, given)[0]["car_number"].to_list()


def late(number: str, seconds: float) -> tuple[str, str, dict[str, object]]:
    return number, "time_penalty", {"seconds": seconds}


def test_a_penalty_that_makes_two_level_leaves_them_in_the_order_on_the_road() -> None:
    assert decided(late("7", 2.081))[:2] == ["7", "6"]
    assert decided(late("7", 2.082))[:2] == ["6", "7"]


def test_a_credit_that_makes_two_level_leaves_them_in_the_order_on_the_road() -> None:
    assert decided(late("6", -2.081))[:2] == ["7", "6"]
    assert decided(late("6", -2.082))[:2] == ["6", "7"]


def test_two_that_penalties_make_level_keep_the_order_on_the_road() -> None:
    assert decided(late("7", 5.0), late("6", 2.919))[:2] == ["7", "6"]
    assert decided(late("7", 5.0), late("6", 2.918))[:2] == ["6", "7"]


def test_of_two_on_one_lap_the_one_with_less_time_goes_first_whoever_lost_more() -> None:
    assert decided(late("7", 40.0), late("6", 30.0))[:3] == ["5", "6", "7"]


def test_a_penalty_in_laps_lifts_nobody_past_a_car_that_the_stewards_put_ahead() -> None:
    ahead = order([("7", "GTP", 205, 100), ("5", "GTP", 100, 90), ("6", "GTP", 204, 110)])
    assert decided(("6", "laps", {"laps": 1}), field=ahead) == ["7", "5", "6"]


def test_all_the_laps_of_a_car_may_be_taken_away_and_none_may_not() -> None:
    assert decided(("20", "laps", {"laps": 204}))[-1] == "20"
    for laps in (205, 0):
        with pytest.raises(BadDecision):
            decided(("20", "laps", {"laps": laps}))


def test_the_cars_of_a_race_are_named_shorter_numbers_first() -> None:
    with pytest.raises(BadDecision, match=r"Cars of this race: 5, 6, 7, 20\."):
        decided(("777", "reprimand", {}))


def test_half_the_points_are_for_a_race_below_three_quarters_of_its_time() -> None:
    whole = 6 * HOUR
    assert half_points_share(WEC, whole * 3 // 4, whole, 100) == 1
    assert half_points_share(WEC, whole * 3 // 4 - 1, whole, 100) == 0.5


def test_two_green_laps_are_enough_for_points_and_one_is_not() -> None:
    assert half_points_share(WEC, HOUR, 6 * HOUR, 2) == 0.5
    assert half_points_share(WEC, HOUR, 6 * HOUR, 1) == 0


def test_the_scale_of_ten_places_pays_the_tenth_and_not_the_eleventh() -> None:
    cars = [finish(str(n), n) for n in range(1, 12)]
    found = championship_table(WEC, DRIVERS, [race(*cars)])
    assert [row.points for row in found.rows if row.car_number in ("10", "11")] == [1, 0]


@pytest.mark.parametrize(("hours", "points"), [(7.5, 25), (7.51, 38), (12, 38)])
def test_a_race_of_just_seven_and_a_half_hours_pays_as_one_of_six(
    hours: float, points: int
) -> None:
    awards = race_awards(DRIVERS, race(finish("1", 1), hours=hours), WEC)
    assert {award.points for award in awards} == {points}


def test_the_last_place_of_the_qualifying_scale_is_paid_and_those_beyond_get_the_rest() -> None:
    stated = IMSA.text.points
    assert stated.qualifying is not None
    scale = stated.qualifying.value
    rest = 0 if stated.qualifying_beyond is None else stated.qualifying_beyond.value
    cars = [finish(str(n), n, car_class="GTP") for n in range(1, len(scale) + 3)]
    grid = tuple(car.car_number or "" for car in cars)
    table = next(t for t in IMSA.text.tables if t.by == "drivers" and t.car_class == "GTP")
    with_grid = race(*cars, qualifying={"GTP": grid})
    paid = {
        award.car_number: award.points - bare.points
        for award, bare in zip(
            race_awards(table, with_grid, IMSA), race_awards(table, race(*cars), IMSA), strict=True
        )
    }
    assert [paid[number] for number in grid] == [*scale, rest, rest]


def test_a_driver_in_two_cars_of_equal_points_stands_with_the_better_placed() -> None:
    crews = {11: "Ben", 12: "Ben"}
    cars = [finish(str(n), n, drivers=(crews.get(n, f"A {n}"),)) for n in (*range(1, 11), 12, 11)]
    found = {a.name: (a.place, a.points) for a in race_awards(DRIVERS, race(*cars), WEC)}
    assert found["Ben"] == (11, 0)


def test_cars_given_one_place_are_paid_by_car_number() -> None:
    pair = [finish("8", 1), finish("7", 1)]
    found = {a.car_number: a.points for a in race_awards(DRIVERS, race(*pair), WEC)}
    assert found == {"7": 25, "8": 18}


def test_makes_that_are_level_in_everything_stand_by_name() -> None:
    zonda, alpine = {"manufacturer": "Zonda"}, {"manufacturer": "Alpine"}
    results = [
        race(finish("1", 1, **zonda), finish("2", 2, **alpine), number=1),
        race(finish("1", 2, **zonda), finish("2", 1, **alpine), number=2),
    ]
    rows = championship_table(WEC, MAKES, results).rows
    assert [(row.names, row.position) for row in rows] == [(("Alpine",), 1), (("Zonda",), 1)]


def test_seven_tenths_of_the_winners_distance_are_enough_to_be_classified() -> None:
    field = order([("7", "HYPERCAR", 200, 1), ("6", "HYPERCAR", 140, 2), ("5", "HYPERCAR", 139, 3)])
    status = {each.car_number: each.status for each in finishes_of(field, WEC)}
    assert status == {"7": "classified", "6": "classified", "5": "not_classified"}


def test_a_second_decision_of_one_instant_on_the_track_is_the_one_that_holds() -> None:
    talk = [
        RaceControlMessage(
            happened_at=Instant(9), known_at=Instant(9), kind=f"track_declared_{now}"
        )
        for now in ("wet", "dry")
    ]
    assert tyres_allowed(WEC, talk, Instant(9))["wet"].allowed is False
    assert tyres_allowed(WEC, talk[::-1], Instant(9))["wet"].allowed is True


@pytest.mark.parametrize(("megajoules", "good"), [("0", True), ("-0.1", False), ("1e6", False)])
def test_an_allowance_is_nothing_or_more_and_below_a_million(megajoules: str, good: bool) -> None:
    text = f"manufacturer,max_stint_energy_mj\nFerrari,{megajoules}\nPorsche,999999\n"
    if good:
        assert read_allowances("mine.csv", text)["Ferrari"].max_stint_energy_mj == 0
        return
    with pytest.raises(BadRuleBook, match="line 2: max_stint_energy_mj"):
        read_allowances("mine.csv", text)


def test_a_clock_that_is_not_asked_for_need_not_be_known() -> None:
    text = "manufacturer,energy_rate_mj_s,fuel_rate_l_s\nFerrari,22,\nPorsche,,2.5\n"
    known = read_allowances("mine.csv", text)
    assert known["Ferrari"].refill_s(energy_mj=44) == 2
    assert known["Porsche"].refill_s(fuel_l=5) == 2


CUP = "imsa/2024/12-watkins-glen-international"


def cup(*laps: tuple[str, int, int]) -> list[tuple[float, str, int]]:
    """The cup's awards at three hours, from (number, lap, elapsed in ms)."""
    rows = [(number, "GTP", lap, at) for number, lap, at in laps]
    names = ("car_number", "car_class", "lap", "elapsed_ms")
    table = pl.DataFrame(rows, schema=names, orient="row")
    final = order([(number, "GTP", 200, 1) for number in dict.fromkeys(n for n, _, _ in laps)])
    awards = endurance_awards(IMSA, CUP, table, final)
    return [(a.mark_h, a.car_number, a.points) for a in awards if a.mark_h == 3]


def test_the_cup_counts_what_was_crossed_by_the_mark_and_not_a_millisecond_later() -> None:
    three = 3 * HOUR
    late = cup(("1", 90, three - 9), ("2", 90, three - 8), ("2", 91, three + 1))
    assert late[0] == (3, "1", 5)
    on_time = cup(("1", 90, three - 9), ("2", 90, three - 8), ("2", 91, three))
    assert on_time[0] == (3, "2", 5)


def test_at_a_mark_the_earlier_of_two_on_one_lap_is_ahead() -> None:
    assert [n for _, n, _ in cup(("1", 90, 2_000), ("2", 90, 1_000))] == ["2", "1"]


def test_the_cup_pays_five_four_three_and_two_to_everybody_else() -> None:
    assert [points for *_, points in cup(*((str(n), 90, n) for n in range(1, 7)))] == [
        5, 4, 3, 2, 2, 2,
    ]  # fmt: skip


def test_cars_level_in_the_cup_stand_by_number() -> None:
    laps = pl.DataFrame({"car_number": [], "car_class": [], "lap": [], "elapsed_ms": []})
    final = order([("9", "GTP", 200, 1), ("8", "GTP", 200, 2)])
    first = endurance_awards(IMSA, CUP, laps.cast({"elapsed_ms": pl.Int64}), final)
    swapped = order([("8", "GTP", 200, 1), ("9", "GTP", 200, 2)])
    second = endurance_awards(IMSA, CUP, laps.cast({"elapsed_ms": pl.Int64}), swapped)
    table = endurance_table([*first, *second], "GTP")
    assert [number for number, _ in table] == ["8", "9"]


def queue(*cars: tuple[str, str, int, int]) -> pl.DataFrame:
    """Last crossings: number, class, laps, ms; laps of 100 s behind the safety car."""
    names = ("car_number", "car_class", "lap", "elapsed_ms", "lap_time_ms")
    return pl.DataFrame([(*car, 100_000) for car in cars], schema=names, orient="row")


def test_a_car_unseen_for_more_than_a_lap_and_a_half_of_the_queue_is_not_in_it() -> None:
    for unseen, seen in ((160_000, True), (160_001, False)):
        cars = queue(("7", "GTP", 50, 1_000_000 - unseen), ("8", "GTP", 50, 999_000))
        found = [car.car_number for car in pass_around(WEC, cars, Instant(1_000_000))]
        assert ("7" in found) is seen


def test_a_queue_says_the_same_before_and_after_the_line() -> None:
    before = queue(("7", "GT", 50, 901_000), ("8", "GT", 50, 960_000))
    after = queue(("7", "GT", 51, 1_001_000), ("8", "GT", 50, 960_000))
    for cars, now in ((before, 961_000), (after, 1_002_000)):
        found = pass_around(WEC, cars, Instant(now))
        assert [(car.car_number, car.eligible, car.laps_behind_class_leader) for car in found] == [
            ("8", True, 1),
            ("7", False, 0),
        ]


def test_the_queue_is_that_of_the_crossings_by_the_instant() -> None:
    cars = queue(("8", "GT", 49, 901_000), ("7", "GT", 50, 902_000))
    for now, count in ((901_999, 1), (902_000, 2)):
        assert len(pass_around(WEC, cars, Instant(now))) == count


@pytest.mark.parametrize(
    ("place", "word"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
     (21, "21st"), (22, "22nd"), (23, "23rd"), (111, "111th"), (112, "112th"), (113, "113th")],
)  # fmt: skip
def test_places_are_said_as_they_are_spoken(place: int, word: str) -> None:
    field = order([(str(n), "GT", 500, n) for n in range(1, place + 1)])
    last = field.with_columns(
        elapsed_ms=pl.when(pl.col("position") == place).then(place + 5).otherwise("elapsed_ms")
    )
    assert classification_changes(field, last) == [f"#{place} keeps {word}, {word} in GT: +0.005 s"]


def lead(*rounds: tuple[str, str, str]) -> list[str]:
    """What the last of these rounds changed, each told by its first three."""
    results = [
        race(*(finish(number, place) for place, number in enumerate(top, 1)), number=at)
        for at, top in enumerate(rounds, 1)
    ]
    before = championship_table(WEC, DRIVERS, results[:-1])
    return standings_changes(before, championship_table(WEC, DRIVERS, results))


def test_a_lead_grows_shrinks_or_stays_as_before() -> None:
    first = ("1", "2", "3")
    assert "extends it from 7 to 14" in lead(first, first)[0]
    assert "it shrinks from 14 to 7" in lead(first, first, ("2", "1", "3"))[0]
    level = [("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9")]
    assert lead(*level)[0].endswith(", 0 ahead as before")


def test_who_is_alone_in_a_table_leads_by_all_its_points() -> None:
    alone = championship_table(WEC, MAKES, [race(finish("1", 1))])
    assert lead_of(alone) == 25


@pytest.mark.parametrize("book", [rule_book(s, y) for s in ("wec", "imsa") for y in (2023, 2024)])
def test_a_scale_covers_the_lengths_from_its_shortest_to_its_longest(book: RuleBook) -> None:
    for scale in book.text.points.scales:
        for hours in (scale.from_h, scale.to_h):
            assert book.scale(hours).points.value


@pytest.mark.parametrize(
    ("ours", "theirs", "passes"),
    [
        ((50.0, {1: 2}), (50.0, {1: 2}), False),
        ((50.0, {1: 2}), (50.5, {1: 0}), True),
        ((50.0, {1: 1, 2: 1}), (50.0, {1: 1, 2: 2}), True),
        ((50.0, {1: 1, 3: 1}), (50.0, {1: 1, 3: 2}), True),
        ((50.0, {1: 1, 4: 1}), (50.0, {1: 1, 4: 2}), True),
        ((50.0, {1: 1, 5: 1}), (50.0, {1: 1, 5: 2}), False),
    ],
)
def test_with_no_race_left_points_then_places_down_to_fourth_decide(
    ours: tuple[float, dict[int, int]], theirs: tuple[float, dict[int, int]], passes: bool
) -> None:
    assert somebody_else_must_win(Contest((), *ours), [TitleRival(*theirs)]) is passes


def test_half_a_point_is_enough_to_pass_and_level_without_more_wins_is_not() -> None:
    scales = ((25.0, 18.0),)
    for rival, passes in ((32.0, False), (32.5, True), (31.5, False)):
        found = somebody_else_must_win(Contest(scales, 50.0, {1: 2}), [TitleRival(rival, {1: 1})])
        assert found is passes
    assert somebody_else_must_win(Contest(scales, 50.0, {1: 1}), [TitleRival(32.0, {1: 2})])
