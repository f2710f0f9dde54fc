"""What columns and fields mean: `reference/meanings.toml`, looked up by place, then by name."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "reference" / "meanings.toml"


@cache
def told() -> dict[str, dict[str, str]]:
    """The sections of the file."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def of_column(place: str, column: str) -> str:
    """The meaning of a table's column, or nothing."""
    return told().get(place, {}).get(column) or told()["columns"].get(column, "")


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
def _recorded(command: str) -> dict[str, str]:
    """What the record of the question of that name says of each of its fields."""
    from dryline.answers.meanings import meanings_of
    from dryline.engine.questions import OF_NO_MOMENT, QUESTIONS, answer_of, record_of

    tags = {question.__struct_config__.tag: question for question in QUESTIONS}
    if command in tags:
        record = answer_of(tags[command])
    elif command in OF_NO_MOMENT:
        record = record_of(OF_NO_MOMENT[command])
    else:
        return {}
    return {
        path: f"{each.text}, {each.unit}" if each.unit else each.text
        for path, each in meanings_of(record).items()
    }
