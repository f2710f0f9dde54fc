"""A moment is the race as it was known then, to whoever asks; nothing else can be asked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mypy import api

from dryline.domain.errors import BadOption, UnknownLength
from dryline.domain.event import Evidence, TeamInput
from dryline.domain.finding import Finding, Severity
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.race.moment import Moment
from dryline.race.race import InstantLike, Race
from tests.made_up.field import crossings

ROOT = Path(__file__).resolve().parents[2]
HOUR = RaceInfo(name="made up", series="wec", length=RaceLength(ms=3_600_000))
RACE = Race(HOUR, crossings(cars=6))


def seen(at_ms: int, source: str = "team: Ana", car: str | None = None) -> Evidence:
    return Evidence(
        happened_at=Instant(at_ms), known_at=Instant(at_ms), kind="tyre", source=source,
        weight=1.0, car_number=car, tyre="wet",
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 4_000_000))
def test_a_moment_holds_what_was_known_by_then_and_nothing_later(at_ms: int) -> None:
    race = Race(HOUR, RACE.crossings, messages=(seen(at_ms), seen(at_ms + 1)))
    moment = race.moment(Instant(at_ms))
    assert moment.race.crossings.equals(
        RACE.crossings.filter(pl.col("known_at_ms") <= at_ms)
    )  # fmt: skip
    assert moment.race.messages == (seen(at_ms),)
    again = Moment(moment.race, moment.at)
    assert again.race is moment.race


def test_the_end_is_meant_where_no_instant_is_named() -> None:
    assert RACE.moment().at == RACE.end
    assert RACE.moment().race is RACE


def test_what_is_odd_in_a_file_stays_odd_when_only_something_said_came_later() -> None:
    odd = Finding(kind="odd", severity=Severity.NOTE, message="odd")
    end_ms = RACE.end.ms
    race = Race(HOUR, RACE.crossings, messages=(seen(end_ms + 1),), findings=(odd,))
    assert race.moment().race.messages == ()
    assert race.moment().race.findings == (odd,)
    assert race.moment(Instant(end_ms - 1)).race.findings == ()


@pytest.mark.parametrize(
    "said",
    ["0:20:00", timedelta(minutes=20), 1200, pl.Series([timedelta(minutes=20)])[0],
     Instant(1_200_000)],
)  # fmt: skip
def test_an_instant_is_said_in_many_ways(said: InstantLike) -> None:
    assert RACE.moment(said).at_ms == 1_200_000


@pytest.mark.parametrize("said", ["soon", -1, timedelta(seconds=-1), True, 2.5, None])
def test_what_is_no_instant_is_refused_with_how_to_write_one(said: object) -> None:
    with pytest.raises(BadOption, match="3:55:00"):
        RACE.instant(said)  # type: ignore[arg-type]


def test_everybody_knows_nothing_of_what_a_team_has_seen_or_typed() -> None:
    typed = TeamInput(
        happened_at=Instant(1), known_at=Instant(1), author="Ana", text="hose 34", number=1
    )
    race = Race(HOUR, RACE.crossings, messages=(seen(5, "spotter"), seen(9)))
    ours = race.moment("0:20:00", [typed])
    assert ours.inputs == (typed,)
    assert ours.race.messages == race.messages
    assert ours.for_all().inputs == ()
    assert ours.for_all().race.messages == (seen(5, "spotter"),)
    assert race.moment("0:00:00", [typed]).inputs == ()


def test_what_a_team_saw_without_a_number_is_about_its_own_car() -> None:
    race = Race(HOUR, RACE.crossings, messages=(seen(5), seen(9, car="7")))
    told = race.moment("0:20:00").of_car("50").race.messages
    assert [said.car_number for said in told if isinstance(said, Evidence)] == ["50", "7"]


def test_a_length_in_laps_is_the_leaders_pace_so_far_and_nothing_later() -> None:
    slower = RACE.crossings.with_columns(
        elapsed_ms=pl.when(pl.col("elapsed_ms") > 1_200_000)
        .then(pl.col("elapsed_ms") + 600_000)
        .otherwise("elapsed_ms"),
        known_at_ms=pl.when(pl.col("elapsed_ms") > 1_200_000)
        .then(pl.col("known_at_ms") + 600_000)
        .otherwise("known_at_ms"),
    )
    info = RaceInfo(name="made up", length=RaceLength(laps=38))
    plain, held_up = (Race(info, each).moment("0:20:00") for each in (RACE.crossings, slower))
    assert plain.length_ms == held_up.length_ms
    with pytest.raises(UnknownLength, match="--length"):
        _ = Race(RaceInfo(name="x"), RACE.crossings).moment().length_ms


HANDED_OVER = """
from dryline.engine.forecasting import forecast
from dryline.race.race import Race

def asked(race: Race) -> None:
    forecast({})
"""


@pytest.mark.parametrize(
    ("given_to_it", "refused"), [('race.moment("1:00:00")', False), ("race", True)]
)
def test_the_type_checker_refuses_a_race_that_is_not_cut(
    given_to_it: str, refused: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "asked.py"
    source.write_text(HANDED_OVER.format(given_to_it))
    monkeypatch.setenv("MYPYPATH", str(ROOT / "src"))
    told, _, _ = api.run(
        ["--config-file", str(ROOT / "pyproject.toml"), "--follow-imports", "silent",
         "--cache-dir", str(tmp_path.parent / "types"), str(source)]
    )  # fmt: skip
    assert ('"Race"; expected "Moment"' in told) == refused, told
