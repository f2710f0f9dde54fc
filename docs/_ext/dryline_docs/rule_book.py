"""The fields of a rule book, from the structures that read it."""

from __future__ import annotations

import re
import types
import typing
from typing import Any

import msgspec

from dryline_docs.text import FromCode, code, slug, table


def sections() -> dict[str, type[msgspec.Struct]]:
    """Every structure of a rule book by its key in the file."""
    from dryline.rules import schema

    found: dict[str, type[msgspec.Struct]] = {"": schema.RuleBookText}
    for key, kind in typing.get_type_hints(schema.RuleBookText).items():
        inner = _struct(kind)
        if inner is not None:
            found[_key(key, kind)] = inner
            for name, of in typing.get_type_hints(inner).items():
                deeper = _struct(of)
                if deeper is not None:
                    found[f"{_key(key, kind)}.{_key(name, of)}"] = deeper
    return found


def fields(kind: type[msgspec.Struct]) -> list[tuple[str, str]]:
    """Name and kind of value of every field that is no section of its own."""
    return [
        (name, in_words(of))
        for name, of in typing.get_type_hints(kind).items()
        if _struct(of) is None
    ]


def _key(name: str, kind: Any) -> str:
    origin = typing.get_origin(kind)
    return {dict: f"{name}.<NAME>", list: f"[{name}]"}.get(origin, name)


def _struct(kind: Any) -> type[msgspec.Struct] | None:
    from dryline.rules.schema import Stated

    if typing.get_origin(kind) in (dict, list):
        kind = typing.get_args(kind)[-1]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not Stated:
        return kind
    return None


def in_words(kind: Any) -> str:
    """A type as a person would say it."""
    from dryline.rules.schema import Stated

    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return in_words(next(each for each in inner if each is not type(None)))
    if origin is Stated:
        return in_words(inner[0])
    if origin is typing.Literal:
        return " or ".join(code(str(each)) for each in inner)
    if origin is list:
        return f"list of {in_words(inner[0])}"
    if origin is dict:
        return f"table of {in_words(inner[1])}"
    return {int: "whole number", float: "number", str: "text", bool: "true or false"}[kind]


class RuleBook(FromCode):
    """Every section of a rule book with its fields."""

    def markdown(self) -> str:
        """A section and a table of fields for each."""
        return "\n\n".join(_section(key, kind) for key, kind in sections().items())


def _section(key: str, kind: type[msgspec.Struct]) -> str:
    doc = re.sub(r"``(.+?)``", r"`\1`", (kind.__doc__ or "").strip())
    rows = [(code(name), value) for name, value in fields(kind)]
    body = table(("field", "value"), rows, "columns") if rows else ""
    title = code(key) if key else "at the top"
    anchor = slug("rules", *(re.findall(r"[a-z_]+", key) or ["top"]))
    return f"{{#{anchor}}}\n## {title}\n\n{doc}\n\n{body}"
