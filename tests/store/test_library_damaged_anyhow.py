"""Whatever befalls a library's files and whatever is done next: nothing readable is lost."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.errors import DrylineError, IdTaken, LibraryError, UnreadableFile
from dryline.domain.race_info import RaceInfo
from dryline.store import Library, StoredSession
from tests.made_up.sessions import crossings, results

IDS = ["wec/2024/fuji", "wec/2024/fuji/qualifying", "wec/2025/spa"]


def session(race_id: str, lap_ms: int) -> StoredSession:
    return StoredSession(
        id=race_id,
        info=RaceInfo(name=race_id),
        crossings=crossings(lap_ms=lap_ms),
        results=results(),
        sources={"a_laps.csv": b"laps %d" % lap_ms, "b_results.csv": b"results %d" % lap_ms},
    )


def reparse(sources: Mapping[str, bytes]) -> StoredSession:
    for body in sources.values():
        if body.startswith(b"laps "):
            return session("club/1999/unnamed", int(body[5:]))
    raise UnreadableFile("there is no lap file among the originals")


def originals_on_disk(library: Path) -> set[bytes]:
    """Every original that can be read, with a checksum's word for it that it is whole."""
    found = set()
    for path in library.glob("sessions/**/source-*.gz"):
        try:
            found.add(gzip.decompress(path.read_bytes()))
        except (OSError, EOFError, zlib.error):
            continue
    return found - {b""}


def flip(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place % len(content)] ^= 1 << place % 8
    return bytes(changed)


DAMAGES: list[Callable[[bytes, int], bytes | None]] = [
    flip,
    lambda content, place: flip(flip(content, place), place // 3 + 1),
    lambda content, place: content[: place % len(content)],
    lambda content, place: None,
]


def damage(library: Path, data: st.DataObject) -> bool:
    """Spoil any combination of files; whether any is not as it was written."""
    files = sorted(p for p in library.rglob("*") if p.is_file() and p.name != "writer.lock")
    spoiled = data.draw(st.lists(st.sampled_from(files), unique=True, max_size=12))
    whole = {path: path.read_bytes() for path in spoiled}
    for path in spoiled:
        how = data.draw(st.sampled_from(DAMAGES))
        content = how(whole[path], data.draw(st.integers(0, 10**6)))
        path.unlink() if content is None else path.write_bytes(content)
    return any(not path.exists() or path.read_bytes() != whole[path] for path in spoiled)


@contextmanager
def allowed(*words: str) -> Iterator[None]:
    """Let the library refuse, in one line with one of these words."""
    try:
        yield
    except DrylineError as fault:
        said = str(fault)
        if "\n" in said or not any(word in said for word in words):
            raise


def show(library: Library, race_id: str) -> None:
    library.open(race_id, reparse=reparse)


def rebuild_all(library: Library, race_id: str) -> None:
    for damaged in library.take_stock():
        with allowed("lost", "cannot be rebuilt"):
            library.rebuild(damaged, reparse)


ACTIONS: dict[str, Callable[[Library, str], object]] = {
    "add a new one": lambda library, race_id: library.add(session("wec/2026/new", 70_000)),
    "add it again": lambda library, race_id: library.add(expected(race_id)),
    "check": lambda library, race_id: library.check(),
    "show": show,
    "list": lambda library, race_id: library.list(),
    "sql": lambda library, race_id: library.sql("SELECT count(*) FROM crossings"),
    "rebuild": rebuild_all,
}


def expected(race_id: str) -> StoredSession:
    return session(race_id, 90_000 + 1000 * IDS.index(race_id))


def made(path: Path) -> Library:
    library = Library(path)
    for race_id in IDS:
        library.add(expected(race_id))
    return library


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("whole") / "library").path


@contextmanager
def copy_of(whole: Path) -> Iterator[Library]:
    with tempfile.TemporaryDirectory() as folder:
        yield Library(shutil.copytree(whole, Path(folder) / "library"))


