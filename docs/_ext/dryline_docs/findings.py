"""The kinds of findings, from the places in the source that make them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dryline_docs import meanings
from dryline_docs.text import FromCode, code, table

_ADDERS = {"add", "add_rows"}


@dataclass(frozen=True)
class Made:
    """One place that makes a finding."""

    kind: str
    severity: str
    message: str
    module: str


def made() -> list[Made]:
    """Every finding that the source can make, by kind; one row for a kind and message."""
    import dryline

    root = Path(dryline.__file__).parent
    found = {
        (each.kind, each.message): each
        for path in sorted(root.rglob("*.py"))
        for each in _in_module(path, str(path.relative_to(root).with_suffix("")).replace("/", "."))
    }
    return sorted(found.values(), key=lambda each: (each.kind, each.message))


def _in_module(path: Path, module: str) -> Iterator[Made]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for kind, severity, message in _made_by(node):
            yield Made(kind, severity, message, module)


def _made_by(node: ast.AST) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, ast.Call):
        named = {word.arg: word.value for word in node.keywords}
        if getattr(node.func, "id", "") == "Finding" and isinstance(named["kind"], ast.Constant):
            yield _text(named["kind"]), _severity(named["severity"]), _text(named["message"])
        elif getattr(node.func, "attr", "") in _ADDERS and len(node.args) > 2:
            yield from _three(node.args)
    elif isinstance(node, ast.Tuple):
        yield from _three(node.elts)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None and isinstance(value, ast.Tuple):
                yield from _three([key, *value.elts])


def _three(parts: list[ast.expr]) -> Iterator[tuple[str, str, str]]:
    if len(parts) < 3 or not isinstance(parts[0], ast.Constant):
        return
    severity = _severity(parts[1])
    if isinstance(parts[0].value, str) and severity:
        yield _text(parts[0]), severity, _text(parts[2])


def _severity(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Severity":
        return node.attr.lower()
    if isinstance(node, ast.IfExp):
        return f"{_severity(node.body)} or {_severity(node.orelse)}"
    return "warning" if isinstance(node, ast.Name) and node.id == "warn" else ""


def _text(node: ast.expr) -> str:
    """A message as it is written, with … for what is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return "…"


def message(each: Made) -> str:
    """What a finding says; from the meanings where the source puts it together."""
    return meanings.told()["finding"].get(each.kind) or each.message.replace("*", "\\*")


class Findings(FromCode):
    """A table of every kind."""

    def markdown(self) -> str:
        """Kind, severity, message."""
        rows = [(code(each.kind), each.severity, message(each)) for each in made()]
        return table(("kind", "severity", "message"), rows, "columns")
