"""Questions in SQL: DuckDB in memory over the Parquet files, reading only."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from dryline.domain.errors import InputError
from dryline.store.encoding import RACE, SCHEMAS
from dryline.store.query_bounds import Bounds, refuse_too_large, set_limits, watched

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

VIEWS = (*SCHEMAS, "sessions")
_SQL_TYPES: dict[object, str] = {
    pl.String: "VARCHAR",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
}
_DRIVERS = "STRUCT(name VARCHAR, rating VARCHAR, country VARCHAR)[]"
_AS_BIGINT = ("HUGEINT", "UHUGEINT")
_AS_TEXT = ("INTERVAL", "UUID", "BIT", "TIME WITH TIME ZONE", "TIMETZ", "ENUM")


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
    with tempfile.TemporaryDirectory(prefix="dryline-sql-") as folder:
        connection = duckdb.connect(":memory:")
        try:
            set_limits(connection, Path(folder), bounds)
            _make_views(connection, files, sessions, Path(folder))
            with watched(connection, Path(folder), bounds):
                return _answer(connection, query, Path(folder) / "answer.parquet", bounds)
        except duckdb.Error as fault:
            raise InputError(f"SQL: {_one_line(fault)}") from fault
        finally:
            connection.close()


def _make_views(
    connection: DuckDBPyConnection,
    files: Mapping[str, Sequence[Path]],
    sessions: pl.DataFrame,
    folder: Path,
) -> None:
    for name, schema in SCHEMAS.items():
        paths = files.get(name, ())
        body = _over_files(paths) if paths else _over_nothing(schema)
        connection.execute(f"CREATE VIEW {name} AS {body}")
    listing = folder / "sessions.parquet"
    sessions.rename({"id": RACE}).write_parquet(listing)
    connection.execute(f"CREATE TABLE sessions AS {_over_files([listing])}")
    allowed = ", ".join(_quoted(path) for paths in files.values() for path in paths)
    connection.execute(f"SET allowed_paths = [{allowed}]")
    connection.execute(f"SET allowed_directories = [{_quoted(folder)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _over_files(paths: Sequence[Path]) -> str:
    listed = ", ".join(_quoted(path) for path in paths)
    return f"SELECT * FROM read_parquet([{listed}], union_by_name = true)"


def _over_nothing(schema: Mapping[str, object]) -> str:
    columns = [
        f'NULL::{_SQL_TYPES.get(kind, _DRIVERS)} AS "{name}"' for name, kind in schema.items()
    ]
    return f"SELECT NULL::VARCHAR AS {RACE}, {', '.join(columns)} WHERE false"


def _answer(connection: DuckDBPyConnection, query: str, path: Path, bounds: Bounds) -> pl.DataFrame:
    statements = connection.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InputError(
            "the library answers one SELECT at a time and changes nothing",
            remedy=f"Ask over {', '.join(VIEWS)}.",
        )
    relation = connection.sql(statements[0].query)
    names = _distinct(relation.columns)
    _in_known_types(relation, names).limit(bounds.rows + 1).write_parquet(str(path))
    refuse_too_large(path, bounds)
    return pl.read_parquet(path)


def _in_known_types(relation: DuckDBPyRelation, names: Sequence[str]) -> DuckDBPyRelation:
    columns = []
    for place, (name, kind) in enumerate(zip(names, relation.types, strict=True), 1):
        value, text = f"#{place}", str(kind)
        if text in _AS_BIGINT:
            value = f"CAST({value} AS BIGINT)"
        elif text.startswith("DECIMAL") and not text.endswith("[]"):
            value = f"CAST({value} AS DOUBLE)"
        elif text.startswith(_AS_TEXT):
            value = f"CAST({value} AS VARCHAR)"
        columns.append(f'{value} AS "{name.replace(chr(34), chr(34) * 2)}"')
    return relation.project(", ".join(columns))


def _distinct(names: Sequence[str]) -> list[str]:
    """Column names without repetition, judged as SQL does, without regard to case."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        fresh, n = name, 1
        while fresh.casefold() in taken:
            n += 1
            fresh = f"{name}_{n}"
        taken.add(fresh.casefold())
        distinct.append(fresh)
    return distinct


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _one_line(fault: Exception) -> str:
    lines = [line.strip() for line in str(fault).splitlines() if line.strip()]
    shown = [line for line in lines if not line.startswith(("LINE ", "^"))]
    return " ".join(shown)[:300]
