"""Claims about water on the track, as the estimate read it from the lap times."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.tables import Ground, Row, Tables

MOST_TOLD = 3
"""So many spells, the longest, are told one by one."""


def wet_track(tables: Tables) -> Iterator[Claim]:
    """The wet spells, or that there was none, and whether that can be known."""
    if "wet" not in tables.frames or "race" not in tables:
        return
    found = tables.ask("select start_ms, end_ms from wet order by start_ms")
    ended = tables.ask("select end_ms from race")
    grounds: tuple[Ground, ...] = (found, ended)
    hindsight = False
    if "reference" in tables:
        read = tables.ask("select hindsight from reference")
        hindsight, grounds = read.rows[0]["hindsight"], (*grounds, read)
    spells = [
        {"start_ms": row["start_ms"], "end_ms": row["end_ms"] or ended.rows[0]["end_ms"]}
        for row in found.rows
    ]
    if not spells:
        doubt = None
        if "reference" in tables:
            unknown = tables.ask("select doubt from reference where not known")
            doubt = unknown.rows[0]["doubt"] if unknown.rows else None
            grounds = (*grounds, unknown)
        yield _claim(
            "track-dry", "track_dry", {"doubt": doubt, "hindsight": hindsight}, grounds, 0.2
        )
        return

    def lasted_ms(spell: Row) -> int:
        return int(spell["end_ms"] - spell["start_ms"])

    longest = sorted(spells, key=lasted_ms, reverse=True)[:MOST_TOLD]
    values: Row = {
        "count": len(spells),
        "total_ms": sum(map(lasted_ms, spells)),
        "spells": [spell for spell in spells if spell in longest],
        "hindsight": hindsight,
        "to_the_end": found.rows[-1]["end_ms"] is None and spells[-1] in longest,
    }
    yield _claim("track-wet", "track_wet", values, grounds, 0.55)


def _claim(name: str, kind: str, values: Row, grounds: tuple[Ground, ...], worth: float) -> Claim:
    return Claim(
        name, kind, Section.WEATHER, values, grounds, importance=worth,
        certainty=Certainty.INFERRED, at_ms=values.get("start_ms"),
    )  # fmt: skip
