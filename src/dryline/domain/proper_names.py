"""Proper names that no rule of spelling gives: places, events, surnames."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files


def proper(table: str, name: str) -> str | None:
    """What a paper writes for ``name`` in ``places``, ``events`` or ``surnames``, if it is known.

    Case, hyphens and underscores do not matter.
    """
    return _names().get(table, {}).get(" ".join(re.findall(r"[^\W_]+(?:\.[^\W_]+)?", name.lower())))


@cache
def _names() -> dict[str, dict[str, str]]:
    text = files("dryline").joinpath("data", "names.toml").read_text("utf-8")
    return dict(tomllib.loads(text))
