"""What every answer is: a record that says of each field what it means, and shows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from dryline.domain.flat_table import flat
from dryline.domain.meaning import means

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Answer", "Part", "alike", "means"]
R = TypeVar("R", bound=msgspec.Struct)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an answer that occurs in several of them or several times in one."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question about a race; its fields are what ``--json`` prints."""

    def to_dict(self) -> dict[str, Any]:
        """Its fields as plain objects, as ``--json`` has them."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def frame(self) -> pl.DataFrame:
        """Its rows as a table, a row per car, stop, lap or whatever the question counts."""
        raise NotImplementedError(type(self).__name__)

    def to_pandas(self) -> Any:
        """The same table for pandas, which must be installed."""
        return flat(self.frame()).to_pandas()

    def __repr__(self) -> str:
        table = self.frame()
        return f"<{self.heading()}>\n{table}"

    def heading(self) -> str:
        """The answer in one line."""
        return type(self).__name__

    def _repr_html_(self) -> str:
        text = self.heading().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f"<p><b>{text}</b></p>{self.frame()._repr_html_()}"


def alike(kind: type[R], source: object, **others: object) -> R:
    """A record of ``kind``: ``others`` as given, every further field as ``source`` has it.

    Raises:
        AttributeError: where ``source`` has no such field.
    """
    names = [name for name in kind.__struct_fields__ if name not in others]
    return kind(**{name: getattr(source, name) for name in names}, **others)
