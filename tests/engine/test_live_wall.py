"""What the pit wall shows to all, and that nothing of the team's is in it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import polars as pl
import pytest

from dryline.answers.wall import Wall, encoded_wall
from dryline.domain.errors import BadOption, UnknownCar
from dryline.domain.event import LineCrossing, RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.replay_feed import race_events
from dryline.engine.live.view import encoded, screen
from dryline.engine.live.wall import public_wall, worm
from dryline.engine.live.wall_charts import ChartAsked
from dryline.feeds.live.lines import heartbeat_line
from tests.engine.live_races import lines, raw
from tests.engine.wall_races import IMOLA_MS, gone_on, imola_facts, opened, small

DRY_UNTIL_MS, EARLY_MS = 10_800_000, 960_000
SECRETS = ("Wilhelmina", "kermesse", "marzipan", "vermilion", "Nightingale")


@pytest.fixture(scope="module")
def imola() -> PitWall:
    race, before, _ = imola_facts()
    wall = opened(race)
    gone_on(wall, before, at_once=True)
    return wall


def test_the_wall_tells_what_the_race_and_the_works_know(imola: PitWall) -> None:
    wall, race = imola.wall(), imola.session.race()
    assert wall.simulated
    assert wall.as_of_ms == imola.session.state.now.ms <= IMOLA_MS
    assert {name: lane.state for name, lane in wall.pit_lane.items()} == {
        "HYPERCAR": "open", "LMGT3": "open",
    }  # fmt: skip
    assert wall.track is not None
    assert max(wall.track.p_wet) > 0.2
    assert set(wall.classes) == {"HYPERCAR", "LMGT3"}
    assert wall.forecast is not None
    running = {car.car_number for car in race.at(race.end) if car.status == "running"}
    assert running <= set(wall.forecast.cars)
    for car_class in ("HYPERCAR", "LMGT3"):
        cars = [car for car in wall.forecast.cars if race.entries[car].car_class == car_class]
        total = sum(wall.forecast.cars[car].p_win_class for car in cars)
        assert total == pytest.approx(1.0, abs=0.01)
        assert len(wall.worm[car_class]) == 6
    assert len(wall.stints) == race.stints.height
    dry = [each.wet for each in wall.stints if each.end_ms < DRY_UNTIL_MS]
    assert set(dry) == {False}
    assert {each.wet for each in wall.stints if each.running} > {False}
    on = {car: wall.tyres[car].p_wet or 0.0 for car in ("6", "7", "8", "50")}
    assert min(on["6"], on["7"], on["8"]) > 0.7
    assert on["50"] < 0.2
    assert wall.tyres["50"].age_laps == race.at(race.end)["50"].stint_laps
    assert wall.tyres["50"].laps_left is not None
    assert len(wall.driver_time["50"]) == 3
    assert sum(each.driving for each in wall.driver_time["50"]) == 1
    assert len(wall.neutralisations) == race.neutralisations.height
    assert imola.about("viewer").classes == ("HYPERCAR", "LMGT3")


def test_the_same_state_gives_the_same_wall_with_and_without_memory(imola: PitWall) -> None:
    again = public_wall(imola.session.state)
    assert encoded_wall(again) == encoded_wall(imola.wall())
    assert msgspec.json.decode(encoded_wall(again), type=Wall) == again


def test_charts_are_drawn_of_the_race_as_it_stands(imola: PitWall) -> None:
    for name in ("stints", "gap", "position", "wetness", "worm", "pace", "crossover"):
        spec = imola.chart(ChartAsked(name, car_class="HYPERCAR"))
        assert spec["datasets"]
    with pytest.raises(BadOption, match="no chart"):
        imola.chart(ChartAsked("horoscope"))
    with pytest.raises(UnknownCar):
        imola.chart(ChartAsked("gap", "4711"))


def test_a_stop_is_counted_down_to_and_then_done_or_missed(imola: PitWall) -> None:
    """Car 2 boxes when its call says so; car 50 stays out against its call."""
    became = []
    for car in ("2", "50"):
        imola.choose_car(car)
        imola.session.collect()
        call = imola.team().call
        assert call is not None
        imola.decide(call.number, "accept", "Ana", "")
        sheet = imola.team().order_sheet
        assert sheet is not None
        assert (sheet.action, sheet.state) == ("box", "ordered")
        assert sheet.tyres is not None
        assert sheet.tyres.kind == "wet"
        own = next(
            fact
            for fact in imola_facts()[2]
            if isinstance(fact, LineCrossing) and (fact.car_number, fact.lap) == (car, sheet.lap)
        )
        last = imola.session.state.race.cars[car].elapsed_ms
        assert sheet.commit_at_ms is not None
        assert last < sheet.commit_at_ms
        assert abs(own.happened_at.ms - sheet.commit_at_ms) < 0.3 * (own.happened_at.ms - last)
        now = imola.session.state.race.now
        left = [fact for fact in imola_facts()[2] if now < fact.known_at <= own.known_at]
        gone_on(imola, left, at_once=True)
        then = imola.team().order_sheet
        assert then is not None
        assert then.call == call.number
        assert then.unchanged_laps == own.lap - call_lap(imola, call.number) + 1
        became.append(then.state)
        imola.decide(call.number, "release", "Ana", "")
    assert became == ["done", "missed"]


def call_lap(wall: PitWall, number: int) -> int:
    """The lap that our car was on when the call was made."""
    (made,) = (each for each in wall.session.state.answers if each.ask == number)
    lap: int = json.loads(bytes(made.value))["range"]["lap"]
    return lap


def test_nothing_of_the_team_is_in_what_everybody_sees() -> None:
    """A twin session without the team shows the same, to the byte, but for the count of records."""
    race = small()
    facts = race_events(race)
    ours, theirs = opened(race), opened(race)
    for wall in (ours, theirs):
        gone_on(wall, facts[:30])
    ours.choose_car("50")
    for author, text in zip(SECRETS, _typed(), strict=True):
        ours.tell(author, text)
    ours.session.collect()
    call = ours.team().call
    assert call is not None
    ours.decide(call.number, "accept", SECRETS[0], SECRETS[1])
    ours.what_if({"kind": "rival_stop", "car_number": "7", "lap": 40})
    ours.session.collect()
    for wall in (ours, theirs):
        gone_on(wall, facts[30:60])
    secret = encoded_wall(ours.team())
    assert all(word.encode() in secret for word in SECRETS)
    shown = [_shown(wall) for wall in (ours, theirs)]
    assert shown[0] == shown[1]
    for word in SECRETS:
        assert word not in json.dumps(shown[0])


def _typed() -> tuple[str, ...]:
    return (
        "7 four wets", "rain s2", f"note {SECRETS[2]} {SECRETS[3]} {SECRETS[1]}", "50 driver Ada",
        "12 retired",
    )  # fmt: skip


def _shown(wall: PitWall) -> list[Any]:
    public = json.loads(encoded_wall(wall.wall()))
    seen = json.loads(encoded(screen(wall.session)))
    charts = [wall.chart(ChartAsked(name)) for name in ("stints", "gap", "wetness", "worm")]
    for each in (public, seen):
        each.pop("version")
    return [public, seen, charts]


def test_race_control_words_count_at_once() -> None:
    race, before, _ = imola_facts()
    wall = opened(race)
    gone_on(wall, [fact for fact in before if fact.known_at.ms < EARLY_MS], at_once=True)
    assert {lane.state for lane in wall.wall().pit_lane.values()} == {"open"}
    assert wall.wall().penalties == ()
    now = wall.session.state.now
    said = [
        RaceControlMessage(
            happened_at=now, known_at=now, kind="track_declared_wet", text="wet"
        ),
        *(
            RaceControlMessage(
                happened_at=now, known_at=now, kind="penalty", car_number="50",
                penalty=penalty, text=text, seconds=seconds, laps_to_serve=3,
            )
            for penalty, text, seconds in (("drive through", "speeding", None), ("time", "", 5.0))
        ),
        RaceControlMessage(
            happened_at=now, known_at=now, kind="pit_lane_closed", car_class="LMGT3"
        ),
    ]  # fmt: skip
    wall.session.receive([lines(*said)])
    shown = wall.wall()
    assert shown.wet_declared_ms == now.ms
    assert {name: lane.state for name, lane in shown.pit_lane.items()} == {
        "HYPERCAR": "open", "LMGT3": "closed",
    }  # fmt: skip
    through, added = shown.penalties
    assert (through.kind, through.text, through.since_ms) == ("drive_through", "speeding", now.ms)
    assert (through.served, added.served, added.seconds) == (False, None, 5.0)
    assert (through.laps_left, added.laps_left) == (3, None)


def test_the_track_is_asked_for_each_lap_of_the_leader_and_between_long_ones() -> None:
    race = small()
    facts = race_events(race)
    wall = opened(race)
    gone_on(wall, facts[:30])
    asked = [answer.as_of_ms for answer in wall.session.state.answers if answer.kind == "track"]
    leader = race.crossings.group_by("lap").agg(pl.col("elapsed_ms").min()).sort("lap")
    firsts = [at for at in leader["elapsed_ms"] if at <= wall.session.state.now.ms]
    assert asked == firsts
    later = Instant(wall.session.state.now.ms + 130_000)
    wall.session.receive([raw(heartbeat_line(later))])
    wall.session.collect()
    assert wall.session.state.latest["track"].as_of_ms == later.ms


def test_the_worm_keeps_the_cars_that_ever_stood_highest_and_a_bearable_number_of_points() -> None:
    cars = {f"{n}": ("GT", n / 100) for n in range(1, 10)}
    told = [(at, {**cars, "1": ("GT", 0.9 if at == 7 else 0.0)}) for at in range(1_000)]
    shown = worm(told)["GT"]
    assert list(shown) == ["1", "9", "8", "7", "6", "5"]
    assert {len(points) for points in shown.values()} == {167}
    assert shown["9"][-1] == (999, 0.09)


def test_a_flag_that_changes_is_a_reason_to_think_again() -> None:
    race = small()
    facts = race_events(race)
    wall = opened(race)
    wall.session.receive([lines(*facts[:20])])
    wall.choose_car("50")
    wall.session.collect()
    first = wall.team().call
    now = wall.session.state.now
    flag = RaceControlMessage(
        happened_at=now, known_at=Instant(now.ms + 1), kind="flag", flag=Flag.VSC
    )
    wall.session.receive([lines(flag)])
    wall.session.collect()
    again = wall.team().call
    assert first is not None
    assert again is not None
    assert (again.number > first.number, again.as_of_ms) == (True, now.ms + 1)
