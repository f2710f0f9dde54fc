"""Cells of a MyST notebook, run while the page is read: no kernel, no other process.

The page stays a notebook: Jupyter opens it through Jupytext and runs the same cells.
"""

from __future__ import annotations

import ast
import contextlib
import io
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


def run_cell(text: str, names: dict[str, Any]) -> tuple[str, Any]:
    """Run a cell with these names: what it printed, and the value of its last expression."""
    tree = ast.parse(text)
    last = None
    if tree.body and isinstance(final := tree.body[-1], ast.Expr):
        tree.body.pop()
        last = ast.Expression(final.value)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        value = None if last is None else eval(compile(last, "<cell>", "eval"), names)
    return printed.getvalue(), value


def shown(value: Any) -> list[nodes.Node]:
    """A value as Jupyter would show it: as SVG, as HTML, else as text."""
    for way in ("_repr_svg_", "_repr_html_"):
        if hasattr(value, way):
            return [nodes.raw("", getattr(value, way)(), format="html")]
    return [] if value is None else [nodes.literal_block(repr(value), repr(value), language="text")]


class CodeCell(SphinxDirective):
    """One cell and its output."""

    optional_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Called by Sphinx."""
        text = "\n".join(self.content)
        names: dict[str, Any] = self.env.temp_data.setdefault("notebook-names", {})
        printed, value = run_cell(text, names)
        output = nodes.container(classes=["cell-output"])
        if printed:
            output += nodes.literal_block(printed, printed, language="text")
        output += shown(value)
        return [nodes.literal_block(text, text, language="python"), output]
