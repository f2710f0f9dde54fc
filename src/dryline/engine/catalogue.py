"""A catalogue of races above their files: what no timing file says of itself.

``catalogue.csv`` in a folder above the race, with ``race`` and ``file`` (relative paths) and, of
each race, ``scheduled_h`` and ``condition`` ("dry", or words that say how wet it was).
"""

from __future__ import annotations

import csv
from pathlib import Path

CATALOGUE = "catalogue.csv"
_LEVELS = 6


def catalogue_row(path: Path) -> dict[str, str] | None:
    """The row about the race in ``path`` in the nearest catalogue above it, if there is one."""
    resolved = path.resolve()
    for folder in list(resolved.parents)[:_LEVELS]:
        catalogue = folder / CATALOGUE
        if not catalogue.is_file():
            continue
        relative = resolved.relative_to(folder).as_posix()
        with catalogue.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                listed = row.get("file") or ""
                if relative in (listed, row.get("race"), listed.rpartition("/")[0]):
                    return {key: value for key, value in row.items() if isinstance(value, str)}
        return None
    return None


def race_key(path: Path) -> str:
    """What a race is called in tables over many races: its catalogue's name, else its path's."""
    row = catalogue_row(path)
    if row is not None and row.get("race"):
        return row["race"]
    resolved = path.resolve()
    return f"{resolved.parent.name}/{resolved.stem if path.is_file() else resolved.name}"
