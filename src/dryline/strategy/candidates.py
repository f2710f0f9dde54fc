"""What a car may do now: only what the pit lane, the rules, its range and its stock allow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from dryline.analysis.stops.reach import Reach
from dryline.domain.series import YellowPrice
from dryline.domain.tyre_kind import SLICK, WET
from dryline.sim.params import PlannedStop, RaceParams, SimState
from dryline.strategy.own_stop import ServiceTimes, halved_tyres, saved
from dryline.strategy.turns import STAYS, Turn

LATEST = 3
"""A stop is weighed on the lap under way and on so many after it."""
SAVING = 1.08
"""How much farther than its usual range a car gets by saving: the simulator's own figure."""
SAVES_FROM = 0.5
"""Laps beyond the range from which reaching the flag takes saving, not luck."""
FIRST_LAP = "first_lap"
STOP_AFTER = ("lane_opens", "wave_by", "driver_due", FIRST_LAP)
"""What a stay waits for to make its stop."""
PLAN_TYRE = {"usual": -1, SLICK: 0, "keep": 2}
RAIN_TYRE = 1
"""As the simulator counts: it knows one rain tyre, of whichever kind that is."""
FOREVER = 1_000_000
LEAST_FUEL = 2.0
"""With less than two laps left, the one under way included, staying out is no choice."""
SURE_P = 0.95
"""Only above this probability of reaching the flag is it said that no further stop is needed."""
LIKELY_P = 0.5
"""From here on staying out means to the flag, and a splash if the tank falls short."""
DOUBT = 0.25
"""Laps by which the fuel may fall short: a stop that late would be two, one of them forced."""
SPLASH_SHARE = 0.5
"""A fill below this share of the range is a splash."""
WAITS = 6
"""Laps for which a first car on the other tyres is waited for."""
TWO = 2


