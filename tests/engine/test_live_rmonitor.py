"""RMonitor played over TCP into a live session: order and laps as its own last words."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.errors import BadOption, UnreadableFile
from dryline.domain.instant import START
from dryline.domain.session_kind import SessionKind
from dryline.engine.classify import classify
from dryline.engine.live.player import Player
from dryline.engine.live.reading import replay
from dryline.engine.live.starting import feed_at, live_session, names_of
from dryline.engine.live.state import digest
from dryline.engine.opening import open_race
from dryline.feeds.live.arrival import ArrivalForm
from dryline.feeds.live.rmonitor import RMonitorFeed
from dryline.race.moment import Moment
from dryline.race.race import Race
from tests import waiting
from tests.conftest import WILD
from tests.feeds.live.sending import process
from tests.made_up.club_timing import ClubCar, ClubTiming, club_cars
from tests.made_up.line_server import playing

RECORDINGS = [] if WILD is None else sorted((WILD / "rmonitor").glob("*.txt"))
needs_recordings = pytest.mark.skipif(
    not RECORDINGS, reason="no recordings beside the project (../shared/wild)"
)
each_recording = pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
GARBAGE = b'\x00\xff noise\r\n$G,1,"5",999\r\n$J,"5","00:0\r\n"""\r\n'


def last_words(data: bytes) -> tuple[dict[str, tuple[int, int]], list[str], list[str]]:
    """By car laps and total (ms) of the last ``$G`` with a lap; the orders of ``$G`` and ``$H``."""
    text = data.decode("latin-1")
    counts, race, best = {}, {}, {}
    for place, car, laps, total in re.findall(r'\$G,(\d+),"([^"]+)",(\d+),"([\d:.]+)"', text):
        hours, minutes, seconds = total.split(":")
        ms = round((int(hours) * 60 + int(minutes)) * 60_000 + float(seconds) * 1000)
        counts[car], race[car] = (int(laps), ms), int(place)
    for place, car, lap in re.findall(r'\$H,(\d+),"([^"]+)",(\d+),', text):
        best[car] = int(place)
        if lap == "0":
            del best[car]
    return counts, sorted(race, key=race.__getitem__), sorted(best, key=best.__getitem__)


def laps_and_order(race: Race) -> tuple[dict[str, tuple[int, int]], list[str]]:
    table = race.at(race.end).table.sort("position")
    rows = table.select("car_number", "laps", "elapsed_ms").rows()
    return {car: (laps, ms) for car, laps, ms in rows}, table["car_number"].to_list()


def followed(parts: Sequence[bytes], journal: Path | None = None, before: int = 0) -> Player:
    """A session that has heard all that is played, one part a connection.

    ``before`` connections were lost before, as its journal tells.
    """
    with playing(parts) as server:
        player = live_session([server.address], journal=journal)
        waiting.until(server.played.is_set, player.turn)
        waiting.until(lambda: _losses(player) == len(parts) - 1 + before, player.turn)
        _drain(player)
        return player


def _losses(player: Player) -> int:
    health = player.session.state.feeds.get("rmonitor")
    return -1 if health is None or health.state != "connected" else health.losses


def _drain(player: Player) -> None:
    """Go on until nothing new has come for some turns."""
    quiet = 0
    while quiet < 5:
        before = player.session.state.seq
        player.turn()
        quiet = quiet + 1 if player.session.state.seq == before else 0


