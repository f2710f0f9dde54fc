"""Penalties as far as the timing shows them: candidates, and those still to be served.

A drive-through shows in the stops, a breach of drive time in the laps, too short a stop where a
minimum is imposed. Pit-lane speeding, track limits, contact and overtaking under yellow do not
show in any timing file, and are never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
import polars as pl

from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.fields import CarNumber, Sure
from dryline.domain.instant import Instant
from dryline.domain.meaning import means
from dryline.rules.book import RuleBook
from dryline.rules.drive_alarms import BREACHES
from dryline.rules.drive_time import Ledger

UNSEEN = (
    "pit-lane speeding, track limits, contact and overtaking under yellow cannot be seen in "
    "timing: only what the stewards publish tells of them"
)
_NEAR_TRANSIT = 1.06
_SAME_TRANSIT = 1.03
_SERVICE_BEYOND = 1.3  # a usual stop takes at least so many transits
_ON_TRACK = (DecisionKind.DRIVE_THROUGH, DecisionKind.STOP_AND_GO)


class PenaltyCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the timing that looks like a penalty served, or like an offence."""

    kind: Annotated[str, means("drive_through_served, stop_too_short or drive_time")]
    car_number: CarNumber
    at_ms: Annotated[int, means("when it showed", "ms since the start")]
    words: Annotated[str, means("the same in words")]
    confidence: Sure
    lap: Annotated[int | None, means("the car's lap; null where it is none")] = None
    driver: Annotated[str | None, means("who drove; null where nobody is meant")] = None


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A penalty given and not yet served."""

    car_number: CarNumber
    kind: Annotated[DecisionKind, means("drive_through or stop_and_go")]
    given_lap: Annotated[int, means("the car's lap when it was given")]
    laps_left: Annotated[
        int | None, means("laps left to serve it in; below 0: overdue; null: not known")
    ]
    reason: Annotated[str, means("what it was given for")]

    @property
    def overdue(self) -> bool:
        """Whether the laps to serve it in have run out."""
        return self.laps_left is not None and self.laps_left < 0


def penalty_candidates(
    rulebook: RuleBook, stops: pl.DataFrame, *, ledger: Ledger | None = None
) -> list[PenaltyCandidate]:
    """What the timing shows, in order of time. ``stops`` has the schema ``STOPS``."""
    found = [*drive_throughs(stops), *_too_short(rulebook, stops)]
    if ledger is not None:
        found += _drive_time(ledger)
    return sorted(found, key=lambda each: (each.at_ms, each.car_number))


def pending_penalties(
    rulebook: RuleBook,
    decisions: Iterable[Decision],
    messages: Iterable[RaceControlMessage | Evidence],
    laps: pl.DataFrame,
    stops: pl.DataFrame,
    instant: Instant,
) -> list[Pending]:
    """Drive-throughs and stop-and-goes given by ``instant`` and not served by then.

    A penalty is taken as served by the car's first stop of a drive-through's length after the
    lap on which it was given. Decisions without a lap cannot be followed and are left out.
    """
    usual = rulebook.text.penalties.laps_to_serve
    waiting = []
    done = laps.filter(pl.col("elapsed_ms") <= instant.ms)
    served = [each for each in drive_throughs(stops) if each.at_ms <= instant.ms]
    for car_number, kind, lap, allowed, reason in _given(decisions, messages, done, instant):
        completed = done.filter(pl.col("car_number") == car_number)["lap"].max()
        now = lap if completed is None else int(completed)  # type: ignore[arg-type]
        if now < lap:
            continue
        after = [each for each in served if each.car_number == car_number]
        if any((each.lap or 0) > lap for each in after):
            continue
        limit = allowed if allowed is not None else None if usual is None else usual.value
        waiting.append(
            Pending(
                car_number=car_number,
                kind=kind,
                given_lap=lap,
                laps_left=None if limit is None else limit - (now - lap),
                reason=reason,
            )
        )
    return waiting


_Given = tuple[str, DecisionKind, int, int | None, str]


def _given(
    decisions: Iterable[Decision],
    messages: Iterable[RaceControlMessage | Evidence],
    done: pl.DataFrame,
    instant: Instant,
) -> list[_Given]:
    found: list[_Given] = [
        (each.car_number, each.kind, each.lap, None, each.reason)
        for each in decisions
        if each.kind in _ON_TRACK and each.lap is not None
    ]
    for said in messages:
        if not isinstance(said, RaceControlMessage) or said.known_at > instant:
            continue
        kind = (said.penalty or "").replace("-", "_").replace(" ", "_")
        if said.kind != "penalty" or said.car_number is None or kind not in _ON_TRACK:
            continue
        crossed = done.filter(
            (pl.col("car_number") == said.car_number)
            & (pl.col("elapsed_ms") <= said.happened_at.ms)
        )["lap"].max()
        lap = 0 if crossed is None else int(crossed)  # type: ignore[arg-type]
        found.append((said.car_number, DecisionKind(kind), lap, said.laps_to_serve, said.text))
    return found


def transit_ms(stops: pl.DataFrame) -> int | None:
    """The pit lane's transit time without a stop, as the quickest passages show it.

    ``None`` with fewer than five stated lane times. A quickest time that no other comes near
    (within 3 %) while the next two agree is an odd one, not the transit. Where nobody drove
    through, the quickest stop stands in for it, so a candidate is never more than likely.
    """
    times = stops["pit_lane_ms"].drop_nulls().sort().to_list()
    if len(times) < 5:
        return None
    first, second, third = times[:3]
    agree = second > first * _SAME_TRANSIT and third <= second * _SAME_TRANSIT
    brief = second * _SERVICE_BEYOND <= times[len(times) // 2]
    return int(second if agree and brief else first)


def drive_throughs(stops: pl.DataFrame) -> list[PenaltyCandidate]:
    """Visits to the lane no longer than passing through it takes, with nobody getting in."""
    transit = transit_ms(stops)
    if transit is None:
        return []
    quick = stops.filter(
        (pl.col("pit_lane_ms") <= transit * _NEAR_TRANSIT) & ~pl.col("driver_change")
    )
    usual = stops["pit_lane_ms"].drop_nulls().median()
    if not isinstance(usual, float) or transit * _SERVICE_BEYOND > usual:
        return []
    columns = ("car_number", "lap", "in_ms", "pit_lane_ms", "driver_in")
    return [
        PenaltyCandidate(
            kind="drive_through_served",
            car_number=car_number,
            at_ms=in_ms,
            lap=lap,
            driver=driver,
            words=f"#{car_number}: {lane_ms / 1000:.1f} s in the lane on lap {lap}, no stop",
            confidence=0.7,
        )
        for car_number, lap, in_ms, lane_ms, driver in quick.select(columns).iter_rows()
    ]


def _too_short(rulebook: RuleBook, stops: pl.DataFrame) -> list[PenaltyCandidate]:
    minimum = rulebook.text.pit.minimum_lane_s
    transit = transit_ms(stops)
    if minimum is None or transit is None:
        return []
    short = stops.filter(
        (pl.col("pit_lane_ms") < minimum.value * 1000)
        & (pl.col("pit_lane_ms") > transit * _NEAR_TRANSIT)
    )
    return [
        PenaltyCandidate(
            kind="stop_too_short",
            car_number=car_number,
            at_ms=in_ms,
            lap=lap,
            words=f"#{car_number}: {lane_ms / 1000:.1f} s in the lane on lap {lap}, "
            f"at least {minimum.value:g} s",
            confidence=minimum.confidence,
        )
        for car_number, lap, in_ms, lane_ms in short.select(
            "car_number", "lap", "in_ms", "pit_lane_ms"
        ).iter_rows()
    ]


def _drive_time(ledger: Ledger) -> Sequence[PenaltyCandidate]:
    return [
        PenaltyCandidate(
            kind="drive_time",
            car_number=alarm.car_number,
            at_ms=ledger.at_ms,
            driver=alarm.driver,
            words=alarm.words,
            confidence=0.9 if alarm.confirmed else 0.5,
        )
        for alarm in ledger.alarms
        if alarm.kind in BREACHES
    ]
