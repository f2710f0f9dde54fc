"""What holds for the points of every race, not only for the known ones."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.rules.book import rule_book
from dryline.rules.scoring import Finish, RoundResult
from dryline.rules.standings import StandingsTable, championship_table, championship_tables

from .orders import finish, race

WEC, IMSA = rule_book("wec", 2024), rule_book("imsa", 2023)
DRIVERS, MAKES, CUP, *_ = WEC.text.tables
SMALL = settings(max_examples=60, deadline=None)
MAKERS = st.sampled_from(["Ferrari", "Porsche", "Toyota", "BMW"])
KINDS = st.sampled_from(["manufacturer", "world_cup_team"])


@st.composite
def fields(draw: st.DrawFn) -> tuple[Finish, ...]:
    size = draw(st.integers(1, 22))
    return tuple(
        finish(str(n), n, manufacturer=draw(MAKERS), registration=draw(KINDS))
        for n in range(1, size + 1)
    )


def totals(table: StandingsTable) -> dict[str, float]:
    return {name: row.points for row in table.rows for name in row.names}


@SMALL
@given(fields(), MAKERS, KINDS)
def test_adding_a_car_behind_never_changes_the_points_ahead(
    field: tuple[Finish, ...], make: str, kind: str
) -> None:
    last = finish("added", len(field) + 1, manufacturer=make, registration=kind)
    for table in (DRIVERS, CUP):
        before = totals(championship_table(WEC, table, [race(*field)]))
        after = totals(championship_table(WEC, table, [race(*field, last)]))
        assert all(after[who] == points for who, points in before.items())
    before = totals(championship_table(WEC, MAKES, [race(*field)]))
    after = totals(championship_table(WEC, MAKES, [race(*field, last)]))
    scored = {each.manufacturer for each in field if each.registration == "manufacturer"}
    assert all(after[str(who)] == before[str(who)] for who in scored)


@SMALL
@given(fields())
def test_tables_without_skipped_ranks_sum_to_the_scale(field: tuple[Finish, ...]) -> None:
    scale = WEC.scale(6).points.value
    by_car = championship_table(WEC, DRIVERS, [race(*field)])
    assert sum(row.points for row in by_car.rows) == sum(scale[: len(field)])
    cup = championship_table(WEC, CUP, [race(*field)])
    assert sum(row.points for row in cup.rows) == sum(scale[: len(cup.rows)])
    gtp = [
        Finish(
            car_class="GTP",
            position_in_class=n,
            car_number=str(n),
            drivers=(f"D{n}",),
            manufacturer=each.manufacturer,
        )
        for n, each in enumerate(field, 1)
    ]
    closed_up = next(t for t in IMSA.text.tables if t.car_class == "GTP" and t.closed_up)
    makes = championship_table(IMSA, closed_up, [race(*gtp)])
    assert sum(row.points for row in makes.rows) == sum(
        IMSA.scale(6).points.value[: len(makes.rows)]
    )


@SMALL
@given(fields(), st.randoms(use_true_random=False))
def test_permuting_the_rows_changes_nothing(field: tuple[Finish, ...], chance: object) -> None:
    shuffled = list(field)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert championship_tables(WEC, [race(*shuffled)]) == championship_tables(WEC, [race(*field)])


@SMALL
@given(fields())
def test_scoring_twice_gives_the_same_tables(field: tuple[Finish, ...]) -> None:
    result = race(*field)
    assert championship_tables(WEC, [result]) == championship_tables(WEC, [result])


@SMALL
@given(fields(), st.integers(0, 21))
def test_a_better_place_never_pays_less(field: tuple[Finish, ...], at: int) -> None:
    table = championship_table(WEC, DRIVERS, [race(*field)])
    by_place = [totals(table)[f"A {each.car_number}"] for each in field]
    assert by_place == sorted(by_place, reverse=True)
    assert by_place[min(at, len(field) - 1)] <= 25


@SMALL
@given(fields(), fields())
def test_the_order_of_the_rounds_does_not_matter_for_the_points(
    one: tuple[Finish, ...], two: tuple[Finish, ...]
) -> None:
    first: RoundResult = race(*one, number=1)
    second: RoundResult = race(*two, number=2)
    forward = totals(championship_table(WEC, DRIVERS, [first, second]))
    assert forward == totals(championship_table(WEC, DRIVERS, [second, first]))
