"""Who can still win the title: against counting every outcome by hand."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.errors import BadOption
from dryline.rules.season import read_season, shipped_season
from dryline.rules.title import title_arithmetic
from dryline.rules.title_program import Contest, TitleRival, somebody_else_must_win

DRIVERS = "FIA Hypercar World Endurance Drivers' Championship"


def season_text(results: list[list[str]], left: list[float]) -> str:
    text = 'title = "Mine"\nseries = "wec"\nyear = 2024\nsource = "me"\n'
    for number in sorted({number for result in results for number in result}):
        text += f'[cars."{number}"]\ncar_class = "HYPERCAR"\nteam = "T"\ndrivers = ["D{number}"]\n'
    rounds = [(6.0, result) for result in results] + [(hours, []) for hours in left]
    for number, (hours, result) in enumerate(rounds, 1):
        text += f'[[rounds]]\nround = {number}\nname = "R"\nhours = {hours}\nsource = "me"\n'
        text += "confidence = 1.0\n"
        if result:
            text += f"[rounds.places]\nHYPERCAR = {result!r}\n".replace("'", '"')
    return text


def chances(results: list[list[str]], left: list[float]) -> dict[str, object]:
    season = read_season("s.toml", season_text(results, left))
    found = title_arithmetic(season, DRIVERS, all_places_taken=True)
    return {str(chance.car_number): chance for chance in found.chances}


def test_after_imola_the_points_left_are_four_sixes_an_eight_and_le_mans_with_poles() -> None:
    found = title_arithmetic(shipped_season("wec/2024"), DRIVERS)
    assert found.rounds_left == 6
    assert found.points_left == 4 * 25 + 50 + 38 + 6
    assert all(chance.can_win for chance in found.chances)
    leader = found.chances[0]
    assert (leader.car_number, leader.most, leader.behind) == ("6", 250, 0)


def test_a_car_too_far_behind_can_no_longer_win() -> None:
    found = chances([["1", "2"], ["1", "2"], ["1", "3"]], [6])
    assert found["1"].is_champion  # type: ignore[attr-defined]
    assert not found["2"].can_win  # type: ignore[attr-defined]
    assert found["2"].needs == "can no longer win"  # type: ignore[attr-defined]


def test_equal_points_at_best_are_not_enough_with_fewer_wins() -> None:
    # 1 has two wins (50), 2 has two fourths (24): 24 + 26 = 50 with one win only.
    found = chances([["1", "3", "4", "2"], ["1", "4", "3", "2"]], [6])
    assert (found["1"].points, found["2"].most) == (50, 50)  # type: ignore[attr-defined]
    assert not found["2"].can_win  # type: ignore[attr-defined]


def test_equal_points_at_best_are_enough_with_more_wins() -> None:
    # 1 has no win (18 + 18 + 15 = 51), 2 has one (25): 25 + 26 = 51 with two wins.
    found = chances([["2", "1"], ["3", "1"], ["3", "4", "1"]], [6])
    assert (found["1"].points, found["2"].most) == (51, 51)  # type: ignore[attr-defined]
    assert found["2"].can_win  # type: ignore[attr-defined]


def test_the_worst_place_that_seals_the_title_is_told() -> None:
    found = chances([["1", "2"], ["1", "2"], ["2", "1"]], [6])
    # 68 against 61 with 26 left: the rival at most 87 (or 80 with the leader first).
    leader = found["1"]
    assert leader.seals_with == 1  # type: ignore[attr-defined]
    assert "champion with place 1 or better" in leader.needs  # type: ignore[attr-defined]


def test_where_every_place_must_be_taken_somebody_may_have_to_pass() -> None:
    # Three cars, one race of 25-18-15 left. The third, at 30 behind 48 and 45, reaches 55;
    # second place lifts either rival to 66 or 63, and one of them must take it.
    contest = Contest(scales=((25.0, 18.0, 15.0),), points=55.0, places={1: 1})
    rivals = [TitleRival(48.0, {}), TitleRival(45.0, {})]
    assert somebody_else_must_win(contest, rivals)
    assert not somebody_else_must_win(contest, [TitleRival(37.0, {}), TitleRival(40.0, {})])


def by_hand(contest: Contest, rivals: list[TitleRival]) -> bool:
    """Whether every way to share the places lets a rival pass, by trying them all."""
    ways = []
    for scale in contest.scales:
        depth = min(len(scale), len(rivals) + 1)
        places = list(range(2, depth + 1)) + [0] * (len(rivals) - depth + 1)
        ways.append(sorted(set(permutations(places))))
    ours = (contest.points, *(contest.places.get(place, 0) for place in (1, 2, 3, 4)))
    for outcome in product(*ways):
        passed = False
        for index, rival in enumerate(rivals):
            taken = [way[index] for way in outcome]
            points = rival.points + sum(
                contest.scales[race][place - 1] for race, place in enumerate(taken) if place
            )
            held = [rival.places.get(place, 0) + taken.count(place) for place in (1, 2, 3, 4)]
            passed = passed or (points, *held) > ours
        if not passed:
            return False
    return True


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([(25.0, 18.0, 15.0), (9.0, 6.0, 4.0, 3.0)]), min_size=1, max_size=2),
    st.integers(20, 90),
    st.integers(0, 3),
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
        min_size=1,
        max_size=4,
    ),
)
def test_the_programme_agrees_with_trying_every_outcome(
    scales: list[tuple[float, ...]],
    points: int,
    wins: int,
    field: list[tuple[int, int, int, int]],
) -> None:
    contest = Contest(tuple(scales), float(points), {1: wins + len(scales)})
    rivals = [TitleRival(float(p), {1: w, 2: s, 3: t}) for p, w, s, t in field]
    assert somebody_else_must_win(contest, rivals) == by_hand(contest, rivals)


def test_a_table_that_the_season_does_not_have_is_refused() -> None:
    with pytest.raises(BadOption, match="no championship table 'Cup of Tea'"):
        title_arithmetic(shipped_season("wec/2024"), "Cup of Tea")
