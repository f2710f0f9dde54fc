"""Lap files of any other provider, read through a column mapping (see ``mapping``)."""

from __future__ import annotations

import polars as pl

from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_laps import sheet_of
from dryline.feeds.alkamel.write import seconds_text
from dryline.feeds.dialect import canonical_names
from dryline.feeds.lap_sheet import LapSheet
from dryline.feeds.mapping import ColumnMapping
from dryline.feeds.remarks import Remarks
from dryline.feeds.text_table import SEPARATORS, TextTable, read_table

_PROVIDER = {
    "car_number": spec.CAR_NUMBER,
    "flag": spec.FLAG,
    "in_pit": spec.IN_PIT,
    **spec.TEXTS,
    **{to.removesuffix("_ms"): name for to, name in spec.TIMES.items()},
    **{to.removesuffix("_kmh"): name for to, name in spec.SPEEDS.items()},
    **spec.COUNTS,
}
_MAX_MS_DIGITS = 10


def parse_generic(data: bytes, name: str, mapping: ColumnMapping) -> LapSheet:
    """The crossings in a provider's lap file, as ``mapping`` explains it.

    Columns that the mapping does not name are kept as extras. Findings speak of the columns by
    the names that the Al Kamel format gives them, and by line.

    Raises:
        InputError: where a mapped column is not in the file (the mapping's key is named).
        UnreadableFile: where the bytes are no table with such a header, or hold no usable row.
    """
    remarks = Remarks(name)
    car_column = canonical_names([mapping.columns["car_number"]])[0]
    table = read_table(
        data,
        name,
        remarks,
        lambda names: car_column in names,
        what=f"table with a column {mapping.columns['car_number']!r} (columns.car_number)",
        remedy=f"Mend the key columns.car_number in {mapping.file}, or give the file it describes.",
        separators=(mapping.separator,) if mapping.separator else SEPARATORS,
    )
    return sheet_of(_renamed(table, mapping), name, remarks)


def _renamed(table: TextTable, mapping: ColumnMapping) -> TextTable:
    """The table with the provider's names and codes turned into those of the lap format."""
    frame = table.frame
    mapped: dict[str, pl.Series] = {}
    for key, column in mapping.columns.items():
        source = canonical_names([column])[0]
        if source not in frame.columns:
            shown = ", ".join(cell.strip() for cell in table.dialect.columns[:30])
            raise mapping.fail(
                f"columns.{key}",
                f"the file has no column {column!r}",
                f"Mend the key, or take it out; the file has {shown}.",
            )
        cells = frame[source]
        mapped[_PROVIDER[key]] = _translated(key, cells, mapping).alias(_PROVIDER[key])
    for key, value in mapping.defaults.items():
        if _PROVIDER[key] not in mapped:
            mapped[_PROVIDER[key]] = pl.Series(_PROVIDER[key], [value] * len(frame), pl.String)
    used = {canonical_names([column])[0] for column in mapping.columns.values()}
    rest = [
        frame[name].alias(f"{name}#other" if name in spec.KNOWN else name)
        for name in frame.columns
        if name not in used
    ]
    return TextTable(
        table.dialect, pl.DataFrame([*mapped.values(), *rest]), table.lines, table.set_aside
    )


def _translated(key: str, cells: pl.Series, mapping: ColumnMapping) -> pl.Series:
    if key == "flag" and mapping.flags:
        codes = {code: spec.FLAG_CODES[flag.value] for code, flag in mapping.flags.items()}
        # A code that the mapping does not name stays as it is, but never means the lap format's.
        return pl.Series(
            [codes.get(c, f"{c}?" if c else c) for c in cells.to_list()], dtype=pl.String
        )
    if key == "in_pit":
        marked = cells.is_in(list(mapping.in_pit_marks))
        return pl.select(
            pl.when(marked).then(pl.lit(spec.IN_PIT_MARKER)).otherwise(pl.lit(""))
        ).to_series()
    time_format = mapping.times.get(key)
    if time_format == "seconds":
        return pl.Series([_from_seconds(cell) for cell in cells.to_list()], dtype=pl.String)
    if time_format == "milliseconds":
        return pl.Series([_from_ms(cell) for cell in cells.to_list()], dtype=pl.String)
    return cells


def _from_seconds(cell: str) -> str:
    """Decimal seconds to the nearest millisecond; text that is none stays, to be found bad."""
    try:
        ms = round(float(cell.replace(",", ".")) * 1000)
    except (ValueError, OverflowError):
        return cell
    return seconds_text(ms) if 0 <= ms < 10**_MAX_MS_DIGITS else cell


def _from_ms(cell: str) -> str:
    if not (cell.isascii() and cell.isdigit() and len(cell) < _MAX_MS_DIGITS):
        return cell
    return seconds_text(int(cell))
