"""Neutralisations as the crossings themselves state them: an exact step function of flags."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.flag import NEUTRALISED
from dryline.domain.tables import NEUTRALISATIONS

Codes = npt.NDArray[np.int8]
Times = npt.NDArray[np.int64]

_HELD = sorted(flag.value for flag in NEUTRALISED)
_FREE, _UNKNOWN = -1, -2
_FLICKER_MS = 1_000
_CODE = (
    pl.when(pl.col("flag").is_null() | pl.col("elapsed_ms").is_null())
    .then(pl.lit(_UNKNOWN))
    .otherwise(pl.col("flag").replace_strict(_HELD, list(range(len(_HELD))), default=_FREE))
    .cast(pl.Int8)
    .alias("flag")
)


def flag_periods(crossings: pl.DataFrame) -> pl.DataFrame:
    """Runs of equal neutralised flags over all crossings, in order of elapsed.

    A period starts with the first crossing under its flag and ends with the first crossing under
    any other: green, chequered, or another kind, which then begins a period of its own. The end
    is null while it lasts. A local yellow neutralises nobody and counts as green. Rows whose
    flag is unknown say nothing, and neither does one crossing that contradicts both its
    neighbours within a second: the flag changed between two loops, not on the track.
    """
    read = crossings.select("elapsed_ms", _CODE)
    stated = read["flag"].to_numpy() != _UNKNOWN
    elapsed, state = read["elapsed_ms"].to_numpy()[stated], read["flag"].to_numpy()[stated]
    if bool((np.diff(elapsed) < 0).any()):
        order = np.argsort(elapsed, kind="stable")
        elapsed, state = elapsed[order], state[order]
    state = _without_flicker(state, elapsed)
    changes = np.flatnonzero(np.diff(state, prepend=_FREE))
    ends = [*elapsed[changes[1:]].tolist(), None]
    rows = [
        (_HELD[state[index]], int(elapsed[index]), end, "flag", 1.0, None)
        for index, end in zip(changes.tolist(), ends, strict=False)
        if state[index] != _FREE
    ]
    return pl.DataFrame(rows, schema=dict(NEUTRALISATIONS), orient="row")


def _without_flicker(state: Codes, elapsed: Times) -> Codes:
    """The states, where one odd crossing between two equal ones within a second is overruled."""
    odd = (state[1:-1] != state[:-2]) & (state[:-2] == state[2:])
    odd &= elapsed[2:] - elapsed[:-2] <= _FLICKER_MS
    calm = state.copy()
    calm[1:-1][odd] = state[:-2][odd]
    return calm
