"""A session's tables as plain files in a folder of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from dryline.domain.errors import LibraryError
from dryline.domain.event import encode_event
from dryline.domain.table_text import guarded
from dryline.store.encoding import findings_table
from dryline.store.session import StoredSession

Format = Literal["csv", "parquet"]


def export_session(session: StoredSession, folder: Path, form: Format) -> tuple[Path, ...]:
    """Write the tables that the session has, and its messages, into ``folder``.

    Files of the same names are overwritten. In CSV the drivers of a result are one text,
    separated by ``; ``, and texts are guarded as in ``table_text``.

    Raises:
        LibraryError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [
            _write_table(frame, folder / f"{name}.{form}", form)
            for name, frame in _tables(session).items()
        ]
        if session.messages:
            path = folder / "messages.jsonl"
            path.write_bytes(b"".join(encode_event(event) + b"\n" for event in session.messages))
            written.append(path)
    except OSError as fault:
        raise LibraryError(f"{folder}: cannot export: {fault.strerror or fault}.") from fault
    return tuple(written)


def _tables(session: StoredSession) -> dict[str, pl.DataFrame]:
    tables = {
        "crossings": session.crossings,
        "extras": session.extras,
        "results": session.results,
        "weather": session.weather,
        "findings": findings_table(session.findings) if session.findings else None,
    }
    return {name: frame for name, frame in tables.items() if frame is not None}


def _write_table(frame: pl.DataFrame, path: Path, form: Format) -> Path:
    if form == "parquet":
        frame.write_parquet(path)
    else:
        guarded(_flat(frame)).write_csv(path)
    return path


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    if "drivers" not in frame.columns:
        return frame
    names = pl.element().struct.field("name")
    return frame.with_columns(pl.col("drivers").list.eval(names).list.join("; "))
