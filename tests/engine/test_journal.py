"""The journal: chained, resumed after any cut, read again bit for bit."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryline.domain.errors import BadOption, JournalError, UnreadableFile
from dryline.domain.event import LineCrossing, TimingEvent
from dryline.domain.finding import Severity
from dryline.domain.instant import Instant
from dryline.engine.live.journal import open_journal
from dryline.engine.live.reading import export, records, replay, verify
from dryline.engine.live.record import MAGIC, Kind, Record
from dryline.engine.live.replay_feed import race_events
from dryline.engine.live.state import digest
from dryline.feeds.alkamel.parse_laps import parse_laps
from tests.engine.live_races import lines, made_up, raw, same_race, session


def facts() -> list[TimingEvent]:
    return race_events(made_up(cars=3, hours=0.2))


def kept(path: Path, events: list[TimingEvent], *, closed: bool = True) -> str:
    """A journal of these events, one record each; the digest of the state."""
    live = session(path)
    for event in events:
        live.receive([lines(event)])
    live.tell("Ana", "31 two tyres")
    known = digest(live.state)
    if closed:
        live.close()
    return known


def test_a_journal_read_again_gives_the_same_state(tmp_path: Path) -> None:
    path = tmp_path / "race.journal"
    known = kept(path, facts())
    report = verify(path)
    assert report.sound
    assert report.kinds == {"begin": 1, "arrival": len(facts()) + 1, "mark": 1}
    again = replay(path)
    assert (again.digest, again.marks, again.marks_that_differ) == (known, 1, ())
    same_race(again.race(), made_up(cars=3, hours=0.2))


def test_a_journal_read_to_an_instant_gives_what_was_known_then(tmp_path: Path) -> None:
    path = tmp_path / "race.journal"
    kept(path, facts())
    race = made_up(cars=3, hours=0.2)
    for share in (0.1, 0.5, 0.9):
        at = Instant(round(race.end.ms * share))
        same_race(replay(path, at).race(), race.cut(at))


def test_a_session_goes_on_from_its_journal(tmp_path: Path) -> None:
    path, events = tmp_path / "race.journal", facts()
    half = session(path)
    half.receive([lines(event) for event in events[:9]])
    known = digest(half.state)
    half.close()
    whole = session(path)
    assert whole.resumed
    assert digest(whole.state) == known
    whole.receive([lines(event) for event in events])
    assert whole.state.feeds["feed"].duplicates == 9
    same_race(whole.race(), made_up(cars=3, hours=0.2))
    whole.close()
    assert verify(path).sound


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_journal_cut_anywhere_is_gone_on_with_and_loses_only_what_was_cut(
    tmp_path: Path, data: st.DataObject
) -> None:
    path, events = tmp_path / "race.journal", facts()
    path.unlink(missing_ok=True)
    kept(path, events)
    content = path.read_bytes()
    size = data.draw(st.integers(0, len(content)))
    junk = data.draw(st.binary(max_size=60))
    path.write_bytes(content[:size] + junk)
    head = (content[:size] + junk)[: len(MAGIC)]
    if not MAGIC.startswith(head):
        with pytest.raises(UnreadableFile):
            session(path)
        return
    again = session(path)
    sound = again.state
    crossings = len(sound.race.rows)
    assert [row[:2] for row in sound.race.rows] == [
        (e.car_number, e.lap) for e in events[:crossings] if isinstance(e, LineCrossing)
    ]
    again.receive([lines(event) for event in events])
    same_race(again.race(), made_up(cars=3, hours=0.2), but=["known_at_ms"])
    again.close()
    assert verify(path).sound


def test_a_torn_record_is_cut_off_stated_and_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "race.journal"
    kept(path, facts())
    content = path.read_bytes()
    path.write_bytes(content[:-7])
    assert verify(path).fault == "the last record is cut off"
    again = session(path)
    (finding,) = again.state.findings
    assert finding.kind == "journal_torn"
    (aside,) = tmp_path.glob("*.tail-*")
    assert content.find(aside.read_bytes()) == len(content) - 7 - aside.stat().st_size
    again.close()
    assert verify(path).sound


def test_a_changed_byte_anywhere_is_found(tmp_path: Path) -> None:
    path = tmp_path / "race.journal"
    kept(path, facts())
    content = bytearray(path.read_bytes())
    whole = verify(path).records
    for place in range(len(MAGIC) + 400, len(content), 97):
        content[place] ^= 1
        path.write_bytes(content)
        report = verify(path)
        assert not report.sound
        assert 0 < report.records < whole
        assert report.sound_bytes <= place
        content[place] ^= 1


def test_two_sessions_cannot_write_one_journal(tmp_path: Path) -> None:
    path = tmp_path / "race.journal"
    first = session(path)
    with pytest.raises(JournalError, match="another session"):
        session(path)
    first.close()
    session(path).close()


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "laps.csv"
    path.write_bytes(b"NUMBER;LAP_NUMBER;LAP_TIME\n1;1;1:30.000\n")
    with pytest.raises(UnreadableFile, match="not a journal"):
        session(path)
    with pytest.raises(UnreadableFile, match="not a journal"):
        verify(path)
    assert path.read_bytes().startswith(b"NUMBER")


def test_records_reach_the_disk_within_a_quarter_of_a_second(tmp_path: Path) -> None:
    journal, _ = open_journal(tmp_path / "j", lambda record: None)
    journal.append(Record(0, Kind.REMARK, 0, "", b"{}"))
    for _ in range(25):
        if journal.health.synced == 1:
            break
        journal._closing.wait(0.01)
    assert journal.health.synced == 1
    journal.close()


def test_when_the_disk_is_full_records_wait_and_are_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "race.journal"
    room, real = [3_000], os.pwrite

    def small_disk(handle: int, data: memoryview, place: int) -> int:
        left = room[0] - place
        if left <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data[:left], place)

    monkeypatch.setattr(os, "pwrite", small_disk)
    live, events = session(path), facts()
    live.receive([lines(event) for event in events])
    health = live.journal_health
    assert health is not None
    assert health.fault == "No space left on device"
    assert health.waiting > 0
    same_race(live.race(), made_up(cars=3, hours=0.2))
    assert verify(path).sound
    room[0] = 10_000_000
    known = digest(live.state)
    live.close()
    assert verify(path).sound
    assert replay(path).digest == known


def test_a_session_that_ends_with_a_full_disk_says_what_is_missing(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", _FULL_DISK.replace("os.kill", "live.close(); #"), tmp_path / "j"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "records could not be written: File too large. What is in" in child.stderr
    assert verify(tmp_path / "j").sound


def test_damage_to_what_was_written_is_told_from_a_torn_end(tmp_path: Path) -> None:
    path = tmp_path / "race.journal"
    kept(path, facts())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    again = session(path)
    (finding,) = again.state.findings
    assert (finding.kind, finding.severity) == ("journal_damaged", Severity.ERROR)
    again.close()
    (aside,) = tmp_path.glob("*.tail-*")
    assert content.endswith(aside.read_bytes())


def test_a_session_killed_with_a_full_disk_goes_on_and_has_every_lap(tmp_path: Path) -> None:
    """A real limit of the system: no file of the child may grow beyond 4,000 bytes."""
    path = tmp_path / "race.journal"
    child = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(path)], capture_output=True, text=True, check=False
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert "File too large" in child.stdout
    assert verify(path).sound
    again = session(path)
    assert 0 < len(again.state.race.rows) < len(facts())
    again.receive([lines(event) for event in facts()])
    same_race(again.race(), made_up(cars=3, hours=0.2), but=["known_at_ms"])
    again.close()


_FULL_DISK = """
import os, resource, signal, sys
from pathlib import Path
from tests.engine.live_races import lines, session
from tests.engine.test_journal import facts
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
live = session(Path(sys.argv[1]))
live.receive([lines(event) for event in facts()])
assert len(live.state.race.rows) == len(facts())
print(live.journal_health.fault, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_contents_come_out_as_a_feed_a_timing_file_and_raw_bytes(tmp_path: Path) -> None:
    path, out = tmp_path / "race.journal", tmp_path / "out"
    kept(path, facts())
    race = made_up(cars=3, hours=0.2)
    assert export(path, out, "timing") == race.crossings.height
    written = parse_laps(out.read_bytes(), "out").crossings
    assert written["elapsed_ms"].to_list() == race.crossings["elapsed_ms"].to_list()
    export(path, out, "events")
    fed = session()
    fed.receive([raw(out.read_bytes())])
    same_race(fed.race(), race)
    assert [entry.text for entry in fed.state.race.team] == ["31 two tyres"]
    assert export(path, out, "raw") == len(facts()) + 1
    assert sum(1 for record in records(path) if record.kind is Kind.ARRIVAL) == len(facts()) + 1
    with pytest.raises(BadOption, match="known are raw, events, timing"):
        export(path, out, "pdf")
