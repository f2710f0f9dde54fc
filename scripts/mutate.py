"""Move every threshold of a room a little, and name those that the room's own tests let pass.

    .venv/bin/python scripts/mutate.py ROOM [--only stops.py] [--most 100] [--seed 1] [--list]

A number is made a quarter greater and a fifth smaller, ``<`` becomes ``<=``, the last key that
breaks a tie is dropped: one change at a time, in memory, so that no source is ever touched. The
judges are the quick tests of the room that run the changed function, without the real races.
Ends with status 1 where a change was not noticed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.util
import json
import multiprocessing
import os
import random
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
PLAIN = {0, 1, 2, 0.5, 10, 60, 100, 1_000, 3_600, 60_000, 3_600_000}
"""In the middle of arithmetic these are halves, percents and units; in a comparison they count."""
STRICT = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
HEAVY = ["pytest", "hypothesis.strategies", "numba", "polars.testing", "scipy.optimize"]
"""Loaded once, before each judge's own process is made; nothing of Dryline's is among them."""


@dataclass(frozen=True)
class Mutant:
    """One change: the n-th node of a module's tree gets new fields."""

    path: str
    line: int
    scope: int
    """First line of the function that it stands in; 0 for the module itself."""
    node: int
    fields: tuple[tuple[str, Any], ...]
    said: str

    def tree(self) -> ast.Module:
        """The module with the change in it."""
        tree = ast.parse((SOURCE / self.path).read_text())
        chosen = list(ast.walk(tree))[self.node]
        for name, value in self.fields:
            setattr(chosen, name, value)
        return ast.fix_missing_locations(tree)


def mutants(path: Path) -> list[Mutant]:
    """Every change to one module, in the order of its lines."""
    tree = ast.parse(path.read_text())
    scope, compared, skipped = {tree: 0}, set(), set()
    nodes = list(ast.walk(tree))
    for node in nodes:
        inner = scope[node]
        if not inner and isinstance(node, ast.FunctionDef):
            inner = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        for child in ast.iter_child_nodes(node):
            scope[child] = inner
            if isinstance(node, ast.Compare):
                compared |= set(ast.walk(child)) if not isinstance(child, ast.Call) else {child}
            if isinstance(node, ast.Subscript) and child is node.slice:
                skipped |= set(ast.walk(child))
    found = [
        Mutant(str(path.relative_to(SOURCE)), node.lineno, scope[node], index, fields, said)
        for index, node in enumerate(nodes)
        if node not in skipped
        for fields, said in _changes(node, threshold=not scope[node] or node in compared)
    ]
    return sorted(found, key=lambda one: (one.line, one.node))


def _changes(
    node: ast.AST, *, threshold: bool
) -> Iterator[tuple[tuple[tuple[str, Any], ...], str]]:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        plain = {0, 1} if threshold else PLAIN
        if node.value not in plain and (threshold or isinstance(node.value, float)):
            for factor in (1.25, 0.8):
                new = _moved(node.value, factor)
                yield (("value", new),), f"{node.value:_} -> {new:_}"
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in STRICT:
        looser = STRICT[type(node.ops[0])]
        said = ast.unparse(node).replace("\n", " ")
        yield (("ops", [looser(), *node.ops[1:]]),), f"{said[:60]}: {looser.__name__}"
    elif isinstance(node, ast.Lambda) and isinstance(node.body, ast.Tuple):
        shorter = copy.copy(node.body)
        shorter.elts = node.body.elts[:-1]
        yield (("body", shorter),), f"tie: without {ast.unparse(node.body.elts[-1])}"
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".sort") and node.args[1:]:
        yield (("args", node.args[:-1]),), f"tie: without {ast.unparse(node.args[-1])}"


def _moved(number: float, factor: float) -> float:
    if isinstance(number, float):
        return float(f"{number * factor:.6g}")
    moved = round(number * factor)
    return moved if moved != number else number + (1 if factor > 1 else -1)


