"""Files that grow, are replaced, or arrive in a folder by the hour."""

from __future__ import annotations

import os
import random
import threading
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.event import Correction
from dryline.domain.instant import Instant
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.player import Player
from dryline.engine.live.reading import replay
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import digest
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.events import events
from dryline.feeds.live.file_patch import apply_patch, make_patch
from dryline.feeds.live.files_reader import _COMPARED, _compared
from dryline.feeds.live.growing import GrowingFiles
from dryline.feeds.live.lines import event_line
from dryline.feeds.live.regular_rows import regular_rows
from dryline.feeds.live.stream import StreamFeed
from dryline.race.race import Race
from tests.engine.live_races import INFO, same_race
from tests.made_up.field import crossings
from tests.made_up.field import events as made_up_events

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c", b"\n", b"dd\r\n", b"e\rf\n"]), max_size=12)
BUT = ["known_at_ms", "line"]


@given(old=LINES, new=LINES)
def test_a_patch_turns_the_old_version_into_the_new(old: list[bytes], new: list[bytes]) -> None:
    before, after = b"".join(old), b"".join(new)
    assert apply_patch(before, make_patch(before, after)) == after


def test_a_patch_of_a_few_new_lines_is_small_wherever_they_stand() -> None:
    frame = crossings(cars=8, hours=1.0)
    new = write_laps(frame.sort("car_number", "lap").with_columns(line=pl.lit(None, pl.Int32)))
    few = frame.with_row_index().filter(pl.col("index") % 60 != 7).drop("index")
    old = write_laps(few.sort("car_number", "lap").with_columns(line=pl.lit(None, pl.Int32)))
    patch = make_patch(old, new)
    assert apply_patch(old, patch) == new
    assert len(patch) < len(new) / 10


@dataclass
class Watched:
    """A session that watches a path."""

    path: Path
    journal: Path | None = None

    def __post_init__(self) -> None:
        self.session = LiveSession(INFO, FollowingClock(), journal=self.journal)
        self.player = Player(self.session, [GrowingFiles(self.path, source="file")])

    def look(self, times: int = 1) -> Race:
        for _ in range(times):
            while self.player._hand_over():
                pass
        return self.session.race()


def batch(data: bytes) -> Race:
    return Race(INFO, parse_laps(data, "laps").crossings)


def test_a_growing_file_is_followed_line_by_line_and_half_lines_are_left(tmp_path: Path) -> None:
    data = write_laps(crossings(cars=4, hours=0.5))
    path, chance = tmp_path / "laps.csv", random.Random(1)
    watched, place = Watched(path), 0
    assert watched.look().crossings.is_empty()
    assert watched.session.state.feeds["file"].state == "lost"
    with path.open("wb", buffering=0) as file:
        while place < len(data):
            step = chance.randrange(1, 2_500)
            file.write(data[place : place + step])
            place += step
            race = watched.look()
            whole = data[: data[:place].rfind(b"\n") + 1]
            if whole.count(b"\n") > 1:
                same_race(race, batch(whole), but=["known_at_ms"])
    health = watched.session.state.feeds["file"]
    assert (health.state, health.losses) == ("connected", 1)
    assert (health.corrections, health.duplicates, health.garbage) == (0, 0, 0)


def test_a_last_line_without_an_end_is_read_when_the_file_has_settled(tmp_path: Path) -> None:
    data = write_laps(crossings(cars=3, hours=0.2)).rstrip(b"\r\n")
    path = tmp_path / "laps.csv"
    path.write_bytes(data)
    watched = Watched(path)
    assert watched.look().crossings.height == batch(data).crossings.height - 1
    same_race(watched.look(12), batch(data), but=BUT)


def test_a_file_replaced_whole_and_sorted_by_car_is_followed(tmp_path: Path) -> None:
    frame = crossings(cars=5, hours=0.5)
    path, watched = tmp_path / "laps.csv", Watched(tmp_path / "laps.csv")
    for share in (0.1, 0.3, 0.35, 0.7, 1.0):
        known = frame.filter(pl.col("elapsed_ms") <= share * 1_900_000)
        by_car = known.sort("car_number", "lap").with_columns(line=pl.lit(None, pl.Int32))
        (tmp_path / "new").write_bytes(write_laps(by_car))
        os.replace(tmp_path / "new", path)
        same_race(watched.look(), batch(path.read_bytes()), but=BUT)
    assert watched.session.state.feeds["file"].corrections == 0


