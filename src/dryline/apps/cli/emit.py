"""One answer, four forms: for people, as JSON, as CSV, as Parquet."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryline.domain.errors import BadOption, writing
from dryline.present.terminal.plain import plain

if TYPE_CHECKING:
    import msgspec
    import polars as pl
    from rich.console import Console, RenderableType

    from dryline.answers.answer import Answer

MIN_WIDTH, PIPED_WIDTH = 40, 100


@dataclass(frozen=True, slots=True)
class OutputForm:
    """Which form was asked for."""

    json: bool = False
    csv: bool = False
    parquet: Path | None = None

    def __post_init__(self) -> None:
        if sum((self.json, self.csv, self.parquet is not None)) > 1:
            raise BadOption("choose one of --json, --csv and --parquet")


def console(*, stderr: bool = False) -> Console:
    """A console for people: colour off under ``NO_COLOR`` and in pipes, 100 wide in pipes."""
    from rich.console import Console

    class PipedConsole(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # Rich would leave with status 1; ``run`` decides that

    stream = sys.stderr if stderr else sys.stdout
    width = None
    if not stream.isatty() and "COLUMNS" not in os.environ:
        width = PIPED_WIDTH
    return PipedConsole(stderr=stderr, highlight=False, width=width, soft_wrap=False)


def emit(form: OutputForm, answer: Answer, screen: Callable[[int], RenderableType]) -> None:
    """An answer in the form asked for; its table and its screen are only made when asked for."""
    emit_as(form, json=lambda: answer, table=answer.frame, screen=screen)


def emit_as(
    form: OutputForm,
    *,
    json: Callable[[], dict[str, Any] | msgspec.Struct],
    table: Callable[[], pl.DataFrame],
    screen: Callable[[int], RenderableType],
) -> None:
    """What is no answer about a race, in the form asked for; each is made when it is the one."""
    if form.json:
        _write(encode_json(json()) + b"\n")
    elif form.csv:
        _write(as_csv(table()))
    elif form.parquet is not None:
        remedy = "Name a file in a folder that is there and may be written."
        with writing(form.parquet, remedy):
            table().write_parquet(form.parquet)
        say(f"wrote {form.parquet}", stderr=True)
    else:
        from dryline.present.terminal.shown import Shown

        out = console()
        out.print(Shown(screen(max(out.width, MIN_WIDTH))))


def as_csv(table: pl.DataFrame) -> bytes:
    """The table as CSV that a terminal and a spreadsheet may be given, whoever named the cars."""
    from dryline.domain.flat_table import flat
    from dryline.domain.table_text import guarded, legible_table

    return guarded(legible_table(flat(table))).write_csv().encode()


def say(text: str, *, stderr: bool = False) -> None:
    """One line of plain text, whole: never wrapped, never read as markup."""
    line = plain(text.replace("\n", " "))
    print(line, file=sys.stderr if stderr else sys.stdout)


def encode_json(value: dict[str, Any] | msgspec.Struct) -> bytes:
    """One JSON object in one line, in UTF-8 everywhere; not-a-number becomes null."""
    import msgspec

    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # the name of a file may hold bytes that are no letters
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
        return text.encode("utf-8", "replace")


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
