"""Every question of the table: nothing later than the moment is seen, every field is explained."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dryline.answers.answer import Answer
from dryline.answers.meanings import meanings_of
from dryline.domain.errors import DrylineError
from dryline.engine.opening import SaidOfFiles, open_race
from dryline.engine.questions import (
    OF_NO_MOMENT,
    QUESTIONS,
    AskAdvice,
    AskCards,
    AskClassification,
    AskDebrief,
    AskForecast,
    AskGaps,
    AskLaps,
    AskLedger,
    AskLiveTrack,
    AskNeutralisations,
    AskPace,
    AskPenalties,
    AskPoints,
    AskQueue,
    AskRace,
    AskRange,
    AskRejoin,
    AskReplan,
    AskSession,
    AskStints,
    AskStops,
    AskTeamAdvice,
    AskTrack,
    AskWhatIf,
    Question,
    answer_of,
    ask,
    record_of,
)
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.strategy.changes import RainFalls

INSTANTS = {
    "wec/2025/imola_6h.csv": ("2:00:00", "2:03:00", "4:00:00"),
    "imsa/2022/10-belle-isle-street-course/202206041510-race-laps.csv": ("0:50:00",),
}
"""At Imola a neutralisation stands, or has just ended, at all three."""


def leader(moment: Moment) -> str:
    """The first car that is running."""
    cars = moment.race.at(moment.at).cars
    return next(car.car_number for car in cars if car.status == "running")


def pair(moment: Moment) -> str:
    """A team with two cars on the track, or any team."""
    running = [car.team for car in moment.race.at(moment.at).cars if car.status == "running"]
    return max(running, key=lambda team: (running.count(team) == 2, team))


EXAMPLES: dict[type[Question[Any]], Callable[[Moment], Question[Any]]] = {
    AskForecast: lambda _: AskForecast(replicates=50),
    AskRejoin: lambda moment: AskRejoin(car_number=leader(moment), replicates=50),
    AskAdvice: lambda moment: AskAdvice(car_number=leader(moment), replicates=8),
    AskTeamAdvice: lambda moment: AskTeamAdvice(team=pair(moment), replicates=8),
    AskCards: lambda _: AskCards(replicates=8),
    AskWhatIf: lambda moment: AskWhatIf(
        car_number=leader(moment), change=RainFalls(sector=2, minutes=10), replicates=32
    ),
    AskReplan: lambda moment: AskReplan(car_number=leader(moment)),
    AskPoints: lambda _: AskPoints(),
    AskLedger: lambda _: AskLedger(),
    AskPenalties: lambda _: AskPenalties(),
    AskQueue: lambda _: AskQueue(),
    AskLiveTrack: lambda _: AskLiveTrack(),
    AskDebrief: lambda moment: AskDebrief(car_number=leader(moment)),
    AskRace: lambda _: AskRace(),
    AskClassification: lambda _: AskClassification(),
    AskLaps: lambda moment: AskLaps(car_number=leader(moment)),
    AskStints: lambda _: AskStints(),
    AskSession: lambda _: AskSession(),
    AskNeutralisations: lambda _: AskNeutralisations(),
    AskGaps: lambda moment: AskGaps(car_number=leader(moment)),
    AskPace: lambda _: AskPace(by="stint"),
    AskStops: lambda _: AskStops(),
    AskRange: lambda _: AskRange(),
    AskTrack: lambda _: AskTrack(),
}
"""How each question is asked here."""
ALSO: dict[str, Callable[[Moment], Question[Any]]] = {
    "the track in hindsight": lambda _: AskTrack(hindsight=True),
    "pace by car in hindsight": lambda _: AskPace(by="car", hindsight=True),
    "the statistical forecast": lambda _: AskForecast(forecaster="statistical", replicates=50),
    "one class's stops": lambda m: AskStops(car_class=m.race.entries[leader(m)].car_class),
    "a call for a win": lambda m: AskAdvice(car_number=leader(m), utility="win", replicates=8),
    "no such car": lambda _: AskRejoin(car_number="no such car"),
}
"""Questions asked in other ways, where that takes another path."""
SAMPLES = {"change": RainFalls(sector=2, minutes=10)}
"""What a question must be told that is no text."""


@cache
def whole(path: Path) -> Race:
    return open_race(path)


def cut_file(path: Path, at_ms: int, folder: Path) -> Path:
    """The timing file as it would be had it ended there: without the rows that came later."""
    head, *rows = path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    mark = ";" if ";" in head else ","
    place = [column.strip() for column in head.split(mark)].index("ELAPSED")

    def ms(row: str) -> float:
        total = 0.0
        for part in row.split(mark)[place].strip().split(":"):
            total = total * 60 + float(part)
        return round(total * 1000)

    kept = [row for row in rows if row.strip() and ms(row) <= at_ms]
    file = folder / path.parent.name / path.name  # the race's name may be that of its folder
    file.parent.mkdir()
    file.write_text(head + "".join(kept), encoding="utf-8")
    return file


def answered(moment: Moment, question: Question[Any]) -> dict[str, Any] | str:
    """The answer or the refusal, without what the clock of this machine decides."""
    try:
        found: Answer = ask(moment, question)
    except DrylineError as error:
        return str(error)
    told = found.to_dict()
    told.pop("elapsed_s", None)
    told.pop("findings", None)  # remarks on the whole file, which a moment of it does not carry
    for lap in told["laps"] if isinstance(question, AskLaps) else ():
        lap.pop("line")  # where it stands in the file: the shorter one has other lines
    return told


def test_every_question_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(QUESTIONS)


RECORDS = [*map(answer_of, QUESTIONS), *map(record_of, OF_NO_MOMENT.values())]


@pytest.mark.parametrize("record", RECORDS, ids=lambda each: each.__name__)
def test_every_answer_has_a_table_and_a_line_of_its_own(record: type[Answer]) -> None:
    assert record.frame is not Answer.frame
    assert record.heading is not Answer.heading


@pytest.mark.needs_data
@pytest.mark.parametrize(
    "made",
    [*EXAMPLES.values(), *ALSO.values()],
    ids=[*(question.__name__ for question in EXAMPLES), *ALSO],
)
@pytest.mark.parametrize(
    ("name", "clock"), [(name, clock) for name, clocks in INSTANTS.items() for clock in clocks]
)
def test_an_answer_is_that_of_a_file_which_ends_then(
    name: str, clock: str, made: Callable[[Moment], Question[Any]], tmp_path: Path, data: Path
) -> None:
    moment = whole(data / name).moment(clock)
    file = cut_file(data / name, moment.at_ms, tmp_path)
    info = moment.race.info
    said = SaidOfFiles(length=info.length, series=info.series, year=info.year)
    ended = open_race(file, said).moment(clock)
    asked = made(moment)
    assert answered(moment, asked) == answered(ended, asked)


@pytest.mark.parametrize(
    "record",
    RECORDS,
    ids=lambda each: each.__name__,
)
def test_every_field_of_an_answer_says_what_it_means(record: type[Answer]) -> None:
    found = meanings_of(record)
    assert len(found) > 2
    for path, each in found.items():
        assert each.text, path
        if path.rsplit(".", 1)[-1].endswith(("_ms", "_s")):
            assert each.unit, path


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.__name__)
def test_a_question_is_a_value_that_can_be_written_down_and_read_again(
    question: type[Question[Any]],
) -> None:
    names = {field.name for field in msgspec.structs.fields(question) if field.required}
    asked = question(**{name: SAMPLES.get(name, "7") for name in names})
    assert msgspec.json.decode(msgspec.json.encode(asked), type=question) == asked
