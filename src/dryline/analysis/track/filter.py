"""The rain gauge, live: what the crossings by now tell of wetness, rain and tyres.

Nothing looks ahead. Where nothing outside the race tells its dry pace, the first pace is taken as
dry with its doubt; once the race has shown that it was not, everything taken in so far is read
again with the dry pace that it has shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dryline.analysis.track.doubt import (
    FIRST_PACE,
    OWN_LAPS,
    SAID,
    SAID_DRY,
    SAID_WET,
    UNKNOWN,
    WET_SINCE,
    WET_START,
    WORD,
    Reference,
    Start,
)
from dryline.analysis.track.laps import Crossing, Shared
from dryline.analysis.track.model import BIN_MS, TrackModel
from dryline.analysis.track.one_pass import OnePass
from dryline.analysis.track.reference import Sectors
from dryline.analysis.track.state import TrackState
from dryline.domain.dry_prior import DryPrior
from dryline.domain.event import Evidence, RaceControlMessage

PROVEN = 0.9
"""From this probability on the race has shown that it began in the wet."""

AGAIN = 0.03
"""A field that gets so much faster than the dry pace it has shown shows a new one, log time."""

EVEN = 0.45
"""The most that is said of a first pace: a field that gets faster was held back, or in the wet.
And the most that is said of the track until it is seen which."""

HELD, LEAP, AT_ONCE_MS = 0.24, 0.06, 240_000
"""A field that gets faster by more than the first, or by more than the second within so long and on
the same tyres, was held back before, log time: a track takes longer to dry."""
STILL, SETTLED_MS, GAINS = 0.02, 60_000, 40
"""It is waited until its pace has moved by no more than this in a minute."""

COST_OF_WETS = 0.12
"""What a field on wets is over its dry lap where slicks are about to be faster, log time.

