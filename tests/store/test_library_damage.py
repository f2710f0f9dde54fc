from __future__ import annotations

import gzip
import json
import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryline.domain.errors import LibraryError, UnreadableFile
from dryline.store import Added, Library, StoredSession
from tests.made_up.sessions import IMOLA, assert_same, crossings, full_session, plain_session

SPA = "wec/2024/spa"
TABLES = ["crossings.parquet", "extras.parquet", "results.parquet", "weather.parquet"]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    library.add(full_session(), added_at="2024-04-21")
    library.add(plain_session(SPA))
    return library


def stored(library: Library, name: str) -> Path:
    (path,) = library.path.glob(f"sessions/wec/2024/imola/@*/{name}")
    return path


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES = pytest.mark.parametrize("damage", [cut, flip, empty, Path.unlink])


def reparse(sources: Mapping[str, bytes]) -> StoredSession:
    """What an engine would do: the same tables again, if these are the original bytes."""
    if dict(sources) != dict(full_session().sources):
        raise UnreadableFile("there is no lap file among the originals")
    return full_session("wec/1999/unnamed", info=plain_session(SPA).info, messages=(), decisions=())


@DAMAGES
@pytest.mark.parametrize(
    "name", [*TABLES, "findings.parquet", "messages.jsonl", "decisions.json", "source-01.gz"]
)
def test_a_damaged_file_is_named_with_its_remedy(
    library: Library, name: str, damage: Callable[[Path], None]
) -> None:
    path = stored(library, name)
    damage(path)
    with pytest.raises(LibraryError) as error:
        library.open(IMOLA)
    assert str(path) in str(error.value)
    assert f"Rebuild {IMOLA}" in str(error.value)
    assert [(found.id, found.file) for found in library.check()] == [(IMOLA, str(path))]
    assert_same(library.open(SPA), plain_session(SPA))


@DAMAGES
@pytest.mark.parametrize("name", [*TABLES, "findings.parquet"])
def test_a_damaged_table_is_rebuilt_from_its_source_and_says_so(
    library: Library,
    name: str,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    damage(stored(library, name))
    with caplog.at_level(logging.WARNING):
        session = library.open(IMOLA, reparse=reparse)
    assert session.findings[-1].kind == "library_rebuilt"
    assert "rebuilding from the original files" in caplog.text
    assert library.check() == ()
    assert_same(library.open(IMOLA), full_session())
    assert library.list().filter(id=IMOLA)["added_at"].to_list() == ["2024-04-21"]


def test_a_rebuild_that_reads_more_than_before_keeps_what_it_read(library: Library) -> None:
    cut(stored(library, "crossings.parquet"))
    better = full_session(crossings=crossings(lap_ms=93_000))
    library.rebuild(IMOLA, lambda _: better)
    assert_same(library.open(IMOLA), better)


def test_a_session_whose_source_is_lost_too_cannot_be_rebuilt(library: Library) -> None:
    cut(stored(library, "crossings.parquet"))
    flip(stored(library, "source-01.gz"))
    with pytest.raises(LibraryError, match=r"source-01\.gz.*is lost; add the race again"):
        library.open(IMOLA, reparse=reparse)


def test_a_session_without_source_says_that_it_cannot_be_rebuilt(library: Library) -> None:
    library.add(full_session(sources={}))
    cut(stored(library, "crossings.parquet"))
    with pytest.raises(LibraryError, match="without its original files"):
        library.open(IMOLA, reparse=reparse)


def test_adding_a_damaged_race_again_repairs_it(library: Library) -> None:
    flip(stored(library, "results.parquet"))
    assert library.add(full_session(), added_at="2025-01-01") == Added(IMOLA, "repaired")
    assert library.check() == ()
    assert library.list().filter(id=IMOLA)["added_at"].to_list() == ["2024-04-21"]


def test_the_original_bytes_are_kept_compressed(library: Library) -> None:
    path = stored(library, "source-01.gz")
    original = full_session().sources["23_Analysis Race.CSV"]
    assert gzip.decompress(path.read_bytes()) == original
    assert path.stat().st_size < len(original) / 10


@DAMAGES
def test_a_damaged_manifest_is_read_back_from_the_sessions(
    library: Library, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    before = library.list()
    damage(library.path / "manifest.json")
    assert [found.id for found in library.check()] == [None]
    with caplog.at_level(logging.WARNING):
        assert library.list().equals(before)
    assert "manifest" in caplog.text
    assert_same(library.open(IMOLA), full_session())
    assert library.add(plain_session("wec/2024/fuji")).outcome == "added"
    assert library.check() == ()
    assert library.list().height == 3


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_manifest_mutated_anywhere_never_lies(library: Library, data: st.DataObject) -> None:
    path = library.path / "manifest.json"
    sound, before = path.read_bytes(), library.list()
    mutated = bytearray(sound)
    place = data.draw(st.integers(0, len(mutated) - 1))
    mutated[place] = data.draw(st.integers(0, 255))
    path.write_bytes(mutated)
    try:
        listing = library.list()
    except LibraryError as fault:
        said = str(fault)
    else:
        said = "newer Dryline" if listing.equals(before) else "another list"
    finally:
        path.write_bytes(sound)
    assert "newer Dryline" in said


def test_a_session_whose_own_record_is_damaged_too_is_left_out_of_a_recovery(
    library: Library,
) -> None:
    flip(stored(library, "session.json"))
    assert library.list().height == 2
    (library.path / "manifest.json").unlink()
    assert library.list()["id"].to_list() == [SPA]


def test_a_library_of_a_newer_format_is_left_alone(library: Library) -> None:
    path = library.path / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    for act in (library.list, lambda: library.add(plain_session("wec/2024/fuji"))):
        with pytest.raises(LibraryError, match="written by a newer Dryline"):
            act()


def test_a_lost_folder_of_sessions_is_reported_file_by_file(library: Library) -> None:
    shutil.rmtree(library.path / "sessions")
    assert {found.id for found in library.check()} == {IMOLA, SPA}
    with pytest.raises(LibraryError, match="is missing"):
        library.open(SPA)
