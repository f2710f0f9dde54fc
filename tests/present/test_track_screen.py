"""The track on the screen: every spell, how sure it is, and what cannot be known."""

from __future__ import annotations

import io
from dataclasses import replace

import polars as pl
from rich.console import Console

from dryline.analysis.track.doubt import FIRST_PACE, Reference
from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.spells import wet_spells
from dryline.analysis.track.words import in_words
from dryline.answers.track import Track
from dryline.domain.clock_text import format_clock
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.present.terminal import track_screen
from dryline.race.race import Race
from tests.made_up.driving import race_of
from tests.made_up.field import crossings
from tests.made_up.gauged import estimate, soaked

RACE = race_of(crossings(cars=8, hours=1.0))
FROM_MS = 600_000
DRY, SOAKED, ONE = (0.0, 0.0, 0.0), (0.95, 0.95, 0.0), (0.6, 0.0, 0.0)


def screen(read: TrackEstimate, race: Race = RACE) -> list[str]:
    answer = Track.of(race, replace(read, words=in_words([read.last])), None)
    console = Console(file=io.StringIO(), width=100, color_system=None, record=True)
    console.print(track_screen.screen(answer, {}, 100))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_all_spells_are_shown_however_many_and_the_weak_ones_counted_apart() -> None:
    """Some lie under the safety car, where no lap is free."""
    read = estimate([*[SOAKED, SOAKED, DRY, DRY] * 24, ONE, DRY], from_ms=FROM_MS)
    slow = soaked(RACE, FROM_MS, RACE.end.ms)
    lines, listed = screen(read, slow), wet_spells(read, slow)
    assert listed.height == 25
    for begun, grade in listed.select("from_ms", "grade").iter_rows():
        (line,) = (line for line in lines if line.startswith(f" {format_clock(begun)}"))
        assert grade in line
    weak = listed.filter(pl.col("grade") == "weak").height
    assert weak > 1
    told = (
        f"{25 - weak} wet spells, 0:{25 - weak}:00 of 0:58:30; besides {weak} weak signs of water."
    )
    assert told in lines
    (first,) = (line for line in lines if line.startswith(" 0:10:00"))
    assert first.split() == ["0:10:00", "0:11:00", "0:01:00", "1,", "2", "0.17", "clear", "laps"]


def test_signs_alone_are_no_wet_spell() -> None:
    lines = screen(estimate([DRY, ONE, DRY, ONE, DRY], from_ms=FROM_MS))
    assert "No wet spell, but 2 weak signs of water." in lines
    dark = screen(estimate([DRY, SOAKED, SOAKED, DRY], from_ms=FROM_MS, loss=0.0))
    assert any(line.endswith("no free lap shows it") and " weak " in line for line in dark)


def test_dry_is_said_with_the_reference_behind_it() -> None:
    lines = screen(estimate([DRY] * 3, from_ms=FROM_MS))
    assert lines[0] == "Dry."
    assert lines[1] == "(as it could be known; against dry times of other races here)"
    assert "No sector was likely wet at any time." in lines


def test_without_a_reference_it_is_not_said_flatly() -> None:
    unknown = Reference(known=False, source=FIRST_PACE, doubt=0.08)
    lines = screen(estimate([DRY] * 3, from_ms=FROM_MS, reference=unknown))
    assert lines[0].startswith("Dry as far as the race itself can tell; no dry reference for this")
    assert any(line.startswith("Not known: no dry reference for this circuit") for line in lines)
    assert "The laps show no wet spell by themselves." in lines


def test_who_says_otherwise_stands_under_the_spells() -> None:
    at = Instant(FROM_MS)
    said = RaceControlMessage(happened_at=at, known_at=at, kind="track_declared_wet")
    read = estimate([DRY] * 10, from_ms=FROM_MS + 30_000)
    lines = screen(read, replace(RACE, messages=(said,)))
    assert "But race control declared the track wet at 0:10:00; the lap times up to 0:15:00" in (
        line[:79] for line in lines
    )
    assert not any(line.startswith("But ") for line in screen(read))


def test_before_a_free_lap_a_car_on_the_track_has_a_tyre_that_nobody_knows() -> None:
    read = estimate([DRY, DRY], from_ms=FROM_MS)
    unread = replace(read, tyres=read.tyres.clear())
    answer = Track.of(RACE, unread, None)
    assert {each.car_number for each in answer.tyres} == set(RACE.laps["car_number"])
    assert {(each.p_wet_tyre, each.tyre) for each in answer.tyres} == {(None, "unknown")}
    assert not any(line.startswith("On wets") for line in screen(unread))
