"""Every command, option, column, field, chart and finding is documented."""

from __future__ import annotations

import ast
import inspect
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from dryline_docs import commands, findings, json_objects, meanings, rule_book, tables, wall

import dryline
from tests.docs.conftest import DOCS, Site

COMMANDS = {" ".join(path): command for path, command in commands.walk()}
SCHEMA_TYPE = "dict[str, type[pl.DataType]]"


def section(page: str, anchor: str) -> str:
    """The innermost section of a page that carries an anchor, as text."""
    start = page.index(f'id="{anchor}"')
    parts = re.split(r"</?section", page[start:])
    return unescape(re.sub(r"<[^>]+>", " ", "<i " + parts[0]))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_told_with_every_option(site: Site, name: str) -> None:
    told = section(site.page("reference/commands"), f"command-{name.replace(' ', '-')}")
    words = set(re.split(r"[\s,.]+", told))
    for parameter in COMMANDS[name].params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            if option.startswith("--") and option != "--help":
                assert option in words
    assert (COMMANDS[name].help or "").split("\n")[0].split(":")[0].strip()[:30] in told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    for option in commands.options(COMMANDS[name]):
        assert option.help or option.metavar, f"{name} {option.opts[0]}"
        assert option.help or "|" in str(option.metavar) or option.metavar == "YYYY"


def all_tables() -> list[tuple[str, str, list[str]]]:
    given = [("given", name, list(columns)) for name, columns in tables.chart_tables().items()]
    return [("table", each.name, list(each.columns())) for each in tables.TABLES] + given


def test_every_column_of_every_table_has_a_meaning(site: Site) -> None:
    page = site.page("reference/tables")
    for kind, name, columns in all_tables():
        told = section(page, f"{kind}-{name.replace(' ', '-').replace('_', '-')}").split()
        for column in columns:
            assert column in told, f"{name}.{column}"
            assert meanings.of_column(name, column), f"{name}.{column}"


def test_every_schema_of_the_source_is_told_or_named_as_internal() -> None:
    known = {getattr(each.columns, "home", "") for each in tables.TABLES}
    given = {id(columns) for columns in tables.chart_tables().values()}
    root = Path(dryline.__file__).parent
    for path in root.rglob("*.py"):
        module = str(path.relative_to(root).with_suffix("")).replace("/", ".")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == SCHEMA_TYPE:
                home = f"{module}:{ast.unparse(node.target)}"
                schema = tables._schema(home)()
                internal = home.startswith(tuple(tables.NOT_FOR_USERS))
                assert home in known or internal or id(schema) in given, home


def test_every_json_object_is_told_or_named_as_needing_files() -> None:
    asked = {*json_objects.ASKED, *json_objects.NEEDS_FILES}
    assert set(json_objects.with_json()) <= asked


@pytest.mark.parametrize("event", wall.SENT)
def test_every_field_of_what_the_wall_sends_is_told(site: Site, event: str) -> None:
    told = section(site.page("reference/wall"), f"wall-{event}").split()
    assert [path for path in wall.told(wall.SENT[event]) if path not in told] == []


@pytest.mark.parametrize("command", json_objects.ASKED)
def test_every_field_of_a_json_object_has_a_meaning(site: Site, command: str) -> None:
    told = section(site.page("reference/json"), f"json-{command}").split()
    assert len(site.fields[command]) > 4
    for path in site.fields[command]:
        assert path in told
        assert meanings.of_field(command, path), f"write what {path} means in {meanings.FILE.name}"


def test_no_meaning_of_a_column_is_left_of_what_is_no_more(site: Site) -> None:
    columns = {column for _, _, found in all_tables() for column in found}
    fields = {
        name
        for found in site.fields.values()
        for path in found
        for name in (path, path.replace("[]", "").rsplit(".", 1)[-1])
    }
    names = {name for _, name, _ in all_tables()}
    for place, told in meanings.told().items():
        if place == "finding":
            assert set(told) <= {each.kind for each in findings.made()}
        elif place == "columns":
            assert set(told) <= columns | fields
        elif not place.startswith("json"):
            assert place in names
            assert set(told) <= columns


def test_every_kind_of_finding_is_listed_with_words(site: Site) -> None:
    told = section(site.page("reference/findings"), "findings")
    made = findings.made()
    assert len(made) > 50
    for each in made:
        assert each.kind in told.split()
        assert findings.message(each).strip("… "), f"{each.kind}: write it in {meanings.FILE.name}"


def test_every_finding_on_a_file_stands_among_the_quirks_or_with_its_format() -> None:
    pages = ("data-quirks", "live-feed", "generic-feed", "rules")
    told = " ".join((DOCS / f"{page}.md").read_text(encoding="utf-8") for page in pages)
    kinds = {each.kind for each in findings.made() if each.module.startswith("feeds.")}
    assert {kind for kind in kinds if f"`{kind}`" not in told} == set()


def test_every_chart_is_in_the_gallery_drawn_in_both_themes(site: Site) -> None:
    from dryline.apps.cli.charts import CHAMPIONSHIP
    from dryline.present.charts.of_race import KINDS

    page = site.page("gallery")
    options = (DOCS / "charts.md").read_text(encoding="utf-8")
    for kind in (*KINDS, CHAMPIONSHIP):
        assert f'id="chart-{kind}"' in page
        assert f"`{kind}`" in options
        for theme in ("light", "dark"):
            drawn = (site.folder / f"_images/charts/{kind}-{theme}.svg").read_text("utf-8")
            assert drawn.startswith("<svg ")
            marks = drawn.count("<path") + drawn.count("<text")
            assert marks > 10, f"{kind} draws hardly anything"


def test_every_function_that_draws_has_a_picture(site: Site) -> None:
    from dryline.present import charts
    from dryline.present.charts import of_race

    page = unescape(re.sub(r"<[^>]+>", "", site.page("gallery")))
    drawn_by = {name for name in charts.__all__ if _draws(getattr(charts, name))}
    by_kind = set(vars(of_race))  # the gallery draws these by the names of their kinds
    assert {name for name in drawn_by - by_kind if f"{name}(" not in page} == set()


def _draws(function: Any) -> bool:
    return inspect.isfunction(function) and inspect.signature(function).return_annotation == "Spec"


def test_every_public_name_is_in_the_python_reference(site: Site) -> None:
    from dryline.present import charts

    page = unescape(re.sub(r"<[^>]+>", "", site.page("reference/python")))
    words = set(re.split(r"[^\w]+", page))
    assert {name for name in (*dryline.__all__, *charts.__all__) if name not in words} <= {
        "__version__"
    }


def test_every_field_of_a_rule_book_is_told_twice(site: Site) -> None:
    page = unescape(re.sub(r"<[^>]+>", " ", site.page("reference/rule-book"))).split()
    rules = (DOCS / "rules.md").read_text(encoding="utf-8")
    for kind in rule_book.sections().values():
        for name, _ in rule_book.fields(kind):
            assert name in page
            assert re.search(rf"\b{name}\b", rules), name
