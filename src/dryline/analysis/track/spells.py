"""When the track was wet, and where: what a strategist asks of a race first."""

from __future__ import annotations

import polars as pl

LIKELY = 0.5
"""A sector is wet where this is its least probability of being so."""
_SECTORS = (1, 2, 3)
SPELLS: dict[str, pl.DataType | type[pl.DataType]] = {
    "from_ms": pl.Int64,
    "to_ms": pl.Int64,  # null while it lasts
    "sectors": pl.List(pl.Int32),  # wet at some time in it
    "most": pl.Float64,  # the greatest wetness of a sector in it, in [0, 1]
}


def wet_spells(samples: pl.DataFrame) -> pl.DataFrame:
    """Each unbroken time in which at least one sector was likely wet: schema ``SPELLS``.

    ``samples`` has the columns ``at_ms``, ``w1`` to ``w3`` and ``p_wet1`` to ``p_wet3``.
    """
    wet = {k: pl.col(f"p_wet{k}") >= LIKELY for k in _SECTORS}
    in_spell = pl.any_horizontal(*wet.values())
    ordered = samples.sort("at_ms").with_columns(wet=in_spell, run=in_spell.rle_id())
    runs = (
        ordered.with_columns(next_ms=pl.col("at_ms").shift(-1))
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("wet").first(),
            from_ms=pl.col("at_ms").first(),
            to_ms=pl.col("next_ms").last(),
            most=pl.max_horizontal(*(f"w{k}" for k in _SECTORS)).max(),
            **{f"s{k}": expression.any() for k, expression in wet.items()},
        )
        .filter("wet")
    )
    where = [[k for k in _SECTORS if row[f"s{k}"]] for row in runs.iter_rows(named=True)]
    sectors = pl.Series("sectors", where, dtype=SPELLS["sectors"])
    return runs.with_columns(sectors).select(pl.col(n).cast(kind) for n, kind in SPELLS.items())
