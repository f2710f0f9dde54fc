"""One question in SQL, answered in a process of its own: what runs away ends with the process.

DuckDB can be told to stop, and then stand still for ever (2.0.0: answers stopped while they were
written, one after another; each of three runs stood still within its first nine). A process can be
ended. It imports DuckDB and nothing of ours, so that it begins at once; it is handed a folder with
``asked.json`` and leaves ``answer.parquet`` and ``told.json`` there.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

ASKED, TOLD, ANSWER = "asked.json", "told.json", "answer.parquet"
ANSWERED, NO_SELECT, NO_ROOM, FAULT = "answered", "no select", "no room", "fault"
_AS_BIGINT = ("HUGEINT", "UHUGEINT")
_AS_TEXT = ("INTERVAL", "UUID", "BIT", "TIME WITH TIME ZONE", "TIMETZ", "ENUM")


def main(folder: Path) -> None:
    """Answer what is asked in ``folder``."""
    threading.Thread(target=_end_with_whoever_asked, daemon=True).start()
    asked = json.loads((folder / ASKED).read_text())
    try:
        kind, text = _answer(asked, folder / ANSWER)
    except duckdb.OutOfMemoryException as fault:
        kind, text = NO_ROOM, str(fault)
    except Exception as fault:
        kind, text = FAULT, str(fault)
    (folder / TOLD).write_text(json.dumps([kind, text]))
    os._exit(0)  # there is nothing to be tidied up that could take long


def _end_with_whoever_asked() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _answer(asked: dict[str, Any], path: Path) -> tuple[str, str]:
    """Views first; then what is not theirs is closed to the query, and so is the configuration."""
    connection = duckdb.connect(":memory:")
    for statement in asked["before"]:
        connection.execute(statement)
    statements = connection.extract_statements(asked["query"])
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        return NO_SELECT, ""
    relation = _in_known_types(connection.sql(statements[0].query))
    relation.limit(asked["rows"]).write_parquet(str(path))
    return ANSWERED, ""


def _in_known_types(relation: DuckDBPyRelation) -> DuckDBPyRelation:
    columns = []
    names = _distinct(relation.columns)
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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
