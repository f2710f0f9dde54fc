"""Who gets in at a stop now: what the drive-time rules and the team's word leave.

A turn that would break a limit, or a pin, is not offered; where nobody could drive within the
rules, that is said with the rule and by how much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dryline.domain.clock_text import format_clock
from dryline.domain.entry import Driver, Rating
from dryline.rules.drive_alarms import BREACHES, LedgerRow
from dryline.rules.drive_time import Ledger
from dryline.rules.scoring import name_key
from dryline.strategy.team_said import CarSaid, names

CREWS_CHOICE, STAYS_IN = -1, 99
"""The simulator's codes: whoever the crew picks; nobody gets out."""
SOON = 1.15
"""A driver is due where his latest moment comes within so many stints: before the next stop."""


@dataclass(frozen=True)
class Turn:
    """Who drives after the stop: ``index`` as the simulator takes it.

    ``driver`` is None where it is the crew's choice and not known; ``changes`` None likewise.
    ``forced``: the rules or the team ask for it, so that every stop is made with it; where the
    rules ask, ``by_ms`` is the instant by which he must be in.
    """

    key: str
    index: int
    driver: str | None = None
    changes: bool | None = None
    why: str = ""
    forced: bool = False
    by_ms: int | None = None


STAYS = Turn("crew", CREWS_CHOICE)


@dataclass(frozen=True)
class Crew:
    """A car's crew as the choice needs it.

    ``seats`` are the drivers by the simulator's index, ``others`` those of the entry who have not
    driven; ``stint_ms`` is how long a full stint takes.
    """

    car_number: str
    seats: tuple[str, ...]
    others: tuple[str, ...]
    at_wheel: str
    places: int
    stint_ms: float
    ratings: dict[str, Rating | None]


def crew_of(
    car_number: str,
    seats: Sequence[str],
    entered: Sequence[Driver],
    at_wheel: str,
    places: int,
    stint_ms: float,
    rating_of: Callable[[str], Rating | None] | None = None,
) -> Crew:
    """A crew from those who have driven and those who are entered; ``places`` are simulated.

    ``rating_of`` says how a driver is rated; by default as he is entered.
    """
    seen = [name_key(name) for name in seats]
    others = tuple(each.name for each in entered if name_key(each.name) not in seen)
    stated = {name_key(each.name): each.rating for each in entered}
    ratings = {
        name_key(name): stated.get(name_key(name)) if rating_of is None else rating_of(name)
        for name in (*seats, *others)
    }
    return Crew(car_number, tuple(seats), others, at_wheel, places, stint_ms, ratings)


def turns_now(
    crew: Crew, ledger: Ledger | None, said: CarSaid, at_ms: int, left_ms: float
) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    """Who may get in, the likeliest first, and what stands against the rules, in words.

    None is offered where neither the rules nor the team say anything of the crew: it is the
    crew's choice then.
    """
    driving = min(crew.stint_ms, left_ms)
    rows = {} if ledger is None else _rows(crew, ledger)
    against = [] if ledger is None else _broken(crew, ledger)
    pinned = _pinned(crew, said, at_ms)
    if pinned is not None and (short := _too_long(rows.get(name_key(pinned)), said, at_ms)):
        against.append(short)
        pinned = None
    if pinned is not None:
        pin = _turn(crew, pinned, f"pinned until {_until(said)}", forced=True)
        return (pin,), tuple(against)
    fit = [name for name in (*crew.seats, *crew.others) if not said.is_away(name)]
    may = [name for name in fit if _may_drive(rows.get(name_key(name)), driving)]
    if not may and fit:
        against += [_nobody(crew, rows, driving)]
    limited = any(row.maximum_ms or row.owed_ms or row.window_ms for row in rows.values())
    if not may or not (limited or said.drivers or said.away or said.driver):
        return (), tuple(against)
    return _ordered(crew, may, rows, said, at_ms), tuple(against)


def stays_in(crew: Crew, stop: int) -> Turn:
    """Whoever drives drives on: the team wants no change at that stop."""
    why = f"no driver change at stop {stop}"
    return Turn("stays_in", STAYS_IN, crew.at_wheel or None, False, why, forced=True)


def _ordered(
    crew: Crew, may: Sequence[str], rows: dict[str, LedgerRow], said: CarSaid, at_ms: int
) -> tuple[Turn, ...]:
    """Who is due first, then who is next in the team's order, else who stays; then one other."""
    due = _due(crew, may, rows, at_ms)
    following = _next_in_order(crew, may, said)
    stays = crew.at_wheel if any(names(crew.at_wheel, name) for name in may) else None
    most = max(
        (name for name in may if name != crew.at_wheel),
        key=lambda name: _owed(rows.get(name_key(name))),
        default=None,
    )
    must_out = stays is None
    picks = [
        (due, "owes driving time", True),
        (following, "next in the team's order", must_out),
        (stays, "stays in", False),
        (most, "takes over", must_out),
    ]
    out: dict[str, Turn] = {}
    for name, why, forced in picks:
        if name is not None and name not in out and len(out) < 2:
            out[name] = _turn(crew, name, why, forced=forced and not out)
    by_ms = _deadline_ms(crew, due, rows, at_ms)
    if by_ms is not None and out:
        first = next(iter(out))
        out[first] = replace(out[first], by_ms=by_ms)
    return tuple(out.values())


