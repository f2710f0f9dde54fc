"""What a car may do now: only what the pit lane, the rules and its range allow."""

from __future__ import annotations

from dataclasses import dataclass

from dryline.sim.params import PlannedStop

LATEST = 3
"""A stop is weighed on the lap under way and on so many after it."""
SAVING = 1.08
"""How much farther than its usual range a car gets by saving: the simulator's own figure."""
SAVES_FROM = 0.5
"""Laps beyond the range from which reaching the flag takes saving, not luck."""
PLAN_TYRE = {"usual": -1, "slick": 0, "wet": 1, "keep": 2}
FOREVER = 1_000_000
LEAST_FUEL = 2.0
"""With less than two laps left, the one under way included, staying out is no choice."""


@dataclass(frozen=True)
class Candidate:
    """One call: a stop on a lap, or none until a lap; then the crew's policy.

    Args:
        key: stable name, ``box+0:wet``.
        action: ``stay``, ``box`` or ``save``.
        lap: the in-lap of a ``box``; of the others the lap until which no stop of choice is made.
        tyres: ``keep``, ``slick``, ``wet``, or ``usual`` where it is left to the crew.
        fuel: ``full``, ``to_the_end``, ``none``, or None where no stop is called.
        laps_ahead: laps from now to the stop, 0 for the lap under way; None without a stop.
        until: what ends a ``stay``: ``policy``, ``range_end``, ``lane_opens``, ``flag``.
    """

    key: str
    action: str
    lap: int
    tyres: str | None = None
    fuel: str | None = None
    laps_ahead: int | None = None
    until: str | None = None

    @property
    def planned(self) -> tuple[PlannedStop, ...]:
        """The stop as the simulator takes it; none for a ``stay``."""
        if self.action != "box" and self.until != "lane_opens":
            return ()
        share = 0.0 if self.fuel == "none" else -1.0
        return (PlannedStop(self.lap, PLAN_TYRE[self.tyres or "usual"], share),)

    @property
    def allowed(self) -> int:
        """Before this lap the policy makes no stop of choice."""
        return self.lap


@dataclass(frozen=True)
class Situation:
    """A car's situation as the candidates need it.

    Args:
        lap: the lap it is on.
        fuel_laps: laps of fuel or energy left, at racing speed, the one under way included.
        range_laps: on a full tank.
        laps_to_go: further laps to the flag, the one under way included.
        may_stop: whether the pit lane takes a routine stop at the end of this lap.
        tyres: kinds that make sense to fit now, ``usual`` on a dry track.
        on_wets: whether the car is believed to be on wets.
    """

    lap: int
    fuel_laps: float
    range_laps: float
    laps_to_go: float
    may_stop: bool
    tyres: tuple[str, ...]
    on_wets: bool = False

    @property
    def weather(self) -> bool:
        """Whether tyres are part of the question."""
        return "usual" not in self.tyres

    @property
    def reaches_flag(self) -> bool:
        """Whether no further stop for fuel is needed."""
        return self.laps_to_go <= self.fuel_laps + SAVES_FROM

    @property
    def could_save(self) -> bool:
        """Whether saving spares the stop that the range asks for."""
        return not self.reaches_flag and self.laps_to_go <= self.fuel_laps * SAVING + SAVES_FROM


def candidates(now: Situation) -> tuple[Candidate, ...]:
    """Every call worth comparing, ``stay`` first; none through a closed pit entry.

    While the entry is closed no stop on any lap is offered, only ``box when it opens``: when that
    will be is a guess.
    """
    out = [*_stays(now)]
    if now.laps_to_go > 1.0 and now.may_stop:
        out += _stops(now)
    return tuple(out)


def _stays(now: Situation) -> list[Candidate]:
    out = []
    hold = now.lap + LATEST + 1
    last = now.fuel_laps < LEAST_FUEL and not now.reaches_flag
    if now.weather:
        out.append(Candidate("stay", "stay", hold, until="policy"))
    elif now.reaches_flag:
        out.append(Candidate("stay", "stay", FOREVER, until="flag"))
    else:
        out.append(Candidate("stay", "stay", now.lap + int(now.fuel_laps), until="range_end"))
        if now.could_save:
            out.append(Candidate("save", "save", FOREVER, until="flag"))
    if not now.may_stop:
        out += [
            Candidate(f"opens:{kind}", "stay", now.lap, kind, _fuel(now, 0), until="lane_opens")
            for kind in now.tyres
        ]
    return [] if last and now.may_stop else out


def _stops(now: Situation) -> list[Candidate]:
    out = []
    for ahead in range(LATEST + 1):
        if ahead > max(0.0, now.fuel_laps - 1.0):
            continue
        if now.laps_to_go - ahead <= 1.0:
            continue
        for kind in now.tyres:
            key = f"box+{ahead}:{kind}"
            out.append(Candidate(key, "box", now.lap + ahead, kind, _fuel(now, ahead), ahead))
    if now.weather:
        changes = [kind for kind in now.tyres if (kind == "wet") != now.on_wets]
        out += [
            Candidate(f"box+0:{kind}:dry_hose", "box", now.lap, kind, "none", 0)
            for kind in changes
            if now.fuel_laps > 2.0
        ]
    return out


def _fuel(now: Situation, ahead: int) -> str:
    left = now.laps_to_go - ahead - 1.0
    return "to_the_end" if left + 1.0 <= now.range_laps else "full"
