"""Claims about the report itself: what its data cannot show."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Claim, Section
from dryline.analysis.claims.tables import Tables


def limits(tables: Tables) -> Iterator[Claim]:
    """What is missing, as far as it limits what is said."""
    head = tables.ask("select simulated, laps_with_flag, decisions, laps, cars from race")
    if not head.rows:
        return
    row = head.rows[0]
    told = {
        "simulated": bool(row["simulated"]),
        "no_flags": row["laps_with_flag"] == 0 and "laps" in tables,
        "no_decisions": row["decisions"] == 0,
        "no_season": "standings_after" not in tables,
        "no_track": "wet" not in tables.frames and "laps" in tables,
        "no_laps": "laps" not in tables,
    }
    for kind, holds in told.items():
        if holds:
            name, values = f"limit-{kind.replace('_', '-')}", {**row, "kind": kind}
            yield Claim(name, f"limit_{kind}", Section.LIMITS, values, (head,), importance=0.05)


def unended(tables: Tables) -> Iterator[Claim]:
    """That nobody can say when the flag fell, where that is so."""
    if "laps" not in tables:
        return
    head = tables.ask("select end_ms from race where finish_ms is null")
    if head.rows:
        name, kind, values = "limit-no-finish", "limit_no_finish", dict(head.rows[0])
        yield Claim(name, kind, Section.RESULT, values, (head,), importance=0.97)
