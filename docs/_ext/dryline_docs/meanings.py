"""What columns and fields mean: what records do not say, `reference/meanings.toml` does."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dryline.answers.meanings import Meaning

FILE = Path(__file__).resolve().parents[2] / "reference" / "meanings.toml"
ROWS = {
    "crossings": "answers.laps:Lap",
    "laps": "answers.laps:Lap",
    "stints": "answers.stints:Stint",
    "session by car": "answers.timed_session:TimedCar",
    "session by driver": "answers.timed_session:TimedDriver",
    "session by run": "answers.timed_session:SessionRun",
    "stops": "answers.stops:Stop",
    "ranges": "answers.ranges:CarRange",
    "neutralisations": "answers.neutralisations:Period",
    "snapshot": "answers.race:CarLine",
    "lead changes": "answers.race:LeadChange",
    "gaps": "answers.gaps:GapOnLap",
    "pace by driver": "answers.pace:PaceRow",
    "pace by stint": "answers.pace:PaceRow",
    "track tyres": "answers.track:CarTyre",
    "track crossovers": "answers.track:Crossover",
    "findings": "domain.finding:Finding",
}
"""The record of an answer whose fields are a table's columns."""


@cache
def told() -> dict[str, dict[str, str]]:
    """The sections of the file."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def of_column(place: str, column: str) -> str:
    """The meaning of a table's column, or nothing.

    What the record of a row says comes first, then the table's section, then any table's.
    """
    own = _of_row(place).get(column)
    return own or told().get(place, {}).get(column) or told()["columns"].get(column, "")


def of_field(command: str, path: str) -> str:
    """The meaning of a field of a command's JSON object, or nothing.

    What the answer's own record says comes first. Otherwise a path is looked up in the command's
    section, then in that of every object, each time in full and then by its last name, and at last
    among the columns.
    """
    own = _recorded(command).get(path.removesuffix("[]"))
    if own:
        return own
    name = path.replace("[]", "").rsplit(".", 1)[-1]
    for section in (f"json {command}", "json"):
        for key in (path, name):
            if key in told().get(section, {}):
                return told()[section][key]
    return told()["columns"].get(name, "")


@cache
def _of_row(place: str) -> dict[str, str]:
    """What the record of a row of that table says of each of its columns."""
    from dryline.answers.meanings import meanings_of

    if place not in ROWS:
        return {}
    module, name = ROWS[place].split(":")
    found = _sentences(meanings_of(getattr(import_module(f"dryline.{module}"), name)))
    return {path.replace(".", "_"): text for path, text in found.items()}


@cache
def _recorded(command: str) -> dict[str, str]:
    """What the record of the question of that name says of each of its fields."""
    from dryline.answers.meanings import meanings_of
    from dryline.engine.questions import OF_NO_MOMENT, QUESTIONS, answer_of, record_of

    tags = {question.__struct_config__.tag: question for question in QUESTIONS}
    if command in tags:
        return _sentences(meanings_of(answer_of(tags[command])))
    if command in OF_NO_MOMENT:
        return _sentences(meanings_of(record_of(OF_NO_MOMENT[command])))
    return {}


def _sentences(found: Mapping[str, Meaning]) -> dict[str, str]:
    return {
        path: f"{each.text}, {each.unit}" if each.unit else each.text
        for path, each in found.items()
    }
