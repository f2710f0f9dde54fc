"""What cannot be shown goes, what can be stays, and nothing but that changes."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.event import Correction, LineCrossing
from dryline.domain.instant import Duration, Instant
from dryline.domain.legible import (
    NO_XML,
    UNSEEN,
    legible,
    legible_fact,
    legible_lines,
    legible_tree,
)
from dryline.domain.table_text import guarded, legible_table, unguarded

XML_FORBIDS = [
    *(chr(code) for code in range(32) if chr(code) not in "\t\r\n"),
    "\ufffe", "\uffff", "\ud800", "\udfff",
]  # fmt: skip
COMMANDS = [chr(code) for code in range(0x7F, 0xA0)]
MARKS = list("\xad\u061c\u200b\u200e\u200f\u202a\u202d\u202e\u2060\u2066\u2069\ufeff\u2028\u2029")
ANY = st.text(st.characters() | st.sampled_from(XML_FORBIDS + COMMANDS + MARKS))
RISKY = st.text(st.sampled_from("=+-@\t\r\n＝ ';,1a.é"), max_size=8)


@pytest.mark.parametrize("character", XML_FORBIDS + COMMANDS + MARKS, ids=lambda c: f"{ord(c):04X}")
def test_each_character_that_cannot_be_shown_is_taken_out(character: str) -> None:
    assert legible(f"Ana {character}BROWN") == "Ana BROWN"
    if not "\ud800" <= character <= "\udfff":
        taken = legible_lines(f"a;Ana {character}BROWN\n".encode())
        assert taken == (b"a;Ana BROWN\n", [character])


def test_what_xml_forbids_is_all_forbidden_in_pictures_and_nothing_else_is() -> None:
    for code in [*range(0x300), *range(0x2000, 0x2100), *range(0xFFF0, 0x10010)]:
        try:
            ElementTree.fromstring(f"<a>{chr(code)}</a>" if chr(code) not in "<&" else "<a/>")
            forbidden = False
        except ElementTree.ParseError:
            forbidden = True
        assert (NO_XML.search(chr(code)) is not None) is forbidden, hex(code)


@pytest.mark.parametrize(
    "name",
    ["Zoë Ågren", "José María LÓPEZ", "周冠宇", "שלום", "नि\u200dधि", "A\u200cB", "🏁", "O’Ward"],
)
def test_letters_of_every_script_stay_with_their_joiners(name: str) -> None:
    assert legible(name) == name
    assert legible_lines(name.encode()) == (name.encode(), [])


@given(ANY)
def test_the_rest_of_a_text_stays_as_it_is(text: str) -> None:
    shown = legible(text)
    assert not UNSEEN.search(shown)
    assert not any(unicodedata.category(letter) == "Cc" for letter in shown)
    assert legible(shown) == shown
    kept = [c for c in text if not UNSEEN.match(c) and c not in "\t\r\n"]
    assert [c for c in shown if c != " "] == [c for c in kept if c != " "]


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b";", b"\x06", "é".encode()])))
def test_no_line_is_lost_or_added(parts: list[bytes]) -> None:
    data = b"".join(parts)
    shown, _ = legible_lines(data)
    assert shown.count(b"\n") == data.count(b"\n")
    assert b"\x06" not in shown
    assert legible_lines(shown) == (shown, [])


def test_a_fact_and_a_tree_are_changed_only_where_they_must() -> None:
    at = Instant(1)
    lap = LineCrossing(
        happened_at=at, known_at=at, car_number="7", lap=1, lap_time=Duration(1),
        sectors=(None, None, None), driver="A\x1b[2JB", extras={"X\x06": "y\x06"},
    )  # fmt: skip
    shown = legible_fact(
        Correction(happened_at=at, known_at=at, car_number="7", lap=1, crossing=lap)
    )
    assert shown.crossing is not None
    assert (shown.crossing.driver, shown.crossing.extras) == ("A[2JB", {"X": "y"})
    assert legible_fact(shown) is shown
    tree = {"a": ["b", {"c": ("d", 1, None)}]}
    assert legible_tree(tree) is tree
    assert legible_tree({"a\x06": ["b\u202e"]}) == {"a": ["b"]}


def test_the_texts_of_a_table_are_made_legible() -> None:
    table = pl.DataFrame({"a": ["x\x1by", None, "z"], "b": [1, 2, 3]})
    assert legible_table(table)["a"].to_list() == ["xy", None, "z"]
    sound = pl.DataFrame({"a": ["x"]})
    assert legible_table(sound) is sound


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", " =1", "＝1", "A;=cmd"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    (shown,) = guarded(pl.DataFrame({"team": [text]}))["team"]
    assert shown == ("A;'=cmd" if text.startswith("A") else f"'{text}")


@pytest.mark.parametrize(
    "text", ["+12.345", "-3", "007", "+1:02.345", "-0.5;+2", "Team = A", "Jean-Éric", "", "a+b"]
)
def test_a_number_and_a_harmless_text_are_left_as_they_are(text: str) -> None:
    assert guarded(pl.DataFrame({"gap": [text]}))["gap"].to_list() == [text]


@given(st.lists(RISKY | st.none(), min_size=1))
def test_whatever_was_guarded_is_read_back_as_it_was(texts: list[str | None]) -> None:
    table = pl.DataFrame(
        {"text": texts, "n": range(len(texts))}, schema_overrides={"text": pl.String}
    )
    shown = guarded(table)
    assert unguarded(shown).equals(table)
    assert shown["n"].equals(table["n"])
