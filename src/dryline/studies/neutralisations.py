"""``dryline backtest neutralisations``: inference with the flags hidden, against the flags."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dryline.studies.neutralisation_scores import score_inference
from dryline.studies.study import Study, opened

PROTOCOL = (
    "flags hidden, everything inferred from the field; compared over the time that crossings make "
    "certain; virtual safety cars, which no flag codes, left out"
)


def _score(path: Path) -> list[dict[str, Any]]:
    key, race = opened(path)
    if not race.crossings["flag"].is_not_null().any():
        return []
    return [
        {
            "race": key,
            "series": race.info.series,
            "kind": score.kind,
            "hit_ms": score.hit_ms,
            "missed_ms": score.missed_ms,
            "false_ms": score.false_ms,
            "precision": score.precision,
            "recall": score.recall,
        }
        for score in score_inference(race.crossings, race.info.series)
    ]


def backtest_neutralisations(paths: Sequence[Path], study: Study) -> dict[str, Any]:
    """Precision and recall per race and kind, and over all by series."""
    rows = [row for found in study.run(_score, paths, paths) for row in found]
    groups = sorted({(row["series"] or "", row["kind"]) for row in rows})
    return {
        "protocol": PROTOCOL,
        "rows": rows,
        "summary": {
            "kinds": [_pooled(rows, series, kind) for series, kind in groups],
        },
    }


def _pooled(rows: Sequence[dict[str, Any]], series: str, kind: str) -> dict[str, Any]:
    mine = [row for row in rows if (row["series"] or "", row["kind"]) == (series, kind)]
    hit, missed, false = (
        sum(row[name] for row in mine) for name in ("hit_ms", "missed_ms", "false_ms")
    )
    return {
        "series": series,
        "kind": kind,
        "races": len(mine),
        "minutes": round((hit + missed) / 60_000, 1),
        "precision": hit / (hit + false) if hit + false else None,
        "recall": hit / (hit + missed) if hit + missed else None,
    }
