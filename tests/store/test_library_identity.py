"""When two sets of laps are one session, and what adding one over the other does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dryline.domain.errors import IdTaken
from dryline.store import Added, Library, StoredSession
from dryline.store.identity import SAME_SHARE, Kinship, kinship
from tests.made_up.sessions import IMOLA, assert_same, crossings, plain_session

LAPS = crossings(cars=4, laps=25)  # a hundred


def changed(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """The same laps with the times of the first ``rows`` of them corrected."""
    places = pl.int_range(pl.len()) < rows
    return frame.with_columns(lap_time_ms=pl.col("lap_time_ms") + places.cast(pl.Int64))


def hour(laps: int) -> StoredSession:
    """A version of one session, with an original of its own."""
    sources = {"laps.csv": f"{laps} laps".encode()}
    return replace(plain_session(IMOLA, laps=laps), sources=sources)


@pytest.mark.parametrize(
    ("corrected", "kin"), [(0, Kinship.LATER), (10, Kinship.LATER), (11, Kinship.OTHER)]
)
def test_nine_laps_of_ten_make_the_same_session(corrected: int, kin: Kinship) -> None:
    assert SAME_SHARE == 0.9
    assert kinship(LAPS, changed(LAPS, corrected)) is kin


@pytest.mark.parametrize(("corrected", "kin"), [(10, Kinship.EARLIER), (11, Kinship.OTHER)])
def test_fewer_laps_of_the_same_session_are_an_earlier_version(
    corrected: int, kin: Kinship
) -> None:
    more = crossings(cars=4, laps=26)
    assert kinship(LAPS, more) is Kinship.LATER
    assert kinship(more, changed(LAPS, corrected)) is kin


def test_one_lap_less_is_an_earlier_version_and_no_lap_less_a_later_one() -> None:
    assert kinship(LAPS, LAPS.head(99)) is Kinship.EARLIER
    assert kinship(LAPS, LAPS.head(100)) is Kinship.LATER


def test_a_longer_session_that_lacks_the_laps_held_is_another() -> None:
    assert kinship(LAPS, crossings(cars=4, laps=40, lap_ms=90_000)) is Kinship.OTHER


def test_laps_without_a_time_are_compared_too() -> None:
    untimed = LAPS.with_columns(lap_time_ms=pl.lit(None, pl.Int64))
    assert kinship(untimed, untimed) is Kinship.LATER
    assert kinship(untimed, LAPS) is Kinship.OTHER


def test_nothing_held_is_gone_beyond_by_anything() -> None:
    assert kinship(LAPS.clear(), LAPS) is Kinship.LATER
    assert kinship(LAPS, LAPS.clear()) is Kinship.EARLIER


def test_another_session_is_refused_and_the_one_held_stays(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.add(plain_session(IMOLA, 95_000))
    with pytest.raises(IdTaken, match=r"another session as wec/2024/imola\. .*--replace"):
        library.add(plain_session(IMOLA, 90_000))
    assert_same(library.open(IMOLA), plain_session(IMOLA, 95_000))
    assert library.add(plain_session(IMOLA, 90_000), replacing=True) == Added(IMOLA, "replaced")
    assert_same(library.open(IMOLA), plain_session(IMOLA, 90_000))


def test_a_later_version_takes_the_place_and_an_earlier_one_does_not(tmp_path: Path) -> None:
    library = Library(tmp_path)
    outcomes = [library.add(hour(laps)).outcome for laps in (5, 9, 5, 9)]
    assert outcomes == ["added", "updated", "kept", "unchanged"]
    assert library.open(IMOLA).crossings.height == 27


def test_the_same_original_read_otherwise_by_another_dryline_is_the_same_session(
    tmp_path: Path,
) -> None:
    library = Library(tmp_path)
    library.add(plain_session(IMOLA, laps=9))
    fewer = plain_session(IMOLA, laps=4)
    assert library.add(fewer).outcome == "updated"
    assert library.open(IMOLA).crossings.height == 12


def test_a_session_whose_laps_are_damaged_is_not_replaced_by_another(tmp_path: Path) -> None:
    library = Library(tmp_path)
    library.add(plain_session(IMOLA, 95_000))
    (table,) = tmp_path.glob("sessions/**/crossings.parquet")
    table.write_bytes(b"spoiled")
    with pytest.raises(IdTaken, match="is damaged in the library and cannot be compared"):
        library.add(plain_session(IMOLA, 90_000))
    (original,) = tmp_path.glob("sessions/**/source-01.gz")
    original.write_bytes(b"spoiled")
    assert library.add(plain_session(IMOLA, 90_000)).outcome == "repaired"
