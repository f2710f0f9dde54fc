from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import pytest

from dryline.domain.errors import InputError, LibraryError
from dryline.store import Library
from dryline.store.queries import VIEWS
from dryline.store.query_bounds import Bounds
from tests.made_up.sessions import IMOLA, full_session, plain_session
from tests.waiting import until


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "it's a [library]")
    library.add(full_session(), added_at="2024-04-21")
    library.add(plain_session("imsa/2023/daytona", 90_000, laps=7))
    return library


def test_a_query_sees_every_race_by_its_id(library: Library) -> None:
    answer = library.sql(
        "SELECT race, count(*) AS laps, min(lap_time_ms) AS best_ms "
        "FROM crossings GROUP BY race ORDER BY race"
    )
    assert answer.rows() == [("imsa/2023/daytona", 21, 90_000), (IMOLA, 15, 95_000)]


def test_every_view_can_be_joined_on_the_race(library: Library) -> None:
    answer = library.sql(
        "SELECT s.name, s.length_ms, count(*) FROM sessions s "
        "JOIN results USING (race) JOIN weather USING (race) "
        "JOIN findings USING (race) GROUP BY ALL"
    )
    assert answer.row(0) == ("6 Hours of Imola", 21_600_000, 4)


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_library_answers_with_typed_empty_tables(tmp_path: Path, view: str) -> None:
    empty = Library(tmp_path / "empty").sql(f"SELECT * FROM {view}")
    full = Library(tmp_path / "full")
    full.add(full_session())
    assert empty.height == 0
    assert empty.schema == full.sql(f"SELECT * FROM {view}").schema


def test_the_order_asked_for_is_kept(library: Library) -> None:
    answer = library.sql("SELECT elapsed_ms FROM crossings ORDER BY elapsed_ms DESC")
    assert answer["elapsed_ms"].is_sorted(descending=True)


def test_sums_and_odd_types_come_back_as_plain_ones(library: Library) -> None:
    answer = library.sql(
        "SELECT sum(lap_time_ms) AS total, 1.5 AS d, INTERVAL 1 DAY AS i, "
        "'00000000-0000-0000-0000-000000000001'::UUID AS u, 1 AS a, 2 AS A FROM crossings"
    )
    kinds = [pl.Int64, pl.Float64, pl.String, pl.String, pl.Int32, pl.Int32]
    assert answer.dtypes == kinds
    assert answer.columns == ["total", "d", "i", "u", "a", "A_2"]


@pytest.mark.parametrize(
    "query",
    [
        "DROP VIEW crossings",
        "INSERT INTO sessions SELECT * FROM sessions",
        "COPY crossings TO '{out}'",
        "SELECT 1; DROP VIEW crossings",
        "ATTACH '{out}'",
        "PRAGMA version",
        "SET enable_external_access = true",
        "",
        "-- nothing",
    ],
)
def test_only_one_select_is_answered(library: Library, tmp_path: Path, query: str) -> None:
    out = tmp_path / "written"
    with pytest.raises(InputError, match="one SELECT at a time"):
        library.sql(query.format(out=out))
    assert not out.exists()


