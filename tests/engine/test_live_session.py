"""A session: replay and live are the same, whatever the speed, and jumps show what was known."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_

from dryline.domain.errors import BadOption, InputError, NotKnown
from dryline.domain.event import Correction, Evidence, RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.instant import Duration, Instant
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.replay_feed import ReplayFeed, race_events
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import digest
from dryline.engine.live.view import applied, delta, encoded, screen
from dryline.engine.opening import open_race
from dryline.feeds.live.arrival import Arrival, ArrivalForm
from dryline.race.race import Race
from tests.engine.live_races import INFO, lines, made_up, raw, same_race, session
from tests.made_up.field import crossings, events


def player(race: Race, speed: float = math.inf, journal: Path | None = None) -> Player:
    replayed = LiveSession(race.info, ReplayClock(speed), journal=journal)
    return Player(replayed, [ReplayFeed(race)])


def test_a_replayed_race_ends_as_the_batch_has_it() -> None:
    said = RaceControlMessage(
        happened_at=Instant(600_000), known_at=Instant(605_000), kind="flag", flag=Flag.VSC
    )
    race = replace(made_up(), messages=(said,))
    crank = player(race)
    crank.run()
    same_race(crank.session.race(), race)
    (health,) = crank.session.state.feeds.values()
    assert (health.facts, health.duplicates, health.garbage) == (race.crossings.height + 1, 0, 0)
    assert not health.silences


def test_the_speed_changes_nothing_but_the_time_it_takes() -> None:
    race = made_up(cars=3, hours=0.1)
    fast, timed = player(race), player(race, speed=4_000.0)
    fast.run()
    timed.run()
    assert digest(fast.session.state) == digest(timed.session.state)


def test_what_is_known_at_an_instant_is_the_batch_cut_there() -> None:
    race = made_up()
    crank = player(race)
    crank.pause()
    for share in (0.2, 0.55, 0.9):
        at = Instant(round(race.end.ms * share))
        crank.jump(at)
        same_race(crank.session.race(), race.cut(at))
        cars = screen(crank.session).cars
        for row in race.at(at).table.to_dicts():
            assert {name: cars[row["car_number"]][name] for name in row} == row


def test_a_jump_back_forgets_what_came_later_and_the_race_ends_the_same(tmp_path: Path) -> None:
    race = made_up()
    crank = player(race, journal=tmp_path / "journal")
    crank.pause()
    crank.jump(Instant(1_500_000))
    crank.session.tell("Ana", "31 two tyres")
    crank.jump(Instant(1_000_000))
    assert len(crank.session.state.race.team) == 0
    same_race(crank.session.race(), race.cut(Instant(1_000_000)))
    crank.resume()
    crank.run()
    same_race(crank.session.race(), race)


def test_one_can_jump_to_a_lap_of_a_car_and_step_from_fact_to_fact() -> None:
    race = made_up()
    crank = player(race)
    at = crank.jump_to_lap("50", 4)
    assert screen(crank.session).cars["50"]["laps"] == 4
    later = [e.known_at for e in events(race.crossings) if e.known_at > at]
    assert crank.step() == later[0]
    assert len(crank.session.state.race.rows) == race.cut(later[0]).crossings.height
    with pytest.raises(NotKnown, match="never completed lap 999"):
        crank.jump_to_lap("50", 999)


def test_a_live_race_cannot_be_paused() -> None:
    with pytest.raises(BadOption, match="cannot be paused"):
        Player(session(), []).pause()


def test_a_paused_replay_stands_still_and_goes_on() -> None:
    race = made_up(cars=2, hours=0.1)
    crank = player(race)
    crank.pause()
    for _ in range(3):
        crank.turn()
    assert len(crank.session.state.race.rows) == 0
    crank.resume()
    crank.run()
    same_race(crank.session.race(), race)


def test_repeated_and_disordered_facts_leave_the_race_of_the_ordered_ones() -> None:
    race = made_up(cars=4, hours=0.3)
    facts = list(events(race.crossings))
    late = facts.pop(20)
    live = session()
    live.receive([lines(*facts[:30]), lines(*facts[10:]), lines(late)])
    same_race(live.race(), race, but=["known_at_ms"])
    health = live.state.feeds["feed"]
    assert (health.facts, health.duplicates, health.late) == (len(facts) + 1, 20, 1)
    assert live.race().cut(Instant(facts[-1].known_at.ms - 1)).crossings.height < len(facts)


def test_a_lap_stated_anew_and_a_correction_give_the_batch_over_corrected_rows() -> None:
    facts = list(events(crossings(cars=4, hours=0.3)))
    wrong, never = facts[12], facts[25]
    right = with_(wrong, happened_at=wrong.happened_at + Duration(700), driver="Somebody Else")
    live = session()
    live.receive([lines(*facts)])
    live.receive([lines(right)])
    gone = Correction(
        happened_at=facts[-1].happened_at,
        known_at=facts[-1].known_at,
        car_number=never.car_number,
        lap=never.lap,
        reason="race control",
    )
    live.receive([lines(gone)])
    kept = [right if e is wrong else e for e in facts if e is not never]
    kept.sort(key=lambda event: event.happened_at.ms)
    batch = session()
    batch.receive([lines(*kept)])
    same_race(live.race(), Race(INFO, batch.race().crossings), but=["known_at_ms"])
    assert live.state.feeds["feed"].corrections == 2


def test_impossible_facts_are_set_aside_counted_and_named() -> None:
    facts = list(events(crossings(cars=3, hours=0.2)))
    live = session()
    live.receive([lines(*facts)])
    before = live.race()
    odd = [
        with_(facts[3], lap=-2),
        with_(facts[3], car_number=""),
        with_(facts[3], lap=900, happened_at=Instant(80_000_000_000)),
        with_(facts[3], lap=901, lap_time=Duration(-5)),
        with_(facts[3], lap=902, driver="x" * 5_000),
        with_(facts[3], lap=903, driver_seat=10**12),
        with_(facts[8], happened_at=Instant(5)),
    ]
    live.receive([lines(fact) for fact in odd])
    live.receive([raw(b'{"event":"line_crossing","lap":1e999}\n\xff\xfe{{{\n[1,2]\nnull\n')])
    health = live.state.feeds["feed"]
    assert (health.facts, health.garbage) == (len(facts), len(odd) + 4)
    assert sum(f.kind == "feed_garbage" for f in live.state.findings) == health.garbage
    assert "its lap" in " ".join(finding.message for finding in live.state.findings)
    same_race(live.race(), before)


@pytest.mark.parametrize(
    ("name", "can_be", "cannot_be"),
    [
        ("air_c", 60.0, 60.1),
        ("air_c", -40.0, -40.1),
        ("track_c", 90.0, 1e308),
        ("humidity_pct", 0.0, -0.1),
        ("pressure_hpa", 1100.0, 0.0),
        ("wind_ms", 80.0, 80.1),
        ("rain", 0.0, -1.0),
    ],
)
def test_weather_that_cannot_be_is_set_aside(name: str, can_be: float, cannot_be: float) -> None:
    live = session()
    for place, value in enumerate((can_be, cannot_be)):
        line = f'{{"event":"weather","happened_at":{place},"{name}":{value}}}\n'
        live.receive([raw(line.encode())])
    assert [getattr(sample, name) for sample in live.state.race.weather] == [can_be]
    assert live.state.feeds["feed"].garbage == 1


@pytest.mark.parametrize("number", ["1\x00", "\u202e1", "1\x1b", "\n", "1234567890123"])
def test_a_car_number_that_nobody_can_paint_on_a_car_is_none(number: str) -> None:
    live = session()
    live.receive([lines(with_(next(events(crossings(cars=1, hours=0.1))), car_number=number))])
    assert not live.state.race.cars
    assert live.state.feeds["feed"].garbage == 1


def test_team_inputs_have_an_author_a_number_and_an_undo() -> None:
    race = made_up(cars=3, hours=0.1)
    live = session()
    live.receive([lines(*race_events(race))])
    first = live.tell("Ana", "31 four wets")
    assert (first.number, first.kind, first.car_number, first.tyre) == (1, "tyres", "31", "wet")
    assert live.tell("Bo", "energy 43,5").energy_pct == 43.5
    assert [m.source for m in live.race().messages if isinstance(m, Evidence)] == ["team: Ana"]
    assert live.tell("Ana", "undo").undoes == 1
    assert live.race().messages == ()
    with pytest.raises(InputError, match="no team input 77 to undo"):
        live.tell("Bo", "undo 77")
    before = live.state
    with pytest.raises(InputError, match="31 two tyres"):
        live.tell("Bo", "make us win")
    assert live.state is before


def test_a_team_input_that_the_feed_repeats_counts_once() -> None:
    live = session()
    line = b'{"event":"team","author":"Ana","text":"rain s2","happened_at":60000}\n'
    live.receive([raw(line), raw(line)])
    assert [entry.text for entry in live.state.race.team] == ["rain s2"]


def test_deltas_turn_each_screen_into_the_next() -> None:
    race = made_up(cars=5, hours=0.2)
    facts = race_events(race)
    live = session()
    shown = screen(live)
    for start in range(0, len(facts), 7):
        live.receive([lines(*facts[start : start + 7])])
        if start == 14:
            live.receive([lines(Evidence(
                happened_at=facts[start].known_at, known_at=facts[start].known_at,
                kind="rain", source="spotter",
            ))])  # fmt: skip
        after = screen(live)
        change = delta(shown, after)
        assert applied(shown, change) == after
        assert len(encoded(change)) < len(encoded(after))
        shown = after
    with pytest.raises(ValueError, match="does not follow"):
        applied(shown, change)


def test_the_public_screen_says_nothing_of_what_the_team_types_or_asks() -> None:
    live = session(works={"call": lambda race, ask: "BOX FOR SECRETWETS"})
    live.receive([lines(*race_events(made_up(cars=3, hours=0.1)))])
    live.tell("Secretauthor", "50 wets")
    live.receive([raw(b'{"event":"team","author":"Secretauthor","text":"secret words"}\n')])
    live.ask("call")
    live.collect()
    assert b"SECRETWETS" in bytes(live.state.latest["call"].value)
    shown = encoded(screen(live))
    assert b'"50"' in shown
    assert b"ecret" not in shown
    assert b"SECRET" not in shown


def test_listeners_hear_of_every_change_and_can_stop() -> None:
    race = made_up(cars=2, hours=0.1)
    live, seen = session(), []
    stop = live.listen(lambda state: seen.append(state.seq))
    live.receive([lines(*race_events(race)[:3])])
    live.tell("Ana", "note hello")
    stop()
    live.tell("Ana", "note bye")
    assert len(seen) == 2


def test_an_arrival_that_nobody_can_take_is_stated_and_stops_neither_race_nor_restart(
    tmp_path: Path,
) -> None:
    race, path = made_up(cars=3, hours=0.1), tmp_path / "j"
    live = session(path)
    poison = Arrival(source="feed", form=ArrivalForm.STATUS, data=b"no status at all")
    for _ in range(9):
        live.receive([poison])
    live.receive([lines(*race_events(race))])
    assert [finding.kind for finding in live.state.findings] == ["feed_fault"] * 5
    same_race(live.race(), race)
    known = digest(live.state)
    live.close()
    again = session(path)
    assert digest(again.state) == known
    again.close()


def test_threads_can_type_while_the_race_goes_on() -> None:
    race = made_up(cars=4, hours=0.3)
    crank = player(race)
    typing = [
        threading.Thread(
            target=lambda who=who: [crank.session.tell(who, f"note {n}") for n in range(20)]
        )
        for who in ("Ana", "Bo")
    ]
    for thread in typing:
        thread.start()
    crank.run()
    for thread in typing:
        thread.join()
    assert [entry.number for entry in crank.session.state.race.team] == list(range(1, 41))
    same_race(crank.session.race(), race)


@pytest.mark.needs_data
def test_a_24_hour_race_replayed_at_full_speed_ends_as_the_batch_has_it(data: Path) -> None:
    race = open_race(data / "wec/2024/le_mans_24h.csv")
    crank = player(race)
    crank.run()
    same_race(crank.session.race(), race)
    assert crank.session.race().at(race.end) == race.at(race.end)
