"""Between the rows of an answer and a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TypeVar

import msgspec
import polars as pl

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