@dataclass(frozen=True)
class Candidate:
    """One call: a stop on a lap, or none until a lap; then the crew's policy.

    Args:
        key: stable name, ``box+0:wet``.
        action: ``stay``, ``box`` or ``save``.
        lap: the in-lap of a ``box``; of the others the lap until which no stop of choice is made.
        tyres: ``keep``, a kind of the series, or ``usual`` where it is left to the crew.
        fuel: ``full``, ``to_the_end``, ``splash``, ``none``, or None where no stop is called.
        laps_ahead: laps from now to the stop, 0 for the lap under way; None without a stop.
        until: what ends a ``stay``: ``policy``, ``range_end``, ``lane_opens``, ``wave_by``,
            ``flag``, ``flag_likely`` where the tank may fall short of it; ``first_lap``: the first
            car's on ``tyres``, which are fitted if it is quicker; given up on ``lap``.
        count: tyres changed, None where it is the crew's choice.
        fill: share of the range to fill to; -1 as needed.
        turn: who gets in.
        save: share by which a lap's consumption is cut, for the rest of the race.
        standing_ms: in the box, as the team said; -1 the model's own.
        partners: what sister cars do at the same time, by their index.
    """

    key: str
    action: str
    lap: int
    tyres: str | None = None
    fuel: str | None = None
    laps_ahead: int | None = None
    until: str | None = None
    count: int | None = None
    fill: float = -1.0
    turn: Turn = STAYS
    save: float = 0.0
    standing_ms: float = -1.0
    partners: tuple[tuple[int, Candidate], ...] = ()

    @property
    def planned(self) -> tuple[PlannedStop, ...]:
        """The stop as the simulator takes it; none for a ``stay``."""
        if self.action != "box" and self.until not in STOP_AFTER:
            return ()
        share = 0.0 if self.fuel == "none" else self.fill
        tyre = PLAN_TYRE.get(self.tyres or "usual", RAIN_TYRE)
        yellow, shown = self.until == "lane_opens", self.until == FIRST_LAP
        lap = self.lap - WAITS if shown else self.lap
        who, ms, most = self.turn.index, self.standing_ms, WAITS if shown else -1
        return (PlannedStop(lap, tyre, share, who, ms, yellow, most),)

    @property
    def allowed(self) -> int:
        """Before this lap the policy makes no stop of choice."""
        return self.lap

    def applied(self, params: RaceParams, state: SimState, car: int) -> tuple[RaceParams, SimState]:
        """The race's inputs where the candidate changes more than the plan: saving, two tyres."""
        if self.save > 0.0:
            params, state = saved(params, state, car, self.save)
        if self.count == TWO:
            state = halved_tyres(state, car)
        return params, state


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
        held: the kind that the car is believed to be on.
        rain: the kind of rain tyre that would be fitted now.
        turns: who may get in at a stop now, by the rules and the team's word, the likeliest first.
        service: the team's own times in the box, where it told them.
        wave_by: laps until cars behind the safety car have been waved past; None where none are.
        change_by: laps until the driver must have changed, the one under way counted 0; None
            where no rule asks for it before the flag.
        reach: how far the tank goes, with its doubt; None where ``fuel_laps`` is all that is known.
        chances: laps to the flag with their probabilities; empty where ``laps_to_go``, the middle
            of them, is all that is known.
        no_stop: laps at whose end the team wants no stop, first and last of each span.
        green_stop_s: what a stop now would cost under green.
        yellow_price: what stops have cost in the series, by kind of neutralisation.
        gap_unknown: whether so few cars of the class's kin have shown the other kind of tyre that
            nobody knows the gap.
    """

    lap: int
    fuel_laps: float
    range_laps: float
    laps_to_go: float
    may_stop: bool
    tyres: tuple[str, ...]
    held: str = SLICK
    rain: str = WET
    turns: tuple[Turn, ...] = ()
    service: ServiceTimes | None = None
    wave_by: int | None = None
    change_by: int | None = None
    reach: Reach | None = None
    chances: tuple[tuple[float, float], ...] = ()
    no_stop: tuple[tuple[int, int], ...] = ()
    green_stop_s: float | None = None
    yellow_price: Mapping[str, YellowPrice] = field(default_factory=dict)
    gap_unknown: bool = False

    def forbids(self, lap: int) -> bool:
        """Whether the team wants no stop at the end of that lap."""
        return any(first <= lap <= last for first, last in self.no_stop)

    def must_stop_within(self, first: int, last: int) -> bool:
        """Whether the tank does not last from the lap before a span to the one after it."""
        ends = self.lap + int(self.fuel_laps) - 1
        return not self.reaches_flag and self.lap >= first and ends <= last

    @property
    def on_wets(self) -> bool:
        """Whether the car is believed to be off slicks."""
        return self.held != SLICK

    @property
    def weather(self) -> bool:
        """Whether the track is damp, so that every stop names its tyre."""
        return "usual" not in self.tyres

    @property
    def tyres_in_question(self) -> bool:
        """Whether there is more than one kind of tyre worth fitting."""
        return len(self.tyres) > 1

    @property
    def used(self) -> float:
        """Share of the range that is used, as far as the tank surely goes."""
        load = max(0.0, self.range_laps - self.fuel_laps) if self.reach is None else self.reach.load
        return load / max(1.0, load + self.fuel_laps)

    @property
    def p_reach(self) -> float:
        """Probability that the car reaches the flag on what it has, without saving."""
        if self.reach is None:
            return float(self.laps_to_go <= self.fuel_laps + SAVES_FROM)
        return self.reach.p_lasts(self.chances or ((self.laps_to_go, 1.0),))

    @property
    def reaches_flag(self) -> bool:
        """Whether it is as good as sure that no further stop for fuel is needed."""
        return self.p_reach > SURE_P

    @property
    def stops_needed(self) -> int:
        """Further stops for fuel to the flag that must be reckoned with."""
        if self.reaches_flag:
            return 0
        beyond = self.laps_to_go - self.fuel_laps - SAVES_FROM
        return max(self.reach is not None, _stops_for(beyond, self.range_laps))

    @property
    def could_save(self) -> float:
        """The share of a lap's consumption that must be saved to spare a stop; 0 where none is."""
        stops = self.stops_needed
        if stops == 0:
            return 0.0
        reach = self.fuel_laps + (stops - 1) * self.range_laps
        needed = 1.0 - reach / max(1.0, self.laps_to_go - SAVES_FROM)
        return needed if 0.0 < needed <= 1.0 - 1.0 / SAVING else 0.0

    def fill(self, ahead: int) -> tuple[str, float]:
        """What a stop takes on: to the end or full, and to which share of the range."""
        left = self.laps_to_go - ahead
        return ("to_the_end", left / self.range_laps) if left <= self.range_laps else ("full", 1.0)


