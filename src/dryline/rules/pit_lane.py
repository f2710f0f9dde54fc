"""The state of the pit lane for a class at an instant: asked before any stop is proposed.

Race control's own word comes first. Without one the season's rule for the neutralisation in
force decides, and stops seen so far in the period show that a lane has opened. Only what is
known at the instant is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec
import polars as pl

from dryline.domain.car_class import class_key
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.language import language
from dryline.rules.book import RuleBook
from dryline.rules.schema import Neutralisation

GRAVEST_FIRST = ("red", "safety_car", "fcy", "code_60", "vsc", "slow_zone", "yellow")
_MINUTE_MS = 60_000
_SEEN_STOPS = 2  # one car may be an emergency; two are an open lane
_ENTERED_BEFORE_MS = 150_000  # a car in this soon may have been in the lane before the flag


class LaneState(StrEnum):
    """What a car of the class may do with the pit lane."""

    OPEN = "open"
    CLOSED = "closed"
    EMERGENCY_ONLY = "emergency_only"
    EXIT_RED = "exit_red"  # the entry is open, the exit is held
    UNKNOWN = "unknown"


class PitLane(msgspec.Struct, frozen=True):
    """The pit lane at an instant; ``opens_at`` is expected where a closed lane will open."""

    state: LaneState
    opens_at: Instant | None
    confidence: float
    why: str

    @property
    def may_stop(self) -> bool:
        """Whether a routine stop may be proposed now."""
        return self.state in (LaneState.OPEN, LaneState.EXIT_RED)

    @property
    def will_open(self) -> bool:
        """Whether it takes a routine stop now or is expected to while what closes it lasts."""
        return self.may_stop or self.opens_at is not None

    def opens_by(self, ms: float) -> bool:
        """Whether it takes a routine stop now or is expected to before that instant."""
        return self.may_stop or (self.opens_at is not None and self.opens_at.ms < ms)


class _Period(msgspec.Struct, frozen=True):
    kind: str
    start_ms: int
    confidence: float

    @property
    def words(self) -> str:
        return language().flag(self.kind)


def pit_lane_state(
    rulebook: RuleBook,
    neutralisations: pl.DataFrame,
    messages: Iterable[RaceControlMessage | Evidence],
    car_class: str,
    instant: Instant,
    *,
    event: str | None = None,
    stops: pl.DataFrame | None = None,
    leader_crossings_ms: Iterable[int] | None = None,
) -> PitLane:
    """What a car of ``car_class`` may do with the pit lane at ``instant``.

    ``neutralisations`` and ``stops`` have the schemas of ``domain.tables``; rows after the
    instant are not looked at. ``event`` finds a circuit's own rule (Le Mans). With the leader's
    crossings a rule that counts laps is counted exactly, else by its usual minutes.
    """
    period = _in_force(neutralisations, instant.ms)
    said = _said(tuple(messages), car_class, instant, period)
    if said is not None:
        return said
    if period is None:
        return PitLane(LaneState.OPEN, None, 0.99, "the track is green")
    rule = rulebook.neutralisation(period.kind, event)
    if rule is None or rule.entry is None:
        season = f"{rulebook.series.upper()} {rulebook.year}"
        why = f"the pit lane under a {period.words} is not known for this season ({season})"
        return PitLane(LaneState.UNKNOWN, None, 0.0, why)
    if rule.entry.value == "closed":
        seen = _seen_open(rule, stops, car_class, period, instant.ms)
        return seen or _closed_until(rule, period, car_class, instant.ms, leader_crossings_ms)
    held = rule.exit is not None and rule.exit.value == "red"
    state = LaneState(rule.entry.value)
    if state is LaneState.OPEN and held:
        state = LaneState.EXIT_RED
    allowed = f": {rule.emergency.value}" if rule.emergency is not None else ""
    why = {
        LaneState.OPEN: f"open under a {period.words}",
        LaneState.EXIT_RED: f"entry open under a {period.words}, exit held red",
        LaneState.EMERGENCY_ONLY: f"emergencies only under a {period.words}{allowed}",
    }[state]
    return PitLane(state, None, period.confidence * rule.entry.confidence, why)


def stops_and_the_lane(
    rulebook: RuleBook,
    neutralisations: pl.DataFrame,
    messages: Iterable[RaceControlMessage | Evidence],
    stops: pl.DataFrame,
    *,
    event: str | None = None,
) -> pl.DataFrame:
    """The stops with the lane's state as they came in: ``lane``, ``lane_confidence``, ``lane_why``.

    A stop is judged at its crossing of the line in the pits, with what was known then.
    """
    said = tuple(messages)
    lanes = [
        pit_lane_state(
            rulebook, neutralisations, said, car_class, Instant(at), event=event, stops=stops
        )
        for car_class, at in stops.select("car_class", "in_ms").iter_rows()
    ]
    return stops.with_columns(
        pl.Series("lane", [lane.state.value for lane in lanes], dtype=pl.String),
        pl.Series("lane_confidence", [lane.confidence for lane in lanes], dtype=pl.Float64),
        pl.Series("lane_why", [lane.why for lane in lanes], dtype=pl.String),
    )


def _in_force(neutralisations: pl.DataFrame, at_ms: int) -> _Period | None:
    rows = neutralisations.select("kind", "start_ms", "end_ms", "confidence").iter_rows()
    running = [
        _Period(kind, start, 1.0 if confidence is None else confidence)
        for kind, start, end, confidence in rows
        if start <= at_ms and (end is None or end > at_ms) and kind in GRAVEST_FIRST
    ]
    if not running:
        return None
    return min(running, key=lambda each: (GRAVEST_FIRST.index(each.kind), -each.start_ms))


def _said(
    messages: tuple[RaceControlMessage | Evidence, ...],
    car_class: str,
    instant: Instant,
    period: _Period | None,
) -> PitLane | None:
    last: RaceControlMessage | None = None
    for each in messages:
        if not isinstance(each, RaceControlMessage) or each.known_at > instant:
            continue
        ours = each.car_class is None or class_key(each.car_class) == class_key(car_class)
        if ours and each.kind in ("pit_lane_open", "pit_lane_closed"):
            last = each if last is None or each.known_at >= last.known_at else last
    if last is None:
        return None
    if period is not None and last.happened_at.ms < period.start_ms:
        return None
    if last.kind == "pit_lane_open":
        return PitLane(LaneState.OPEN, None, 0.99, "race control opened it")
    if period is None and _went_green_after(messages, last, instant):
        return None
    return PitLane(LaneState.CLOSED, None, 0.99, "race control closed it")


def _went_green_after(
    messages: Iterable[RaceControlMessage | Evidence], closed: RaceControlMessage, instant: Instant
) -> bool:
    return any(
        isinstance(each, RaceControlMessage)
        and each.kind == "flag"
        and each.flag is not None
        and each.flag.value == "green"
        and closed.happened_at < each.happened_at
        and each.known_at <= instant
        for each in messages
    )


def _seen_open(
    rule: Neutralisation,
    stops: pl.DataFrame | None,
    car_class: str,
    period: _Period,
    at_ms: int,
) -> PitLane | None:
    """Open where cars that could not stop before this class have stopped in numbers."""
    if stops is None:
        return None
    seen = stops.filter(
        (pl.col("in_ms") >= period.start_ms + _ENTERED_BEFORE_MS) & (pl.col("in_ms") < at_ms)
    )["car_class"].to_list()
    count = sum(_not_before(rule, other, car_class) for other in seen)
    if count < _SEEN_STOPS:
        return None
    why = f"{count} cars that open no earlier have stopped under this {period.words}"
    return PitLane(LaneState.OPEN, None, 0.8 * period.confidence, why)


def _not_before(rule: Neutralisation, other: str, car_class: str) -> bool:
    """Whether the lane opens to ``other`` no earlier than to ``car_class``."""
    if rule.opens_in_order is None:
        return True
    turn = {
        class_key(name): place
        for place, group in enumerate(rule.opens_in_order.value)
        for name in group
    }
    own = turn.get(class_key(car_class), 0)
    return turn.get(class_key(other), -1) >= own


def _closed_until(
    rule: Neutralisation,
    period: _Period,
    car_class: str,
    at_ms: int,
    leader_crossings_ms: Iterable[int] | None,
) -> PitLane:
    sure = period.confidence * (0.0 if rule.entry is None else rule.entry.confidence)
    laps = rule.opens_after_laps
    usual = {class_key(name): stated for name, stated in rule.opens_after_min.items()}
    minutes = usual.get(class_key(car_class), usual.get("all"))
    opens = None if minutes is None else period.start_ms + round(minutes.value * _MINUTE_MS)
    opens_at = None if opens is None else Instant(opens)
    if laps is not None and leader_crossings_ms is not None:
        crossed = sorted(ms for ms in leader_crossings_ms if period.start_ms < ms <= at_ms)
        if len(crossed) >= laps.value:
            why = f"open after {laps.value} laps of the {period.words}"
            return PitLane(LaneState.OPEN, None, period.confidence * laps.confidence, why)
        why = f"closed for the first {laps.value} laps of a {period.words}: {len(crossed)} done"
        return PitLane(LaneState.CLOSED, opens_at, sure, why)
    if minutes is not None and opens is not None and at_ms >= opens:
        why = f"usually open {minutes.value:g} minutes into a {period.words}"
        return PitLane(LaneState.OPEN, None, period.confidence * minutes.confidence, why)
    when = "" if minutes is None else f"; it opens usually after {minutes.value:g} minutes"
    return PitLane(LaneState.CLOSED, opens_at, sure, f"closed under a {period.words}{when}")
