"""What the fields of an answer mean, read from its record: for the reference, pages and help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect


@dataclass(frozen=True)
class Meaning:
    """A field by its path (``cars[].laps.p10``; data as keys stand as ``<key>``)."""

    path: str
    text: str
    unit: str | None


def meanings_of(record: type[msgspec.Struct]) -> dict[str, Meaning]:
    """Every field of an answer or a part of one, however deep, by its path."""
    return {each.path: each for each in _fields(inspect.type_info(record), "")}


def _fields(kind: inspect.Type, path: str) -> Iterator[Meaning]:
    if isinstance(kind, inspect.Metadata):
        yield from _fields(kind.type, path)
    elif isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from _fields(each, path)
    elif isinstance(kind, inspect.StructType):
        for field in kind.fields:
            name = f"{path}.{field.encode_name}" if path else field.encode_name
            told = _told(field.type)
            yield Meaning(name, told.get("description", ""), told.get("x-unit"))
            yield from _fields(field.type, name)
    elif isinstance(kind, inspect.DictType):
        yield from _fields(kind.value_type, f"{path}.<key>")
    elif isinstance(kind, inspect.ListType | inspect.VarTupleType):
        yield from _fields(kind.item_type, f"{path}[]")
    elif isinstance(kind, inspect.TupleType):
        for each in kind.item_types:
            yield from _fields(each, f"{path}[]")


def _told(kind: inspect.Type) -> dict[str, Any]:
    """The outermost annotation of a field."""
    return dict(kind.extra_json_schema or {}) if isinstance(kind, inspect.Metadata) else {}
