"""Every form of time in the files is read exactly and written back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.clock_text import format_clock, format_ms, parse_ms, parse_race_clock
from dryline.domain.errors import BadTime


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("52.588", 52_588),
        ("1:35.020", 95_020),
        ("1:02:03.4", 3_723_400),
        ("17:31:33.055", 63_093_055),
        ("0", 0),
        ("0:02:34.788", 154_788),
        (" 1:35.020 ", 95_020),
        ("+2.948", 2_948),
        ("-0.5", -500),
        ("24:04:26.1", 86_666_100),
        ("1:38.573000", 98_573),
        ("0.400000000", 400),
    ],
)
def test_every_form_in_the_files_is_read(text: str, ms: int) -> None:
    assert parse_ms(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", "abc", "1:60.000", "1:60:00", "1:2:3:4", "1,5", "1.2345", "1.234500", "1.2340001", "nan"],
)
def test_what_is_no_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadTime, match="is not a time"):
        parse_ms(text)


@given(st.integers(-400_000_000, 400_000_000))
def test_formatting_and_parsing_are_inverse(ms: int) -> None:
    assert parse_ms(format_ms(ms)) == ms


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_clear_error(text: str) -> None:
    try:
        parse_ms(text)
    except BadTime as error:
        assert "\n" not in str(error)  # noqa: PT017


def test_decimals_are_cut_off_not_rounded_into_the_next_second() -> None:
    assert format_ms(59_999, places=0) == "59"
    assert format_ms(95_020, places=1) == "1:35.0"
    assert format_clock(3_599_999) == "0:59:59"


@pytest.mark.parametrize(
    ("text", "ms"),
    [("3:55:00", 14_100_000), ("3:55", 14_100_000), ("90m", 5_400_000), ("2.5h", 9_000_000),
     ("45s", 45_000), ("1:35.020", 95_020), ("0:00:00.001", 1)],
)  # fmt: skip
def test_an_instant_typed_by_a_person_is_hours_and_minutes(text: str, ms: int) -> None:
    assert parse_race_clock(text) == ms