def test_a_replaced_file_may_change_a_past_lap_and_take_one_back(tmp_path: Path) -> None:
    frame = crossings(cars=4, hours=0.4)
    path, watched = tmp_path / "laps.csv", Watched(tmp_path / "laps.csv")
    path.write_bytes(write_laps(frame))
    watched.look()
    changed = frame.with_columns(
        driver=pl.when(pl.col("lap") == 3).then(pl.lit("Somebody ELSE")).otherwise("driver")
    ).filter((pl.col("car_number") != "50") | (pl.col("lap") != 6))
    path.write_bytes(write_laps(changed))
    watched.look()
    assert watched.session.race().crossings.height == frame.height
    same_race(watched.look(12), batch(path.read_bytes()), but=BUT)
    assert watched.session.state.feeds["file"].corrections == 5


def test_a_file_that_is_being_rewritten_takes_nothing_back_meanwhile(tmp_path: Path) -> None:
    data = write_laps(crossings(cars=4, hours=0.4))
    path, watched = tmp_path / "laps.csv", Watched(tmp_path / "laps.csv")
    path.write_bytes(data)
    known = watched.look().crossings.height
    for size in (0, 900, len(data) // 2, len(data)):
        path.write_bytes(data[:size])
        assert watched.look().crossings.height == known
    same_race(watched.look(12), batch(data), but=BUT)
    assert watched.session.state.feeds["file"].corrections == 0


def test_a_restart_goes_on_from_what_the_file_held(tmp_path: Path) -> None:
    data = write_laps(crossings(cars=4, hours=0.4))
    path, journal = tmp_path / "laps.csv", tmp_path / "race.journal"
    path.write_bytes(data[: len(data) // 2])
    first = Watched(path, journal)
    known = first.look().crossings.height
    first.player.stop()
    path.write_bytes(data)
    second = Watched(path, journal)
    assert second.session.race().crossings.height == known
    same_race(second.look(12), batch(data), but=["known_at_ms"])
    assert second.session.state.feeds["file"].duplicates == 0
    told = digest(second.session.state)
    second.player.stop()
    assert replay(journal).digest == told
    assert journal.stat().st_size < 2 * len(data) + 4_000


def test_a_folder_that_receives_hourly_files_is_one_race(tmp_path: Path) -> None:
    frame = crossings(cars=4, hours=0.6)
    watched = Watched(tmp_path)
    assert watched.look().crossings.is_empty()
    for hour in (1, 2, 3):
        known = frame.filter(pl.col("elapsed_ms") <= hour * 720_000 + 300_000)
        known = known.filter(pl.col("elapsed_ms") > 720_000) if hour == 3 else known
        folder = tmp_path / f"Hour {hour}"
        folder.mkdir()
        known = known.with_columns(line=pl.lit(None, pl.Int32))
        (folder / "23_Analysis_Race.CSV").write_bytes(write_laps(known))
        watched.look()
    (tmp_path / "messages.csv").write_text("at,kind,text\n0:10:00,note,hello\n")
    (tmp_path / "notes.txt").write_text("nothing of the kind\n" * 3)
    race = watched.look(12)
    same_race(Race(INFO, race.crossings), Race(INFO, frame), but=[*BUT, "driver_seat"])
    assert [message.text for message in race.messages] == ["hello"]
    assert watched.session.state.feeds["file"].corrections == 0


def test_lines_from_a_pipe_are_heard_and_their_end_too() -> None:
    frame = crossings(cars=3, hours=0.2)
    reading, writing = os.pipe()
    session = LiveSession(INFO, FollowingClock())
    player = Player(session, [StreamFeed(reading)])

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            for event in made_up_events(frame):
                pipe.write(event_line(event))

    writer = threading.Thread(target=write)
    writer.start()
    player.run()
    writer.join()
    same_race(session.race(), Race(INFO, frame))
    assert session.state.feeds["stdin"].state == "ended"


def test_taking_back_needs_a_settled_file_and_no_other_file_with_the_lap() -> None:
    from dryline.feeds.live.files_reader import FilesReader
    from dryline.feeds.said import StatedEvent

    frame = crossings(cars=2, hours=0.2)
    data, less = write_laps(frame), write_laps(frame.filter(pl.col("lap") != 4))
    reader, at = FilesReader(), Instant(5)
    list(reader.patched("one", make_patch(b"", data), at))
    list(reader.patched("two", make_patch(b"", data), at))
    assert not [
        s for s in reader.patched("one", make_patch(data, less), at) if isinstance(s, StatedEvent)
    ]
    assert not [s for s in reader.settled("one", at) if isinstance(s, StatedEvent)]
    list(reader.patched("two", make_patch(data, less), at))
    gone = [said.event for said in reader.settled("two", at) if isinstance(said, StatedEvent)]
    assert [event.lap for event in gone if isinstance(event, Correction)] == [4, 4]


def test_regular_rows_are_read_as_the_parser_of_whole_files_reads_them() -> None:
    data = write_laps(crossings(cars=6, hours=0.6))
    header, *rows = data.splitlines(keepends=True)
    read = regular_rows(header, rows, 2)
    assert read == list(events(parse_laps(data, "laps")))
    assert read is not None
    assert [_compared(event) for event in read] == parse_laps(data, "x").crossings.select(
        _COMPARED
    ).rows()


ODD = st.sampled_from(
    ["", "0", "1", "-1", "1:75.000", "61:00.000", "25:00:00.000", "0.000", "1:2.5", "1:02,500",
     "B", "b", "GF", "FF", "FCY", "ZZ", "999", "601", "12.5", "12,5", "é", "x y", "\u0663", "007"]
)  # fmt: skip
BY_OTHER_ROWS = {
    "car_number_mended", "lap_number_mended", "elapsed_mended", "lap_time_mended",
    "flag_impossible", "after_the_flag",
}  # fmt: skip
ONE_CAR = write_laps(crossings(cars=2, hours=0.15))


@settings(deadline=None, max_examples=200)
@given(row=st.integers(0, 8), column=st.integers(0, 28), cell=ODD)
def test_whatever_is_read_row_by_row_is_what_the_parser_of_whole_files_reads(
    row: int, column: int, cell: str
) -> None:
    header, *rows = ONE_CAR.decode("utf-8-sig").splitlines(keepends=True)
    cells = rows[row].split(";")
    cells[column] = cell
    rows[row] = ";".join(cells)
    read = regular_rows(header.encode(), [each.encode() for each in rows], 2)
    if read is not None:
        sheet = parse_laps((header + "".join(rows)).encode(), "laps")
        if not BY_OTHER_ROWS & {finding.kind for finding in sheet.findings}:
            assert read == list(events(sheet))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b";GF;", b";GREEN;"), (b";1:", b";1;"), (b";HYPERCAR;", b";;"), (b"7;", b'"7";'),
        (b"7;", b" 7;"), (b"7;", b"\xff;"), (b";2;1:", b";1;1:"), (b"\n", b";\n"),
    ],
)  # fmt: skip
def test_rows_with_anything_odd_are_left_to_the_parser_of_whole_files(
    old: bytes, new: bytes
) -> None:
    header, *rows = write_laps(crossings(cars=1, hours=0.2)).splitlines(keepends=True)
    assert regular_rows(header, rows, 2) is not None
    odd = [row.replace(old, new, 1) for row in rows]
    assert odd != rows
    assert regular_rows(header, odd, 2) is None


@pytest.mark.needs_data
def test_real_rows_are_read_alike_row_by_row_and_as_a_whole(data: Path) -> None:
    regular = total = 0
    for name in ("wec/2024/fuji_6h.csv", "wec/2024/bahrain_8h.csv"):
        content = (data / name).read_bytes()
        header, *rows = content.splitlines(keepends=True)
        whole = {event.line: event for event in events(parse_laps(content, name))}
        for number, row in enumerate(rows, start=2):
            read = regular_rows(header, [row], number)
            total += 1
            if read is not None:
                regular += 1
                assert read == [whole[number]]
    assert regular > 0.99 * total
