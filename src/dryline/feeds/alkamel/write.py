"""Writing lap files: whatever Dryline holds or simulates, in the provider's own format."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import polars as pl

from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.improvement import improvements
from dryline.feeds.dialect import Dialect

_UTF8_BOM = b"\xef\xbb\xbf"


def write_laps(
    crossings: pl.DataFrame, extras: pl.DataFrame | None = None, dialect: Dialect = spec.WEC
) -> bytes:
    """A lap file of these crossings (schema CROSSINGS) in ``dialect``.

    Rows stand in the order of ``line``, or of car and lap where lines are missing. The
    ``*_IMPROVEMENT`` columns are computed from the laps, as the provider does except for laps
    that race control took away; ``extras`` fills columns that Dryline does not know.
    """
    rows = _in_file_order(crossings)
    cells = _known_cells(rows)
    if extras is not None and rows["line"].null_count() == 0:
        lines = rows.select("line")
        more = lines.join(extras, on="line", how="left", maintain_order="left").drop("line")
        cells |= {name: more[name] for name in more.columns}
    none = pl.Series([None] * len(rows), dtype=pl.String)
    return write_table([cells.get(name, none) for name in dialect.names], dialect)


def write_table(columns: list[pl.Series], dialect: Dialect) -> bytes:
    """Columns of text under the header of ``dialect``, quoted only where a cell needs it."""
    if dialect.trailing:
        columns = [*columns, pl.Series([None] * len(columns[0]), dtype=pl.String)]
    frame = pl.DataFrame([_one_line(c).alias(f"c{i}") for i, c in enumerate(columns)])
    cells = [*dialect.columns, ""] if dialect.trailing else dialect.columns
    head = dialect.separator.join(_quoted(cell, dialect.separator) for cell in cells)
    body = frame.write_csv(
        include_header=False, separator=dialect.separator, line_terminator=dialect.newline
    )
    text = (head + dialect.newline + body).encode()
    if not dialect.final_newline:
        text = text.removesuffix(dialect.newline.encode())
    return _UTF8_BOM + text if dialect.bom else text


def _in_file_order(crossings: pl.DataFrame) -> pl.DataFrame:
    lines = crossings["line"]
    if lines.null_count() == 0 and lines.is_unique().all():
        return crossings.sort("line")
    return crossings.sort("car_number", "lap", "elapsed_ms")


def _known_cells(rows: pl.DataFrame) -> dict[str, pl.Series]:
    cells = {spec.CAR_NUMBER: rows["car_number"]}
    cells |= {name: rows[column] for column, name in spec.TEXTS.items()}
    cells |= {name: rows[column].cast(pl.String) for column, name in spec.COUNTS.items()}
    cells |= {name: _speed_cells(rows[column]) for column, name in spec.SPEEDS.items()}
    written = {"time_of_day_ms": clock_text, "pit_lane_ms": long_text}
    for column, name in spec.TIMES.items():
        cells[name] = _time_cells(rows[column], written.get(column, short_text))
    for name in ("S1", "S2", "S3"):
        sector = rows[f"{name.lower()}_ms"]
        cells[f"{name}_LARGE"] = _time_cells(sector, large_text)
        cells[f"{name}_SECONDS"] = _time_cells(sector, seconds_text)
    flags = rows["flag"].replace_strict(spec.FLAG_CODES, default=None, return_dtype=pl.String)
    cells[spec.FLAG] = flags
    marker = pl.when(pl.col("in_pit")).then(pl.lit(spec.IN_PIT_MARKER))
    cells[spec.IN_PIT] = rows.select(marker).to_series()
    cells |= improvements(rows)
    return cells


def _time_cells(ms: pl.Series, written: Callable[[int], str]) -> pl.Series:
    return pl.Series([None if t is None else written(t) for t in ms.to_list()], dtype=pl.String)


def _speed_cells(speeds: pl.Series) -> pl.Series:
    cells = [None if v is None else speed_text(v) for v in speeds.to_list()]
    return pl.Series(cells, dtype=pl.String)


def speed_text(speed: float) -> str:
    """One decimal as the provider writes it; more only where the value has more."""
    short = f"{speed:.1f}"
    return short if float(short) == speed else repr(speed)


@cache
def _below_a_minute() -> tuple[str, ...]:
    """``00.000`` to ``59.999``, each millisecond once: most of writing is looking up here."""
    return tuple(f"{ms // 1000:02d}.{ms % 1000:03d}" for ms in range(60_000))


def short_text(ms: int) -> str:
    """As few parts as the time needs: ``28.083``, ``1:35.020``, ``6:01:10.521``."""
    minutes, rest = divmod(ms, 60_000)
    if minutes:
        return large_text(ms)
    text = _below_a_minute()[rest]
    return text[1:] if text[0] == "0" else text


def large_text(ms: int) -> str:
    """With minutes in any case: ``0:28.083``."""
    minutes, rest = divmod(ms, 60_000)
    if minutes < 60:
        return f"{minutes}:{_below_a_minute()[rest]}"
    return f"{minutes // 60}:{minutes % 60:02d}:{_below_a_minute()[rest]}"


def long_text(ms: int) -> str:
    """With hours in any case: ``0:01:11.432``."""
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes // 60}:{minutes % 60:02d}:{_below_a_minute()[rest]}"


def clock_text(ms: int) -> str:
    """A wall clock: ``09:05:01.250``."""
    return long_text(ms).rjust(12, "0")


def seconds_text(ms: int) -> str:
    """Seconds only: ``86.214``."""
    return f"{ms // 1000}.{ms % 1000:03d}"


def _one_line(column: pl.Series) -> pl.Series:
    """Empty cells as nulls, so that nothing is written for them; line breaks become spaces."""
    text = column.str.replace_all(r"[\r\n\x00]+", " ")
    return text.to_frame("t").select(pl.when(pl.col("t") != "").then(pl.col("t"))).to_series()


def _quoted(cell: str, separator: str) -> str:
    if separator in cell or '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
