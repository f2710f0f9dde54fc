"""Reading the series files: those of the package, and those of a folder of the user's own."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

import msgspec

from dryline.domain.errors import BadSeries

ENVIRONMENT = "DRYLINE_SERIES"
UNKNOWN = "unknown"
"""The file that answers for every series without one."""
_T = TypeVar("_T")


def read_series_files(kind: type[_T]) -> dict[str, _T]:
    """Every series by its file's name; a file of the user's own replaces a shipped one.

    Raises:
        BadSeries: a file that is not TOML, or whose keys or values are not those of a series.
    """
    return {name: _read(kind, name, file) for name, file in _files().items()}


def names_of_files() -> tuple[str, ...]:
    """The series that have a file, by name; no file is read."""
    return tuple(sorted(_files().keys() - {UNKNOWN}))


def _files() -> dict[str, Traversable]:
    found = dict(_toml_in(resources.files("dryline.data") / "series"))
    own = Path(os.environ.get(ENVIRONMENT, "").strip() or os.devnull)
    if own.is_dir():
        found.update(_toml_in(own))
    return found


def _toml_in(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for file in folder.iterdir():
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml").casefold(), file


def _read(kind: type[_T], name: str, file: Traversable) -> _T:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert({"name": name, **raw}, kind)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise BadSeries(
            str(error), file=file.name, remedy="docs/how-to/series.md lists the fields."
        ) from error
