"""Markdown pieces that the directives put together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from docutils import nodes
from pygments.lexer import RegexLexer, bygroups
from pygments.token import Generic, Text
from sphinx.util.docutils import SphinxDirective


class FromCode(SphinxDirective, ABC):
    """A directive that writes Markdown and lets MyST read it, headings included."""

    @abstractmethod
    def markdown(self) -> str:
        """The text to put in the directive's place."""

    def run(self) -> list[nodes.Node]:
        """Called by Sphinx."""
        return self.parse_text_to_nodes(self.markdown(), allow_section_headings=True)


class Console(RegexLexer):
    """A terminal: what was typed behind `$ `, and what came back, in one colour."""

    name = "Terminal"
    tokens: ClassVar[dict[str, Any]] = {
        "root": [
            (r"^(\$ )(.*\n)", bygroups(Generic.Prompt, Text)),
            (r".*\n", Generic.Output),
        ]
    }


def table(head: Sequence[str], rows: Iterable[Sequence[str]], css: str = "") -> str:
    """A Markdown table; ``css`` names a class for the style sheet."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return (f"{{.{css}}}\n" if css else "") + "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Text as code, vertical bars included."""
    return f"`{text}`" if text else ""


def slug(*words: str) -> str:
    """An anchor from words."""
    return "-".join(words).lower().replace(" ", "-").replace("_", "-")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
