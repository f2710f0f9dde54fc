"""What the team typed is used, or refused with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from dryline.domain.entry import Rating
from dryline.domain.instant import Instant
from dryline.rules.scoring import name_key
from dryline.strategy.candidates import Situation, candidates
from dryline.strategy.team_said import CarSaid, Fact, Level, NoStop, Pin
from dryline.strategy.turns import Crew, turns_now
from dryline.strategy.unused import unused
from tests.strategy.ledger_rows import ANA, BEN, MINUTE

AT = 60 * MINUTE
NOW = Situation(40, 20.0, 30.0, 60.0, may_stop=True, tyres=("usual",))
LAPS = pl.DataFrame({"in_pit": [True, False], "elapsed_ms": [30 * MINUTE, 58 * MINUTE]})


def fact(value: Any, minute: int = 50) -> Fact[Any]:
    return Fact(value, "Eva", Instant(minute * MINUTE), 1)


def crew(**ratings: Rating | None) -> Crew:
    return Crew("50", (ANA, BEN), (), ANA, 3, 50.0 * MINUTE, dict(ratings))


def told(said: CarSaid, *, of: Crew | None = None, now: Situation = NOW) -> tuple[str, ...]:
    return unused(said, of or crew(), now, 2, LAPS, AT)


def pin(driver: str, until: int = 90) -> CarSaid:
    return CarSaid(pin=fact(Pin(driver, Instant(until * MINUTE))))


def test_nothing_typed_is_nothing_refused() -> None:
    assert told(CarSaid()) == ()


def test_a_pin_by_rating_needs_somebody_rated_so() -> None:
    (line,) = told(pin("Bronze"))
    assert line.startswith("nobody is rated Bronze in this file")
    assert "--rules" in line
    assert told(pin("Bronze"), of=crew(ben=Rating.BRONZE)) == ()
    assert told(pin("Bronze", until=60)) == ()


def test_the_only_driver_of_a_pinned_rating_gets_in() -> None:
    rated = replace(crew(), ratings={name_key(BEN): Rating.BRONZE})
    turns, _ = turns_now(rated, None, pin("Bronze"), AT, 3.6e6)
    assert (turns[0].driver, turns[0].forced) == (BEN, True)


@pytest.mark.parametrize("said", [pin("Zoe"), CarSaid(drivers=fact(("Zoe", ANA)))])
def test_a_name_that_nobody_bears_is_told(said: CarSaid) -> None:
    assert told(said) == ("nobody in car 50 is called Zoe",)


def test_a_level_without_its_use_or_from_before_the_stop_is_told() -> None:
    assert "use 2.9" in told(CarSaid(energy=fact(Level(43.0, "pct", None))))[0]
    assert told(CarSaid(fuel=fact(Level(20.0, "laps", None)))) == ()
    before = CarSaid(fuel=fact(Level(20.0, "laps", None), minute=29))
    assert told(before) == ("fuel as it was at 0:29:00: the car has stopped since",)


def test_a_stop_that_has_been_made_is_told() -> None:
    assert "stop 2" in told(CarSaid(no_change={"2": fact(2)}))[0]
    assert told(CarSaid(no_change={"3": fact(3)})) == ()


def test_no_stop_is_offered_on_forbidden_laps_unless_the_tank_is_empty() -> None:
    held = replace(NOW, no_stop=((41, 42),))
    assert {each.lap for each in candidates(held) if each.action == "box"} == {40, 43}
    wide = replace(NOW, no_stop=((55, 70),))
    stay = next(each for each in candidates(wide) if each.until == "range_end")
    assert stay.lap == 54
    empty = replace(NOW, fuel_laps=1.8, no_stop=((39, 45),))
    assert any(each.laps_ahead == 0 for each in candidates(empty))
    (line,) = told(CarSaid(no_stop={"a": fact(NoStop(39, 45))}), now=empty)
    assert "the tank does not last" in line
