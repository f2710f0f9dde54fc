"""The screen of a practice or a qualifying: what is shown, and what says too little to be."""

from __future__ import annotations

import pytest
from rich.console import Console

from dryline.answers.timed_session import TimedSession
from dryline.domain.race_info import RaceInfo
from dryline.domain.session_kind import SessionKind
from dryline.engine.questions import AskSession, ask
from dryline.present.terminal.session_screen import LONG_RUNS, long_runs, screen
from dryline.race.race import Race
from tests.made_up.practice import practised


def answered(kind: SessionKind, by: str = "car", cars: int = 8) -> TimedSession:
    info = RaceInfo(name="made up", session_kind=kind)
    return ask(Race(info, practised(cars=cars)).moment(), AskSession(by=by))


def shown(answer: TimedSession) -> str:
    console = Console(width=100, no_color=True)
    with console.capture() as got:
        console.print(screen(answer, 100))
    return got.get()


@pytest.mark.parametrize(("cars", "told"), [(4, False), (6, True)])
def test_a_median_of_two_cars_of_a_class_is_not_shown(cars: int, told: bool) -> None:
    answer = answered(SessionKind.PRACTICE, "run", cars)
    assert all(each.by_lap_of_run for each in answer.classes)
    assert ("Behind the own best lap" in shown(answer)) is told


def test_the_long_runs_shown_are_the_quickest_of_each_class() -> None:
    answer = answered(SessionKind.PRACTICE)
    for each in answer.classes:
        every = sorted(
            run.average_ms
            for run in answer.runs
            if run.car_class == each.car_class and run.average_ms is not None
        )
        drawn = [run.average_ms for run in long_runs(answer) if run.car_class == each.car_class]
        assert drawn == every[:LONG_RUNS]
        assert len(every) > LONG_RUNS
    assert "Long runs" in shown(answer)


def test_in_qualifying_nobody_makes_long_runs() -> None:
    answer = answered(SessionKind.QUALIFYING)
    assert long_runs(answer) == []
    assert "Long runs" not in shown(answer)


def test_the_best_lap_and_its_driver_stand_in_the_row_of_the_car() -> None:
    answer = answered(SessionKind.WARM_UP)
    first = answer.cars[0]
    assert first.best is not None
    row = next(line for line in shown(answer).splitlines() if line.split()[:1] == ["1"])
    minutes, ms = divmod(first.best.lap_time_ms, 60_000)
    assert f"{minutes}:{ms // 1000:02d}.{ms % 1000:03d}" in row
    assert first.car_number in row.split()