def candidates(now: Situation) -> tuple[Candidate, ...]:
    """Every call worth comparing, ``stay`` first; none through a closed pit entry.

    While the entry is closed no stop on any lap is offered, only ``box when it opens``: when that
    will be is a guess.
    """
    kept = tuple(span for span in now.no_stop if not now.must_stop_within(*span))
    now = replace(now, no_stop=kept)
    out = [*_stays(now)]
    if now.laps_to_go > 1.0 and now.may_stop:
        out += _stops(now)
        out += [] if now.forbids(now.lap) else _variants(now)
        out += _after_first_lap(now)
    return tuple({each.key: each for each in out}.values())


def core(asked: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The candidates that no comparison may leave out: staying, and the stops now and next lap."""
    kept = [
        each
        for each in asked
        if each.laps_ahead in (None, 0, 1) and each.key.count(":") <= 1
    ]  # fmt: skip
    return tuple(kept) or asked


def driver_choices(now: Situation, stop: Candidate) -> tuple[Candidate, ...]:
    """The same stop with each driver who may get in; none where there is no choice.

    They are compared among themselves: a stop that is made later leaves the driver to the crew,
    and must not be measured against one that does not.
    """
    free = [each for each in now.turns if not each.forced]
    if stop.laps_ahead is None or stop.turn.forced or len(free) < TWO:
        return ()
    return tuple(replace(stop, key=f"{stop.key}:{turn.key}", turn=turn) for turn in free)


def _stays(now: Situation) -> list[Candidate]:
    out = []
    hold = now.lap + LATEST + 1
    last = now.fuel_laps < LEAST_FUEL and not now.reaches_flag
    if now.change_by is not None and now.laps_to_go > 1.0:
        out += [_until_due(now)] if now.change_by > 0 else []
        last = last or now.change_by == 0
    elif now.tyres_in_question:
        out.append(Candidate("stay", "stay", hold, until="policy"))
    elif now.reaches_flag:
        out.append(Candidate("stay", "stay", FOREVER, until="flag"))
    elif now.reach is not None and now.p_reach >= LIKELY_P:
        out.append(Candidate("stay", "stay", FOREVER, until="flag_likely"))
        out += [_saving(now)] if now.could_save > 0.0 else []
    else:
        out.append(Candidate("stay", "stay", _range_end(now), until="range_end"))
        if now.could_save > 0.0:
            out.append(_saving(now))
    if not now.may_stop:
        out += [
            _at_stop(now, Candidate(f"opens:{kind}", "stay", now.lap, kind, until="lane_opens"), 0)
            for kind in now.tyres
        ]
    return [] if last and now.may_stop else out


def _after_first_lap(now: Situation) -> list[Candidate]:
    """Wait for the first car's lap on the other tyre, where that will tell what nobody knows."""
    last = now.lap + WAITS
    free = now.change_by is None and not any(map(now.forbids, range(now.lap, last + 1)))
    if not (now.gap_unknown and now.tyres_in_question and free and _in_reach(now, LATEST)):
        return []
    return [
        _at_stop(now, Candidate(f"wait:{kind}", "stay", last, kind, until=FIRST_LAP), 0)
        for kind in now.tyres
        if kind != now.held
    ]


def _range_end(now: Situation) -> int:
    """The last lap of the range, before the laps on which the team wants no stop."""
    last = now.lap + int(now.fuel_laps)
    while last > now.lap and now.forbids(last):
        last -= 1
    return last


def _until_due(now: Situation) -> Candidate:
    """Stay as long as the rules on driving time and the range let him, then change the driver."""
    ahead = min(now.change_by or 0, max(0, int(now.fuel_laps - DOUBT) - 1))
    kind = now.tyres[0]
    return _at_stop(
        now, Candidate("stay", "stay", now.lap + ahead, kind, until="driver_due"), ahead
    )


def _saving(now: Situation) -> Candidate:
    """Saving so much that a stop is spared: to the flag, or to the end of a longer range."""
    if now.stops_needed == 1:
        return Candidate("save", "save", FOREVER, until="flag", save=now.could_save)
    lap = now.lap + int(now.fuel_laps / (1.0 - now.could_save))
    return Candidate("save", "save", lap, until="range_end", save=now.could_save)


def _stops(now: Situation) -> Iterator[Candidate]:
    for ahead in range(LATEST + 1):
        if not _in_reach(now, ahead):
            continue
        for kind in now.tyres:
            plain = Candidate(f"box+{ahead}:{kind}", "box", now.lap + ahead, kind, None, ahead)
            yield _at_stop(now, plain, ahead)


def _in_reach(now: Situation, ahead: int) -> bool:
    late = now.change_by is not None and ahead > now.change_by
    dry = ahead > max(0.0, now.fuel_laps - 1.0 - DOUBT)
    wanted = not now.forbids(now.lap + ahead)
    return wanted and not late and not dry and now.laps_to_go - ahead > 1.0


def _variants(now: Situation) -> Iterator[Candidate]:
    """Other ways of doing the stop on this lap: fuel and tyres; and the wave-by first."""
    kind = now.tyres[0]
    first = _at_stop(now, Candidate(f"box+0:{kind}", "box", now.lap, kind, None, 0), 0)
    splash = _splash(now)
    if splash is not None:
        yield _served(now, replace(first, key=f"{first.key}:splash", fuel="splash", fill=splash))
    yield from _tyre_variants(now, first)
    if now.wave_by is not None and _in_reach(now, now.wave_by):
        later = replace(first, key="wave", action="stay", lap=now.lap + now.wave_by)
        yield replace(later, laps_ahead=None, until="wave_by")


def _tyre_variants(now: Situation, first: Candidate) -> Iterator[Candidate]:
    if now.weather:
        for kind in now.tyres:
            if kind != now.held and now.fuel_laps > LEAST_FUEL:
                key = f"box+0:{kind}:dry_hose"
                bare = replace(first, key=key, tyres=kind, fuel="none", count=4)
                yield _served(now, bare)
        yield _served(now, replace(first, key="box+0:keep", tyres="keep", count=0))
    elif now.service is not None and now.service.tyres_ms is not None:
        for count, kind in ((0, "keep"), (TWO, "keep"), (4, now.held)):
            key = f"box+0:{('none', 'two', 'four')[count // 2]}"
            yield _served(now, replace(first, key=key, tyres=kind, count=count))


def _at_stop(now: Situation, which: Candidate, ahead: int) -> Candidate:
    """The candidate with its fuel, its driver and its time in the box."""
    fuel = now.fill(ahead)[0]
    forced = next((each for each in now.turns if each.forced), STAYS)
    count = 4 if which.tyres not in ("usual", now.held) else None
    return _served(now, replace(which, fuel=fuel, fill=-1.0, turn=forced, count=count))


def _served(now: Situation, which: Candidate) -> Candidate:
    """The candidate with the team's own time in the box, where the team told it."""
    if now.service is None:
        return which
    added = added_share(now, which, which.laps_ahead or 0)
    return replace(which, standing_ms=now.service.standing_ms(added, which.count))


def added_share(now: Situation, which: Candidate, ahead: int) -> float:
    """The share of a full fill that a stop ``ahead`` laps from now takes on."""
    if which.fuel == "none":
        return 0.0
    level = which.fill if which.fill >= 0.0 else now.fill(ahead)[1]
    left = max(0.0, now.fuel_laps - ahead - 1.0) / now.range_laps
    return max(0.0, level - left)


def _splash(now: Situation) -> float | None:
    """The share of the range to fill to so that later stops can be full; None where none is due."""
    stops = _stops_for(now.laps_to_go - 1.0 - now.range_laps, now.range_laps) + 1
    if now.reaches_flag or stops < TWO:
        return None
    needed = now.laps_to_go - 1.0 - (stops - 1) * now.range_laps
    level = max(now.fuel_laps - 1.0, needed) + 1.0
    share = level / now.range_laps
    return share if share < SPLASH_SHARE and needed > now.fuel_laps - 1.0 else None


def _stops_for(beyond: float, range_laps: float) -> int:
    return max(0, math.ceil(beyond / range_laps)) if beyond > 0.0 else 0
