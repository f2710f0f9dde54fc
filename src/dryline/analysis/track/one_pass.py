"""One pass of the rain gauge: every crossing moves wetness, rain and tyres; nothing looks ahead.

The last ten minutes stay open: a lap that ends now tells about its first sector minutes ago, and
what the next laps show about a car's tyres tells again what its last laps said about the water.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dryline.analysis.track.doubt import UNKNOWN, lap_times
from dryline.analysis.track.evidence import OutsideEvidence
from dryline.analysis.track.held import HeldField, SeenLately
from dryline.analysis.track.laps import Crossing
from dryline.analysis.track.model import BIN_MS, LEVELS, WET_FROM, TrackModel
from dryline.analysis.track.reference import DryReference, Sectors
from dryline.analysis.track.start import Opening, Verdict, median_sectors
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.tyres import TyreBook, columns_of
from dryline.analysis.track.window import FREE, SLOW, OpenObservations
from dryline.domain.dry_prior import DryPrior
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.kernels.wetness import (
    Choice,
    Observations,
    RainSteps,
    Trust,
    held_field,
    response_tables,
    sweep,
)

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[Any]

INFORMED_MS, INFORMED_LAPS = 150_000, 1.4
"""How long a free lap tells of the track, ms and laps: the longer of the two."""


class OnePass:
    """Wetness and tyres from crossings in the order they become known, with one view of the start.

    Args:
        priors: dry sector times of other races.
        without: race whose own entries among them must not be used.
        model: constants.
        keep: also keep the observations that have closed, for smoothing.
        shown: dry sector times per class, log ms, that the race has shown since: it began wet.
        from_ms: when the field was let go: what it drove before says nothing of its pace.
    """

    def __init__(
        self,
        priors: Sequence[DryPrior] = (),
        without: str | None = None,
        model: TrackModel | None = None,
        keep: bool = False,
        shown: Mapping[str, Sectors] | None = None,
        from_ms: int = 0,
    ) -> None:
        self.model = model or TrackModel()
        self.from_ms = from_ms
        self.field = HeldField(from_ms)
        self.lately = SeenLately()
        self.reference = DryReference()
        self.tyres = TyreBook()
        self.classes: list[str] = []
        self.opening: Opening | None = Opening(tuple(priors), without, self.model, shown)
        self.verdict: Verdict | None = None
        self.outside = OutsideEvidence()
        self.closed: list[tuple[dict[str, Array], Floats, Floats, Floats]] | None = (
            [] if keep else None
        )
        self.share = np.full(3, 1 / 3)
        self.steps = self.model.steps()
        self.first_state = np.stack([self.model.start_dry()] * 3)
        self._start = self.first_state
        self._laps_since_stop: dict[str, int] = {}
        self._window = OpenObservations(len(LEVELS))
        self._crews: list[tuple[str, str, str]] = []
        self._crew_index: dict[tuple[str, str, str], int] = {}
        self._slick, self._wet = self.model.tables([])
        self._shift, self._shift_weight = np.zeros((0, 3)), np.zeros((0, 3))
        self._late: dict[str, list[Crossing]] = {}
        self._w0, self._now = 0, -1
        self._field_is_held = False
        self._use = np.zeros(0)
        self._gamma = self._start[None].copy()
        self._forward = self._gamma.copy()
        self._p_informed = np.ones(3)
        self._told = self.first_state

    # -- intake -------------------------------------------------------------------------------

    def hear(self, event: Evidence | RaceControlMessage) -> None:
        """Take outside evidence in, at the time it became known."""
        self.outside.hear(event)
        if isinstance(event, Evidence) and event.kind == "tyre" and event.car_number:
            self.tyres.see(event.car_number, event.tyre)

    def take(self, c: Crossing) -> None:
        """Take one crossing in; the belief moves with the next ``advance``."""
        held_from_ms = self.field.take(c)
        if held_from_ms is not None:
            self._window["held"][self._window["to_ms"] > held_from_ms] = True
        began_ms = c.elapsed_ms - c.lap_time_ms
        if self.opening is None:
            self._observe(c)
        elif self.opening.take(
            c, began_ms < self.from_ms or self.field.is_flagged(began_ms, c.elapsed_ms)
        ):
            early, opening = self.opening.laps, self.opening
            self.opening = None
            self._settle(opening)
            for e in early:
                self._observe(e)

    def advance(self, at_ms: int) -> TrackState:
        """Let time pass to ``at_ms`` and return the state there."""
        target = at_ms // BIN_MS
        while self._now < target:
            self._now += 1
            width = self.model.window_bins * (4 if self._field_is_held else 1)
            while self._now - self._w0 >= width:
                self._close_oldest_bin()
        w = self._window
        self.lately = SeenLately.of(w["y"], w["sector"], w["klass"], w["to_ms"], at_ms)
        self.field.look(at_ms, self.lately)
        self._revise()
        return self._state(at_ms)

    def dry_times(self) -> dict[str, Sectors]:
        """Log dry sector times per class, as believed now."""
        return {
            name: (
                self.reference.level(name, 0),
                self.reference.level(name, 1),
                self.reference.level(name, 2),
            )
            for name in self.classes
            if self.reference.knows(name)
        }

    def _settle(self, opening: Opening) -> None:
        self.verdict = opening.settle(self.reference)
        self.share = np.array(self.verdict.share)
        if self.verdict.wet:
            self.first_state = self._start = np.stack([self.model.start_wet()] * 3)
            self._forward = self._forward[:0]

    # -- observations -------------------------------------------------------------------------

    def _class_index(self, car_class: str) -> int:
        if car_class not in self.classes:
            self.classes.append(car_class)
            self._slick, self._wet = self.model.tables(self.classes)
            self._shift = np.vstack([self._shift, np.zeros((1, 3))])
            self._shift_weight = np.vstack([self._shift_weight, np.zeros((1, 3))])
        return self.classes.index(car_class)

    def _crew(self, c: Crossing) -> int:
        key = (c.car_class, c.car_number, c.driver)
        if key not in self._crew_index:
            self._crew_index[key] = len(self._crews)
            self._crews.append(key)
        return self._crew_index[key]

    @property
    def contrast(self) -> Floats:
        """Loss on wets minus loss on slicks per class and level, log time, (K, G)."""
        lap_shift: Floats = self._shift @ self.share
        return self._wet + lap_shift[:, None] - self._slick

    def _observe(self, c: Crossing) -> None:
        car, since = c.car_number, self._laps_since_stop.get(c.car_number, 9)
        klass = self._class_index(c.car_class)
        p_first = self.verdict.p_wet_tyre if self.verdict else 0.01
        self.tyres.of(car, klass, p_first)
        edge = self._w0 * BIN_MS
        if c.pit_lane_ms is not None and since != 0 and c.lap > 1:
            self.tyres.stop(car, max(edge, c.elapsed_ms - c.lap_time_ms))
            since = 0
        segment = self.tyres.current[car]
        if c.lap > 1 and self.reference.knows(c.car_class):
            self._add_sectors(c, klass, segment, since)
            self._add_decision(c, klass, segment)
        elif c.lap > 1 and since > 0 and not c.in_pit and all(c.sectors_ms):
            self._late_class(c)
        self._laps_since_stop[car] = min(9, since + 1)
        if c.in_pit:
            self.tyres.stop(car, max(edge, c.elapsed_ms))
            self._laps_since_stop[car] = 0

    def _late_class(self, c: Crossing) -> None:
        """A class without racing laps at the start is measured against those that have."""
        w = self._window
        if self.field.covers(c.elapsed_ms - c.lap_time_ms, c.elapsed_ms) or not len(w):
            return
        laps = self._late.setdefault(c.car_class, [])
        laps.append(c)
        recent = (w["stopped"] < 0) & ~w["held"] & (w["to_ms"] > c.elapsed_ms - 240_000)
        if len(laps) < 4:
            return
        level = list(median_sectors(laps[-8:]))
        for k in range(3):
            rows = recent & (w["sector"] == k)
            if rows.sum() < 4:
                return
            level[k] -= float(np.median(w["y"][rows]))
        self.reference.set_level(c.car_class, (level[0], level[1], level[2]), 4.0)

    def _add_decision(self, c: Crossing, klass: int, segment: int) -> None:
        """Stopping and staying out both say what the crew thinks of its tyres."""
        held = self.field.covers(c.elapsed_ms - c.lap_time_ms, c.elapsed_ms) or self._slow_lap(c)
        crew, at = self._crew(c), c.elapsed_ms
        for k in range(3):
            weight = self.model.behaviour * float(self.share[k])
            self._window.add(
                at, at, k, segment, klass, crew, 0.0, math.nan, 1.0, weight, 0.0,
                int(c.in_pit), True, held,
            )  # fmt: skip

    def _slow_lap(self, c: Crossing) -> bool:
        """Whether something other than water slowed the car in sector 1 or 2 of the lap."""
        return any(
            (time := c.sectors_ms[k]) is not None
            and math.log(time) - self.reference.level(c.car_class, k) > SLOW
            for k in (0, 1)
        )

    def _add_sectors(self, c: Crossing, klass: int, segment: int, since: int) -> None:
        to_ms = c.elapsed_ms
        for k in (2, 1, 0):
            time = c.sectors_ms[k]
            if time is None or time <= 0:
                return
            from_ms = to_ms - time
            in_pits = (k == 2 and c.in_pit) or (k == 0 and since == 0)
            restart = self.field.covers(from_ms - 1.2 * c.lap_time_ms, from_ms)
            if not in_pits and not (restart and k == 0):
                self._add(c, k, from_ms, to_ms, klass, segment, since <= 1 or restart)
            to_ms = from_ms

    def _add(
        self, c: Crossing, k: int, from_ms: int, to_ms: int, klass: int, segment: int, cold: bool
    ) -> None:
        if (from_ms + to_ms) // 2 < self._w0 * BIN_MS:
            return
        log_time = math.log(to_ms - from_ms)
        y = log_time - self.reference.expected(c.car_class, c.car_number, c.driver, k)
        noise = math.hypot(
            self.model.noise_of(c.car_class, to_ms - from_ms),
            self.reference.uncertainty(c.car_number, c.driver),
        )
        if cold:
            y, noise = y - self.model.cold_loss, noise * 1.6
        known = [self.reference.level(n, k) for n in self.classes if self.reference.knows(n)]
        against = self.reference.level(c.car_class, k) - sum(known) / len(known)
        self._window.add(
            from_ms, to_ms, k, segment, klass, self._crew(c), log_time, y, noise,
            0.5 if cold else 1.0, against, -1, False, self.field.covers(from_ms, to_ms),
        )  # fmt: skip

    # -- inference ----------------------------------------------------------------------------

    def _close_oldest_bin(self) -> None:
        if not len(self._forward):
            self._w0 += 1
            return
        self._start = self._forward[0].copy()
        w = self._window
        leaving = w.bins(self._w0)[1] < 1
        done = len(self._use)
        taken = np.nonzero(leaving[:done] & (self._use > 0))[0]
        mass = self._gamma[0].reshape(3, 2, -1).sum(1)
        for i in taken:
            m = mass[w["sector"][i]]
            step = math.log(m @ np.exp(w.on_wet[i])) - math.log(m @ np.exp(w.on_slick[i]))
            self.tyres.absorb(int(w["segment"][i]), self.model.tyre_temper * self._use[i] * step)
        if leaving.any():
            if self.closed is not None:
                self._archive(taken)
            w.keep(~leaving)
            self._use = self._use[~leaving[:done]]
        self._forward, self._gamma = self._forward[1:], self._gamma[1:]
        self._w0 += 1

    def _archive(self, rows: Array) -> None:
        w = self._window
        if self.closed is not None and len(rows):
            named = {n: w[n][rows] for n in ("from_ms", "to_ms", "sector", "segment")}
            self.closed.append((named, w.on_slick[rows], w.on_wet[rows], self._use[rows]))

    def close(self) -> None:
        """After the last crossing: hand what is still open to the archive for smoothing."""
        self._archive(np.nonzero(self._use > 0)[0])

    def _weights(self, bins: int, first: Array, last: Array) -> tuple[Floats, Floats]:
        """Weight of every observation and the sectors slowed by something else, (B, 3)."""
        w = self._window
        use = w.usable()
        timed = w["stopped"] < 0
        rows = timed & ~w["held"]
        held, zone = held_field(
            first[rows], last[rows], w["sector"][rows], w["y"][rows], w["level"][rows],
            bins, SLOW, FREE,
        )  # fmt: skip
        held[1:] = np.maximum(held[1:], held[:-1])
        for _ in range(3):
            zone[1:] = np.maximum(zone[1:], zone[:-1])
            zone[2:] = np.maximum(zone[2:], zone[:-2])
        now_ms = self._now * BIN_MS
        self._field_is_held = bool(held[-8:].any()) or self.field.covers(now_ms, now_ms + 1)
        a, b = np.clip(first, 0, bins), np.clip(last + 1, 0, bins)
        slowed = zone.copy()
        for _ in range(3):
            slowed[:-1] = np.maximum(slowed[:-1], slowed[1:])
        for k in range(3):
            total = np.concatenate([[0.0], np.cumsum(slowed[:, k])])
            use = np.where((w["sector"] == k) & timed & (total[b] > total[a]), 0.0, use)
        total = np.concatenate([[0.0], np.cumsum(held)])
        use = np.where(total[b] > total[a], 0.0, use)
        for began_ms, until_ms, slowed_sector in self.field.periods:
            inside = (w["to_ms"] > began_ms) & (w["from_ms"] < until_ms)
            if slowed_sector is not None:
                inside &= timed & (w["sector"] == slowed_sector)
            use = np.where(inside, 0.0, use)
        for k, from_ms, until_ms in self.outside.zones(self._now * BIN_MS):
            inside = (w["sector"] == k) & (w["to_ms"] > from_ms) & (w["from_ms"] < until_ms)
            use = np.where(inside & timed, 0.0, use)
        return use, zone

    def _revise(self) -> None:
        bins = self._now - self._w0 + 1
        w, m = self._window, self.model
        self._fill_tables(w.merge())
        self._faster_than_dry()
        first, middle, last = w.bins(self._w0)
        self._use, zone = self._weights(bins, first, last)
        observed = set(np.unique(w["segment"]).tolist())
        ids = self.tyres.open_segments(observed, self._w0 * BIN_MS)
        place, seg = columns_of(self.tyres, ids, self._w0, bins, BIN_MS)
        middle = np.clip(middle, 0, bins - 1)
        segment = place[w["segment"]]
        contrast = self.contrast if self.classes else np.zeros((1, len(LEVELS)))
        self._gamma, self._forward, _, _ = sweep(
            2,
            self._start,
            self.outside.likelihood(self._w0, bins),
            zone,
            RainSteps(*self.steps, *m.rain_chances()),
            Observations(middle, w["sector"], segment, w.on_slick, w.on_wet, self._use),
            Trust(m.temper, m.wet_tells, m.tyre_temper),
            seg,
            Choice(contrast, self.share, m.switching()),
        )
        for i, s in enumerate(ids):
            revised = self.tyres.segments[s]
            revised.p_wet = float(seg.p_wet[i])
            if seg.previous[i] >= 0:
                revised.to_wet, revised.to_slick = map(float, seg.frozen[i])
        if len(w):
            p_wet = seg.p_wet[segment]
            self._learn_wets(middle, p_wet)
            self._learn_dry(middle, p_wet)

    def _fill_tables(self, done: int, again: bool = False) -> None:
        w, m = self._window, self.model
        if len(w) == done and not again:
            return
        rows = slice(0 if again else done, None)
        unknown = m.wet_noise / np.sqrt(1.0 + self._shift_weight / 2.0)
        slick, wet = response_tables(
            w["y"][rows], w["noise"][rows], w["klass"][rows], w["sector"][rows],
            self._slick, self._wet, self._shift, unknown, m.spread_slick, m.spread_wet, m.outlier,
        )  # fmt: skip
        decided = np.nonzero(w["stopped"][rows] >= 0)[0]
        if len(decided):
            contrast = self.contrast[w["klass"][rows][decided]]
            stopped = w["stopped"][rows][decided][:, None] == 1
            for table, advantage in ((slick, -contrast), (wet, contrast)):
                chance = m.stop_chance(advantage)
                table[decided] = np.log(np.where(stopped, chance, 1 - chance))
        w.on_slick = slick if again else np.concatenate([w.on_slick, slick])
        w.on_wet = wet if again else np.concatenate([w.on_wet, wet])

    # -- learning -----------------------------------------------------------------------------

    def _faster_than_dry(self) -> None:
        """A field that beats its dry expectation shows that it was not a dry one."""
        w = self._window
        late = (w["stopped"] < 0) & ~w["held"] & (w["to_ms"] > (self._now - 8) * BIN_MS)
        moved = False
        for c, name in enumerate(self.classes):
            for k in range(3):
                of = (w["klass"] == c) & (w["sector"] == k)
                rows = late & of
                middle = float(np.median(w["y"][rows])) if rows.sum() >= 5 else 0.0
                if middle < -0.025:
                    self.reference.shift(name, k, middle)
                    w["y"][of] -= middle
                    moved = True
        if moved:
            self._fill_tables(0, again=True)

    def _learn_wets(self, middle: Array, p_wet: Floats) -> None:
        """What wets really cost here, per class and sector, from cars believed to be on them."""
        w, m = self._window, self.model
        rows = np.nonzero((w["stopped"] < 0) & (self._use > 0) & (p_wet > 0.2))[0]
        old = self._shift.copy()
        weight, total = np.zeros_like(old), np.zeros_like(old)
        if len(rows):
            k, c, g = w["sector"][rows], w["klass"][rows], len(LEVELS)
            mass = self._gamma[middle[rows], k]
            mean = ((mass[:, :g] + mass[:, g:]) * self._wet[c]).sum(1)
            value = self._use[rows] * p_wet[rows]
            np.add.at(weight, (c, k), value)
            np.add.at(total, (c, k), value * np.clip(w["y"][rows] - mean, -0.09, 0.09))
        lap = (total @ self.share) / (weight @ self.share + m.lean_lap)
        own = (total + m.lean_sector * 0.97 * old) / (weight + m.lean_sector)
        self._shift = own - (own @ self.share)[:, None] + lap[:, None]
        self._shift_weight = weight
        if np.abs(self._shift - old).max() > 0.002:
            self._fill_tables(0, again=True)

    def _learn_dry(self, middle: Array, p_wet: Floats) -> None:
        """Let sector times older than two minutes, believed dry, move the dry expectation."""
        w = self._window
        due = np.nonzero(~w["learned"] & (w["to_ms"] <= (self._now - 8) * BIN_MS))[0]
        w["learned"][due] = True
        dry = self._gamma.reshape(len(self._gamma), 3, 2, -1).sum(2)[:, :, :WET_FROM].sum(2)
        driest = dry.min(axis=1)
        for i in due:
            belief = driest[middle[i]]
            if self._use[i] >= 1.0 and belief > 0.8:
                name, car, driver = self._crews[w["crew"][i]]
                weight = float(belief * (1 - p_wet[i]))
                sector, log_time = int(w["sector"][i]), float(w["log_time"][i])
                self.reference.learn(name, car, driver, sector, log_time, weight)

    def _is_informed(self) -> bool:
        """Whether a free lap, or somebody, has told of the track lately.

        Without either belief may only widen, and before the first free laps it stays what it was.
        """
        w = self._window
        laps_ms = lap_times(self.dry_times()).values()
        since_ms = self._now * BIN_MS - max(INFORMED_MS, INFORMED_LAPS * min(laps_ms, default=0.0))
        if self.outside.is_heard(round(since_ms), self._now * BIN_MS):
            return True
        late = w["to_ms"][: len(self._use)] > since_ms
        return bool((late & (self._use > 0) & (w["stopped"][: len(self._use)] < 0)).any())

    def _state(self, at_ms: int) -> TrackState:
        known_ms = lap_times(self.dry_times())
        seen = {
            car: (self.tyres.segments[s].p_wet, self.tyres.segments[s].seen >= 0)
            for car, s in self.tyres.current.items()
        }
        belief, informed = self._gamma[-1], self._is_informed()
        if self.opening is not None:
            self._told = belief = belief if informed else self._told
        if self.opening is not None and self.outside.said_by(at_ms) is not None:
            seen = {c.car_number: (0.0, False) for c in self.opening.laps}
        state = TrackState.of(
            at_ms,
            belief,
            self.share,
            tuple(self.classes),
            self.contrast if self.classes else np.zeros((0, len(LEVELS))),
            np.array([known_ms.get(name, math.nan) for name in self.classes]),
            seen,
            UNKNOWN,
        )
        if informed:
            self._p_informed = state.p_wet
        elif self.opening is None:
            state = replace(state, p_wet=np.minimum(state.p_wet, self._p_informed))
        return state
