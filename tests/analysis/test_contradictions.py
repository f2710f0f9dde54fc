"""Who says otherwise than the lap times is shown, and only where the two can be compared."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from dryline.analysis.track.contradictions import Contradiction, contradictions
from dryline.analysis.track.doubt import FIRST_PACE, Reference
from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.spells import wet_spells
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.tables import WEATHER
from dryline.race.race import Race
from tests.made_up.driving import race_of
from tests.made_up.field import crossings
from tests.made_up.gauged import estimate, soaked

RACE = race_of(crossings(cars=6, hours=1.0))
MINUTE = 60_000
FROM_MS = 10 * MINUTE
DRY, SOAKED = (0.0, 0.0, 0.0), (0.95, 0.95, 0.1)
UNKNOWN = Reference(known=False, source=FIRST_PACE, doubt=0.08)

Said = RaceControlMessage | Evidence


def control(kind: str, at_ms: int = FROM_MS) -> Said:
    at = Instant(at_ms)
    return RaceControlMessage(happened_at=at, known_at=at, kind=kind)


def report(kind: str, source: str = "spotter", sector: int | None = None) -> Said:
    at = Instant(FROM_MS)
    return Evidence(happened_at=at, known_at=at, kind=kind, source=source, sector=sector)


def found(read: TrackEstimate, race: Race) -> list[Contradiction]:
    return contradictions(read, race, wet_spells(read, race))


def heard(said: Said, *p_wet: tuple[float, float, float], **more: object) -> list[Contradiction]:
    read = estimate(p_wet, from_ms=FROM_MS + 30_000, **more)  # type: ignore[arg-type]
    return found(read, replace(RACE, messages=(said,)))


@pytest.mark.parametrize(
    ("said", "p_wet", "parts", "words"),
    [
        (control("track_declared_wet"), DRY, ("race_control", "wet", "dry"),
         "race control declared the track wet at 0:10:00; the lap times up to 0:15:00 show a dry "
         "track"),
        (control("track_declared_dry"), SOAKED, ("race_control", "dry", "wet"),
         "race control declared the track dry at 0:10:00; the lap times up to 0:15:00 show a wet "
         "track"),
        (report("rain", "team: A"), DRY, ("team_word", "rain", "dry"),
         "the team said rain at 0:10:00; the lap times up to 0:15:00 show a dry track"),
        (report("dry"), SOAKED, ("report", "dry", "wet"),
         "a report said dry at 0:10:00; the lap times up to 0:15:00 show a wet track"),
    ],
)  # fmt: skip
def test_a_word_that_the_laps_of_the_next_minutes_belie_is_shown(
    said: Said, p_wet: tuple[float, float, float], parts: tuple[str, str, str], words: str
) -> None:
    (each,) = heard(said, *[p_wet] * 10)
    assert (each.source, each.says, each.gauge) == parts
    assert (each.from_ms, each.to_ms) == (FROM_MS, FROM_MS + 5 * MINUTE)
    assert each.words == words


def test_a_word_that_the_laps_bear_out_or_leave_open_is_none() -> None:
    assert heard(control("track_declared_wet"), *[SOAKED] * 10) == []
    assert heard(control("track_declared_dry"), *[DRY] * 10) == []
    assert heard(control("track_declared_wet"), *[DRY] * 9, (0.0, 0.21, 0.0)) == []
    assert len(heard(control("track_declared_wet"), *[DRY] * 9, (0.0, 0.2, 0.0))) == 1
    assert heard(control("track_declared_dry"), *[SOAKED] * 9, (0.49, 0.0, 0.0)) == []
    assert len(heard(control("track_declared_dry"), *[SOAKED] * 9, (0.5, 0.0, 0.0))) == 1
    assert heard(control("pit_lane_open"), *[SOAKED] * 10) == []


def test_a_word_of_a_sector_is_held_against_that_sector() -> None:
    assert heard(report("wet", sector=1), *[SOAKED] * 10) == []
    assert [each.gauge for each in heard(report("wet", sector=3), *[SOAKED] * 10)] == ["dry"]


def test_a_word_is_judged_by_three_to_ten_minutes() -> None:
    wet = control("track_declared_wet")
    assert heard(wet, *[DRY] * 5) == []
    assert len(heard(wet, *[DRY] * 6)) == 1
    assert len(heard(wet, *[DRY] * 20, SOAKED)) == 1, "it rained after eleven minutes"
    assert heard(wet, *[DRY] * 19, SOAKED) == []


def test_nobody_is_contradicted_by_a_dry_track_that_cannot_be_known() -> None:
    assert heard(control("track_declared_wet"), *[DRY] * 10, reference=UNKNOWN) == []
    assert len(heard(control("track_declared_dry"), *[SOAKED] * 10, reference=UNKNOWN)) == 1


def flagged(*rain: float | None) -> Race:
    """The race with a row of weather a minute from the tenth on."""
    rows = [
        dict.fromkeys(WEATHER) | {"at_ms": FROM_MS + n * MINUTE, "rain": value}
        for n, value in enumerate(rain)
    ]
    return replace(RACE, weather=pl.DataFrame(rows, schema=WEATHER))


def test_a_rain_flag_up_over_a_dry_track_is_shown_from_ten_minutes_on() -> None:
    dry = estimate([DRY] * 60, from_ms=FROM_MS)
    (each,) = found(dry, flagged(*[1.0] * 11, 0.0))
    assert (each.source, each.says, each.gauge) == ("rain_flag", "rain", "dry")
    assert each.words == (
        "the rain flag was up from 0:10:00 to 0:20:00; the lap times show a dry track"
    )
    assert found(dry, flagged(*[1.0] * 10, 0.0)) == []
    unknown = estimate([DRY] * 60, from_ms=FROM_MS, reference=UNKNOWN)
    assert found(unknown, flagged(*[1.0] * 11, 0.0)) == []


def test_a_rain_flag_down_all_through_a_clear_spell_is_shown() -> None:
    def wet(half_minutes: int, p: tuple[float, float, float] = SOAKED) -> TrackEstimate:
        return estimate([*[p] * half_minutes, *[DRY] * 20], from_ms=FROM_MS)

    down = soaked(flagged(*[0.0] * 12, 1.0), FROM_MS, 2 * FROM_MS)
    (each,) = found(wet(20), down)
    assert (each.says, each.gauge, each.from_ms) == ("no_rain", "wet", FROM_MS)
    assert each.words == (
        "the rain flag was down from 0:10:00 to 0:20:00; the lap times show a wet track"
    )
    assert found(wet(19), down) == [], "under ten minutes"
    assert found(wet(20), flagged(0.0, 1.0, *[0.0] * 10)) == [], "it was up for a minute"
    assert found(wet(20, (0.95, 0.9, 0.0)), down) == [], "likely, not clear"


def test_a_rain_flag_that_never_changes_says_nothing() -> None:
    dry = estimate([DRY] * 60, from_ms=FROM_MS)
    assert found(dry, flagged(*[1.0] * 12)) == []
    assert found(estimate([SOAKED] * 40, from_ms=FROM_MS), flagged(*[-1.0] * 20, None)) == []
