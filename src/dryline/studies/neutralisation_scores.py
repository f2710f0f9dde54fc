"""How well the inference does where flags tell the truth: hide them, infer, compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.flag import NEUTRALISED, Flag
from dryline.race.field_speed import Bools, Ints
from dryline.race.neutralisation_overlap import overlap_ms
from dryline.race.neutralisations import neutralisations

ANY_KIND = "neutralised"
_WHOLE_FIELD = tuple(sorted(flag.value for flag in NEUTRALISED))
_SCORED = (Flag.FCY.value, Flag.SAFETY_CAR.value, Flag.RED.value)


@dataclass(frozen=True, slots=True)
class InferenceScore:
    """Time, in ms, that inference got right, missed and invented, for one kind.

    ``kind`` is a flag, or ``neutralised`` for a held field of whatever kind.
    """

    kind: str
    hit_ms: int
    missed_ms: int
    false_ms: int

    @property
    def precision(self) -> float | None:
        """Of the time inferred, the share that was so; ``None`` where nothing was inferred."""
        inferred = self.hit_ms + self.false_ms
        return self.hit_ms / inferred if inferred else None

    @property
    def recall(self) -> float | None:
        """Of the time that was so, the share inferred; ``None`` where there was none."""
        true = self.hit_ms + self.missed_ms
        return self.hit_ms / true if true else None


def score_inference(
    crossings: pl.DataFrame, series: str | None = None
) -> tuple[InferenceScore, ...]:
    """Scores of the inference without flags against the flags, per kind.

    Only time that crossings make certain counts: between two crossings in a row under the same
    flag, up to the first chequered one. What flags never carry has no truth: time in which the
    inference with flags sees a virtual safety car is left out.

    A stop is coded red only by some: where red is coded, its time counts for ``red`` alone, and
    where it is not, no ``red`` is scored.

    Returns:
        One score for ``neutralised``, then one each for ``fcy``, ``safety_car`` and ``red``.
    """
    start, end, state = _certain(crossings)
    if not start.size:
        return tuple(InferenceScore(kind, 0, 0, 0) for kind in (ANY_KIND, *_SCORED))
    known = neutralisations(crossings, series=series)
    virtual = known.filter((pl.col("kind") == Flag.VSC.value) & (pl.col("source") == "inferred"))
    told = overlap_ms(virtual, start, end) == 0
    start, end, state = start[told], end[told], state[told]
    guess = neutralisations(crossings, series=series, use_flags=False)
    is_red = state == Flag.RED.value
    whole = overlap_ms(guess, start, end, kinds=_WHOLE_FIELD)
    scores = [_score(ANY_KIND, start, end, np.isin(state, _WHOLE_FIELD), whole)]
    for kind in _SCORED:
        counts = np.full(len(start), bool(is_red.any())) if kind == Flag.RED.value else ~is_red
        first, last, true = start[counts], end[counts], state[counts] == kind
        scores.append(
            _score(kind, first, last, true, overlap_ms(guess, first, last, kinds=(kind,)))
        )
    return tuple(scores)


def combined(scores: Iterable[InferenceScore]) -> tuple[InferenceScore, ...]:
    """The scores of several races added up by time, per kind in order of appearance."""
    total: dict[str, InferenceScore] = {}
    for one in scores:
        so_far = total.get(one.kind, InferenceScore(one.kind, 0, 0, 0))
        total[one.kind] = InferenceScore(
            one.kind,
            so_far.hit_ms + one.hit_ms,
            so_far.missed_ms + one.missed_ms,
            so_far.false_ms + one.false_ms,
        )
    return tuple(total.values())


def _certain(
    crossings: pl.DataFrame,
) -> tuple[Ints, Ints, np.ndarray[tuple[int], np.dtype[np.str_]]]:
    """Intervals between two crossings under the same flag, and that flag."""
    rows = (
        crossings.select("elapsed_ms", "flag").drop_nulls().sort("elapsed_ms", maintain_order=True)
    )
    elapsed = rows["elapsed_ms"].to_numpy()
    state = np.array(rows["flag"].to_list(), dtype=np.str_)
    chequered = np.flatnonzero(state == Flag.CHEQUERED.value)
    if chequered.size:
        elapsed, state = elapsed[: chequered[0]], state[: chequered[0]]
    same = state[:-1] == state[1:]
    return elapsed[:-1][same], elapsed[1:][same], state[:-1][same]


def _score(kind: str, start: Ints, end: Ints, true: Bools, inferred: Ints) -> InferenceScore:
    hit = int(inferred[true].sum())
    return InferenceScore(
        kind,
        hit_ms=hit,
        missed_ms=int((end - start)[true].sum()) - hit,
        false_ms=int(inferred[~true].sum()),
    )
