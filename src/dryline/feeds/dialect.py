"""How a separated text file is written: separator, line ends, mark, columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """How a file of this family is written, enough to write the same file again.

    ``columns`` holds the header cells as they stand, with their leading spaces; ``trailing``
    says that each line ends with a separator, behind which nothing follows.
    """

    columns: tuple[str, ...]
    separator: str = ";"
    newline: str = "\r\n"
    bom: bool = True
    trailing: bool = True
    final_newline: bool = True
    encoding: str = "utf-8"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names without spaces, in capitals; a second one of a name gets ``#2``."""
        return canonical_names(self.columns)


def canonical_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Header cells without spaces around them and in capitals, made unique and never empty."""
    seen: dict[str, int] = {}
    names = []
    for place, cell in enumerate(cells, 1):
        name = cell.strip().strip('"').strip().upper() or f"COLUMN {place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(names)
