"""Rule books: checked, sourced, silent where nothing is known, and overridable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.car_class import class_key
from dryline.domain.decision import DecisionKind
from dryline.domain.errors import BadRuleBook, NotKnown
from dryline.rules.book import Override, read_rule_book, rule_book, shipped_books
from dryline.rules.classes import season_classes
from dryline.rules.schema import Stated, TableRules

SEASONS = [
    *[("wec", year) for year in range(2020, 2027)],
    *[("imsa", year) for year in range(2021, 2026)],
]
BARE = [("wec", year) for year in range(2012, 2020)]
"""Of these years only who is classified is known."""


KEYS = [
    "pit", "points", "scales", "tables", "drive_time", "limits", "neutralisations", "fcy", "entry",
    "speed_limit_kmh", "value", "source", "crews", "HYPERCAR", "endurance_cup", "marks_h", "pole",
]  # fmt: skip


def stated_values(part: Any) -> Iterator[Stated[Any] | TableRules]:
    if isinstance(part, Stated | TableRules):
        yield part
    elif isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from stated_values(getattr(part, name))
    elif isinstance(part, dict):
        for each in part.values():
            yield from stated_values(each)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from stated_values(each)


@pytest.mark.parametrize(("series", "year"), SEASONS)
def test_every_season_has_a_book_whose_values_have_a_source_and_a_confidence(
    series: str, year: int
) -> None:
    values = list(stated_values(rule_book(series, year).text))
    assert len(values) > 20
    assert all(value.source.strip() and 0 < value.confidence <= 1 for value in values)


@pytest.mark.parametrize(("series", "year"), SEASONS)
def test_the_classes_that_a_book_names_are_those_of_its_season(series: str, year: int) -> None:
    text = rule_book(series, year).text
    named = {table.car_class for table in text.tables}
    named |= {name for limit in text.drive_time.limits for name in limit.classes}
    named |= set(text.crews)
    in_years = range(text.from_year, text.to_year + 1)
    known = {class_key(name) for each in in_years for name in season_classes(series, each)}
    assert {class_key(name) for name in named} <= known


def test_every_shipped_book_is_reached_by_some_season() -> None:
    reached = {rule_book(series, year).files[0] for series, year in (*BARE, *SEASONS)}
    assert reached == {f"rules/{name}" for name in shipped_books()}


def test_imsa_points_are_marked_as_not_confirmed() -> None:
    book = rule_book("imsa", 2024)
    assert not book.scale(6).points.confirmed
    assert not any(table.confirmed for table in book.text.tables)
    assert book.text.endurance_cup.points is not None
    assert not book.text.endurance_cup.points.confirmed


def test_what_is_missing_is_not_known_for_this_season() -> None:
    book = rule_book("wec", 2024)
    with pytest.raises(NotKnown, match=r"wheel guns: not known for this season \(WEC 2024\)"):
        book.known(book.text.pit.wheel_guns, "wheel guns")


def test_the_manufacturers_table_of_2025_is_not_scored_with_the_scale_of_2024() -> None:
    titles = [table.title for table in rule_book("wec", 2025).text.tables]
    assert not any("Manufacturers" in title for title in titles)


def test_a_season_without_a_book_is_named() -> None:
    with pytest.raises(NotKnown, match="no rule book for wec 1999"):
        rule_book("wec", 1999)


def test_the_user_can_override_any_value_with_a_bare_one() -> None:
    mine = Override("mine.toml", "[pit]\nspeed_limit_kmh = 50\nwheel_guns = 1\n")
    book = rule_book("wec", 2024, mine)
    limit = book.text.pit.speed_limit_kmh
    assert limit is not None
    assert (limit.value, limit.source) == (50, "mine.toml")
    assert book.known(book.text.pit.wheel_guns, "wheel guns") == 1
    assert book.text.pit.crew_max is not None, "values that are not overridden stay"


def test_an_override_leaves_the_next_reading_as_it_was() -> None:
    rule_book("wec", 2024, Override("mine.toml", "[pit]\nspeed_limit_kmh = 50\n"))
    limit = rule_book("wec", 2024).text.pit.speed_limit_kmh
    assert limit is not None
    assert limit.value == 60


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[pit]\nspeed_limit_kph = 50\n", "unknown key pit.speed_limit_kph"),
        ("[pitt]\nx = 1\n", "unknown key pitt"),
        ("[[drive_time.limits]]\nclasses=['LMGT3']\nfrom_h=1\nto_h=7\nleast=1\n", "least"),
    ],
)
def test_an_unknown_key_is_named_with_its_file_and_a_remedy(text: str, words: str) -> None:
    with pytest.raises(BadRuleBook) as refused:
        rule_book("wec", 2024, Override("mine.toml", text))
    assert words in str(refused.value)
    assert str(refused.value).startswith("mine.toml: ")
    assert refused.value.remedy
    assert "\n" not in str(refused.value)


def test_a_misspelt_key_is_answered_with_the_near_one() -> None:
    with pytest.raises(BadRuleBook, match="Did you mean speed_limit_kmh"):
        rule_book("wec", 2024, Override("mine.toml", "[pit]\nspeed_limit_kph = 50\n"))


@pytest.mark.parametrize(
    "text", ["[pit]\nspeed_limit_kmh = 'fast'\n", "[pit\n", "[neutralisations.fcy]\nentry='ajar'\n"]
)
def test_an_impossible_value_is_one_clear_line(text: str) -> None:
    with pytest.raises(BadRuleBook) as refused:
        rule_book("wec", 2024, Override("mine.toml", text))
    assert "\n" not in str(refused.value)
    assert "mine.toml" in str(refused.value)


def test_a_whole_book_needs_its_series_and_years() -> None:
    with pytest.raises(BadRuleBook, match="series"):
        read_rule_book("book.toml", "title = 'x'\n")


def test_an_unserved_stop_and_go_is_not_converted_by_a_book_that_does_not_say_how() -> None:
    book = rule_book("wec", 2024)
    assert book.unserved_seconds(DecisionKind.DRIVE_THROUGH, None) == 35
    assert book.unserved_seconds(DecisionKind.STOP_AND_GO, 60) is None


def test_a_circuit_of_its_own_rule_is_found_by_the_event() -> None:
    book = rule_book("wec", 2024)
    ordinary = book.neutralisation("safety_car", "wec/2024/fuji_6h")
    le_mans = book.neutralisation("safety_car", "wec/2024/le-mans-24h")
    assert ordinary is not None
    assert ordinary.entry is not None
    assert ordinary.entry.value == "closed"
    assert le_mans is not None
    assert le_mans.exit is not None
    assert le_mans.exit.value == "red"


def as_toml(raw: dict[str, Any]) -> str:
    """A TOML document with everything nested written inline."""

    def inline(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key} = {inline(each)}" for key, each in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(inline(each) for each in value) + "]"
        return str(value).lower() if isinstance(value, bool) else repr(value)

    return "".join(f"{key} = {inline(value)}\n" for key, value in raw.items())


VALUES = st.recursive(
    st.one_of(st.integers(-5, 400), st.booleans(), st.text("ab ", max_size=3), st.floats(0, 9)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3))
def test_any_override_is_read_or_refused_in_one_line(raw: dict[str, Any]) -> None:
    try:
        words = rule_book("wec", 2024, Override("mine.toml", as_toml(raw))).files[-1]
    except BadRuleBook as refused:
        words = str(refused)
    assert "mine.toml" in words
    assert "\n" not in words
