"""A race opened with its weekend's sessions: every reader of the track knows them, live too."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

from dryline.analysis.track.doubt import FIRST_PACE, WEEKEND
from dryline.analysis.track.reference import shipped_priors
from dryline.analysis.track.weekend import priors_of
from dryline.domain.errors import BadOption
from dryline.domain.instant import Instant
from dryline.domain.weekend import NO_WEEKEND
from dryline.engine.live.gauge import read_track as read_live
from dryline.engine.live.starting import live_session, replay_session
from dryline.engine.measured import track_of
from dryline.engine.opening import SaidOfFiles, open_race
from dryline.engine.weekend import told_by
from dryline.feeds.alkamel.write import write_laps
from dryline.race.race import Race
from dryline.strategy.track_reading import read_track
from tests.engine.live_races import INFO
from tests.made_up.showers import drive, dry, shower

AT = Instant(15 * 60_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wet race and its dry practice, as files."""
    path = tmp_path_factory.mktemp("weekend")
    wet = drive(shower(-5, 0.22, 30), 20, seed=9, start_on_wets=True)
    (path / "race.csv").write_bytes(write_laps(wet.laps))
    (path / "practice.csv").write_bytes(write_laps(drive(dry, 30, seed=21).laps))
    return path


@pytest.fixture(scope="module")
def race(folder: Path) -> Race:
    return open_race(folder / "race.csv", SaidOfFiles(weekend=[folder / "practice.csv"]))


def test_every_reader_of_the_track_measures_against_the_weekend(race: Race) -> None:
    moment = race.moment(AT)
    read = (
        track_of(moment.race, live=True),
        track_of(moment.race, live=False),
        read_track(moment),
        read_track(moment, hurried=True),
        read_live(moment).estimate,
    )
    assert [estimate.last.reference.source for estimate in read] == [WEEKEND] * 5


def test_without_its_weekend_the_same_race_is_not_known(race: Race, folder: Path) -> None:
    """The gauge that is kept for a race is not the one of the same race with its weekend."""
    assert read_live(race.moment(AT)).estimate.last.reference.source == WEEKEND
    bare = open_race(folder / "race.csv").moment(AT)
    assert read_live(bare).estimate.last.reference.source == FIRST_PACE


def test_a_race_cut_at_an_instant_knows_its_weekend(race: Race, folder: Path) -> None:
    cut = open_race(folder / "race.csv", SaidOfFiles(weekend=[folder / "practice.csv"]), at=AT)
    assert cut.weekend == race.weekend == race.cut(AT).weekend
    assert {p.race for p in race.weekend.dry} == {open_race(folder / "practice.csv").info.name}
    assert priors_of(race) == (*race.weekend.dry, *shipped_priors())


def test_the_race_itself_is_no_session_before_it(folder: Path) -> None:
    opened = open_race(
        folder / "race.csv", SaidOfFiles(weekend=[folder / "race.csv", folder / "practice.csv"])
    )
    assert opened.weekend == told_by([open_race(folder / "practice.csv")])
    assert [f.kind for f in opened.findings].count("weekend_is_race") == 1


def test_a_session_of_another_circuit_or_of_a_few_laps_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    other, short = tmp_path / "elsewhere.csv", tmp_path / "short.csv"
    longer = drive(dry, 20, seed=21).laps.with_columns(speed_kmh=pl.col("speed_kmh") * 1.1)
    other.write_bytes(write_laps(longer))
    with pytest.raises(BadOption, match=r"elsewhere was driven at another circuit.*--weekend"):
        open_race(folder / "race.csv", SaidOfFiles(weekend=[other]))
    short.write_bytes(write_laps(drive(dry, 2, seed=21).laps))
    with pytest.raises(BadOption, match=r"short tells no dry pace.*--weekend"):
        open_race(folder / "race.csv", SaidOfFiles(weekend=[short]))


def test_a_session_goes_on_with_the_weekend_that_its_journal_has(
    race: Race, folder: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "race.journal"
    first = replay_session(race, speed=math.inf, journal=journal)
    first.run()
    assert first.session.race().weekend == race.weekend
    first.stop()
    again = replay_session(open_race(folder / "race.csv"), journal=journal)
    assert again.session.race().weekend == race.weekend
    again.stop()


def test_a_weekend_that_is_named_later_counts_from_then_on(
    race: Race, folder: Path, tmp_path: Path
) -> None:
    journal, file = tmp_path / "live.journal", tmp_path / "growing.csv"
    first = live_session([str(file)], info=INFO, journal=journal)
    assert first.session.race().weekend == NO_WEEKEND
    first.stop()
    told = told_by([open_race(folder / "practice.csv")])
    second = live_session([str(file)], info=INFO, weekend=told, journal=journal)
    assert second.session.race().weekend == told == race.weekend
    second.stop()
