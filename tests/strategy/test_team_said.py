"""What the pit wall said: who, when, undone or not, and never before it was known."""

from __future__ import annotations

from dryline.domain.event import TeamInput
from dryline.domain.instant import Instant
from dryline.feeds.live.team_lines import read_team_line
from dryline.strategy.team_said import CarSaid, team_said

MINUTE = 60_000


def typed(minute: float, text: str, number: int, author: str = "Ana") -> TeamInput:
    at = Instant(round(minute * MINUTE))
    return read_team_line(
        TeamInput(happened_at=at, known_at=at, author=author, text=text, number=number)
    )


def said(*lines: tuple[float, str], at: float = 60.0) -> CarSaid:
    inputs = [typed(minute, text, number) for number, (minute, text) in enumerate(lines, 1)]
    return team_said(inputs, Instant(round(at * MINUTE))).own("51")


def test_every_fact_carries_its_author_and_time_and_is_seen() -> None:
    fact = said((10, "51 energy 43 use 2.9")).energy
    assert fact is not None
    assert (fact.author, fact.at, fact.number, fact.seen) == ("Ana", Instant(600_000), 1, True)
    assert fact.value.laps is not None
    assert abs(fact.value.laps - 43 / 2.9) < 1e-9


def test_a_later_level_keeps_the_consumption_that_was_told() -> None:
    facts = said((10, "energy 43 use 2"), (20, "energy 30"))
    assert facts.energy is not None
    assert facts.energy.value.laps == 15.0
    assert said((10, "fuel 60 l")).fuel is not None
    assert said((10, "fuel 60 l")).clocks[0].value.laps is None
    assert said((10, "fuel 9 laps")).clocks[0].value.laps == 9.0


def test_nothing_is_heard_before_it_was_known() -> None:
    assert said((30, "no wets left"), at=29.0) == CarSaid()
    assert said((30, "no wets left"), at=30.0).has_none("wet") is not None


def test_an_undone_input_says_nothing_and_an_undone_undo_brings_it_back() -> None:
    lines = [typed(1, "hose 34", 1), typed(2, "undo", 2), typed(3, "undo", 3)]
    lines[1:] = [
        TeamInput(
            happened_at=e.happened_at, known_at=e.known_at, author="Ana", kind="undo",
            text="undo", number=e.number, undoes=e.number - 1,
        )
        for e in lines[1:]
    ]  # fmt: skip
    hose = [team_said(lines, Instant(m * MINUTE)).own("51").hose_s for m in (1, 2, 3)]
    assert [each is not None for each in hose] == [True, False, True]


def test_a_line_without_a_number_is_about_the_car_that_asks_alone() -> None:
    inputs = [typed(1, "damage 1.5 s", 1), typed(2, "31 two tyres, hose 25 s", 2)]
    team = team_said(inputs, Instant(5 * MINUTE))
    assert team.named == ("31",)
    for number in ("50", "51"):
        damage = team.own(number).damage_s
        assert damage is not None
        assert damage.value == 1.5
        assert team.own(number).hose_s is None
        assert team.of(number) == CarSaid()
    rival = team.of("31")
    assert rival.hose_s is not None
    assert rival.tyres is not None
    assert (rival.hose_s.value, rival.tyres.value.count) == (25.0, 2)


def test_sets_are_told_singly_and_the_last_one_gone_ends_the_stock() -> None:
    facts = said((1, "set 4 hard right 12 laps 60 %"), (2, "set w1 wet"), (3, "set 4 40 %"))
    four = facts.sets["4"].value
    assert (four.compound, four.side, four.laps, four.left_pct) == ("hard", "right", 12, 40.0)
    assert facts.has_none("wet") is None
    assert facts.has_none("inter") is None
    gone = said((2, "set w1 wet"), (3, "set w1 gone")).has_none("wet")
    assert gone is not None
    assert gone.at == Instant(3 * MINUTE)


def test_splits_add_up_over_several_lines() -> None:
    splits = said((1, "splits entry 18 hose 32"), (2, "splits tyres 11 release 9")).splits
    assert splits is not None
    assert splits.value.hose_s == 32.0
    assert (splits.value.entry_s, splits.value.tyres_s, splits.value.release_s) == (18, 11, 9)


def test_drivers_come_in_order_go_away_and_come_back() -> None:
    facts = said((1, "drivers Pier Guidi, Calado"), (2, "without Calado"), (3, "Mann until 2:10"))
    assert facts.drivers is not None
    assert facts.drivers.value == ("Pier Guidi", "Calado")
    assert facts.is_away("James CALADO")
    assert not facts.is_away("Alessandro Pier Guidi")
    assert facts.pin is not None
    assert facts.pin.value.until == Instant(130 * MINUTE)
    assert not said((2, "without Calado"), (3, "with Calado")).is_away("James Calado")


def test_what_the_plan_must_not_do_is_kept_until_it_is_undone() -> None:
    facts = said(
        (1, "51 no driver change at stop 7"),
        (2, "no stop between laps 126 and 120"),
        (3, "51 no stop on lap 88"),
    )
    assert [each.value for each in facts.no_change.values()] == [7]
    laps = [(each.value.first_lap, each.value.last_lap) for each in facts.no_stop.values()]
    assert laps == [(120, 126), (88, 88)]
    assert facts.no_stop["88-88"].author == "Ana"


def test_weather_and_plans_are_kept_and_the_later_word_counts() -> None:
    inputs = [typed(1, "rain s2", 1), typed(2, "31 box lap 20", 2), typed(3, "31 box lap 22", 3)]
    team = team_said(inputs, Instant(5 * MINUTE))
    assert [(each.value.kind, each.value.sector) for each in team.sky] == [("rain", 2)]
    plan = team.of("31").plan
    assert plan is not None
    assert plan.value == 22
    assert team_said([typed(1, "12 retired", 1)], Instant(MINUTE)).of("12").retired is not None
