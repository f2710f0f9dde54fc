"""Questions in SQL: DuckDB over the Parquet files, reading only, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from dryline.domain.errors import InputError
from dryline.store import query_process as process
from dryline.store.encoding import RACE, SCHEMAS
from dryline.store.query_bounds import Bounds, limits, over_size, refuse_too_large, wait_within

VIEWS = (*SCHEMAS, "sessions")
_SQL_TYPES: dict[object, str] = {
    pl.String: "VARCHAR",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
}
_DRIVERS = "STRUCT(name VARCHAR, rating VARCHAR, country VARCHAR)[]"


def run_query(
    query: str, files: Mapping[str, Sequence[Path]], sessions: pl.DataFrame, bounds: Bounds
) -> pl.DataFrame:
    """The answer to one SELECT over the views crossings, results, weather, findings, sessions.

    Views are made first; then files other than theirs are closed to the query, and so is the
    configuration. Decimals and huge integers come back as floats and 64-bit integers; types
    that tables here do not know (intervals, UUIDs) come back as text. What the query spills to
    the disk lies in a folder that goes with it.

    Raises:
        InputError: the query is not a single SELECT, DuckDB refuses it, or it goes beyond
            ``bounds``.
    """
    with tempfile.TemporaryDirectory(prefix="dryline-sql-") as name:
        folder = Path(name)
        before = [*limits(folder, bounds), *_views(files, sessions, folder)]
        asked = {"before": before, "query": query, "rows": bounds.rows + 1}
        (folder / process.ASKED).write_text(json.dumps(asked))
        kind, text = _told(folder, bounds)
        if kind == process.NO_SELECT:
            raise InputError(
                "the library answers one SELECT at a time and changes nothing",
                remedy=f"Ask over {', '.join(VIEWS)}.",
            )
        if kind == process.NO_ROOM:
            raise over_size(bounds)
        if kind == process.FAULT:
            raise InputError(f"SQL: {_one_line(text)}")
        refuse_too_large(folder / process.ANSWER, bounds)
        return pl.read_parquet(folder / process.ANSWER)


def _told(folder: Path, bounds: Bounds) -> tuple[str, str]:
    """What the process leaves; it ends with this call, however that ends."""
    command = [sys.executable, "-I", process.__file__, str(folder)]
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as answering:
        try:
            wait_within(bounds, answering, folder)
        finally:
            answering.kill()
    told = folder / process.TOLD
    if not told.is_file():
        return process.FAULT, f"the process that answers died ({answering.returncode})"
    kind, text = json.loads(told.read_text())
    return kind, text


def _views(files: Mapping[str, Sequence[Path]], sessions: pl.DataFrame, folder: Path) -> list[str]:
    """What makes the views and shuts everything else, in SQL."""
    out = []
    for name, schema in SCHEMAS.items():
        paths = files.get(name, ())
        body = _over_files(paths) if paths else _over_nothing(schema)
        out.append(f"CREATE VIEW {name} AS {body}")
    listing = folder / "sessions.parquet"
    sessions.rename({"id": RACE}).write_parquet(listing)
    allowed = ", ".join(_quoted(path) for paths in files.values() for path in paths)
    return [
        *out,
        f"CREATE TABLE sessions AS {_over_files([listing])}",
        f"SET allowed_paths = [{allowed}]",
        f"SET allowed_directories = [{_quoted(folder)}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ]


def _over_files(paths: Sequence[Path]) -> str:
    listed = ", ".join(_quoted(path) for path in paths)
    return f"SELECT * FROM read_parquet([{listed}], union_by_name = true)"


def _over_nothing(schema: Mapping[str, object]) -> str:
    columns = [
        f'NULL::{_SQL_TYPES.get(kind, _DRIVERS)} AS "{name}"' for name, kind in schema.items()
    ]
    return f"SELECT NULL::VARCHAR AS {RACE}, {', '.join(columns)} WHERE false"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _one_line(fault: str) -> str:
    lines = [line.strip() for line in fault.splitlines() if line.strip()]
    shown = [line for line in lines if not line.startswith(("LINE ", "^"))]
    return " ".join(shown)[:300]
