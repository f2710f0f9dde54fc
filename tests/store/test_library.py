from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dryline.domain.errors import BrokenInvariant, InputError, LibraryError, RaceNotFound
from dryline.domain.race_info import RaceInfo
from dryline.store import Added, Library
from tests.made_up.sessions import IMOLA, assert_same, crossings, full_session, plain_session


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def files_of(library: Library) -> dict[str, int]:
    return {
        str(path.relative_to(library.path)): path.stat().st_mtime_ns
        for path in library.path.rglob("*")
        if path.is_file() and path.name != "writer.lock"
    }


def test_a_session_comes_out_as_it_went_in(library: Library) -> None:
    library.add(full_session())
    assert_same(library.open(IMOLA), full_session())


def test_a_session_with_crossings_only_comes_out_as_it_went_in(library: Library) -> None:
    library.add(plain_session("imsa/2023/daytona"))
    assert_same(library.open("imsa/2023/daytona"), plain_session("imsa/2023/daytona"))


def test_a_race_without_a_single_crossing_can_be_kept(library: Library) -> None:
    library.add(full_session(crossings=crossings(laps=0), extras=None))
    assert library.open(IMOLA).crossings.height == 0


def test_an_empty_library_lists_nothing_and_writes_nothing(library: Library) -> None:
    listing = library.list()
    assert listing.height == 0
    assert listing.columns[:6] == ["id", "name", "series", "year", "event", "session"]
    assert not library.path.exists()


def test_adding_the_same_race_twice_changes_nothing(library: Library) -> None:
    assert library.add(full_session(), added_at="2024-04-21") == Added(IMOLA, "added")
    before = files_of(library)
    assert library.add(full_session(), added_at="2025-01-01") == Added(IMOLA, "unchanged")
    assert files_of(library) == before


def test_the_same_race_from_another_folder_is_the_same_race(library: Library) -> None:
    library.add(full_session(info=RaceInfo(name="Imola", sources=("here/laps.csv",))))
    moved = full_session(info=RaceInfo(name="Imola", sources=("there/laps.csv",)))
    assert library.add(moved).outcome == "unchanged"


@pytest.mark.parametrize(
    "change",
    [
        {"crossings": crossings(lap_ms=94_999)},
        {"info": RaceInfo(name="Imola")},
        {"results": None},
        {"messages": ()},
        {"decisions": ()},
        {"findings": ()},
        {"sources": {"23_Analysis Race.CSV": b"other"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_version_of_the_session_updates_it_and_says_so(
    library: Library, change: dict[str, object]
) -> None:
    library.add(full_session())
    assert library.add(full_session(**change)) == Added(IMOLA, "updated")
    assert_same(library.open(IMOLA), full_session(**change))
    assert len(list(library.path.glob("sessions/**/@*"))) == 1


def test_the_list_says_what_each_session_holds(library: Library) -> None:
    library.add(full_session(), added_at="2024-04-21T19:30:00Z")
    library.add(plain_session("imsa/2023/daytona/qualifying"))
    daytona, imola = library.list().rows(named=True)
    assert imola["id"] == IMOLA
    assert imola["name"] == "6 Hours of Imola"
    assert (imola["series"], imola["year"], imola["event"]) == ("wec", 2024, "imola")
    assert (imola["cars"], imola["laps"], imola["length_ms"]) == (3, 15, 21_600_000)
    assert imola["added_at"] == "2024-04-21T19:30:00Z"
    assert (daytona["series"], daytona["year"]) == ("imsa", 2023)
    assert (daytona["session"], daytona["length_ms"]) == ("qualifying", None)
    on_disk = [path for path in library.path.glob("sessions/wec/**/*.*") if path.is_file()]
    stored = sum(path.stat().st_size for path in on_disk if path.name != "session.json")
    assert imola["bytes"] == stored


def test_a_removed_session_is_gone_with_its_files(library: Library) -> None:
    library.add(full_session())
    library.add(plain_session("wec/2024/spa"))
    library.remove(IMOLA)
    assert library.list()["id"].to_list() == ["wec/2024/spa"]
    assert not list(library.path.glob("sessions/wec/2024/imola*"))
    with pytest.raises(RaceNotFound, match="wec/2024/imola is not in the library"):
        library.open(IMOLA)
    with pytest.raises(RaceNotFound):
        library.remove(IMOLA)


def test_the_session_race_may_be_named_or_left_out(library: Library) -> None:
    assert library.add(full_session("wec/2024/imola/race")).id == IMOLA
    assert library.open("wec/2024/imola/race").id == IMOLA
    library.remove("wec/2024/imola/race")
    assert library.list().height == 0


def test_a_race_and_the_qualifying_of_its_event_live_side_by_side(library: Library) -> None:
    library.add(plain_session(IMOLA, 95_000))
    library.add(plain_session(f"{IMOLA}/qualifying", 91_000))
    library.add(plain_session(IMOLA, 96_000), replacing=True)
    assert library.list()["id"].to_list() == [IMOLA, f"{IMOLA}/qualifying"]
    assert_same(library.open(f"{IMOLA}/qualifying"), plain_session(f"{IMOLA}/qualifying", 91_000))


@pytest.mark.parametrize(
    "race_id", ["imola", "../../etc/2024/x", "wec/24/imola", "WEC/2024/imola", "wec/2024/@1", ""]
)
def test_what_is_not_an_id_is_refused_before_anything_is_written(
    library: Library, race_id: str
) -> None:
    with pytest.raises(InputError, match="is not a library id"):
        library.add(full_session(race_id))
    assert not library.path.exists()


def test_a_table_of_another_shape_is_our_own_fault(library: Library) -> None:
    with pytest.raises(BrokenInvariant, match="column elapsed_ms of the table crossings"):
        library.add(full_session(crossings=crossings().drop("elapsed_ms")))


def test_a_library_where_a_file_lies_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(LibraryError, match=r"taken.*cannot write the library"):
        Library(tmp_path / "taken").add(full_session())


def test_the_environment_names_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRYLINE_LIBRARY", str(tmp_path / "mine"))
    assert Library().path == tmp_path / "mine"
    monkeypatch.delenv("DRYLINE_LIBRARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Library().path == tmp_path / "data" / "dryline" / "library"


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_export_writes_the_tables_that_there_are(
    library: Library, tmp_path: Path, form: str
) -> None:
    library.add(full_session())
    written = library.export(IMOLA, tmp_path / "out", form)  # type: ignore[arg-type]
    names = {"crossings", "extras", "results", "weather", "findings"}
    assert {path.name for path in written} == {f"{n}.{form}" for n in names} | {"messages.jsonl"}
    read = pl.read_csv if form == "csv" else pl.read_parquet
    exported = read(tmp_path / "out" / f"crossings.{form}")
    assert exported["elapsed_ms"].to_list() == crossings()["elapsed_ms"].to_list()


def test_in_csv_car_numbers_and_crews_stay_readable(library: Library, tmp_path: Path) -> None:
    library.add(full_session())
    library.export(IMOLA, tmp_path)
    rows = pl.read_csv(tmp_path / "results.csv", infer_schema=False).rows(named=True)
    assert rows[0]["car_number"] == "000"
    assert rows[0]["drivers"] == "Kévin ESTRE"


def test_an_unknown_export_format_is_refused(library: Library, tmp_path: Path) -> None:
    library.add(full_session())
    with pytest.raises(InputError, match="Use csv or parquet"):
        library.export(IMOLA, tmp_path, "xlsx")  # type: ignore[arg-type]
