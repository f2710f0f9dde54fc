"""Between the rows of an answer and a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
import polars as pl
from msgspec import inspect

from dryline.answers.answer import Part

P = TypeVar("P", bound=Part)
Schema = Mapping[str, "pl.DataType | type[pl.DataType]"]


def rows_of(part: type[P], table: pl.DataFrame) -> tuple[P, ...]:
    """A record for every row of a table, from the columns of its fields' names."""
    found: tuple[P, ...] = msgspec.convert(table.to_dicts(), tuple[part, ...])  # type: ignore[valid-type]
    return found


def table_of(rows: Iterable[msgspec.Struct], schema: Schema) -> pl.DataFrame:
    """Records of a row each as a table; ``schema`` names two fields or more, and their types."""
    return pl.DataFrame(list(map(attrgetter(*schema), rows)), schema=dict(schema), orient="row")


def flat_rows(part: type[Part], rows: Iterable[Part]) -> pl.DataFrame:
    """Records as a table: a record within one as columns of its own (``best_lap``)."""
    schema = flat_schema(part)
    return pl.DataFrame([_flat(msgspec.to_builtins(row)) for row in rows], schema=dict(schema))


def flat_schema(part: type[msgspec.Struct]) -> Schema:
    """The columns of ``flat_rows``: whole numbers, numbers and texts; lists are left out."""
    return dict(_columns(inspect.type_info(part), ""))


_TYPES: dict[type, type[pl.DataType]] = {
    inspect.IntType: pl.Int64, inspect.FloatType: pl.Float64, inspect.StrType: pl.String,
}  # fmt: skip


def _columns(kind: inspect.Type, name: str) -> Iterator[tuple[str, type[pl.DataType]]]:
    if isinstance(kind, inspect.Metadata):
        yield from _columns(kind.type, name)
    elif isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from _columns(each, name)
    elif isinstance(kind, inspect.StructType):
        for field in kind.fields:
            own = f"{name}_{field.encode_name}" if name else field.encode_name
            yield from _columns(field.type, own)
    elif type(kind) in _TYPES:
        yield name, _TYPES[type(kind)]


def _flat(row: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in row.items():
        own = f"{name}_{key}" if name else key
        found |= _flat(value, own) if isinstance(value, dict) else {own: value}
    return found
