"""A lap file ("Analysis", ``23_Analysis*.CSV``): bytes to crossings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.domain.tables import CROSSINGS
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.cells import typed_cells
from dryline.feeds.alkamel.check_laps import check_laps
from dryline.feeds.alkamel.saved_again import refuse_mostly_unusable, without_decimals
from dryline.feeds.lap_sheet import LapSheet
from dryline.feeds.remarks import Remarks
from dryline.feeds.text_table import TextTable, read_table


def parse_laps(data: bytes, name: str, parts_behind: Sequence[int] = ()) -> LapSheet:
    """The crossings that the lap file ``data`` states; ``name`` is used in findings only.

    Both dialects are read (``;`` and ``,``), with or without byte order mark, in any encoding
    in use, with 25 to 29 columns; unknown columns are kept in ``extras`` and reported. Rows
    that cannot be used are set aside, counted and named by findings. ``parts_behind`` are the lines
    behind which a later part of the race begins, where that is known.

    Raises:
        UnreadableFile: where the bytes are no lap file, or hold no usable row.
    """
    remarks = Remarks(name)
    table = read_table(
        data,
        name,
        remarks,
        spec.is_laps_header,
        wanted=_wanted,
        what="lap file",
        remedy=spec.LAPS_REMEDY,
    )
    return sheet_of(table, name, remarks, parts_behind)


def sheet_of(
    table: TextTable, name: str, remarks: Remarks, parts_behind: Sequence[int] = ()
) -> LapSheet:
    """The lap sheet in a table whose columns bear the provider's names.

    Raises:
        UnreadableFile: where no row can be used.
    """
    table = replace(table, frame=without_decimals(_renamed(table.frame), table.lines, remarks))
    cells = typed_cells(table, remarks)
    has_elapsed = "ELAPSED" in table.frame.columns
    kept = check_laps(cells, remarks, has_elapsed=has_elapsed, parts_behind=parts_behind)
    refuse_mostly_unusable(table, len(cells) + table.set_aside, remarks)
    if kept.is_empty():
        raise UnreadableFile(
            f"the lap file holds no usable row ({len(cells) + table.set_aside} set aside)",
            file=name,
            remedy="Give a file in which at least one lap is complete.",
        )
    extras = _extras(table, remarks, kept)
    crossings = kept.with_columns(known_at_ms=pl.col("elapsed_ms")).select(list(CROSSINGS))
    return LapSheet(
        crossings=crossings,
        extras=extras,
        dialect=table.dialect,
        findings=remarks.findings,
        set_aside=table.set_aside + len(cells) - len(kept),
    )


def _renamed(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that older files call otherwise, by the name that they bear today."""
    return frame.rename(
        {old: name for old, name in spec.ALIASES.items() if old in frame.columns}, strict=False
    )


def _wanted(column: str, columns: frozenset[str]) -> bool:
    if column in spec.IMPROVEMENTS:
        return False
    return column not in spec.REPEATED or column.split("_", maxsplit=1)[0] not in columns


def _extras(table: TextTable, remarks: Remarks, kept: pl.DataFrame) -> pl.DataFrame | None:
    unknown = [name for name in table.frame.columns if name not in spec.KNOWN]
    if not unknown:
        return None
    shown = ", ".join(name[:30] for name in unknown[:8])
    remarks.add(
        "unknown_columns",
        Severity.NOTE,
        f"columns that Dryline does not know, kept as text: {shown}",
        rows=len(unknown),
    )
    lines = pl.Series("line", table.lines, dtype=pl.Int32)
    extras = table.frame.select(unknown).with_columns(lines)
    return extras.join(kept.select("line"), on="line", how="semi", maintain_order="left")