class _Changed(MetaPathFinder, Loader):
    """Gives the one changed module in place of the file's."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = mutant.path.removesuffix(".py").replace("/", ".")
        self.file = str(SOURCE / mutant.path)
        self.code = compile(mutant.tree(), self.file, "exec")

    def find_spec(self, name: str, path: object, target: object = None) -> Any:
        if name == self.name:
            return importlib.util.spec_from_file_location(name, self.file, loader=self)
        return None

    def exec_module(self, module: Any) -> None:
        exec(self.code, module.__dict__)


class _Survey:
    """Which test calls which functions of the rooms, and how long it takes."""

    def __init__(self) -> None:
        self.calls: dict[str, set[str]] = defaultdict(set)
        self.took: dict[str, float] = defaultdict(float)
        self.now = ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.now = nodeid.partition("::")[0]

    def pytest_runtest_call(self, item: Any) -> None:
        self.now = item.nodeid

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.took[report.nodeid] += report.duration
        if report.failed:
            self.took[report.nodeid] = float("inf")

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            code = frame.f_code
            if "/src/dryline/" in code.co_filename:
                self.calls[self.now].add(f"{code.co_filename}:{code.co_firstlineno}")


def _pytest(arguments: list[str], plugins: list[object]) -> int:
    import hypothesis
    import pytest

    os.environ |= {"DRYLINE_TEST_DATA": "/nowhere", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    os.chdir(ROOT)
    hypothesis.settings.register_profile("mutate", database=None, derandomize=True)
    hypothesis.settings.load_profile("mutate")
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    return int(pytest.main(["-q", "-p", "no:cacheprovider", *arguments], plugins=plugins))


def _survey(tests: list[str], into: str) -> None:
    survey = _Survey()
    threading.setprofile(survey)
    sys.setprofile(survey)
    _pytest(tests, [survey])
    sys.setprofile(None)
    calls = {test: sorted(called) for test, called in survey.calls.items()}
    Path(into).write_text(json.dumps({"calls": calls, "took": survey.took}))


def _judge(mutant: Mutant | None, tests: list[str]) -> None:
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    sys.exit(_pytest(["-x", *tests], []))


def judges(mutant: Mutant, survey: dict[str, Any], longest_s: float) -> list[str]:
    """The quick tests that run the changed function, quickest file first."""
    file = str(SOURCE / mutant.path)
    files = {file} if mutant.scope else {file, *_importers(mutant.path)}
    places = f"{file}:{mutant.scope}"

    def runs(whose: str) -> bool:
        called = survey["calls"].get(whose, ())
        return any(c == places if mutant.scope else c.rpartition(":")[0] in files for c in called)

    took = {test: s for test, s in survey["took"].items() if s < longest_s}
    chosen = [test for test in took if runs(test) or runs(test.partition("::")[0])]
    whole: dict[str, float] = defaultdict(float)
    for test in chosen:
        whole[test.partition("::")[0]] += took[test]
    return sorted(chosen, key=lambda test: (whole[test.partition("::")[0]], test))


def _importers(path: str) -> Iterator[str]:
    said = "from " + path.removesuffix(".py").replace("/", ".") + " import"
    return (str(file) for file in SOURCE.rglob("*.py") if said in file.read_text())


def main() -> int:
    """List or try the changes; 0 when each was noticed."""
    parser = argparse.ArgumentParser(description="Which thresholds do a room's tests not hold?")
    parser.add_argument("room")
    parser.add_argument("--only", default="", help="modules whose name ends so")
    parser.add_argument("--most", type=int, default=10_000, help="a sample of so many changes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=2.0, help="tests up to so many seconds")
    parser.add_argument("--tests", nargs="+", help="other judges than all the tests of the room")
    parser.add_argument("--list", action="store_true", help="name the changes, try none")
    asked = parser.parse_args()
    sys.path.insert(0, str(SOURCE))
    modules = sorted((SOURCE / "dryline" / asked.room).glob("*.py"))
    found = [one for m in modules if m.name.endswith(asked.only) for one in mutants(m)]
    found = random.Random(asked.seed).sample(found, min(asked.most, len(found)))
    found.sort(key=lambda one: (one.path, one.line, one.node))
    if asked.list:
        return print(*map(_named, found), f"{len(found)} changes", sep="\n") or 0
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(HEAVY)
    with tempfile.TemporaryDirectory() as folder:
        told = f"{folder}/survey.json"
        tests = asked.tests or [f"tests/{asked.room}"]
        _run(processes.Process(target=_survey, args=(tests, told)), 3_600)
        survey = json.loads(Path(told).read_text())
    quick = [test for test, took_s in survey["took"].items() if took_s < asked.longest]
    if _run(processes.Process(target=_judge, args=(None, quick)), 3_600):
        return print("the room's tests are red without any change") or 2
    survived = 0
    for mutant in found:
        tests = judges(mutant, survey, asked.longest)
        run = processes.Process(target=_judge, args=(mutant, tests))
        if not tests or _run(run, 120) == 0:
            survived += 1
            print(_named(mutant), f"({len(tests)} tests)", flush=True)
    print(f"{len(found) - survived} of {len(found)} changes noticed, {survived} not")
    return 1 if survived else 0


def _run(process: Any, longest_s: float) -> int:
    """The exit status; whoever takes too long is ended, which is a status of its own."""
    process.start()
    process.join(longest_s)
    if process.exitcode is None:
        process.kill()
        process.join()
    return int(process.exitcode)


def _named(mutant: Mutant) -> str:
    return f"src/{mutant.path}:{mutant.line}: {mutant.said}"


if __name__ == "__main__":
    sys.exit(main())
