"""On which tyres cars came in and went out, by the lap times: as known then, null where not."""

from __future__ import annotations

import io

import polars as pl
import pytest
from rich.console import Console

from dryline.analysis.track.doubt import NONE, OTHER_RACES, Reference
from dryline.analysis.track.reading import TYRES, filter_track
from dryline.analysis.track.stop_tyres import TyresAtStop, TyreStints, read_tyres
from dryline.answers.stops import Stops
from dryline.domain.instant import Instant
from dryline.engine.measured import track_of
from dryline.engine.questions import Aid, AskStops, ask
from dryline.present.terminal.screens import stops_screen
from dryline.race.race import Race
from tests.made_up.driving import race_of
from tests.made_up.gauged import HERE
from tests.made_up.showers import WetRace, drive, dry, shower

MINUTE = 60_000


@pytest.fixture(scope="module")
def wet() -> WetRace:
    return drive(shower(30, 0.24, 55), 100)


@pytest.fixture(scope="module")
def race(wet: WetRace) -> Race:
    return race_of(wet.laps)


def screened(answer: Stops) -> str:
    console = Console(file=io.StringIO(), width=120, color_system=None, record=True)
    console.print(stops_screen(answer, 120))
    return console.export_text()


def test_cars_come_in_on_one_tyre_and_go_out_on_the_other(wet: WetRace, race: Race) -> None:
    answer = ask(race.moment(), AskStops())
    right = [
        (p > 0.5) == wet.on_wets(stop.car_number, at_ms)
        for stop in answer.stops
        if stop.out_ms is not None
        for p, at_ms in ((stop.wet_before, stop.in_ms - 1), (stop.wet_after, stop.in_ms))
        if p is not None
    ]
    changed = [
        stop for stop in answer.stops if (stop.wet_before or 0) < 0.2 < 0.8 < (stop.wet_after or 0)
    ]
    assert len(right) > 80
    assert sum(right) / len(right) > 0.9
    assert len(changed) > 15
    assert "S > W" in screened(answer)


def test_nothing_is_known_of_a_car_that_is_still_in(race: Race) -> None:
    stop = race.stops.filter(pl.col("in_ms") > 40 * MINUTE).row(0, named=True)
    then = ask(race.moment(Instant(stop["in_ms"])), AskStops(car_number=stop["car_number"]))
    assert then.stops[-1].out_ms is None
    assert then.stops[-1].wet_before is not None
    assert then.stops[-1].wet_after is None


def test_what_came_later_moves_nothing(race: Race) -> None:
    at = Instant(42 * MINUTE)
    now = ask(race.moment(at), AskStops())
    assert now == ask(race_of(race.cut(at).crossings).moment(at), AskStops())


def test_a_reading_at_hand_is_taken(race: Race) -> None:
    """In the first half hour, in which the gauge does not hurry, it is the very same."""
    moment = race.moment(Instant(29 * MINUTE))
    read = Aid(track=track_of(moment.race, live=True))
    assert len(ask(moment, AskStops()).stops) > 3
    assert ask(moment, AskStops(), read) == ask(moment, AskStops())


def test_unasked_nobody_reads_the_track(race: Race) -> None:
    answer = ask(race.moment(), AskStops(track=False))
    assert {(stop.wet_before, stop.wet_after) for stop in answer.stops} == {(None, None)}
    assert answer.frame()["wet_after"].null_count() == len(answer.stops)
    assert "Tyres" not in screened(answer)


def test_in_a_dry_race_the_gauge_hurries_and_says_the_same() -> None:
    race = race_of(drive(dry, 90, seed=4).laps)
    hurried = read_tyres(race.laps)
    fine = filter_track(race.laps)
    assert hurried.reference.source == fine.last.reference.source
    assert hurried.stints.drop("p_wet_tyre").equals(fine.stints.drop("p_wet_tyre"))
    apart = (hurried.stints["p_wet_tyre"] - fine.stints["p_wet_tyre"]).abs().max()
    assert apart < 0.01  # type: ignore[operator]


def at_stops(
    *stops: tuple[str, int, int, int | None], source: str = OTHER_RACES
) -> list[TyresAtStop]:
    rows = [("7", 0, 0.1, "slick", False), ("7", 5_000, 0.9, "wet", False)]
    read = TyreStints(
        pl.DataFrame(rows, schema=TYRES, orient="row"), Reference(HERE.known, source, 0.0)
    )
    schema = {"car_number": pl.String, "lap": pl.Int32, "in_ms": pl.Int64, "out_ms": pl.Int64}
    table = pl.DataFrame(stops, schema=schema, orient="row")
    found = read.at_stops(table)
    return [found.get((car, lap), TyresAtStop()) for car, lap, *_ in stops]


def test_the_tyres_of_a_stop_are_those_until_it_and_those_from_it_on() -> None:
    both, none = TyresAtStop(0.1, 0.9), TyresAtStop()
    assert at_stops(("7", 3, 5_000, 9_000)) == [both], "it begins with the in-lap's end"
    assert at_stops(("7", 3, 4_999, 5_001)) == [both], "or on the out-lap"
    assert at_stops(("7", 3, 4_000, 5_000)) == [TyresAtStop(0.1)], "not with its end"
    assert at_stops(("7", 3, 5_001, 9_000)) == [TyresAtStop(0.9)]
    assert at_stops(("7", 3, 5_000, None)) == [TyresAtStop(0.1)]
    assert at_stops(("7", 0, 0, 4_000)) == [TyresAtStop(None, 0.1)], "from the pit lane"
    assert at_stops(("8", 3, 5_000, 9_000)) == [none]
    assert at_stops(("7", 3, 5_000, 9_000), source=NONE) == [none], "too few free laps yet"
