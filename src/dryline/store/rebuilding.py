"""A damaged session made whole again from what can be read of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from dryline.domain.errors import DrylineError, LibraryError
from dryline.domain.finding import Finding, Severity
from dryline.store.encoding import read_decisions, read_messages, read_table
from dryline.store.salvage import Salvage
from dryline.store.session import StoredSession
from dryline.store.verified import Damage

Reparse = Callable[[Mapping[str, bytes]], StoredSession]
"""Reads a session's original files again; given by the engine, which knows the feeds."""


def rebuilt_session(held: Salvage, reparse: Reparse) -> StoredSession:
    """The session that its whole originals give, with what else of it is whole.

    Raises:
        LibraryError: they do not give the laps.
    """
    if not held.sources:
        raise _lost(held)
    try:
        fresh = reparse(held.sources)
    except DrylineError as fault:
        raise _lost(held, fault) from fault
    return replace(
        fresh,
        id=held.id,
        info=held.info,
        sources=held.sources,
        results=_or_kept(fresh.results, held, "results"),
        weather=_or_kept(fresh.weather, held, "weather"),
        messages=fresh.messages or read_messages(held.read),
        decisions=fresh.decisions or read_decisions(held.read),
    )


def _or_kept(fresh: pl.DataFrame | None, held: Salvage, name: str) -> pl.DataFrame | None:
    return read_table(held.read(f"{name}.parquet")) if fresh is None else fresh


def rebuilt_finding(damages: Sequence[Damage]) -> Finding:
    """Says that a session was rebuilt, and why."""
    first = damages[0]
    more = f" (and {len(damages) - 1} more of its files)" if len(damages) > 1 else ""
    return Finding(
        kind="library_rebuilt",
        severity=Severity.WARNING,
        message=f"the library's copy {first.what}{more}; it was rebuilt from the original files",
        file=first.file,
    )


def original_lost_finding(damages: Sequence[Damage]) -> Finding:
    """Says that a session's tables are whole, and its original is not."""
    return Finding(
        kind="library_original_lost",
        severity=Severity.WARNING,
        message=f"the original file in the library {damages[0].what}; the race is whole",
        file=damages[0].file,
        remedy="Add the race again from its files.",
    )


def _lost(held: Salvage, fault: DrylineError | None = None) -> LibraryError:
    if held.lost_originals:
        named = "; ".join(map(str, held.lost_originals))
        return LibraryError(f"{named}. The original file of {held.id} is lost; add the race again.")
    if fault is not None:
        return LibraryError(f"{held.id} cannot be rebuilt from its original files: {fault}")
    return LibraryError(
        f"{held.id} is damaged, was stored without its original files and cannot be rebuilt. "
        "Add the race again."
    )
