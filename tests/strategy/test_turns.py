"""Who gets in: by the drive-time ledger and the team's word, and what cannot be kept."""

from __future__ import annotations

from typing import Any

import pytest

from dryline.domain.entry import Driver, Rating
from dryline.domain.event import TeamInput
from dryline.domain.instant import Instant
from dryline.feeds.live.team_lines import read_team_line
from dryline.rules.drive_alarms import Alarm, AlarmKind, LedgerRow
from dryline.rules.drive_time import Ledger
from dryline.strategy.team_said import NOTHING, CarSaid, team_said
from dryline.strategy.turns import STAYS_IN, Crew, Turn, crew_of, turns_now
from tests.strategy.ledger_rows import ANA, BEN, CY, HOUR, MINUTE, NOW, row


def ledger(*rows: LedgerRow) -> Ledger:
    return Ledger(at_ms=NOW, length_ms=6 * HOUR, rows=rows, crew_alarms=(), findings=())


def said(*lines: str) -> CarSaid:
    at = Instant(NOW - MINUTE)
    inputs = [
        read_team_line(TeamInput(happened_at=at, known_at=at, author="Z", text=text, number=n))
        for n, text in enumerate(lines, 1)
    ]
    return team_said(inputs, Instant(NOW)).own("50")


def crew(**more: Any) -> Crew:
    entered = [Driver(ANA, Rating.BRONZE), Driver(BEN, Rating.GOLD), Driver(CY)]
    return crew_of("50", (ANA, BEN), entered, ANA, 3, 55.0 * MINUTE, **more)


def now(
    book: Ledger | None, facts: CarSaid = NOTHING, left_ms: float = 3.0 * HOUR
) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    return turns_now(crew(), book, facts, NOW, left_ms)


def test_without_rules_and_without_a_word_it_is_the_crews_choice() -> None:
    assert now(None) == ((), ())
    free = ledger(*(row(name, maximum_ms=None, left_ms=None) for name in (ANA, BEN)))
    assert now(free)[0] == ()


def test_within_the_limits_one_stays_and_one_takes_over_and_neither_is_forced() -> None:
    turns, against = now(ledger(row(ANA), row(BEN), row(CY)))
    assert against == ()
    assert [(each.changes, each.forced) for each in turns] == [(False, False), (True, False)]
    assert turns[0].index == STAYS_IN
    assert turns[0].driver == ANA


def test_a_driver_whose_latest_moment_comes_before_the_next_stop_must_get_in() -> None:
    due = row(CY, owed_ms=HOUR, latest_in_ms=NOW + 50 * MINUTE)
    turns, _ = now(ledger(row(ANA), row(BEN), due))
    assert (turns[0].driver, turns[0].forced, turns[0].index) == (CY, True, 2)
    assert turns[0].by_ms == NOW + 50 * MINUTE
    later = row(CY, owed_ms=HOUR, latest_in_ms=NOW + 90 * MINUTE)
    assert not now(ledger(row(ANA), row(BEN), later))[0][0].forced


def test_a_driver_without_time_left_for_half_a_stint_gets_out() -> None:
    turns, _ = now(ledger(row(ANA, left_ms=20 * MINUTE), row(BEN), row(CY)))
    assert turns[0].forced
    assert turns[0].driver in (BEN, CY)
    assert turns[0].by_ms == NOW + 20 * MINUTE
    assert all(each.driver != ANA for each in turns)


def test_nobody_left_to_drive_is_said_with_how_much_is_too_long() -> None:
    rows = [row(name, left_ms=10 * MINUTE) for name in (ANA, BEN, CY)]
    turns, against = now(ledger(*rows))
    assert turns == ()
    assert any("0:45:00 too long" in line for line in against)


def test_the_teams_order_says_who_is_next_and_who_is_away_never_gets_in() -> None:
    book = ledger(row(ANA), row(BEN), row(CY))
    turns, _ = now(book, said("drivers Alba, Costa, Bosch"))
    assert turns[0].driver == CY
    assert not turns[0].forced
    turns, _ = now(book, said("drivers Alba, Costa, Bosch", "without Costa"))
    assert turns[0].driver == BEN
    turns, _ = now(book, said("without Alba"))
    assert turns[0].forced
    assert all(each.driver != ANA for each in turns)


@pytest.mark.parametrize("who", ["Alba", "Ana Alba", "Bronze"])
def test_a_pin_keeps_the_driver_in_by_name_or_rating_until_its_time(who: str) -> None:
    book = ledger(row(ANA), row(BEN), row(CY))
    turns, against = now(book, said(f"{who} until 4:10"))
    assert [(each.driver, each.forced, each.index) for each in turns] == [(ANA, True, STAYS_IN)]
    assert against == ()
    assert len(now(book, said(f"{who} until 2:50"))[0]) == 2


def test_a_pin_beyond_the_maximum_is_named_with_its_excess_and_not_kept() -> None:
    turns, against = now(ledger(row(ANA), row(BEN), row(CY)), said("Alba until 5:20"))
    assert len(turns) == 2
    assert not turns[0].forced
    (line,) = against
    assert "maximum of 3:00:00" in line
    assert "by 0:20:00" in line


def test_what_the_crew_has_broken_or_can_no_longer_keep_is_passed_on() -> None:
    missed = Alarm(
        kind=AlarmKind.MINIMUM_MISSED, car_number="50", driver=CY, confirmed=False,
        words="#50 Cy Costa: still owes 1:00:00, only 0:40:00 left",
    )  # fmt: skip
    near = Alarm(kind=AlarmKind.MAXIMUM_NEAR, car_number="50", driver=ANA, words="near")
    rows = (row(ANA, alarms=(near,)), row(CY, alarms=(missed,)))
    _, against = now(ledger(*rows))
    assert against == (f"{missed.words} (limit not confirmed)",)