def opens_as_it_was(library: Library, race_id: str) -> bool:
    opened = library.open(race_id, reparse=reparse)
    return opened.crossings.equals(expected(race_id).crossings)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_an_original_that_can_be_read_is_never_deleted_and_check_never_lies(
    whole: Path, data: st.DataObject
) -> None:
    with copy_of(whole) as library:
        changed = damage(library.path, data)
        readable = originals_on_disk(library.path)
        with allowed("newer Dryline"):
            assert bool(library.check()) == changed
        for name in data.draw(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=5)):
            with allowed(""):
                ACTIONS[name](library, data.draw(st.sampled_from(IDS)))
            assert readable <= originals_on_disk(library.path), name
            with allowed("newer Dryline"):
                assert library.check() != () or {*IDS} <= {*library.list()["id"]}
        for race_id in IDS:
            if expected(race_id).sources["a_laps.csv"] in readable:
                with allowed("newer Dryline"):
                    assert library.resolve(race_id) == race_id
                    assert opens_as_it_was(library, race_id)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_rebuilding_leaves_nothing_damaged_but_what_is_lost(
    whole: Path, data: st.DataObject
) -> None:
    with copy_of(whole) as library:
        damage(library.path, data)
        readable = originals_on_disk(library.path)
        with allowed("newer Dryline"):
            rebuild_all(library, "")
            lost = [i for i in IDS if expected(i).sources["a_laps.csv"] not in readable]
            assert {found.id for found in library.check()} <= {*lost}
            for race_id in lost:
                library.add(expected(race_id))
            assert library.check() == ()
            assert all(opens_as_it_was(library, race_id) for race_id in IDS)


def both_damaged(library: Library) -> Path:
    """The manifest and one session's record lose a byte each."""
    (record,) = library.path.glob("sessions/wec/2025/spa/@*/session.json")
    for path in (library.path / "manifest.json", record):
        path.write_bytes(flip(path.read_bytes(), 200))
    return record


def test_a_session_whose_record_is_lost_with_the_manifest_survives_any_write(
    tmp_path: Path,
) -> None:
    library = made(tmp_path)
    record = both_damaged(library)
    assert str(record) in [found.file for found in library.check()]
    library.add(session("wec/2026/new", 70_000))
    assert [(found.id, found.file) for found in library.check()] == [("wec/2025/spa", str(record))]
    assert library.unreadable() == ("wec/2025/spa",)
    assert "wec/2025/spa" not in library.list()["id"]
    opened = library.open("wec/2025/spa", reparse=reparse)
    assert opened.findings[-1].kind == "library_rebuilt"
    assert opened.crossings.equals(expected("wec/2025/spa").crossings)
    assert (opened.info.series, opened.info.year, opened.info.event) == ("wec", 2025, "spa")
    assert library.check() == ()
    assert len(list(library.path.glob("sessions/wec/2025/spa/@*"))) == 1


def test_without_a_reader_of_originals_what_is_damaged_and_the_remedy_are_said(
    tmp_path: Path,
) -> None:
    library = made(tmp_path)
    record = both_damaged(library)
    asked: list[Callable[[], object]] = [
        lambda: library.open(library.resolve("spa")),
        lambda: library.sql("SELECT 1"),
    ]
    for ask in asked:
        with pytest.raises(LibraryError, match="dryline library rebuild wec/2025/spa") as fault:
            ask()
        assert str(record) in str(fault.value)


def test_another_session_does_not_take_the_place_of_one_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    library = made(tmp_path)
    both_damaged(library)
    with pytest.raises(IdTaken, match="damaged in the library"):
        library.add(session("wec/2025/spa", 50_000))
    assert library.add(session("wec/2025/spa", 50_000), replacing=True).outcome == "replaced"
    assert library.check() == ()


def test_a_record_that_can_be_read_again_counts_again(tmp_path: Path) -> None:
    library = made(tmp_path)
    record = both_damaged(library)
    library.add(session("wec/2026/new", 70_000))
    record.write_bytes(flip(record.read_bytes(), 200))
    assert library.check() == ()
    assert opens_as_it_was(library, "wec/2025/spa")
    library.remove("wec/2024/fuji")
    assert opens_as_it_was(library, "wec/2025/spa")


def test_a_session_that_cannot_be_read_can_be_removed(tmp_path: Path) -> None:
    library = made(tmp_path)
    both_damaged(library)
    library.remove("wec/2025/spa")
    assert library.check() == ()
    assert not list(library.path.glob("sessions/wec/2025/**/*"))


def test_a_race_whose_original_alone_is_damaged_still_opens_and_says_so(tmp_path: Path) -> None:
    library = made(tmp_path)
    (original,) = library.path.glob("sessions/wec/2025/spa/@*/source-01.gz")
    original.write_bytes(b"spoiled")
    opened = library.open("wec/2025/spa", reparse=reparse)
    assert opened.findings[-1].kind == "library_original_lost"
    assert isinstance(opened.results, pl.DataFrame)
    assert [found.file for found in library.check()] == [str(original)]
