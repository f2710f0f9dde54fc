"""Practice and qualifying are told as what they are: kind, order, laps taken away, refusals."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dryline
from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.finding import LAP_TAKEN_AWAY
from dryline.domain.race_info import RaceInfo
from dryline.domain.session_kind import SessionKind
from dryline.engine import questions
from dryline.engine.questions import Question, ask
from dryline.engine.session_kinds import known_kind, named_kind
from dryline.engine.stored import race_from_library
from dryline.engine.verify import verify
from dryline.feeds.alkamel.parse_results import parse_results
from dryline.feeds.alkamel.write import write_laps
from dryline.store.library import Library
from dryline.store.session import StoredSession
from tests.conftest import SESSIONS
from tests.made_up.field import crossings
from tests.made_up.practice import practised

KINDS = {
    "race": SessionKind.RACE, "qualifying": SessionKind.QUALIFYING,
    "practice": SessionKind.PRACTICE, "warm": SessionKind.WARM_UP, "session": SessionKind.TEST,
}  # fmt: skip


def written(folder: Path, name: str, rows: pl.DataFrame) -> Path:
    path = folder / name
    path.write_bytes(write_laps(rows, None))
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("23_Analysis_Race.CSV", SessionKind.RACE),
        ("23_Analysis_Qualifying Race.CSV", SessionKind.RACE),
        ("23_Analysis_Hyperpole LMGT3.CSV", SessionKind.QUALIFYING),
        ("23_Analysis_Free Practice 3.CSV", SessionKind.PRACTICE),
        ("23_Analysis_FP1.CSV", SessionKind.PRACTICE),
        ("202305140800-warm-up-laps.csv", SessionKind.WARM_UP),
        ("202401191100-session-1-laps.csv", SessionKind.TEST),
        ("23_Analysis_Prologue.CSV", SessionKind.TEST),
        ("202107011740-qualifying---gtd-position-laps.csv", SessionKind.QUALIFYING),
        ("our own stint sheet.csv", None),
    ],
)
def test_a_name_says_the_kind(tmp_path: Path, name: str, kind: SessionKind | None) -> None:
    assert named_kind(tmp_path / "x" / name) is kind


def test_the_clock_outweighs_a_name_that_says_otherwise(tmp_path: Path) -> None:
    called_race = dryline.open_race(written(tmp_path, "23_Analysis_Race.CSV", practised()))
    assert called_race.info.session_kind is SessionKind.PRACTICE
    assert "though its name says a race" in str(called_race.findings)
    raced = dryline.open_race(written(tmp_path, "23_Analysis_Practice 1.CSV", crossings()))
    assert raced.info.session_kind is SessionKind.RACE
    said = dryline.open_race(tmp_path / "23_Analysis_Race.CSV", session="race")
    assert said.info.session_kind is SessionKind.RACE
    assert "session_kind_inferred" not in {found.kind for found in said.findings}


def test_the_clock_alone_is_said_to_be_the_reason(tmp_path: Path) -> None:
    race = dryline.open_race(written(tmp_path, "monday.csv", practised()))
    found = next(found for found in race.findings if found.kind == "session_kind_inferred")
    assert race.info.session_kind is SessionKind.PRACTICE
    assert "--session" in str(found)


@pytest.mark.parametrize(
    ("session", "rows", "kind"),
    [
        ("free-practice-1", practised(), SessionKind.PRACTICE),
        ("race", crossings(), SessionKind.RACE),
        ("race-1", crossings(), SessionKind.RACE),
    ],
)
def test_a_session_stored_before_kinds_were_told_apart_is_what_its_name_and_clock_say(
    tmp_path: Path, session: str, rows: pl.DataFrame, kind: SessionKind
) -> None:
    race_id = f"wec/2024/imola/{session}".removesuffix("/race")
    info = RaceInfo(name=race_id, series="wec", year=2024, event="imola", session=session)
    library = Library(tmp_path)
    library.add(StoredSession(id=race_id, info=info, crossings=rows), added_at="2024-04-21")
    assert race_from_library(library, race_id).info.session_kind is kind


@pytest.mark.parametrize("text", ["warm-up", "Warm Up", "WARM_UP"])
def test_a_kind_is_taken_as_people_write_it(text: str) -> None:
    assert known_kind(text) is SessionKind.WARM_UP


def test_a_kind_that_is_none_is_refused_naming_the_kinds() -> None:
    with pytest.raises(BadOption, match="qualifying"):
        known_kind("sprint")


def every_question() -> list[type[Question]]:  # type: ignore[type-arg]
    found = [
        each
        for each in vars(questions).values()
        if isinstance(each, type) and issubclass(each, Question) and "home" in vars(each)
    ]
    assert len(found) >= 22
    return found


@pytest.mark.parametrize("asked", every_question(), ids=lambda asked: asked.__name__)
def test_a_question_about_races_is_refused_of_any_other_session(
    tmp_path: Path,
    asked: type[Question],  # type: ignore[type-arg]
) -> None:
    race = dryline.open_race(written(tmp_path, "23_Analysis_Practice 2.CSV", practised(cars=4)))
    fields = {"car_number": "7"} if "car_number" in asked.__struct_fields__ else {}
    fields |= {"team": "Team"} if "team" in asked.__struct_fields__ else {}
    fields |= {"change": None} if "change" in asked.__struct_fields__ else {}
    question = asked(**fields)
    if asked.any_session:
        assert ask(race.moment(), question) is not None
    else:
        with pytest.raises(NotKnown, match="a practice, not a race"):
            ask(race.moment(), question)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 1_000), share=st.floats(0.0, 0.5))
def test_a_lap_quicker_than_the_one_that_is_marked_was_taken_away(
    tmp_path_factory: pytest.TempPathFactory, seed: int, share: float
) -> None:
    """The quickest laps of some cars lose their marks, as the provider takes them away."""
    rows = practised(cars=6, seed=seed)
    race = dryline.open_race(
        written(tmp_path_factory.mktemp("all"), "23_Analysis_Practice 1.CSV", rows)
    )
    assert not race.taken_away
    gone = {
        car.car_number: car.best_lap.ms
        for car in race.at(race.end).cars[: round(6 * share)]
        if car.best_lap is not None
    }
    quick = pl.col("lap_time_ms") == pl.col("car_number").replace_strict(gone, default=None)
    marked = rows.with_columns(
        lap_time_ms=pl.when(quick.fill_null(value=False)).then(None).otherwise("lap_time_ms")
    )
    text = write_laps(rows, None).decode("utf-8-sig").splitlines()
    marks = write_laps(marked, None).decode("utf-8-sig").splitlines()
    at = [name.strip() for name in text[0].split(";")].index("LAP_IMPROVEMENT")
    mixed = [text[0]]
    for line, mark in zip(text[1:], marks[1:], strict=True):
        cells = line.split(";")
        cells[at] = mark.split(";")[at]
        mixed.append(";".join(cells))
    path = tmp_path_factory.mktemp("gone") / "23_Analysis_Practice 1.CSV"
    path.write_text("\n".join(mixed) + "\n", encoding="utf-8")
    told = dryline.open_race(path)
    assert {car for car, _ in told.taken_away} == set(gone)
    for car in told.at(told.end).cars:
        if car.car_number in gone:
            assert car.best_lap is None or car.best_lap.ms > gone[car.car_number]
    early = told.cut(told.end.ms // 2000)
    assert not early.taken_away, "the marks are made at the end: nobody knows them before"
    quickest = rows.filter(quick.fill_null(value=False))  # of some cars two, to the millisecond
    named = [found.car_number for found in told.findings if found.kind == LAP_TAKEN_AWAY]
    assert sorted(named) == sorted(quickest["car_number"])


@pytest.mark.needs_data
def test_the_kind_of_every_real_session_is_told_and_its_order_is_the_official_one() -> None:
    """212 sessions: kinds all right; places 98 % right, the others all for a reason that is said.

    A car that drove no lap is not in a lap file, and stands among those that set no time.
    """
    starters = agree = 0
    assert SESSIONS is not None
    for path in sorted(SESSIONS.rglob("*-laps.csv")):
        race = dryline.open_race(path)
        wanted = [kind for word, kind in KINDS.items() if word in path.stem.split("-", 1)[1]]
        assert race.info.session_kind is wanted[0], path.name
        results = path.with_name(path.name.replace("-laps", "-results"))
        answer = verify(race, parse_results(results.read_bytes(), results.name).results)
        assert answer.session_kind is wanted[0]
        starters, agree = starters + answer.starters, agree + answer.agree
        assert "unexplained" not in {car.reason for car in answer.differences}, path.name
    assert starters > 7_000
    assert agree >= 0.98 * starters