def _deadline_ms(crew: Crew, due: str | None, rows: dict[str, LedgerRow], at_ms: int) -> int | None:
    """When somebody must get in: who is due, or another once the time of the one driving is up."""
    ends = [row.latest_in_ms for row in [rows.get(name_key(due or ""))] if row is not None]
    driving = rows.get(name_key(crew.at_wheel))
    if driving is not None and driving.left_ms is not None:
        ends.append(at_ms + driving.left_ms if driving.left_ms < crew.stint_ms else None)
    return min((each for each in ends if each is not None), default=None)


def _turn(crew: Crew, name: str, why: str, *, forced: bool) -> Turn:
    if names(crew.at_wheel, name):
        return Turn("stays_in", STAYS_IN, name, False, why, forced)
    known = next((i for i, seat in enumerate(crew.seats) if names(seat, name)), None)
    index = len(crew.seats) if known is None else known
    index = index if index < crew.places else CREWS_CHOICE
    return Turn(f"driver-{name_key(name)}", index, name, True, why, forced)


def _due(crew: Crew, may: Sequence[str], rows: dict[str, LedgerRow], at_ms: int) -> str | None:
    """The driver whose latest moment to get in comes before the stop after this one."""
    soon = at_ms + SOON * crew.stint_ms
    late = [
        (row.latest_in_ms, name)
        for name in may
        if (row := rows.get(name_key(name))) is not None
        and row.latest_in_ms is not None
        and row.latest_in_ms <= soon
        and not row.at_wheel
    ]
    return min(late)[1] if late else None


def _next_in_order(crew: Crew, may: Sequence[str], said: CarSaid) -> str | None:
    if said.drivers is None:
        return None
    order = [next((n for n in may if names(each, n)), None) for each in said.drivers.value]
    at = [i for i, each in enumerate(said.drivers.value) if names(each, crew.at_wheel)]
    following = order[at[0] + 1 :] + order[: at[0]] if at else order
    return next((name for name in following if name is not None), None)


def _pinned(crew: Crew, said: CarSaid, at_ms: int) -> str | None:
    """The driver who is to be at the wheel: by name, or by rating where one drives or is alone."""
    if said.pin is None or said.pin.value.until.ms <= at_ms:
        return None
    wanted = name_key(said.pin.value.driver)
    rating = crew.ratings.get(name_key(crew.at_wheel))
    if wanted in {each.value for each in Rating}:
        if rating is not None and rating.value == wanted:
            return crew.at_wheel
        rated = [
            name
            for name in (*crew.seats, *crew.others)
            if (of := crew.ratings.get(name_key(name))) is not None and of.value == wanted
        ]
        return rated[0] if len(rated) == 1 else None
    everybody = (*crew.seats, *crew.others)
    return next((name for name in everybody if names(said.pin.value.driver, name)), None)


def _too_long(row: LedgerRow | None, said: CarSaid, at_ms: int) -> str:
    """Where a pin breaks a maximum: which, and by how much."""
    if row is None or said.pin is None or row.left_ms is None or row.maximum_ms is None:
        return ""
    over = said.pin.value.until.ms - at_ms - row.left_ms
    if over <= 0:
        return ""
    return (
        f"{row.driver} until {_until(said)} breaks the maximum of "
        f"{format_clock(row.maximum_ms)} at the wheel by {format_clock(over)}: the pin is not kept"
    )


def _until(said: CarSaid) -> str:
    return "" if said.pin is None else format_clock(said.pin.value.until.ms)


def _rows(crew: Crew, ledger: Ledger) -> dict[str, LedgerRow]:
    mine = (row for row in ledger.rows if row.car_number == crew.car_number)
    return {name_key(row.driver): row for row in mine}


def _broken(crew: Crew, ledger: Ledger) -> list[str]:
    return [
        alarm.words + ("" if alarm.confirmed else " (limit not confirmed)")
        for alarm in ledger.alarms
        if alarm.car_number == crew.car_number
        and (alarm.kind in BREACHES or alarm.driver is None)
    ]  # fmt: skip


def _may_drive(row: LedgerRow | None, driving_ms: float) -> bool:
    return row is None or row.left_ms is None or row.left_ms >= 0.5 * driving_ms


def _owed(row: LedgerRow | None) -> int:
    return 0 if row is None else row.owed_ms or 0


def _nobody(crew: Crew, rows: dict[str, LedgerRow], driving_ms: float) -> str:
    most = max((row.left_ms or 0 for row in rows.values()), default=0)
    short = format_clock(round(driving_ms - most))
    return f"#{crew.car_number}: nobody may drive the next stint: {short} too long by the maximum"