@needs_recordings
@each_recording
def test_a_recording_over_tcp_ends_in_its_own_last_words(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    counts, by_laps, by_best = last_words(data)
    player = followed([data], tmp_path / "race.journal")
    race, known = player.session.race(), digest(player.session.state)
    told, order = laps_and_order(race)
    assert told == counts
    assert order == (by_laps if race.is_race else by_best)
    assert len(race.crossings) == sum(laps for laps, _ in counts.values())
    assert race.info.session_kind in (SessionKind.RACE, SessionKind.TEST)
    assert player.session.state.feeds["rmonitor"].garbage == 0
    player.stop()
    assert replay(tmp_path / "race.journal").digest == known


@needs_recordings
@each_recording
def test_a_recording_survives_garbage_and_lost_connections(path: Path) -> None:
    """Lines break off with the connection; what follows is whole, and nothing is there twice."""
    data = path.read_bytes()
    counts, by_laps, by_best = last_words(data)
    cuts = [len(data) * share // 10 for share in (0, 3, 5, 8, 10)]
    parts = [data[start:end] for start, end in pairwise(cuts)]
    player = followed([GARBAGE + part for part in parts])
    race = player.session.race()
    told, order = laps_and_order(race)
    health = player.session.state.feeds["rmonitor"]
    player.stop()
    assert told == counts
    assert order == (by_laps if race.is_race else by_best)
    assert race.crossings.select("car_number", "lap").is_unique().all()
    assert health.losses == len(parts) - 1
    assert health.garbage >= 4 * len(parts)


def test_a_session_goes_on_from_its_journal_and_doubles_nothing(tmp_path: Path) -> None:
    """What the first process has heard tells the second what the next lines mean."""
    cars = [ClubCar("3", [40_000, 41_000, 42_000]), ClubCar("7", [50_000, 40_250], 2_500)]
    lines = "".join(ClubTiming(cars, run=(7, "Club Race")).lines()).encode()
    half = lines.index(b'$G,1,"3",2,')
    followed([lines[:half]], tmp_path / "race.journal").stop()
    player = followed([lines[half:]], tmp_path / "race.journal", before=1)
    race, known = player.session.race(), digest(player.session.state)
    player.stop()
    rows = race.crossings.sort("car_number", "lap").select("car_number", "lap", "lap_time_ms")
    assert rows.rows() == [
        (car.number, lap, ms) for car in cars for lap, ms in enumerate(car.laps_ms, 1)
    ]
    assert replay(tmp_path / "race.journal").digest == known


@needs_recordings
@each_recording
def test_a_recording_opened_as_a_file_is_the_same_session(path: Path) -> None:
    counts, by_laps, by_best = last_words(path.read_bytes())
    race = open_race(path)
    told, order = laps_and_order(race)
    assert told == counts
    is_race = race.info.session_kind is SessionKind.RACE
    assert order == (by_laps if is_race else by_best)
    assert race.stated is not None
    assert race.stated["car_number"].to_list() == order
    columns = ("car_number", "lap", "elapsed_ms", "lap_time_ms")
    player = live_session([str(path)])
    _drain(player)
    same = player.session.race().crossings.select(columns).sort("car_number", "lap")
    player.stop()
    assert same.equals(race.crossings.select(columns).sort("car_number", "lap"))


@settings(max_examples=8, deadline=None)
@given(club_cars(), st.lists(st.floats(0, 1), min_size=1, max_size=2), st.booleans())
def test_made_up_runs_come_through_lost_connections(
    cars: list[ClubCar], shares: list[float], is_race: bool
) -> None:
    """Connections break amid a line; the timing system says what stands at the end."""
    name = "Race" if is_race else "Practice"
    timing = ClubTiming(cars, run=(25, name))
    lines = timing.lines()
    refresh = "".join(f"{line}\r\n" for line in timing.refresh())
    cuts = sorted(int(share * (len(lines) - 1)) for share in shares)
    parts = ["".join(lines[start:end]) + "$G,1," for start, end in pairwise([0, *cuts])]
    parts.append("".join(lines[cuts[-1] :]) + refresh)
    player = followed([part.encode() for part in parts])
    race = player.session.race()
    told, order = laps_and_order(race)
    player.stop()
    assert race.info.session_kind.is_race is is_race
    assert not is_race or order == timing.race_order()
    assert told == {car.number: (len(car.laps_ms), car.ends_ms(len(car.laps_ms))) for car in cars}
    for car in cars:
        rows = race.crossings.filter(car_number=car.number).sort("lap")
        assert rows["lap_time_ms"].to_list() == list(car.laps_ms)


def test_a_practice_opened_as_a_file_is_ordered_by_best_lap_with_gaps_of_best_laps(
    tmp_path: Path,
) -> None:
    cars = [ClubCar("3", [40_000, 41_000, 42_000]), ClubCar("7", [50_000, 40_250], 2_500)]
    path = tmp_path / "friday.txt"
    path.write_text("".join(ClubTiming(cars, run=(7, "Free Practice")).lines()))
    race = open_race(path)
    table, _ = classify(Moment(race, race.end))
    rows = table.select("car_number", "gap_laps", "gap_ms").rows()
    assert rows == [("3", 0, None), ("7", 0, 250)]
    assert race.crossings["s1_ms"].null_count() == race.crossings["pit_lane_ms"].null_count() == 5
    assert {f.kind for f in race.findings} >= {"not_stated", "order_stated"}


@pytest.mark.parametrize(
    "address", ["rmonitor://host", "rmonitor://host:70000", "rmonitor://:5000", "rmonitor://u@h:1"]
)
def test_an_address_without_host_or_port_is_refused(address: str) -> None:
    with pytest.raises(BadOption):
        feed_at(address)


def test_nobody_speaks_for_the_team_in_rmonitor() -> None:
    with pytest.raises(BadOption):
        feed_at("rmonitor://127.0.0.1:50000", form=ArrivalForm.TEAM_LINES)
    assert names_of(["rmonitor://a:1", "rmonitor://b:1"]) == ["rmonitor", "rmonitor #2"]


def test_a_sender_that_says_nothing_is_tried_again() -> None:
    with playing([b"", b""]) as server:
        host, port = server.address.removeprefix("rmonitor://").split(":")
        feed = RMonitorFeed(host, int(port), silent_s=0.1)
        waiting.until(lambda: server.connections == 2)
        feed.close()
        waiting.until(lambda: feed.ended or not feed.poll(START))


def test_the_command_follows_a_timing_system(tmp_path: Path) -> None:
    journal = tmp_path / "race.journal"
    cars = [ClubCar("3", [40_000, 41_000, 42_000]), ClubCar("7", [50_000, 40_250], 2_500)]
    lines = "".join(ClubTiming(cars, run=(7, "Club Race")).lines()).encode()
    with playing([lines[:2000], lines[2000:]]) as server:
        command = [sys.executable, "-m", "dryline", "live", "--feed", server.address]
        more = ["--no-server", "--no-screen", "--journal", str(journal)]
        with process([*command, *more], stdout=subprocess.PIPE) as live:
            waiting.until(lambda: journal.exists() and _laps_in(journal) == 5)
            live.send_signal(signal.SIGINT)
            out = live.communicate()[0].decode()
            assert live.returncode == 0
    assert "Nowhere Park, Club Race" in out
    assert [line.split()[2] for line in out.splitlines() if "GT" in line] == ["3", "7"]


def _laps_in(journal: Path) -> int:
    try:
        return len(replay(journal).state.race.rows)
    except UnreadableFile:
        return 0
