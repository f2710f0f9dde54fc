"""What is imported is declared, what is declared is imported, and nothing private is leant on."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINNED = (ROOT / "constraints.txt").read_text().splitlines()
OURS = {"dryline", "tests", "benchmarks", "dryline_docs"}
AROUND = ("tests", "benchmarks", "scripts", "docs")


def distribution(requirement: str) -> str:
    """The distribution that a requirement or pin names, spelled in the one normal way."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", requirement)[0]).lower()


def imported(source: str) -> set[str]:
    """The dotted names that a file imports from elsewhere, neither ours nor Python's own."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    elsewhere = (name for name in names if name.split(".")[0] not in OURS)
    return {name for name in elsewhere if name.split(".")[0] not in sys.stdlib_module_names}


def files(*folders: str) -> Iterator[Path]:
    return (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


def imports_of(*folders: str) -> dict[str, set[str]]:
    """Distribution to the files that import from it; an import that nothing provides is itself."""
    provided, found = packages_distributions(), dict[str, set[str]]()
    for path in files(*folders):
        for name in imported(path.read_text(encoding="utf-8")):
            module = name.split(".")[0]
            giver = distribution(provided.get(module, [module])[0])
            found.setdefault(giver, set()).add(str(path.relative_to(ROOT)))
    return found


RUN_TIME = {distribution(line) for line in PROJECT["project"]["dependencies"]}
EXTRAS = PROJECT["project"]["optional-dependencies"]
OPTIONAL = {distribution(line) for extra in ("ray", "pandas") for line in EXTRAS[extra]}
IN_SOURCE = imports_of("src")


def test_whatever_the_source_imports_is_declared() -> None:
    undeclared = {name: IN_SOURCE[name] for name in IN_SOURCE.keys() - RUN_TIME - OPTIONAL}
    assert undeclared == {}


def test_whatever_is_declared_the_source_imports() -> None:
    assert RUN_TIME - IN_SOURCE.keys() == set()


def test_whatever_tests_benchmarks_scripts_and_docs_import_is_declared() -> None:
    around = imports_of(*AROUND)
    known = RUN_TIME | {distribution(line) for line in EXTRAS["dev"]}
    assert {name: around[name] for name in around.keys() - known} == {}


def test_every_declared_distribution_is_pinned_once() -> None:
    pins = [distribution(line) for line in PINNED if "==" in line]
    assert sorted(set(pins)) == sorted(pins)
    wanted = RUN_TIME | {distribution(line) for extra in EXTRAS.values() for line in extra}
    assert wanted - set(pins) == set()


def test_nothing_private_of_a_library_is_imported() -> None:
    private = [
        (path.name, name)
        for path in files("src")
        for name in imported(path.read_text(encoding="utf-8"))
        if any(part.startswith("_") or part.endswith("_impl") for part in name.split("."))
    ]
    assert private == []


def test_an_import_inside_a_function_and_under_another_name_is_seen() -> None:
    source = (
        "def draw():\n    import altair.vegalite as v\n    from sklearn import svm\n    import re\n"
    )
    assert imported(source) == {"altair.vegalite", "sklearn.svm"}
