"""``library add`` over folders of many sessions: own ids, and nothing replaced unasked."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryline.apps.cli.run import run
from dryline.feeds.alkamel.write import write_laps
from dryline.store import Library
from tests.apps.conftest import Said
from tests.conftest import ROOT
from tests.made_up.field import crossings

CASES = ROOT.parent / "shared" / "cases"
SITE = "13_2024/{event}/267_FIA WEC/202404211300_Race/Hour {hour}/23_Analysis_Race_Hour {hour}.CSV"


def laps(seed: int, minutes: float = 12) -> bytes:
    """A made-up session; equal seeds and fewer minutes are an earlier version of it."""
    whole = crossings(cars=3, hours=0.25, seed=seed, flags=False)
    return write_laps(whole.filter(pl.col("elapsed_ms") <= minutes * 60_000))


def decision(seconds: int) -> bytes:
    return b"car_number,kind,seconds\n7,time_penalty,%d\n" % seconds


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def ids(tmp_path: Path) -> list[str]:
    return Library(tmp_path / "library").list()["id"].to_list()


def originals(library: Library, race_id: str) -> list[bytes]:
    return [*library.open(race_id).sources.values()]


def test_a_season_as_the_site_lays_it_out_has_an_id_for_each_event(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    for seed, event in enumerate(("02_IMOLA", "05_FUJI")):
        put(tmp_path / "season", SITE.format(event=event, hour=6), laps(seed))
    status, out, err = cli("library", "add", tmp_path / "season", "--series", "wec")
    assert (status, err) == (0, "")
    assert out.splitlines() == ["added     wec/2024/imola", "added     wec/2024/fuji"]


def test_a_weekend_in_one_folder_is_the_race_and_its_other_sessions_each_with_its_files(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    weekend = tmp_path / "2024" / "fuji"
    for seed, name in enumerate(("Race", "Qualifying", "Warm Up", "Free Practice 1")):
        put(weekend, f"23_Analysis_{name}.CSV", laps(seed))
        put(weekend, f"decisions_{name}.csv", decision(seed + 5))
    assert cli("library", "add", tmp_path / "2024")[0] == 0
    assert ids(tmp_path) == [
        "wec/2024/fuji",
        "wec/2024/fuji/free-practice-1",
        "wec/2024/fuji/qualifying",
        "wec/2024/fuji/warm-up",
    ]
    library = Library(tmp_path / "library")
    for race_id, seed in (("wec/2024/fuji", 0), ("wec/2024/fuji/warm-up", 2)):
        kept = library.open(race_id)
        assert {*kept.sources.values()} == {laps(seed), decision(seed + 5)}
        assert [decision.seconds for decision in kept.decisions] == [seed + 5]


def test_what_names_no_session_belongs_to_the_race(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    put(tmp_path, "2024/fuji/23_Analysis_Race.CSV", laps(1))
    put(tmp_path, "2024/fuji/23_Analysis_Warm Up.CSV", laps(2))
    put(tmp_path, "2024/fuji/decisions.csv", decision(5))
    cli("library", "add", tmp_path / "2024")
    library = Library(tmp_path / "library")
    assert len(library.open("wec/2024/fuji").decisions) == 1
    assert library.open("wec/2024/fuji/warm-up").decisions == ()


def test_of_a_race_published_hour_by_hour_the_last_by_number_counts(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    race = tmp_path / "2024" / "le_mans"
    for hour in (9, 24, 10):
        put(race, f"23_Analysis_Race_Hour {hour}.CSV", laps(1, minutes=hour / 2))
    status, out, err = cli("library", "add", tmp_path / "2024")
    assert (status, out) == (0, "added     wec/2024/le-mans\n")
    assert len(err.splitlines()) == 2
    assert all("Hour 24.CSV is a later version" in line for line in err.splitlines())
    assert originals(Library(tmp_path / "library"), "wec/2024/le-mans") == [laps(1, minutes=12)]


def test_two_sessions_that_claim_one_id_are_named_and_neither_is_added(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    one = put(tmp_path / "a", "2024/fuji/23_Analysis_Race.CSV", laps(1))
    other = put(tmp_path / "b", "2024/fuji/23_Analysis_Race.CSV", laps(2))
    put(tmp_path / "b", "2024/spa/23_Analysis_Race.CSV", laps(3))
    status, out, err = cli("library", "add", tmp_path / "a", tmp_path / "b")
    assert (status, out) == (2, "added     wec/2024/spa\n")
    assert str(one) in err
    assert str(other) in err
    assert "--as" in err
    assert ids(tmp_path) == ["wec/2024/spa"]


def test_the_same_bytes_in_two_places_are_one_session(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    for place in ("a", "b"):
        put(tmp_path / place, "2024/fuji/23_Analysis_Race.CSV", laps(1))
    status, out, err = cli("library", "add", tmp_path / "a", tmp_path / "b", tmp_path / "a")
    assert (status, out) == (0, "added     wec/2024/fuji\n")
    assert "the same bytes as" in err


def test_another_session_under_an_id_is_replaced_only_when_told_to(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    path = put(tmp_path, "2024/fuji/23_Analysis_Race.CSV", laps(1))
    cli("library", "add", path)
    path.write_bytes(laps(2))
    status, out, err = cli("library", "add", path)
    assert (status, out) == (2, "")
    assert str(path) in err
    assert "holds another session as wec/2024/fuji" in err
    assert "--replace" in err
    assert len(err.splitlines()) == 1
    assert originals(Library(tmp_path / "library"), "wec/2024/fuji") == [laps(1)]
    assert cli("library", "add", path, "--replace")[1] == "replaced  wec/2024/fuji\n"
    assert originals(Library(tmp_path / "library"), "wec/2024/fuji") == [laps(2)]


def test_a_later_version_updates_and_an_earlier_one_does_not(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    said = []
    for minutes in (6, 12, 6, 12):
        path = put(tmp_path, "2024/fuji/23_Analysis_Race.CSV", laps(1, minutes))
        status, out, _ = cli("library", "add", path)
        assert status == 0
        said.append(out.split()[0])
    assert said == ["added", "updated", "kept", "unchanged"]


def test_laps_alone_do_not_take_away_the_decisions_kept_with_them(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    path = put(tmp_path, "2024/fuji/23_Analysis_Race.CSV", laps(1, 6))
    put(tmp_path, "2024/fuji/decisions.csv", decision(5))
    assert cli("library", "add", tmp_path / "2024")[0] == 0
    assert cli("library", "add", path)[1] == "unchanged wec/2024/fuji\n"
    path.write_bytes(laps(1, 12))
    assert cli("library", "add", path)[1] == "updated   wec/2024/fuji\n"
    kept = Library(tmp_path / "library").open("wec/2024/fuji")
    assert [decision.car_number for decision in kept.decisions] == ["7"]
    assert laps(1, 12) in kept.sources.values()


def test_two_files_that_only_claim_to_be_parts_are_both_kept(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    for part in (1, 2):
        put(tmp_path, f"2024/spa/23_Analysis_Race Part {part}.CSV", laps(part))
    assert cli("library", "add", tmp_path / "2024")[0] == 0
    assert ids(tmp_path) == ["wec/2024/spa/race-part-1", "wec/2024/spa/race-part-2"]


@dataclass(frozen=True)
class Made:
    """A file to add: where, what, and the id that it has to get."""

    place: str
    seed: int
    minutes: float
    race_id: str

    @property
    def content(self) -> bytes:
        return laps(self.seed, self.minutes)


FILES = [
    Made(SITE.format(event="02_IMOLA", hour=6), 1, 6, "wec/2024/imola"),
    Made(SITE.format(event="02_IMOLA", hour=10), 1, 10, "wec/2024/imola"),
    Made(SITE.format(event="05_FUJI", hour=6), 2, 12, "wec/2024/fuji"),
    Made("weekend/2024/fuji/23_Analysis_Race.CSV", 3, 12, "wec/2024/fuji"),
    Made("weekend/2024/fuji/23_Analysis_Warm Up.CSV", 4, 8, "wec/2024/fuji/warm-up"),
    Made("weekend/2024/fuji/23_Analysis_Qualifying.CSV", 5, 8, "wec/2024/fuji/qualifying"),
    Made("hours/2024/spa/23_Analysis_Race_Hour 9.CSV", 6, 9, "wec/2024/spa"),
    Made("hours/2024/spa/23_Analysis_Race_Hour 24.CSV", 6, 12, "wec/2024/spa"),
    Made("copies/2024/spa/race.csv", 6, 12, "wec/2024/spa"),
]
FOLDERS = ["13_2024", "weekend", "hours", "copies", "weekend/2024/fuji", "."]


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("season")
    for made in FILES:
        put(folder, made.place, made.content)
    return folder


def held(library: Library) -> dict[str, Made]:
    """Which of the files made here the library holds, by id."""
    by_content = {made.content: made for made in FILES}
    return {
        race_id: next(by_content[body] for body in originals(library, race_id))
        for race_id in library.list()["id"]
    }


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    commands=st.lists(
        st.lists(st.sampled_from([*(made.place for made in FILES), *FOLDERS]), min_size=1),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_added_in_whatever_order_no_session_is_lost(
    season: Path, commands: list[list[str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        for command in commands:
            before = held(library)
            sources = [str(season / place) for place in command]
            status = run(["library", "add", *sources, "--library", folder])
            after = held(library)
            for race_id, made in before.items():
                assert after[race_id].seed == made.seed
                assert after[race_id].minutes >= made.minutes
            for race_id, made in after.items():
                assert made.race_id == race_id
            named = [m for m in FILES if any(_below(m.place, place) for place in command)]
            if status == 0:
                assert {made.race_id for made in named} <= {*after}
            else:
                assert status == 2
                assert {made.seed for made in named} - {made.seed for made in after.values()}
            assert library.check() == ()


def _below(place: str, folder: str) -> bool:
    return folder == "." or place == folder or place.startswith(f"{folder}/")


def test_a_damaged_library_says_so_and_is_rebuilt_when_asked(
    cli: Callable[..., Said],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for seed, event in enumerate(("spa", "fuji")):
        cli("library", "add", put(tmp_path, f"2024/{event}/23_Analysis_Race.CSV", laps(seed)))
    (record,) = tmp_path.glob("library/sessions/wec/2024/spa/@*/session.json")
    for path in (tmp_path / "library" / "manifest.json", record):
        path.write_bytes(path.read_bytes()[:-5])
    aside = tmp_path / "aside"
    shutil.copytree(tmp_path / "library", aside)
    status, out, _ = cli("library", "check")
    assert status == 2
    assert str(record) in out
    assert "`dryline library rebuild wec/2024/spa` rebuilds" in out
    status, out, err = cli("library", "list")
    assert "1 race in" in out
    assert "damaged   wec/2024/spa" in err
    assert cli("library", "list", "--json")[1].count('"damaged":["wec/2024/spa"]') == 1
    assert cli("show", "wec/2024/spa")[0] == 0
    assert f"{record}: cannot be read; rebuilding from the original files" in caplog.text
    assert cli("library", "check")[:2] == (0, f"sound: 2 races in {tmp_path / 'library'}\n")
    monkeypatch.setenv("DRYLINE_LIBRARY", str(aside))
    assert cli("library", "rebuild")[:2] == (0, "rebuilt   wec/2024/spa\n")
    assert cli("library", "rebuild")[:2] == (0, f"sound: 2 races in {aside}\n")


def test_a_race_that_cannot_be_rebuilt_is_named_with_the_remedy(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    path = put(tmp_path, "2024/spa/23_Analysis_Race.CSV", laps(1))
    cli("library", "add", path)
    for name in ("session.json", "source-01.gz", "crossings.parquet"):
        (spoiled,) = tmp_path.glob(f"library/sessions/wec/2024/spa/@*/{name}")
        spoiled.write_bytes(b"spoiled")
    status, out, err = cli("library", "rebuild")
    assert (status, out) == (2, "")
    assert "The original file of wec/2024/spa is lost; add the race again" in err
    assert cli("library", "check")[0] == 2
    assert cli("library", "add", path)[1] == "repaired  wec/2024/spa\n"
    assert cli("library", "check")[0] == 0


def test_a_question_that_takes_too_long_is_stopped_and_says_how_to_go_on(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    runaway = "select count(*) from range(10000000000) a, range(10000000) b where a.range % 7 > 9"
    status, out, err = cli("library", "sql", runaway, "--time-limit", "0.2")
    assert (status, out) == (2, "")
    assert err == (
        "dryline: SQL: stopped after 0.2 s. "
        "Narrow the query, or give it longer: --time-limit SECONDS.\n"
    )


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("case", "held_ids"),
    [
        ("season", ["wec/2024/fuji", "wec/2024/imola"]),
        ("weekend", ["wec/2024/fuji", "wec/2024/fuji/qualifying", "wec/2024/fuji/warm-up"]),
        ("hours", ["wec/2024/le-mans"]),
    ],
)
def test_the_folders_that_gave_many_sessions_one_id(
    cli: Callable[..., Said], tmp_path: Path, case: str, held_ids: list[str]
) -> None:
    folder = CASES / "library-one-id-for-many-sessions" / case
    assert cli("library", "add", folder, "--series", "wec")[0] == 0
    assert ids(tmp_path) == held_ids
    whole = folder / "2024" / "le_mans" / "23_Analysis_Race_Hour 24.CSV"
    if case == "hours":
        kept = originals(Library(tmp_path / "library"), "wec/2024/le-mans")
        assert kept == [whole.read_bytes()]


@pytest.mark.needs_data
def test_the_parts_of_the_suspended_race_are_one_race_with_both_originals(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    folder = CASES / "suspended-and-resumed" / "two_files"
    assert cli("library", "add", folder, "--series", "wec", "--year", "2024")[0] == 0
    library = Library(tmp_path / "library")
    (race_id,) = library.list()["id"]
    assert sorted(originals(library, race_id)) == sorted(
        path.read_bytes() for path in folder.iterdir()
    )
    assert race_id == "wec/2024/two-files"
