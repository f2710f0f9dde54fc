"""What a race is called, and its series and season, as far as content and path tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_PROVIDER_STEM = re.compile(r"\d{8,}|23_|laps?$|race$|analysis", re.IGNORECASE)
_WEC = {"hypercar", "lmp1", "lmgt3", "lmgtepro", "lmgteam"}
_IMSA = {"gtp", "dpi", "gtd", "gtdpro", "gtlm", "lmp3"}


def race_name(path: Path) -> str:
    """A name for the race in ``path``: its own, or its folder's where its own says nothing."""
    if path.is_dir():
        return as_text(path.name or path.resolve().name)
    if not _PROVIDER_STEM.match(path.stem):
        return as_text(path.stem)
    return as_text(path.parent.resolve().name or path.stem)


def as_text(name: str) -> str:
    """A file's name as text that can be written: bytes of no letter become question marks."""
    return name.encode("utf-8", "replace").decode()


def series_of(classes: Iterable[str], path: Path | None = None) -> str | None:
    """The series that races these classes; the path decides where the classes do not."""
    keys = {"".join(letter for letter in name.casefold() if letter.isalnum()) for name in classes}
    if keys & _WEC:
        return "wec"
    if keys & _IMSA:
        return "imsa"
    parts = () if path is None else tuple(part.casefold() for part in path.resolve().parts)
    return next((name for name in ("wec", "imsa") if name in parts), None)


def year_of(path: Path) -> int | None:
    """The season named in the path: a folder ``2024``, ``13_2024``, or a stamp ``202406231110``."""
    for part in reversed(path.resolve().parts):
        found = re.match(r"(?:\d{2}_)?((?:19|20)\d{2})(?=$|\d{4,8}(?:\D|$))", part)
        if found is not None:
            return int(found[1])
    return None
