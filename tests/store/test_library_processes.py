from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dryline.domain.errors import LibraryError
from dryline.store import Library
from dryline.store.lock import writer_lock
from tests.made_up.sessions import IMOLA, assert_same, lap_ms_of, plain_session
from tests.waiting import HANG_S

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import pathlib, sys
from tests.made_up.sessions import IMOLA, plain_session
from dryline.store import Library
library = Library(pathlib.Path(sys.argv[1]))
for n in range(int(sys.argv[2])):
    library.add(plain_session(IMOLA, 90_000 + n), replacing=True)
"""

READER = """
import pathlib, sys
from tests.made_up.sessions import IMOLA, assert_same, lap_ms_of, plain_session
from dryline.store import Library
library, seen = Library(pathlib.Path(sys.argv[1])), []
while not seen or seen[-1] < 90_000 + int(sys.argv[2]) - 1:
    session = library.open(IMOLA)
    assert_same(session, plain_session(IMOLA, lap_ms_of(session)))
    seen.append(lap_ms_of(session))
    if len(seen) == 1:
        print("seen", flush=True)
    low, high = library.sql(
        "SELECT min(lap_time_ms) - min(car_number::INT), max(lap_time_ms) - max(car_number::INT) "
        "FROM crossings"
    ).row(0)
    assert low == high >= seen[-1], (low, high, seen[-1])
assert seen == sorted(seen)
print("versions", len(set(seen)))
"""

ADDER = """
import pathlib, sys
from tests.made_up.sessions import plain_session
from tests.waiting import HANG_S
from dryline.store import Library
library = Library(pathlib.Path(sys.argv[1]), wait_s=HANG_S)
for n in range(8):
    library.add(plain_session(f"wec/2024/{sys.argv[2]}-{n}"))
"""

HOLDER = """
import pathlib, sys, time
from dryline.store.lock import writer_lock
with writer_lock(pathlib.Path(sys.argv[1]), 1.0):
    print("held", flush=True)
    sys.stdin.read()
"""


def start(code: str, *args: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=HANG_S)
    assert process.returncode == 0, err
    return out


def test_readers_beside_a_writer_always_see_one_whole_state(tmp_path: Path) -> None:
    versions = 40
    Library(tmp_path).add(plain_session(IMOLA, 89_999))
    readers = [start(READER, tmp_path, versions) for _ in range(2)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "seen\n"
    finish(start(WRITER, tmp_path, versions))
    seen = [int(finish(reader).split("versions ")[1]) for reader in readers]
    assert min(seen) > 1
    assert Library(tmp_path).check() == ()


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    for writer in [start(ADDER, tmp_path, name) for name in ("one", "two")]:
        finish(writer)
    library = Library(tmp_path)
    assert library.list().height == 16
    assert library.check() == ()
    assert_same(library.open("wec/2024/two-7"), plain_session("wec/2024/two-7"))


def test_a_second_writer_gives_up_in_time_and_names_the_first(tmp_path: Path) -> None:
    holder = start(HOLDER, tmp_path / "writer.lock")
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    library = Library(tmp_path, wait_s=0.2)
    with pytest.raises(LibraryError, match=f"process {holder.pid} is still writing"):
        library.add(plain_session(IMOLA))
    assert library.list().height == 0
    finish(holder)
    assert library.add(plain_session(IMOLA)).outcome == "added"


def test_the_lock_of_a_killed_writer_holds_nobody_up(tmp_path: Path) -> None:
    holder = start(HOLDER, tmp_path / "writer.lock")
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.communicate()
    assert Library(tmp_path, wait_s=0).add(plain_session(IMOLA)).outcome == "added"


def test_a_waiting_writer_goes_on_as_soon_as_the_first_is_done(tmp_path: Path) -> None:
    waits: list[float] = []
    with writer_lock(tmp_path / "lock", 0):
        first = writer_lock(tmp_path / "lock", 0.5, waits.append)
        with pytest.raises(LibraryError, match=r"after 0\.5 s"), first:
            pytest.fail("two writers at once")
    assert sum(waits) == pytest.approx(0.5)
    with writer_lock(tmp_path / "lock", 0):
        pass


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    library = Library(tmp_path, wait_s=0)
    library.add(plain_session(IMOLA, 91_000))
    with writer_lock(tmp_path / "writer.lock", 0):
        with pytest.raises(LibraryError, match="still writing"):
            library.add(plain_session(IMOLA, 92_000))
        assert lap_ms_of(library.open(IMOLA)) == 91_000
        assert library.sql("SELECT count(*) FROM crossings").item() == 15