Measured on labelled races: 0.118 +- 0.009 over the laps before the median change to slicks.
"""

REMEMBERED_MS, STEP_MS = 3 * 3_600_000, 2 * BIN_MS
LET_GO_MS, RESTART_MS = 120_000, 180_000
"""How long a field has been quick when its dry pace follows; how long after a held field's end its
first laps may still be those that were taken as dry."""
START_MS = 900_000
"""How long after the first pace a word still tells of it."""


@dataclass(frozen=True)
class StartView:
    """How the race began, as it is seen now; ``shown`` and ``from_ms`` as ``OnePass`` has them."""

    shown: Mapping[str, Sectors] | None = None
    from_ms: int = 0
    source: str = FIRST_PACE


class TrackFilter:
    """Wetness and tyres from crossings in the order they become known.

    Args:
        priors: dry sector times of other races.
        without: race whose own entries among them must not be used.
        model: constants.
        keep: also keep the observations that have closed, for smoothing.
    """

    def __init__(
        self,
        priors: Sequence[DryPrior] = (),
        without: str | None = None,
        model: TrackModel | None = None,
        keep: bool = False,
    ) -> None:
        self._made = (priors, without, model or TrackModel(), keep)
        self._taken = Shared[tuple[int, Crossing | Evidence | RaceControlMessage]]()
        self._at_ms = 0
        self._paced_ms: int | None = None
        self._see(StartView())

    def _see(self, view: StartView) -> None:
        self._view = view
        self._start: Start | None = None
        self._gains: list[tuple[int, float]] = []
        self._is_open = False
        self.one = OnePass(*self._made, shown=view.shown, from_ms=view.from_ms)

    def hear(self, event: Evidence | RaceControlMessage) -> None:
        """Take outside evidence in, at the time it became known."""
        self._taken.append((event.known_at.ms, event))
        self.one.hear(event)

    def take(self, c: Crossing) -> None:
        """Take one crossing in; the belief moves with the next ``advance``."""
        if not self._is_settled:
            self._taken.append((c.elapsed_ms, c))
        self.one.take(c)

    def update(self, crossings: Iterable[Crossing]) -> TrackState:
        """Take crossings in (ordered by elapsed) and return the state at the last one."""
        last_ms = self._at_ms
        for c in crossings:
            while c.elapsed_ms >= self._at_ms + STEP_MS + BIN_MS:
                self.advance(self._at_ms + STEP_MS)
            self.take(c)
            last_ms = max(last_ms, c.elapsed_ms)
        return self.advance(last_ms)

    def advance(self, at_ms: int) -> TrackState:
        """Let time pass to ``at_ms`` and return the state there."""
        self._at_ms = at_ms
        state = self.one.advance(at_ms)
        if self._start is None and self.one.opening is None:
            self._start = Start(at_ms, self.one.dry_times())
            self._paced_ms = self._paced_ms or at_ms
        view = self._seen_otherwise(at_ms)
        if view is not None:
            self._begin_again(view, at_ms)
            return self.advance(at_ms)
        told = state.doubted(self.reference)
        return replace(told, p_wet=np.minimum(told.p_wet, EVEN)) if self._is_open else told

    @property
    def reference(self) -> Reference:
        """What wetness is measured against."""
        said = self._said_wet
        if self._start is None:
            return UNKNOWN if said is None else _as_said(said)
        outside = self._outside
        if outside is not None:
            return outside
        times = self.one.dry_times()
        doubt = self._start.p_wet(times, self._at_ms)
        if self._view.shown is None and said:
            doubt = self._start.p_wet(times, self._at_ms, WET_SINCE)
        elif self._view.shown is None and said is not None:
            return Reference(known=True, source=SAID_DRY, doubt=_less(doubt))
        if self._view.source == FIRST_PACE:
            doubt = min(doubt, EVEN)
        return Reference(self._view.source == OWN_LAPS, self._view.source, doubt)

    @property
    def _outside(self) -> Reference | None:
        """What tells the dry pace from outside the race: then nothing is read again."""
        verdict = self.one.verdict
        return verdict.against if verdict is not None and self._view.shown is None else None

    @property
    def _is_settled(self) -> bool:
        return self._outside is not None

    def _seen_otherwise(self, at_ms: int) -> StartView | None:
        """Another view of how the race began, where the field or somebody's word asks for one."""
        began, self._is_open = self._start, False
        if began is None or self._is_settled or at_ms > REMEMBERED_MS:
            return None
        if self._view.source == FIRST_PACE and self._said_wet and not self._has_changed:
            return StartView(_quicker(began.sectors, COST_OF_WETS), self._view.from_ms, SAID_WET)
        if self._view.source == SAID_WET and self._said_wet is None and self._is_as_slow:
            return StartView(from_ms=self._view.from_ms)
        times = self.one.dry_times()
        faster = began.faster(times)
        self._gains = [*self._gains, (at_ms, faster)][-GAINS:]
        if self._view.shown is not None:
            return self._quicker_yet(times, faster, at_ms)
        if began.p_wet(times, at_ms) <= PROVEN:
            return None
        let_go_ms = self._let_go(began, faster, at_ms)
        if self.one.field.lasts or self._gained(at_ms, SETTLED_MS) > STILL:
            self._is_open = True
            return None
        if let_go_ms is not None:
            return StartView(from_ms=let_go_ms)
        return StartView(self._quickest(times), self._view.from_ms, OWN_LAPS)

    def _quicker_yet(
        self, times: Mapping[str, Sectors], faster: float, at_ms: int
    ) -> StartView | None:
        """The dry pace is quicker than thought: the field is, or its wets cost too little."""
        if self.one.field.covers(at_ms - BIN_MS, at_ms):
            return None
        source = self._view.source
        if faster > AGAIN:
            return StartView(self._quickest(times), self._view.from_ms, OWN_LAPS)
        over = self.one.lately.over
        spare = COST_OF_WETS - over
        if over > 0 and spare > AGAIN and not self._has_changed:
            return StartView(_quicker(times, spare), self._view.from_ms, source)
        return None

    @property
    def _said_wet(self) -> bool | None:
        """Whether the start was said to be wet; None where nobody said, or it was taken back."""
        until_ms = math.inf if self._paced_ms is None else self._paced_ms + START_MS
        return self.one.outside.said_by(until_ms)

    @property
    def _is_as_slow(self) -> bool:
        """Whether the field is still as far over its dry pace as its first pace was on wets."""
        return self.one.lately.over > COST_OF_WETS - AGAIN

    @property
    def _has_changed(self) -> bool:
        """Whether most of the field may be on other tyres than it began on."""
        return self.one.tyres.share_stopped(self._view.from_ms) >= 0.5

    def _let_go(self, began: Start, faster: float, at_ms: int) -> int | None:
        """When the field was let go, where it turns out that its first pace was a held one."""
        self.one.field.infer()
        ends = [
            until
            for begins, until, sector in self.one.field.periods
            if sector is None and begins < began.at_ms < until + RESTART_MS
        ]
        if ends and math.isfinite(max(ends)):
            return int(max(ends))
        at_once = self._gained(at_ms, AT_ONCE_MS) > LEAP and not self._has_changed
        return max(began.at_ms, at_ms - LET_GO_MS) if at_once or faster > HELD else None

    def _gained(self, at_ms: int, over_ms: int) -> float:
        """By how much the field has become faster within so long, log time."""
        before = [faster for ms, faster in self._gains if ms <= at_ms - over_ms]
        return self._gains[-1][1] - (before[-1] if before else 0.0) if self._gains else 0.0

    def _quickest(self, times: Mapping[str, Sectors]) -> dict[str, Sectors]:
        """Dry sector times that the race has shown, log ms.

        While most of the field is on the tyres that it started on, those are wets, and their pace
        is not the dry one.
        """
        now = _quicker(times, 0.0 if self._has_changed else COST_OF_WETS)
        before = self._view.shown or {}
        return {name: _least(now[name], before.get(name, now[name])) for name in now}

    def _begin_again(self, view: StartView, at_ms: int) -> None:
        """Take everything in once more, as if it had been known from the start on."""
        if view.from_ms != self._view.from_ms:
            self._paced_ms = None
        self._see(view)
        step_ms = STEP_MS
        for known_ms, item in self._taken:
            while known_ms > step_ms:
                self.one.advance(step_ms)
                step_ms += STEP_MS
            if isinstance(item, Crossing):
                self.one.take(item)
            else:
                self.one.hear(item)
        self.one.advance(at_ms)


def _as_said(wet: bool) -> Reference:
    """Before the first free lap, where somebody has said how the track is."""
    source, doubt = (SAID_WET, SAID) if wet else (SAID_DRY, _less(WET_START))
    return Reference(known=False, source=source, doubt=doubt)


def _less(doubt: float) -> float:
    odds = doubt / (1 - doubt) / WORD
    return odds / (1 + odds)


def _quicker(times: Mapping[str, Sectors], by: float) -> dict[str, Sectors]:
    return {name: (a - by, b - by, c - by) for name, (a, b, c) in times.items()}


def _least(one: Sectors, other: Sectors) -> Sectors:
    return min(one[0], other[0]), min(one[1], other[1]), min(one[2], other[2])
