"""Slow answers never delay timing, come back with their instant, and die with the session."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dryline.domain.errors import BadOption, JournalError
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.reading import replay
from dryline.engine.live.replay_feed import ReplayFeed, race_events
from dryline.engine.live.session import LiveSession, Routine
from dryline.engine.live.state import Ask, digest
from dryline.engine.live.workers import GIVEN_UP, Lanes, ProcessWorkers
from dryline.race.race import Race
from tests.engine.killed_session import leaders_and_luck
from tests.engine.live_races import INFO, lines, made_up, same_race, session
from tests.waiting import until


def slow(race: Race, ask: Ask) -> dict[str, int]:
    """An answer that takes ``seconds``, or until a file is there."""
    time.sleep(float(ask.arguments.get("seconds", 0)))
    held(race, ask)
    return {"laps": race.crossings.height, "process": os.getpid()}


def held(race: Race, ask: Ask) -> None:
    while not Path(ask.arguments.get("until", "/")).exists():
        time.sleep(0.02)


def fails(race: Race, ask: Ask) -> Any:
    raise ValueError("no such car")


def dies(race: Race, ask: Ask) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def stops(race: Race, ask: Ask) -> Any:
    os.kill(os.getpid(), signal.SIGSTOP)


def imported() -> None:
    """Being found here is all the preparation that these questions need."""


def value(answer: Any) -> Any:
    return msgspec.json.decode(answer.value)


def waited(live: Any, count: int) -> None:
    for _ in range(15_000):
        live.collect()
        if len(live.state.answers) >= count:
            return
        time.sleep(0.02)
    raise AssertionError(f"{len(live.state.answers)} of {count} answers came")


def test_a_slow_answer_does_not_delay_timing_and_keeps_its_instant(tmp_path: Path) -> None:
    facts = race_events(made_up(cars=4, hours=0.3))
    works = {"slow": slow, "fails": fails, "dies": dies}
    live = session(tmp_path / "j", works=works, workers=ProcessWorkers(1))
    live.receive([lines(*facts[:20])])
    asked_at, number = live.state.now, live.ask("slow", {"until": str(tmp_path / "enough")})
    for fact in facts[20:]:
        live.receive([lines(fact)])
        live.collect()
    assert len(live.state.race.rows) == len(facts)
    assert len(live.state.answers) == 0
    (tmp_path / "enough").touch()
    waited(live, 1)
    (answer,) = live.state.answers
    assert (answer.ask, answer.as_of_ms, answer.error) == (number, asked_at.ms, None)
    assert answer.known_ms > asked_at.ms
    assert value(answer)["laps"] == 20
    assert value(answer)["process"] != os.getpid()

    live.ask("fails")
    waited(live, 2)
    assert live.state.latest["fails"].error == "ValueError: no such car"
    live.ask("dies")
    waited(live, 3)
    assert live.state.latest["dies"].error == "the process that worked on it died twice"
    live.ask("slow", {"seconds": 0})
    waited(live, 4)
    assert value(live.state.latest["slow"])["laps"] == len(facts)
    known = digest(live.state)
    live.close()
    assert replay(tmp_path / "j").digest == known


def test_routine_questions_are_answered_alike_on_the_spot_and_by_processes(tmp_path: Path) -> None:
    facts = race_events(made_up(cars=4, hours=0.3))
    answers = []
    for workers in (None, ProcessWorkers(2, most=100)):
        live = session(
            works={"leaders": leaders_and_luck},
            routines=[Routine("leaders", 200_000)],
            workers=workers,
        )
        for fact in facts:
            live.receive([lines(fact)])
        waited(live, 6)
        answers.append({a.as_of_ms: value(a) for a in live.state.answers})
        live.close()
    assert answers[0] == answers[1]
    assert len(answers[0]) == 6


def test_when_too_many_wait_the_oldest_gives_way(tmp_path: Path) -> None:
    live = session(works={"slow": slow}, workers=ProcessWorkers(1, most=3))
    live.receive([lines(*race_events(made_up(cars=2, hours=0.1)))])
    for _ in range(9):
        live.ask("slow", {"until": str(tmp_path / "enough")})
    (tmp_path / "enough").touch()
    waited(live, 9)
    errors = [answer.error for answer in live.state.answers]
    assert errors.count("given up for a newer question") >= 3
    assert live.state.latest["slow"].error is None
    live.close()


def test_a_question_that_nobody_answers_is_refused() -> None:
    with pytest.raises(BadOption, match="nobody answers 'weather'"):
        session().ask("weather")


def test_questions_open_at_a_crash_are_asked_again_about_the_same_state(tmp_path: Path) -> None:
    facts, path = race_events(made_up(cars=3, hours=0.2)), tmp_path / "j"
    live = session(path, works={"leaders": leaders_and_luck})
    live.receive([lines(*facts[:15])])
    live.ask("leaders")
    live.receive([lines(*facts[15:])])
    live._journal.close()  # type: ignore[union-attr]  # as if killed: nothing was collected
    again = session(path, works={"leaders": leaders_and_luck})
    assert again.collect() == 1
    (answer,) = again.state.answers
    assert value(answer)["laps"] == 15
    again.close()
    whole = session(works={"leaders": leaders_and_luck})
    whole.receive([lines(*facts[:15])])
    whole.ask("leaders")
    whole.collect()
    assert value(whole.state.latest["leaders"]) == value(answer)
    with pytest.raises(JournalError, match="closed"):
        live.tell("Ana", "note too late")


def test_a_question_due_at_a_restart_is_dated_as_if_there_had_been_none(tmp_path: Path) -> None:
    race, path = made_up(cars=3, hours=0.2), tmp_path / "j"
    first = session(path)
    first.receive([lines(*race_events(race)[:15])])
    now = first.state.now
    first.close()
    again = LiveSession(
        INFO,
        ReplayClock(1e9),
        journal=path,
        works={"leaders": leaders_and_luck},
        routines=[Routine("leaders", 100_000)],
    )
    ((ask, _),) = again.state.asks.values()
    assert (ask.as_of_ms, again.state.now) == (now.ms, now)
    Player(again, [ReplayFeed(race)]).run()
    same_race(Race(INFO, again.race().crossings), race)
    again.close()


def test_workers_die_with_a_killed_session() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WORKING], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        worker = int(child.stdout.readline())
        child.kill()
    for _ in range(15_000):
        if not Path(f"/proc/{worker}").exists() or _state(worker) == "Z":
            return
        time.sleep(0.02)
    raise AssertionError("the worker lives on")


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"


def test_an_older_question_of_a_kind_gives_way_where_only_the_latest_matters(
    tmp_path: Path,
) -> None:
    workers = ProcessWorkers(1, latest_only=("slow",))
    live = session(works={"slow": slow, "leaders": leaders_and_luck}, workers=workers)
    live.receive([lines(*race_events(made_up(cars=2, hours=0.1)))])
    live.ask("slow", {"until": str(tmp_path / "enough")})
    live.ask("leaders")
    numbers = [live.ask("slow", {"seconds": 0}) for _ in range(6)]
    (tmp_path / "enough").touch()
    waited(live, 8)
    given_up = {a.ask for a in live.state.answers if a.error == GIVEN_UP}
    assert numbers[-1] not in given_up
    assert len(given_up & set(numbers)) >= 3
    assert live.state.latest["leaders"].error is None
    live.close()


def test_a_slow_lane_does_not_hold_up_the_other(tmp_path: Path) -> None:
    lanes = Lanes({"leaders": ProcessWorkers(1)}, ProcessWorkers(1))
    live = session(works={"held": held, "leaders": leaders_and_luck}, workers=lanes)
    live.receive([lines(*race_events(made_up(cars=2, hours=0.1)))])
    live.ask("held", {"until": str(tmp_path / "enough")})
    live.ask("leaders")
    waited(live, 1)
    (answer,) = live.state.answers
    assert answer.kind == "leaders"
    (tmp_path / "enough").touch()
    waited(live, 2)
    live.close()


def dies_at_once() -> None:
    os._exit(3)


def test_processes_that_cannot_begin_cost_their_answers_and_not_the_race() -> None:
    workers = ProcessWorkers(1, most=3, latest_only=("leaders",), prepare=dies_at_once)
    live = session(works={"leaders": leaders_and_luck}, workers=workers)
    facts = race_events(made_up(cars=2, hours=0.1))
    live.receive([lines(*facts[:5])])
    for fact in facts[5:]:
        live.ask("leaders")
        live.receive([lines(fact)])
        live.collect()
    waited(live, len(facts) - 5)
    assert {answer.error for answer in live.state.answers} == {
        GIVEN_UP,
        "the process that worked on it died twice",
    }
    assert len(live.state.race.rows) == len(facts)
    live.close()


def sleeps_long() -> None:
    time.sleep(3600)


def test_closing_while_a_process_gets_ready_says_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = set(threading.enumerate())
    workers = ProcessWorkers(1, prepare=sleeps_long)
    hands = {thread for thread in threading.enumerate() if thread.name == "worker"} - before
    until(multiprocessing.active_children)
    workers.close()
    until(lambda: not any(hand.is_alive() for hand in hands))
    assert hands
    assert not caplog.records


def test_closing_does_not_wait_for_an_answer_that_nobody_wants_any_more() -> None:
    workers = ProcessWorkers(1)
    live = session(works={"slow": slow}, workers=workers)
    live.receive([lines(*race_events(made_up(cars=2, hours=0.1)))])
    live.ask("slow", {"seconds": 0})
    waited(live, 1)
    process = value(live.state.latest["slow"])["process"]
    for _ in range(2):
        live.ask("slow", {"until": "/never/there"})
    live.close()
    until(lambda: not Path(f"/proc/{process}").exists() or _state(process) == "Z")


def test_a_stopped_process_is_said_ended_and_replaced_and_its_question_is_answered(
    tmp_path: Path,
) -> None:
    """With a race that does not fit into the pipe: neither sending nor waiting may hang."""
    workers = ProcessWorkers(1, prepare=imported, deadline_s=8)
    live = session(tmp_path / "j", works={"slow": slow}, workers=workers)
    live.receive([lines(*race_events(made_up(cars=30, hours=0.5)))])
    live.ask("slow", {"seconds": 0})
    waited(live, 1)
    stopped = value(live.state.latest["slow"])["process"]
    assert live.workers_fault == ""
    os.kill(stopped, signal.SIGSTOP)
    live.ask("slow", {"seconds": 0})
    said = set()
    for _ in range(30_000):
        live.collect()
        said.add(live.workers_fault)
        if len(live.state.answers) > 1:
            break
        time.sleep(0.002)
    answer = live.state.latest["slow"]
    assert (answer.error, value(answer)["laps"]) == (None, len(live.state.race.rows))
    assert value(answer)["process"] != stopped
    assert any("has taken more than 2 s" in fault for fault in said)
    assert live.workers_fault == ""
    assert not Path(f"/proc/{stopped}").exists() or _state(stopped) == "Z"
    (finding,) = live.state.findings
    assert (finding.kind, "'slow' did not answer in time" in finding.message) == (
        "worker_lost",
        True,
    )
    known = digest(live.state)
    live.close()
    assert replay(tmp_path / "j").digest == known


def test_a_question_that_stops_every_process_is_set_aside_and_the_next_is_answered() -> None:
    workers = ProcessWorkers(1, prepare=imported, deadline_s=1)
    live = session(works={"stops": stops, "dies": dies}, workers=workers)
    live.receive([lines(*race_events(made_up(cars=2, hours=0.1)))])
    live.ask("stops")
    waited(live, 1)
    error = "the process that worked on it did not answer in time twice"
    assert live.state.latest["stops"].error == error
    assert live.workers_fault.endswith("a new one is begun")
    live.ask("dies")
    waited(live, 2)
    assert live.state.latest["dies"].error is not None
    assert {finding.kind for finding in live.state.findings} == {"worker_lost"}
    assert len(live.state.findings) >= 4
    live.close()


_WORKING = """
import sys, time
from dryline.engine.live.state import Ask
from dryline.engine.live.workers import ProcessWorkers
from tests.engine.live_races import made_up
from tests.engine.test_live_workers import slow
if __name__ == "__main__":
    workers = ProcessWorkers(1)
    ask = lambda s: Ask(kind="slow", as_of_ms=1, seed=1, arguments={"seconds": s})
    workers.submit(1, slow, made_up(cars=2, hours=0.1), ask(0))
    while not (done := workers.finished()):
        time.sleep(0.02)
    import json
    print(json.loads(done[0].value)["process"], flush=True)
    workers.submit(2, slow, made_up(cars=2, hours=0.1), ask(60))
    time.sleep(60)
"""
