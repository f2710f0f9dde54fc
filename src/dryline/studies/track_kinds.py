"""The kinds of rain tyre against the compound of every lap: a part of ``backtest track --labels``.

Of each lap that was driven on a rain tyre it is asked how probable its kind was held, given that it
was one; with the score of slicks against the rest that makes the score over all kinds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from dryline.analysis.track.kinds import rain_kinds, usual_kinds
from dryline.analysis.track.reading import SAMPLES, TrackEstimate, sample_of, tyre_stints
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.tyres import Segment
from dryline.domain.tyre_kind import TyreKind, has_kinds_of_rain_tyre

Row = dict[str, Any]
EVERY = 2
"""So many samples apart the kinds are asked: a minute."""
LEAST = 1e-4


def kind_of(kinds: Sequence[TyreKind]) -> pl.Expr:
    """The rain kind with whose name a label's ``compound`` begins (``inter``: INTERMEDIATE)."""
    compound = pl.col("compound").str.to_lowercase()
    begins = [
        pl.when(compound.str.starts_with(each.name)).then(pl.lit(each.name)) for each in kinds[1:]
    ]
    return pl.coalesce(begins)


def score_kinds(
    labelled: pl.DataFrame,
    states: Sequence[TrackState],
    segments: Sequence[Segment],
    kinds: Sequence[TyreKind],
    *,
    after: bool,
) -> Row:
    """Log-loss over the labelled laps on a rain tyre, summed, and their number by kind.

    Args:
        labelled: schema ``LAPS``, and ``compound``.
        states: what was believed.
        segments: the cars' tyres between their stops.
        kinds: those of the series.
        after: whether it was believed after the race, not as it came.
    """
    if not has_kinds_of_rain_tyre(kinds) or "compound" not in labelled.columns:
        return {}
    known = labelled.with_columns(kind=kind_of(kinds)).filter(
        pl.col("kind").is_not_null() & pl.col("elapsed_ms").is_not_null()
    )
    names = [each.name for each in kinds[1:]]
    laps = known.select("car_number", "elapsed_ms", "lap_time_ms", "kind").rows()
    said = _Said(labelled, states, segments, kinds, after=after)
    loss = 0.0
    for car, end_ms, lap_ms, name in laps:
        p = said.shares(car, end_ms, end_ms - lap_ms // 2)[names.index(name)]
        loss -= float(np.log(min(1 - LEAST, max(LEAST, p))))
    return {"rain_kinds": dict(Counter(row[3] for row in laps)), "rain_kind_loss": loss}


class _Said:
    """What was said of the kinds by an instant."""

    def __init__(
        self,
        laps: pl.DataFrame,
        states: Sequence[TrackState],
        segments: Sequence[Segment],
        kinds: Sequence[TyreKind],
        *,
        after: bool,
    ) -> None:
        self._laps, self._states, self._segments, self._kinds = laps, states, segments, kinds
        self._at = np.array([state.at_ms for state in states])
        self._samples = pl.DataFrame(map(sample_of, states), schema=SAMPLES, orient="row")
        self._after = after
        self._found: dict[int, Mapping[str, list[tuple[int, tuple[float, ...]]]]] = {}

    def shares(self, car: str, end_ms: int, middle_ms: int) -> tuple[float, ...]:
        """The rain kinds of a lap as they were last said before its end; the usual where not."""
        last = len(self._at) - 1
        if not self._after:
            last = int(np.searchsorted(self._at, end_ms, side="right")) - 1
            last -= last % EVERY
        if last not in self._found:
            self._found[last] = self._read(last) if last >= 0 else {}
        begun = [
            shares for from_ms, shares in self._found[last].get(car, []) if from_ms <= middle_ms
        ]
        return begun[-1] if begun else usual_kinds(self._kinds)

    def _read(self, last: int) -> Mapping[str, list[tuple[int, tuple[float, ...]]]]:
        state = self._states[last]
        stints = tyre_stints(
            [each for each in self._segments if each.stop_ms <= state.at_ms], state.reference.doubt
        )
        now = pl.DataFrame(
            [(car, p) for car, (p, _) in state.tyres.items()],
            schema={"car_number": pl.String, "now": pl.Float64}, orient="row",
        )  # fmt: skip
        if not self._after:
            newest = pl.col("from_ms") == pl.col("from_ms").max().over("car_number")
            stints = stints.join(now, "car_number").with_columns(
                p_wet_tyre=pl.when(newest).then("now").otherwise("p_wet_tyre")
            )
        estimate = TrackEstimate(
            self._samples[: last + 1], stints, pl.DataFrame(), pl.DataFrame(), "",
            not self._after, state, stints,
        )  # fmt: skip
        laps = self._laps.filter(pl.col("elapsed_ms") <= state.at_ms)
        out: dict[str, list[tuple[int, tuple[float, ...]]]] = {}
        for (car, from_ms), shares in sorted(rain_kinds(laps, estimate, self._kinds).items()):
            out.setdefault(car, []).append((from_ms, shares))
        return out


def kinds_figures(rows: Sequence[Row]) -> Row:
    """Pooled over races: the score among rain tyres and over all kinds, each with its base rate.

    The base rate is the score of saying the shares themselves of every lap.
    """
    of_kind: Counter[str] = Counter()
    for row in rows:
        of_kind.update(row.get("rain_kinds", {}))
    if not of_kind:
        return {}
    loss = sum(row.get("rain_kind_loss", 0.0) for row in rows)
    rain, laps = sum(of_kind.values()), sum(row["laps"] for row in rows)
    return {
        "laps_by_rain_kind": dict(of_kind),
        "rain_kind_log_loss": loss / rain,
        "rain_kind_base": _entropy(of_kind.values()),
        "all_kinds_log_loss": (sum(row["log_loss"] for row in rows) + loss) / laps,
        "all_kinds_base": _entropy([laps - rain, *of_kind.values()]),
    }


def _entropy(counts: Collection[int]) -> float:
    total = sum(counts)
    return sum(n / total * float(np.log(total / n)) for n in counts if n)
