"""Opening whatever names a race; refusing in one line whatever does not."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dryline.apps.cli.run import run
from dryline.domain.errors import BadOption, InputError, UnreadableFile
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceLength
from dryline.engine.opening import SaidOfFiles, official_results, open_race
from dryline.engine.race_length import known_length, parse_length
from dryline.engine.verify import verify
from dryline.feeds.alkamel.write import write_laps
from tests.made_up.field import crossings

FRAME = crossings(cars=5, hours=0.4)
DATA = write_laps(FRAME)


@pytest.fixture
def race_file(tmp_path: Path) -> Path:
    path = tmp_path / "monza_6h.csv"
    path.write_bytes(DATA)
    return path


def test_a_file_and_its_folder_open_the_same_race(race_file: Path) -> None:
    assert_frame_equal(open_race(race_file).laps, open_race(race_file.parent).laps)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("6:00", RaceLength(ms=21_600_000)),
        ("1:40:00", RaceLength(ms=6_000_000)),
        ("24h", RaceLength(ms=86_400_000)),
        ("335laps", RaceLength(laps=335)),
        ("335 laps", RaceLength(laps=335)),
    ],
)
def test_a_length_is_hours_or_laps(text: str, length: RaceLength) -> None:
    assert parse_length(text) == length


@pytest.mark.parametrize("text", ["", "soon", "0:00", "0", "-1:00"])
def test_an_impossible_length_is_refused(text: str) -> None:
    with pytest.raises(BadOption, match="--length"):
        parse_length(text)


@pytest.mark.parametrize("text", ["0", "0.0", "0h", "0laps"])
def test_the_remedy_for_no_length_at_all_is_one_that_helps(text: str) -> None:
    with pytest.raises(BadOption, match=r"more than nothing\. Write 6:00 or 335laps\.$"):
        parse_length(text)


def test_a_length_read_from_the_name_is_said_to_be_inferred(race_file: Path) -> None:
    race = open_race(race_file)
    assert race.info.length == RaceLength(ms=21_600_000, source="inferred from the name")
    assert [finding.kind for finding in race.findings].count("length_inferred") == 1
    said = open_race(race_file, SaidOfFiles(length=RaceLength(ms=1)))
    assert said.info.length == RaceLength(ms=1)
    assert "length_inferred" not in [finding.kind for finding in said.findings]


def test_a_catalogue_above_the_file_knows_the_length(race_file: Path) -> None:
    (race_file.parent / "catalogue.csv").write_text(
        "race,file,scheduled_h\nx,monza_6h.csv,1.6666\n"
    )
    assert known_length(race_file) == (RaceLength(ms=6_000_000, source="catalogue"), ())


def test_messages_join_the_race_by_time_and_are_cut_with_it(
    race_file: Path, tmp_path: Path
) -> None:
    said = tmp_path / "messages.csv"
    said.write_text(
        "at,kind,flag,sector,source,weight\n"
        "0:10:00,vsc,,,race control,\n"
        "0:12:00,flag,green,,race control,\n"
        "0:05:00,rain,,3,spotter,0.8\n"
    )
    race = open_race(race_file, SaidOfFiles(messages=said))
    assert [message.kind for message in race.messages] == ["rain", "vsc", "flag"]
    kinds = race.neutralisations.filter(pl.col("source") == "message")
    assert kinds["kind"].to_list() == ["vsc"]
    early = open_race(race_file, SaidOfFiles(messages=said), at="0:08:00")
    assert [message.kind for message in early.messages] == ["rain"]


def test_at_reads_the_file_as_if_it_ended_there(race_file: Path, tmp_path: Path) -> None:
    at = Instant(600_000)
    odd = FRAME.with_columns(
        s1_ms=pl.when(pl.col("elapsed_ms") > at.ms).then(None).otherwise("s1_ms")
    )
    race_file.write_bytes(write_laps(odd))
    assert "sector_missing" in [finding.kind for finding in open_race(race_file).findings]
    early = open_race(race_file, at=at)
    assert "sector_missing" not in [finding.kind for finding in early.findings]
    assert early.end <= at
    assert open_race(race_file, at=Instant(1)).crossings.is_empty()


def test_results_of_another_race_are_refused(race_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "results.csv"
    other.write_text(
        "POSITION,NUMBER,STATUS,LAPS,TOTAL_TIME,GAP_FIRST,GAP_PREVIOUS,FL_LAPNUM,FL_TIME,FL_KPH,"
        "TEAM,CLASS,GROUP,DIVISION,VEHICLE,TIRES\n"
        "1,901,Classified,20,30:00.000,-,-,3,1:30.000,200,A,GTP,,,Car,M\n"
        "2,902,Classified,20,30:01.000,+1.000,+1.000,3,1:30.000,200,B,GTP,,,Car,M\n"
    )
    with pytest.raises(UnreadableFile, match="another race"):
        verify(open_race(race_file), official_results(race_file, other))


def test_a_results_file_given_as_a_race_is_named_for_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "03_Results.csv"
    path.write_text("POSITION,NUMBER,STATUS,LAPS,TOTAL_TIME\n1,7,Classified,3,5:00.000\n")
    with pytest.raises(InputError, match="results file, not a lap file"):
        open_race(path)


def mutated(data: bytes) -> st.SearchStrategy[bytes]:
    """A timing file with a stretch cut out, replaced or repeated."""

    def spoil(where: float, length: int, new: bytes, times: int) -> bytes:
        at = int(where * len(data))
        return data[:at] + new * times + data[at + length :]

    return st.builds(
        spoil, st.floats(0, 1), st.integers(0, 400), st.binary(max_size=40), st.integers(0, 20)
    )


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.one_of(st.binary(max_size=500), st.text(max_size=300).map(str.encode), mutated(DATA))
)
def test_any_bytes_are_a_race_with_findings_or_one_clear_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(data)
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(["show", str(path), "--json"])
    assert status in (0, 2), err.getvalue()
    assert "Traceback" not in err.getvalue()
    if status == 2:
        assert len(err.getvalue().splitlines()) == 1