@pytest.mark.parametrize("reader", ["read_csv", "read_text", "read_blob", "glob"])
def test_a_query_cannot_read_files_outside_the_library(
    library: Library, tmp_path: Path, reader: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="disabled by configuration"):
        library.sql(f"SELECT * FROM {reader}('{secret}')")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT nothing FROM crossings", "nothing"),
        ("SELECT * FROM laps_of_honour", "laps_of_honour"),
        ("SELECT CAST('x' AS INTEGER)", "x"),
        ("SELECT '\x00", "SQL: "),
    ],
)
def test_a_wrong_query_is_one_line(library: Library, query: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        library.sql(query)
    assert "\n" not in str(error.value)


def test_a_damaged_table_is_named_instead_of_counted(library: Library) -> None:
    assert library.sql("SELECT count(*) FROM crossings").item() == 36
    (path,) = library.path.glob("sessions/wec/**/crossings.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(LibraryError, match=r"crossings\.parquet: was changed after"):
        library.sql("SELECT count(*) FROM crossings")


def test_a_query_leaves_nothing_on_the_standard_streams(library: Library) -> None:
    code = (
        "import pathlib, sys; from dryline.store import Library; "
        "frame = Library(pathlib.Path(sys.argv[1])).sql('FROM sessions'); assert frame.height == 2"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(library.path)], capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")


RUNAWAY = "SELECT count(*) FROM range(10000000000) a, range(10000000) b WHERE a.range % 7 > 9"
SORTED = (
    "SELECT a.range, random() AS r, repeat('x', 100) || random()::VARCHAR AS s "
    "FROM range(20000000) a ORDER BY r"
)


@pytest.fixture
def spill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "spill"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    ("query", "bounds", "said"),
    [
        (RUNAWAY, Bounds(time_s=0.2), r"stopped after 0\.2 s\. .*--time-limit SECONDS"),
        (SORTED, Bounds(memory_bytes=100_000_000, disk_bytes=50_000_000),
         r"needs more than 0\.1 GB of memory and 0\.05 GB of disk\. Narrow the query"),
        ("SELECT random() AS r FROM range(50000000)", Bounds(disk_bytes=1_000_000, rows=10**9),
         r"needs more than 2 GB of memory and 0\.001 GB of disk"),
        ("SELECT * FROM range(11)", Bounds(rows=10), "the answer has more than 10 rows"),
    ],
)  # fmt: skip
def test_a_question_that_takes_too_much_is_stopped_and_leaves_nothing_behind(
    library: Library, spill: Path, query: str, bounds: Bounds, said: str
) -> None:
    with pytest.raises(InputError, match=said) as error:
        library.sql(query, bounds=bounds)
    assert "\n" not in str(error.value)
    assert list(spill.iterdir()) == []
    assert library.sql("SELECT count(*) FROM crossings").item() == 36


def test_an_answer_within_its_bounds_is_whole(library: Library, spill: Path) -> None:
    answer = library.sql("SELECT * FROM range(10) ORDER BY 1", bounds=Bounds(rows=10))
    assert answer.to_series().to_list() == list(range(10))
    assert list(spill.iterdir()) == []


def test_a_question_may_not_lift_its_own_bounds(library: Library) -> None:
    with pytest.raises(InputError, match="one SELECT at a time"):
        library.sql("SET memory_limit = '99GB'")


def test_an_answer_that_is_stopped_while_it_is_written_stops_every_time(
    library: Library, spill: Path
) -> None:
    bounds = Bounds(disk_bytes=1_000_000, rows=10**9)
    for _ in range(8):
        with pytest.raises(InputError, match="needs more than"):
            library.sql("SELECT random() AS r FROM range(50000000)", bounds=bounds)
    assert list(spill.iterdir()) == []


def test_a_question_ends_with_whoever_asked_it(library: Library) -> None:
    code = (
        "import pathlib, sys; from dryline.store import Library; "
        f"Library(pathlib.Path(sys.argv[1])).sql({RUNAWAY!r})"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(library.path)]) as asking:
        children = Path(f"/proc/{asking.pid}/task/{asking.pid}/children")
        until(children.read_text)
        (answering,) = children.read_text().split()
        until(lambda: b"query_process" in Path(f"/proc/{answering}/cmdline").read_bytes())
        asking.kill()
    until(lambda: not Path(f"/proc/{answering}").exists() or _is_dead(answering))


def _is_dead(pid: str) -> bool:
    """Ended, and not waited for by whoever adopted it."""
    return ") Z " in Path(f"/proc/{pid}/stat").read_text()


def test_a_process_that_dies_is_said(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(InputError, match=r"the process that answers died \(1\)"):
        library.sql("SELECT 1")
