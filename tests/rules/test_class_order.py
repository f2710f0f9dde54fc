"""Which class is the faster."""

from __future__ import annotations

import pytest

from dryline.rules.classes import class_order, season_classes


@pytest.mark.parametrize(
    ("series", "year", "classes", "expected"),
    [
        ("wec", 2024, ["LMGT3", "LMP2", "HYPERCAR"], ["HYPERCAR", "LMP2", "LMGT3"]),
        (
            "wec",
            2020,
            ["LMGTE Am", "LMP1", "LMGTE Pro", "LMP2"],
            ["LMP1", "LMP2", "LMGTE Pro", "LMGTE Am"],
        ),
        ("imsa", 2022, ["GTD", "GTDPRO", "LMP3", "DPi"], ["DPi", "LMP3", "GTDPRO", "GTD"]),
        ("imsa", 2021, ["GTD", "GTLM", "LMP2", "DPi"], ["DPi", "LMP2", "GTLM", "GTD"]),
    ],
)
def test_the_fastest_class_of_a_season_comes_first(
    series: str, year: int, classes: list[str], expected: list[str]
) -> None:
    assert class_order(series, year, classes) == expected


def test_an_unknown_class_comes_last_in_alphabetical_order() -> None:
    assert class_order("wec", 2024, ["Zeta", "LMGT3", "Alpha"]) == ["LMGT3", "Alpha", "Zeta"]


def test_without_a_series_the_general_order_holds() -> None:
    assert class_order(None, None, ["GTD", "HYPERCAR", "LMP2"]) == ["HYPERCAR", "LMP2", "GTD"]


def test_spelling_is_kept_and_spaces_and_case_do_not_matter() -> None:
    assert class_order("imsa", 2024, ["gtd", "GTD Pro", "GTP"]) == ["GTP", "GTD Pro", "gtd"]


def test_a_class_is_listed_once() -> None:
    assert class_order("imsa", 2024, ["GTD", "GTD"]) == ["GTD"]


def test_a_year_beyond_the_known_seasons_takes_the_last_open_one() -> None:
    assert season_classes("wec", 2026) == season_classes("wec", 2024)
