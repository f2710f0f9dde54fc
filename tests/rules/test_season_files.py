"""A season file of the user's own: read, or refused in one line."""

from __future__ import annotations

import pytest

from dryline.domain.errors import BadRuleBook, InputError
from dryline.rules.season import read_season, standings

HEAD = 'title = "Mine"\nseries = "wec"\nyear = 2024\nsource = "me"\n'
CARS = "".join(
    f'[cars."{number}"]\ncar_class = "HYPERCAR"\nteam = "T{number}"\nmanufacturer = "M{number}"\n'
    f'registration = "manufacturer"\ndrivers = ["D{number}"]\n'
    for number in ("7", "6", "007")
)


def a_round(number: int, places: str = "", **more: object) -> str:
    extra = "".join(f"{key} = {value}\n" for key, value in more.items())
    return (
        f'[[rounds]]\nround = {number}\nname = "R{number}"\nhours = 6\nsource = "me"\n'
        f"confidence = 1.0\n{extra}" + (f"[rounds.places]\nHYPERCAR = {places}\n" if places else "")
    )


def test_a_season_file_is_scored() -> None:
    text = HEAD + CARS + a_round(1, '["7", "007"]') + a_round(2, '["007", "6"]') + a_round(3)
    season = read_season("mine.toml", text)
    rows = standings(season)[0].rows
    assert [(row.car_number, row.points, row.wins) for row in rows] == [
        ("007", 43, 1), ("7", 25, 1), ("6", 18, 0),
    ]  # fmt: skip
    assert season.last_round == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + CARS + a_round(1, '["7"]') + a_round(3, '["6"]'), "round 2 is missing"),
        (HEAD + CARS + a_round(1) + a_round(2, '["6"]'), "round 1 (R1) has no result, but"),
        (HEAD + CARS + a_round(1, '["99"]'), "car 99 is not one of the season's cars"),
        (HEAD + CARS + a_round(1, '["7"]', mood='"fine"'), "unknown key rounds[0].mood"),
        (HEAD + CARS + a_round(1, "[7]"), "Expected `str`"),
        ("title = \n", "is not TOML"),
        (HEAD.replace("2024", "1999") + a_round(1), "no rule book for wec 1999"),
    ],
)
def test_a_bad_season_file_is_one_clear_line(text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        read_season("mine.toml", text)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.remedy
    if isinstance(refused.value, BadRuleBook):
        assert str(refused.value).startswith("mine.toml: ")
