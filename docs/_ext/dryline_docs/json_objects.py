"""The JSON objects: every command is asked about the embedded race, and its answer described."""

from __future__ import annotations

import contextlib
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.util.logging import getLogger

from dryline_docs import meanings
from dryline_docs.commands import options, walk
from dryline_docs.examples import empty_folder
from dryline_docs.text import FromCode, code, slug, table

ASKED = {
    "demo": "--replicates 100",
    "show": "imola-2024 --at 4:00:00",
    "classification": "imola-2024 --at 6:02:00",
    "laps": "imola-2024 --car 50 --at 1:30:00",
    "stints": "imola-2024 --car 50",
    "session": "imola-2024 --session practice --class HYPERCAR",
    "neutralisations": "imola-2024",
    "gaps": "imola-2024 --car 7 --at 1:00:00",
    "pace": "imola-2024 --class HYPERCAR",
    "stops": "imola-2024 --car 50",
    "range": "imola-2024 --at 4:00:00",
    "track": "imola-2024 --at 4:00:00",
    "forecast": "imola-2024 --at 4:00:00 --replicates 100",
    "rejoin": "imola-2024 --car 50 --at 3:00:00 --replicates 200",
    "advise": "imola-2024 --car 50 --at 3:53:00 --replicates 64",
    "cards": "imola-2024 --at 3:10:00 --replicates 16",
    "debrief": "imola-2024 --car 50",
    "plan": "setup.toml --plans 1 --replicates 10",
    "standings": "wec/2024 --after 2",
    "points": "imola-2024",
    "ledger": "imola-2024",
    "penalties": "imola-2024",
    "queue": "imola-2024 --at 3:30:00",
}
"""What each command is asked, so that its answer can be described."""
NEEDS_FILES = {
    "verify", "backtest forecast", "backtest flag", "backtest rejoin", "backtest track",
    "backtest advice", "backtest neutralisations", "backtest realism", "bench", "library list",
    "library sql", "fetch seasons", "fetch events", "fetch sessions", "journal verify",
    "journal replay",
}  # fmt: skip
"""Commands whose answer needs files that no documentation has; the page tells them by hand."""


MADE = {"setup.toml": ("plan --example", b'"6:00"', b'"3:00"')}
"""Files that are asked about: the command that writes each, and what is changed in it."""
FIELDS = "json-fields.json"
"""Beside the doctrees: the fields of every object, for the tests."""
FACTS = "event."
"""The facts of an embedded event, as they ship: told in words on the page."""


def with_json() -> list[str]:
    """Every command that answers ``--json``."""
    return [
        " ".join(path) for path, command in walk()
        if any(option.opts[0] == "--json" for option in options(command))
    ]  # fmt: skip


@cache
def answer(command: str) -> dict[str, Any]:
    """What a command says in JSON.

    Raises:
        RuntimeError: where it does not answer.
    """
    with empty_folder():
        for file, (maker, old, new) in MADE.items():
            if file in ASKED[command].split():
                Path(file).write_bytes(_said(maker).replace(old, new))
        found: dict[str, Any] = json.loads(_said(f"{command} {ASKED[command]} --json"))
    return found


def _said(line: str) -> bytes:
    from dryline.apps.cli.run import run

    said, remarks = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(remarks):
        status = run(line.split())
    said.flush()
    if status != 0:
        raise RuntimeError(f"dryline {line}: status {status}: {remarks.getvalue()}")
    bytes_: bytes = said.buffer.getvalue()  # type: ignore[attr-defined]
    return bytes_


def fields(value: Any, path: str = "") -> dict[str, tuple[str, Any]]:
    """Every field of an answer by its path, with its type and one value.

    Tables keyed by cars, classes or kinds stand as ``<key>``.
    """
    found: dict[str, tuple[str, Any]] = {}
    if isinstance(value, dict):
        for key, inner in value.items():
            name = "<key>" if _is_data(value) else key
            _merge(found, fields(inner, f"{path}.{name}" if path else name))
        if path and not value:
            found[path] = ("object", None)
    elif isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        for inner in value[:40]:
            _merge(found, fields(inner, f"{path}[]"))
    elif isinstance(value, list):
        found[f"{path}[]"] = (_type(value[0]) if value else "list", value[0] if value else None)
    else:
        found[path] = (_type(value), value)
    return found


def _merge(into: dict[str, tuple[str, Any]], other: dict[str, tuple[str, Any]]) -> None:
    for key, (kind, value) in other.items():
        old = into.get(key)
        if old is None or old[1] is None:
            into[key] = (kind, value)


def _is_data(value: dict[str, Any]) -> bool:
    """Whether the keys are data (car numbers, names) rather than names of fields."""
    return bool(value) and not all(
        key.replace("_", "").isalnum() and key.islower() for key in value
    )


def _type(value: Any) -> str:
    names = {bool: "true/false", int: "whole", float: "number", str: "text"}
    return names.get(type(value), "null")


class JsonObjects(FromCode):
    """Every object with its fields, their types, an example and the meaning."""

    def markdown(self) -> str:
        """A section for every command that can be asked here."""
        found = {command: _found(command) for command in with_json() if command in ASKED}
        told = {command: list(each) for command, each in found.items()}
        Path(self.env.doctreedir, FIELDS).write_text(json.dumps(told), encoding="utf-8")
        return "\n\n".join(_section(command, each) for command, each in found.items())


def _found(command: str) -> dict[str, tuple[str, Any]]:
    try:
        every = fields(answer(command))
    except RuntimeError as error:
        getLogger(__name__).warning(str(error))
        return {}
    return {path: each for path, each in every.items() if not path.startswith(FACTS)}


def _section(command: str, found: dict[str, tuple[str, Any]]) -> str:
    title = f"{{#{slug('json', command)}}}\n## {command}\n\n"
    rows = [
        (code(path), kind, _example(value), meanings.of_field(command, path))
        for path, (kind, value) in found.items()
    ]
    body = table(("field", "type", "example", "meaning"), rows, "columns")
    asked = f"```console\n$ dryline {command} {ASKED[command]} --json\n```\n\n"
    return title + asked + body


def _example(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value).replace("\n", " ")
    if isinstance(value, bool):
        text = text.lower()
    return code(text if len(text) < 44 else text[:42] + "…")
