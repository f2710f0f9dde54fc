"""How long a race is meant to last: said, catalogued, or read from a name."""

from __future__ import annotations

import re
from pathlib import Path

from dryline.domain.clock_text import format_clock, parse_race_clock
from dryline.domain.errors import BadOption, BadTime
from dryline.domain.finding import Finding, Severity
from dryline.domain.race_info import RaceLength
from dryline.engine.catalogue import catalogue_row

LONGEST_MS, MOST_LAPS = 4 * 86_400_000, 10_000
_MINUTE_MS = 60_000
_HOURS = re.compile(r"(?<![\d.])(\d{1,2})\s*[-_ ]?h(?:ours?|rs?)?(?![a-z])", re.IGNORECASE)


def parse_length(text: str) -> RaceLength:
    """A scheduled length as a person types it: ``6:00``, ``24h`` or ``335laps``.

    Raises:
        BadOption: where it is none of these, a number without a unit, or the length of no race.
    """
    bare = text.strip().lower()
    if re.fullmatch(r"\d+(?:\.\d+)?", bare) and float(bare):
        raise BadOption(
            f"--length {text[:40]!r} does not say of what",
            remedy=f"Write {bare[:6]}h, {bare[:6]}m or {bare[:6]}laps; 6:00 is six hours.",
        )
    laps = re.fullmatch(r"(\d{1,9})\s*laps?", bare)
    try:
        length = (
            RaceLength(laps=int(laps[1]))
            if laps is not None
            else RaceLength(ms=parse_race_clock(bare))
        )
    except BadTime as error:
        raise BadOption(
            f"--length {text[:40]!r} is no length",
            remedy="Write 6:00 (hours and minutes) or 335laps.",
        ) from error
    if (length.ms or length.laps or 0) <= 0:
        raise BadOption(
            f"--length {text[:40]!r} must be more than nothing", remedy="Write 6:00 or 335laps."
        )
    if (length.ms or 0) > LONGEST_MS or (length.laps or 0) > MOST_LAPS:
        raise BadOption(
            f"--length {text[:40]!r} is longer than any race",
            remedy="Write 6:00 (hours and minutes) or 335laps.",
        )
    return length


def known_length(path: Path) -> tuple[RaceLength | None, tuple[Finding, ...]]:
    """The length of the race in ``path``: from a catalogue above it, else from its name.

    A length read from a name ("fuji_6h") is an inference and comes with a finding that says so.
    """
    catalogued = _from_catalogue(path)
    if catalogued is not None:
        return catalogued, ()
    for part in (path.stem if path.is_file() else path.name, path.parent.name):
        found = _HOURS.search(part.replace("_", " "))
        if found is not None and 0 < int(found[1]) <= 24:
            length = RaceLength(ms=int(found[1]) * 3_600_000, source="inferred from the name")
            return length, (
                Finding(
                    kind="length_inferred",
                    severity=Severity.NOTE,
                    message=(
                        f"scheduled length {format_clock(length.ms or 0)} inferred from the "
                        f"name {part!r}"
                    ),
                    file=path.name,
                    remedy="Say --length to be sure.",
                ),
            )
    return None, ()


def _from_catalogue(path: Path) -> RaceLength | None:
    row = catalogue_row(path)
    return None if row is None else _hours(row.get("scheduled_h"))


def _hours(text: str | None) -> RaceLength | None:
    try:
        hours = float(text or "")
    except ValueError:
        return None
    ms = round(hours * 60) * _MINUTE_MS
    return RaceLength(ms=ms, source="catalogue") if ms > 0 else None
