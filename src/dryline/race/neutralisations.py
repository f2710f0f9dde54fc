"""The neutralisations of a race: stated by flags or messages, else read from the whole field."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dryline.domain.event import RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.tables import NEUTRALISATIONS, empty
from dryline.race.flag_periods import flag_periods
from dryline.race.inferred_periods import inferred_periods
from dryline.race.message_periods import message_periods
from dryline.race.neutralisation_overlap import without

_SHORTEST_REST_MS = 60_000
_SEAM_MS = 60_000
_INSIDE_OTHERS = (Flag.RED.value, Flag.SLOW_ZONE.value)
_UNCODED = (*_INSIDE_OTHERS, Flag.VSC.value)


def neutralisations(
    crossings: pl.DataFrame,
    messages: Sequence[RaceControlMessage] = (),
    *,
    series: str | None = None,
    use_flags: bool = True,
) -> pl.DataFrame:
    """The NEUTRALISATIONS table of what ``crossings`` and ``messages`` show, ordered by start.

    Flags are exact and stand as they are. A message adds what no flag says: a virtual safety
    car, a slow zone, a red flag inside a full course yellow. What neither says is inferred from
    the speed of the whole field; with flags at hand that is only what flags never carry. A red
    flag lies inside the period that it stopped: both are listed, and the graver one holds.

    Args:
        crossings: a CROSSINGS table; only what is in it is used, so a cut table gives what was
            known at the cut.
        messages: race control's words; a period they state beats one that is inferred.
        series: where known.
        use_flags: whether the flag column may be read; without it everything is inferred.
    """
    flags = flag_periods(crossings) if use_flags else empty(NEUTRALISATIONS)
    is_coded = use_flags and crossings["flag"].null_count() < crossings.height
    said = message_periods(messages)
    if is_coded:
        said = _beside_flags(said, flags)
    guessed = inferred_periods(crossings, flags if is_coded else None, series=series)
    stated = pl.concat([flags, said])
    guessed = without(_up_to_flags(guessed, flags), stated, _SHORTEST_REST_MS, _INSIDE_OTHERS)
    return pl.concat([stated, guessed]).sort("start_ms", "kind", "sector", maintain_order=True)


def _beside_flags(said: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """What messages say that flags cannot, each up to where the flags go on."""
    uncoded = said.filter(pl.col("kind").is_in(_UNCODED))
    rest = without(uncoded, flags, _SHORTEST_REST_MS, _INSIDE_OTHERS)
    return rest.filter(pl.col("start_ms").is_in(uncoded["start_ms"].to_list()))


def _up_to_flags(guessed: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """A virtual safety car that goes over into a coded period lasts until that begins."""
    starts = flags["start_ms"].to_list()
    if not starts or not guessed.height:
        return guessed
    virtual = guessed.filter(pl.col("kind") == Flag.VSC.value)["start_ms"].to_list()
    rows = []
    for row in guessed.iter_rows(named=True):
        end = row["end_ms"]
        if row["kind"] == Flag.VSC.value and end is not None:
            free = min((start for start in virtual if start >= end), default=end + _SEAM_MS)
            near = [start for start in starts if end < start <= min(free, end + _SEAM_MS)]
            row = row | {"end_ms": min(near, default=end)}
        rows.append(row)
    return pl.DataFrame(rows, schema=guessed.schema, orient="row")
