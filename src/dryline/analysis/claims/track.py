"""Claims about water on the track, as the estimate read it from the lap times."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.tables import Ground, Row, Tables

SHORTEST_MS, SEAM_MS, MOST_SPANS = 300_000, 600_000, 6


def wet_track(tables: Tables) -> Iterator[Claim]:
    """The wet spells of five minutes and more, or that there was none."""
    if "wet" not in tables.frames or "race" not in tables:
        return
    found = tables.ask("select start_ms, end_ms from wet order by start_ms")
    ended = tables.ask("select end_ms from race")
    grounds = (found, ended)
    spans = joined(
        [(row["start_ms"], row["end_ms"] or ended.rows[0]["end_ms"]) for row in found.rows]
    )
    long = sorted(spans, key=lambda span: span[0] - span[1])[:MOST_SPANS]
    long = sorted(span for span in long if span[1] - span[0] >= SHORTEST_MS)
    if not long:
        yield _claim("track-dry", "track_dry", {"spans": len(spans)}, grounds, 0.2)
        return
    total = sum(end - start for start, end in long)
    values: Row = {
        "spans": len(long),
        "total_ms": total,
        "spells": [{"start_ms": start, "end_ms": end} for start, end in long],
        "to_the_end": long[-1][1] >= ended.rows[0]["end_ms"],
    }
    yield _claim("track-wet", "track_wet", values, grounds, 0.55)


def joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans with the short pauses between them filled in."""
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and start - out[-1][1] <= SEAM_MS:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _claim(name: str, kind: str, values: Row, grounds: tuple[Ground, ...], worth: float) -> Claim:
    return Claim(
        name, kind, Section.WEATHER, values, grounds, importance=worth,
        certainty=Certainty.INFERRED, at_ms=values.get("start_ms"),
    )  # fmt: skip
