"""A class has a name of its own: whoever meets it knows which thing it is."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "dryline"


def classes_in(source: str) -> list[str]:
    """The public classes that a file defines for others to import."""
    found = (node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    return [name for name in found if not name.startswith("_")]


def homes_of_classes() -> dict[str, list[Path]]:
    """Every public class of the package, and the files that define one of that name."""
    homes: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(SOURCE.rglob("*.py")):
        for name in classes_in(path.read_text(encoding="utf-8")):
            homes[name].append(path.relative_to(SOURCE))
    return homes


def test_every_class_has_a_name_of_its_own() -> None:
    homes = homes_of_classes()
    assert len(homes) > 500
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_what_is_private_or_inside_something_is_not_counted() -> None:
    source = (
        "class Stop:\n    class Inner: ...\n"
        "class _Row: ...\n"
        "def made():\n    class Local: ...\n"
        "class Lap: ...\n"
    )
    assert classes_in(source) == ["Stop", "Lap"]
