"""Neutralisations as the crossings themselves state them: an exact step function of flags."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.flag import NEUTRALISED
from dryline.domain.tables import NEUTRALISATIONS
from dryline.race.neutralisation_overlap import GRAVITY

Codes = npt.NDArray[np.int8]
Times = npt.NDArray[np.int64]

_HELD = [kind for kind in GRAVITY if kind in NEUTRALISED]
"""The gravest first: the least of several codes is the gravest."""
_FREE, _UNKNOWN = len(_HELD), -1
_FLICKER_MS = 1_000
_CODE = (
    pl.when(pl.col("flag").is_null() | pl.col("elapsed_ms").is_null())
    .then(pl.lit(_UNKNOWN))
    .otherwise(pl.col("flag").replace_strict(_HELD, list(range(_FREE)), default=_FREE))
    .cast(pl.Int8)
    .alias("flag")
)


def flag_periods(crossings: pl.DataFrame) -> pl.DataFrame:
    """Runs of equal neutralised flags over all crossings, in order of elapsed.

    A period starts with the first crossing under its flag and ends with the first crossing under
    any other: green, chequered, or another kind, which then begins a period of its own. The end
    is null while it lasts. A local yellow neutralises nobody and counts as green. Rows whose
    flag is unknown say nothing. One instant has one flag: where its crossings differ, the one
    that the next instant goes on with, else the gravest. An instant that contradicts both its
    neighbours within a second is overruled: the flag changed between two loops, not on the track.
    """
    read = crossings.select("elapsed_ms", _CODE)
    stated = read["flag"].to_numpy() != _UNKNOWN
    elapsed, state = read["elapsed_ms"].to_numpy()[stated], read["flag"].to_numpy()[stated]
    if bool((np.diff(elapsed) < 0).any()):
        order = np.argsort(elapsed, kind="stable")
        elapsed, state = elapsed[order], state[order]
    elapsed, state = _by_instant(elapsed, state)
    state = _without_flicker(state, elapsed)
    changes = np.flatnonzero(np.diff(state, prepend=_FREE))
    ends = [*elapsed[changes[1:]].tolist(), None]
    rows = [
        (_HELD[state[index]], int(elapsed[index]), end, "flag", 1.0, None)
        for index, end in zip(changes.tolist(), ends, strict=False)
        if state[index] != _FREE
    ]
    return pl.DataFrame(rows, schema=dict(NEUTRALISATIONS), orient="row")


def _by_instant(elapsed: Times, state: Codes) -> tuple[Times, Codes]:
    """The instants without repetition, and the one state of each, whatever the order of rows."""
    first = np.flatnonzero(np.diff(elapsed, prepend=elapsed[:1] - 1))
    if not first.size:
        return elapsed, state
    one = np.minimum.reduceat(state, first)
    differing = np.flatnonzero(one != np.maximum.reduceat(state, first))
    bounds = [*first.tolist(), len(state)]
    for instant in differing[::-1].tolist():
        said = state[bounds[instant] : bounds[instant + 1]]
        following = one[instant + 1 : instant + 2]
        if np.isin(following, said).any():
            one[instant] = following[0]
    return elapsed[first], one


def _without_flicker(state: Codes, elapsed: Times) -> Codes:
    """The states, where one odd instant between two equal ones within a second is overruled."""
    odd = (state[1:-1] != state[:-2]) & (state[:-2] == state[2:])
    odd &= elapsed[2:] - elapsed[:-2] <= _FLICKER_MS
    calm = state.copy()
    for at in (np.flatnonzero(odd) + 1).tolist():
        if calm[at - 1] == calm[at + 1]:
            calm[at] = calm[at - 1]
    return calm
