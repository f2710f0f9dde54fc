"""A column mapping: how another provider's CSV names what a lap file states (TOML).

All keys at once::

    separator = ","                 # optional; found by itself otherwise

    [columns]                       # Dryline's name = the file's column
    car_number = "Car"              # needed
    lap = "Lap"                     # else the car's rows are counted
    lap_time = "Lap Time"           # lap_time or elapsed is needed
    elapsed = "Race Time"           # else the running sum of lap times
    s1 = "Sector 1"                 # s2, s3, time_of_day, pit_lane likewise
    driver = "Driver"               # driver_seat, car_class, team, manufacturer, group
    flag = "Flag"
    in_pit = "Pit"
    top_speed = "Trap"              # km/h; speed likewise

    [times]                         # how times are written; "clock" where nothing is said
    lap_time = "seconds"            # "clock" (1:35.020), "seconds" (95.02), "milliseconds"

    [flags]                         # the file's code = Dryline's flag
    G = "green"

    [in_pit]
    marks = ["P", "IN"]             # what the in_pit column holds on an in-lap

    [defaults]                      # for columns that the file lacks
    car_class = "GT3"
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dryline.domain.errors import InputError
from dryline.domain.flag import Flag
from dryline.domain.legible import legible_tree

TIMES = ("lap_time", "elapsed", "s1", "s2", "s3", "time_of_day", "pit_lane")
TEXTS = ("driver", "car_class", "team", "manufacturer", "group")
COLUMNS = (
    "car_number", "lap", *TIMES, *TEXTS, "driver_seat", "flag", "in_pit", "top_speed", "speed",
)  # fmt: skip
TIME_FORMATS = ("clock", "seconds", "milliseconds")
_TABLES = ("columns", "times", "flags", "in_pit", "defaults")


@dataclass(frozen=True)
class ColumnMapping:
    """A column mapping that was read and found sound; ``file`` is named in errors."""

    columns: Mapping[str, str]
    file: str = "mapping"
    separator: str | None = None
    times: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, Flag] = field(default_factory=dict)
    in_pit_marks: tuple[str, ...] = ("B",)
    defaults: Mapping[str, str] = field(default_factory=dict)

    def fail(self, key: str, message: str, remedy: str) -> InputError:
        """The error to raise about the key ``key``."""
        return InputError(f"key {key}: {message}", file=self.file, remedy=remedy)


def read_mapping(data: bytes, name: str) -> ColumnMapping:
    """The mapping in a TOML file.

    Raises:
        InputError: no TOML, an unknown key, a value of the wrong kind, or a needed key missing.
    """
    try:
        tree = legible_tree(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"this is no TOML: {error}"[:200], file=name, remedy="See docs/generic-feed.md."
        ) from error
    except RecursionError as error:
        raise InputError("nested too deeply", file=name, remedy="Use plain tables.") from error
    _known_keys(tree, ("separator", *_TABLES), "", name)
    tables = {key: _table(tree, key, name) for key in _TABLES}
    separator = tree.get("separator")
    if separator is not None and (not isinstance(separator, str) or len(separator) != 1):
        raise _error(name, "separator", "is not one character", 'Write separator = ";".')
    mapping = ColumnMapping(
        file=name,
        separator=separator,
        columns=_texts(tables["columns"], COLUMNS, "columns", name),
        times=_time_formats(tables["times"], name),
        flags=_flags(tables["flags"], name),
        in_pit_marks=_marks(tables["in_pit"], name),
        defaults=_texts(tables["defaults"], TEXTS, "defaults", name),
    )
    _check_needed(mapping)
    return mapping


def _check_needed(mapping: ColumnMapping) -> None:
    if "car_number" not in mapping.columns:
        raise mapping.fail(
            "columns.car_number", "is missing", 'Write car_number = "the column with the number".'
        )
    if not {"lap_time", "elapsed"} & set(mapping.columns):
        raise mapping.fail(
            "columns.lap_time", "neither lap_time nor elapsed is given", "Give one of the two."
        )
    taken: dict[str, str] = {}
    for key, column in mapping.columns.items():
        other = taken.setdefault(column.strip().upper(), key)
        if other != key:
            raise mapping.fail(
                f"columns.{key}", f"{column!r} is columns.{other} already", "Use each column once."
            )


def _error(name: str, key: str, message: str, remedy: str) -> InputError:
    return InputError(f"key {key} {message}", file=name, remedy=remedy)


def _known_keys(table: Mapping[str, Any], known: tuple[str, ...], prefix: str, name: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key[:40], known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
            raise _error(name, f"{prefix}{key[:40]}", "is unknown", hint)


def _table(tree: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    table = tree.get(key, {})
    if not isinstance(table, dict):
        raise _error(name, key, "is no table", f"Begin it with [{key}].")
    return table


def _texts(table: dict[str, Any], known: tuple[str, ...], prefix: str, name: str) -> dict[str, str]:
    _known_keys(table, known, f"{prefix}.", name)
    for key, value in table.items():
        if not isinstance(value, str) or not value.strip():
            raise _error(name, f"{prefix}.{key}", "is no text", f'Write {key} = "...".')
    return {key: value.strip() for key, value in table.items()}


def _time_formats(table: dict[str, Any], name: str) -> dict[str, str]:
    formats = _texts(table, TIMES, "times", name)
    for key, value in formats.items():
        if value not in TIME_FORMATS:
            raise _error(
                name, f"times.{key}", f"is {value[:40]!r}", f"Known are {', '.join(TIME_FORMATS)}."
            )
    return formats


def _flags(table: dict[str, Any], name: str) -> dict[str, Flag]:
    flags = {}
    for code, value in table.items():
        try:
            flags[code.strip()] = Flag(str(value))
        except ValueError:
            raise _error(
                name,
                f"flags.{code[:40]}",
                f"is {str(value)[:40]!r}",
                f"Known are {', '.join(Flag)}.",
            ) from None
    return flags


def _marks(table: dict[str, Any], name: str) -> tuple[str, ...]:
    _known_keys(table, ("marks",), "in_pit.", name)
    marks = table.get("marks", ["B"])
    if not isinstance(marks, list) or not all(isinstance(m, str) and m.strip() for m in marks):
        raise _error(name, "in_pit.marks", "is no list of texts", 'Write marks = ["P"].')
    return tuple(mark.strip() for mark in marks)
