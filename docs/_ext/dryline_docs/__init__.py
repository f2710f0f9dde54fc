"""Reference pages made from the code itself: commands, tables, JSON, findings, rules, charts."""

from __future__ import annotations

from typing import Any

from dryline_docs import (
    charts,
    commands,
    findings,
    json_objects,
    notebook,
    rule_book,
    tables,
    text,
    wall,
)


def _whole_sentence(
    app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Keep Napoleon from taking the words before a property's colon for its type."""
    if what in ("attribute", "property", "data") and lines:
        lines[0] = lines[0].replace(": ", " -- ", 1)


def setup(app: Any) -> dict[str, bool]:
    """Register the directives; called by Sphinx."""
    app.add_directive("dryline-commands", commands.Commands)
    app.add_directive("dryline-tables", tables.Tables)
    app.add_directive("dryline-json", json_objects.JsonObjects)
    app.add_directive("dryline-wall", wall.WallFields)
    app.add_directive("dryline-findings", findings.Findings)
    app.add_directive("dryline-rule-book", rule_book.RuleBook)
    app.add_directive("dryline-prepare", charts.Prepare)
    app.add_directive("dryline-chart", charts.Chart)
    app.add_directive("code-cell", notebook.CodeCell)
    app.add_lexer("console", text.Console)
    app.connect("autodoc-process-docstring", _whole_sentence, priority=400)
    app.connect("build-finished", charts.copy_pictures)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
