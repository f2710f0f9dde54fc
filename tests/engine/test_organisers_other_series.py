"""The Asian Le Mans Series and the Le Mans Cup: data files alone make them known."""

from __future__ import annotations

import pytest

from dryline.domain.errors import NotKnown
from dryline.domain.series import Series, recognised
from dryline.engine.championship import book_of
from dryline.engine.fetching import year_of_season
from dryline.rules.classes import class_order
from tests.made_up.driving import race_of
from tests.made_up.field import crossings


@pytest.mark.parametrize(
    ("classes", "series"),
    [
        (["LMP2", "LMP3", "GT"], "aslms"),
        (["GT", "LMP3", "LMP2 Am", "LMP2"], "aslms"),
        (["LMP3", "GT3"], "lemanscup"),
        (["LMP3", "LMP3 Pro/Am", "GT3"], "lemanscup"),
        (["LMP3 PRO/AM", "GT3"], "lemanscup"),
        (["LMP2", "LMP3", "LMGT3"], "elms"),
        (["LMP2", "LMP3", "GTD"], "imsa"),
        (["GT3", "GT4"], None),
        (["GT"], None),
    ],
)
def test_they_are_told_by_their_classes(classes: list[str], series: str | None) -> None:
    assert recognised(classes) == series


@pytest.mark.parametrize(
    ("folder", "series"),
    [
        ("aslms", "aslms"), ("2026_AsLMS_Sepang", "aslms"), ("12_ASIAN LE MANS SERIES", "aslms"),
        ("Le Mans Cup", "lemanscup"), ("301_Michelin Le Mans Cup", "lemanscup"),
        ("Road to Le Mans", "lemanscup"), ("le_mans_24h", None), ("lemans", None),
    ],
)  # fmt: skip
def test_they_are_told_by_their_folder(folder: str, series: str | None) -> None:
    assert recognised(["unheard of"], ("/", folder, "race.csv")) == series


@pytest.mark.parametrize("name", ["aslms", "lemanscup"])
def test_what_is_borrowed_is_said_and_no_points_of_another_are_paid(name: str) -> None:
    series = Series.of(name)
    assert series.full_name in f"the {series.believed.words}"
    assert series.site is not None
    assert series.site.address.endswith("alkamelsystems.com")
    race = race_of(crossings(cars=4, hours=0.2), series=name, year=2026)
    with pytest.raises(NotKnown, match="there is no rule book"):
        book_of(race)


@pytest.mark.parametrize(("season", "year"), [("05_2025-2026", 2026), ("14_2025", 2025)])
def test_a_season_over_two_years_is_kept_under_its_last(season: str, year: int) -> None:
    assert year_of_season(season) == year


def test_their_fastest_class_comes_first() -> None:
    assert class_order("aslms", 2026, ["GT", "LMP3", "LMP2"]) == ["LMP2", "LMP3", "GT"]
    assert class_order("aslms", 2020, ["GT", "LMP2 Am", "LMP3", "LMP2"])[1] == "LMP2 Am"
    assert class_order("lemanscup", 2024, ["GT3", "LMP3"]) == ["LMP3", "GT3"]
