"""The examples of the pages: every one can be parsed, and what they print is what the page says."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from dryline_docs import commands, examples

from tests.docs.conftest import DOCS, ROOT

PAGES = [ROOT / "README.md", *sorted(p for p in DOCS.rglob("*.md") if "_build" not in p.parts)]
RUN = [page for page in PAGES if examples.blocks(page)]
UPDATE = "run scripts/docs_examples.py, and look at what it changed"


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_line_of_a_page_can_be_parsed(page: Path) -> None:
    for line in examples.command_lines(page.read_text(encoding="utf-8")):
        try:
            commands.check(line)
        except Exception as error:
            pytest.fail(f"{line}: {getattr(error, 'message', error)}")


@pytest.mark.parametrize("path", [path for path, _ in commands.walk()], ids=" ".join)
def test_the_example_in_the_help_of_a_command_can_be_parsed(path: tuple[str, ...]) -> None:
    text = dict(commands.walk())[path].help or ""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("Example: ")]
    assert lines, f"{' '.join(path)} has no example"
    for line in lines:
        said = next(examples.command_lines(f"    {line.removeprefix('Example: ')}"))
        assert said.startswith(f"dryline {' '.join(path)}")
        commands.check(said)


def test_a_command_line_that_does_not_exist_is_noticed() -> None:
    page = "```console\n$ dryline shw imola-2024\n```\n\n    dryline laps RACE --lap 3\n"
    lines = list(examples.command_lines(page))
    assert lines == ["dryline shw imola-2024", "dryline laps RACE --lap 3"]
    for line in lines:
        with pytest.raises(Exception, match="No such"):
            commands.check(line)


def test_enough_pages_have_examples_that_are_run() -> None:
    assert DOCS / "tutorial" / "index.md" in RUN
    assert len(RUN) >= 7


@pytest.mark.parametrize("page", RUN, ids=name)
def test_the_examples_of_a_page_print_what_it_says(page: Path) -> None:
    with examples.empty_folder():
        for block in examples.blocks(page):
            now = examples.printed(block)
            difference = examples.differs(block.body, now, about=block.about)
            assert not difference, f"{difference}; {UPDATE}"


@pytest.mark.parametrize(
    ("was", "now", "about", "same"),
    [
        ("wrote a in 3.2 s", "wrote a in 4.7 s", False, True),
        ("  1   6  205", "  1   7  205", False, False),
        ("P4 37%, P5 29%.", "P4 39%, P5 28%.", True, True),
        ("P4 37%, P5 29%.", "P4 87%, P5 28%.", True, False),
        ("Box now: four wets.", "Box now: slicks.", True, False),
        ("Out at 4:00:01", "Out at 4:00:03", True, True),
        ("███ 68%", "██ 66%", True, True),
    ],
)
def test_what_counts_as_the_same_output(was: str, now: str, about: bool, same: bool) -> None:
    assert (not examples.differs(was, now, about=about)) is same


def test_a_page_keeps_only_the_lines_that_it_asks_for(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- run lines=1 match=/HYPERCAR/ -->\n```console\n$ dryline a\n```\n")
    (block,) = examples.blocks(page)
    kept = examples._kept(["head", "x", "y", "7 HYPERCAR", "z"], block)
    assert kept == ["head", "...", "7 HYPERCAR", "..."]


def fenced(page: Path, kind: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_every_piece_of_python_toml_and_json_can_be_read() -> None:
    read = 0
    for page in PAGES:
        for text in fenced(page, "python"):
            ast.parse(text)
            read += 1
        for text in fenced(page, "toml"):
            tomllib.loads(text)
            read += 1
        for text in fenced(page, "json"):
            for line in text.splitlines():
                json.loads(line)
                read += 1
    assert read > 20


def test_the_python_of_the_notebooks_page_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for text in fenced(DOCS / "how-to" / "notebooks.md", "python"):
        exec(compile(text, "notebooks.md", "exec"), names)
    assert names["now"].at < names["race"].end
    assert {file.name for file in tmp_path.glob("report/*")} >= {"report.html", "report.md"}
    assert names["charts"].svg(names["spec"]).startswith("<svg")
