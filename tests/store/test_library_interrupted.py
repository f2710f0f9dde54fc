from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dryline.domain.errors import RaceNotFound
from dryline.store import Library
from tests.made_up.sessions import IMOLA, assert_same, full_session, plain_session

ROOT = Path(__file__).resolve().parents[2]
SPA = "wec/2024/spa"
OLD = plain_session(IMOLA, 90_000)


def copies_of_the_killed(library: Path, out: Path, how: str, what: str) -> list[Library]:
    module = "tests.store.killed_writer"
    script = [sys.executable, "-m", module, str(library), str(out), how, what]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [Library(out / name) for name in done.stdout.split()]


@pytest.fixture
def before(tmp_path: Path) -> Library:
    library = Library(tmp_path / "before")
    library.add(OLD)
    library.add(plain_session(SPA))
    return library


def assert_whole(library: Library) -> None:
    assert library.check() == ()
    assert_same(library.open(SPA), plain_session(SPA))
    races = library.sql("SELECT DISTINCT race FROM crossings ORDER BY race")["race"]
    assert races.to_list() == library.list()["id"].to_list()


def assert_writable_and_tidy(library: Library) -> None:
    library.add(full_session(), replacing=True)
    assert_same(library.open(IMOLA), full_session())
    assert not (library.path / "staging").exists()
    assert len(list(library.path.glob("sessions/**/@*"))) == library.list().height


@pytest.mark.parametrize(("how", "least"), [("events", 15), ("sizes", 5), ("manifest", 5)])
def test_a_writer_killed_anywhere_leaves_the_old_session_or_the_new_one(
    before: Library, tmp_path: Path, how: str, least: int
) -> None:
    copies = copies_of_the_killed(before.path, tmp_path / "killed", how, "add")
    assert len(copies) >= least
    replaced = []
    for library in copies:
        assert_whole(library)
        session = library.open(IMOLA)
        replaced.append(session.results is not None)
        if not replaced[-1]:
            assert_same(session, OLD)
        else:
            assert session.crossings.equals(full_session().crossings)
        assert_writable_and_tidy(library)
    assert not replaced[0]
    assert how != "events" or replaced == sorted(replaced)


def test_a_first_writer_killed_anywhere_leaves_no_library_or_a_whole_one(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    copies = copies_of_the_killed(tmp_path / "before", tmp_path / "killed", "events", "add")
    assert len(copies) >= 15
    for library in copies:
        assert library.check() == ()
        assert library.list().height in (0, 1)
        assert_writable_and_tidy(library)


def test_a_removal_killed_anywhere_has_happened_or_not(before: Library, tmp_path: Path) -> None:
    copies = copies_of_the_killed(before.path, tmp_path / "killed", "events", "remove")
    assert len(copies) >= 5
    for library in copies:
        assert_whole(library)
        try:
            assert_same(library.open(IMOLA), OLD)
        except RaceNotFound:
            assert library.list()["id"].to_list() == [SPA]
        assert_writable_and_tidy(library)


def test_a_full_disk_is_an_error_and_leaves_the_old_state(before: Library) -> None:
    code = (
        "import pathlib, resource, signal, sys; from tests.made_up.sessions import *; "
        "from dryline.domain.errors import LibraryError; from dryline.store import Library\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (700, resource.RLIM_INFINITY))\n"
        "try: Library(pathlib.Path(sys.argv[1])).add(full_session(), replacing=True)\n"
        "except LibraryError as error: sys.exit('refused: ' + str(error))\n"
    )
    script = [sys.executable, "-c", code, str(before.path)]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.startswith(f"refused: {before.path}: cannot write the library: File too")
    assert_whole(before)
    assert_same(before.open(IMOLA), OLD)
    assert not (before.path / "staging").exists()
