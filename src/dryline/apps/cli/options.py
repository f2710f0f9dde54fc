"""How an option is declared, and the options that more than one command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def option(name: str, metavar: str, text: str, panel: str | None = None) -> Any:
    """An option that takes a value, with its help and the panel of the help that it stands in."""
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel=panel)


def flag(name: str, text: str, panel: str | None = None) -> Any:
    """An option that is given or not."""
    return typer.Option(name, help=text, rich_help_panel=panel)


Car = Annotated[str | None, option("--car", "N", "Only this car.")]
CarClass = Annotated[str | None, option("--class", "CLASS", "Only this class.")]
Everybody = Annotated[bool, flag("--all", "Every row, not the first ten.")]
Seed = Annotated[int, option("--seed", "S", "Of the random numbers.")]
Decisions = Annotated[Path | None, option("--decisions", "FILE", "Stewards' decisions (CSV).")]
DecisionsToTell = Annotated[
    Path | None, option("--decisions", "FILE", "The stewards' decisions (CSV).")
]
Length = Annotated[
    str | None,
    option("--length", "H:MM|LAPS", "Scheduled length: 6:00, or 335laps.", "The race"),
]
Messages = Annotated[
    Path | None, option("--messages", "FILE", "Race control and outside facts (CSV).", "The race")
]
Weekend = Annotated[
    list[str] | None,
    option(
        "--weekend", "FILE", "Practice, qualifying, warm-up before it: pace and crews.", "The race"
    ),
]
Classes = Annotated[
    Path | None, option("--classes", "FILE", "Classes of your own: name, cars (TOML).", "The race")
]
Replace = Annotated[bool, flag("--replace", "Let another session under the same id be replaced.")]
