"""A race's neutralisations as a replay knows them: kinds by time, and stretches without passing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.flag import NEUTRALISED
from dryline.kernels.replay_road import FOREVER
from dryline.race.neutralisation_overlap import GRAVITY

NEUTRALISED_KINDS = [str(kind) for kind in NEUTRALISED]
SEAM_S = 5.0
"""Neutralisations so close together are one stretch without passing."""
LASTS_S = 600.0
"""A neutralisation without an end lasts so long after the flag."""


@dataclass(frozen=True)
class Flags:
    """Which kind holds from when on, from 0, and the spans in which nobody passes, in s."""

    since_s: Sequence[float]
    kinds: Sequence[str]
    slow: Sequence[tuple[float, float]]

    def kind_at(self, t: float) -> str:
        """The neutralisation in force at ``t``; ``green`` where there is none."""
        return self.kinds[max(0, int(np.searchsorted(self.since_s, t, side="right")) - 1)]


def flags_of(periods: pl.DataFrame, flag_s: float) -> Flags:
    """The flags of a race that was won at ``flag_s``; slow zones hold nobody up for long."""
    since, kinds = _kinds(periods, flag_s)
    return Flags(since, kinds, _stretches(since, kinds))


def _kinds(periods: pl.DataFrame, flag_s: float) -> tuple[list[float], list[str]]:
    """The gravest kind in force, from instant to instant; slow zones hold up nobody for long."""
    held = periods.filter(pl.col("kind").is_in(NEUTRALISED_KINDS))
    spans = [
        (str(kind), a / 1000.0, flag_s + LASTS_S if b is None else b / 1000.0)
        for kind, a, b in held.select("kind", "start_ms", "end_ms").iter_rows()
    ]
    edges = sorted({0.0, *(a for _, a, _ in spans), *(b for _, _, b in spans)})
    out_from, out = list[float](), list[str]()
    for edge in edges:
        now = [kind for kind, a, b in spans if a <= edge < b]
        kind = min(now, key=GRAVITY.index, default="green")
        if not out or out[-1] != kind:
            out_from.append(edge)
            out.append(kind)
    return out_from, out


def _stretches(kind_from: list[float], kinds: list[str]) -> list[tuple[float, float]]:
    """Spans in which nobody passes."""
    out: list[tuple[float, float]] = []
    until = [*kind_from[1:], FOREVER]
    for kind, a, b in zip(kinds, kind_from, until, strict=True):
        if kind == "green":
            continue
        if out and a - out[-1][1] <= SEAM_S:
            out[-1] = (out[-1][0], b)
        else:
            out.append((a, b))
    return out
