"""Options that travel together: a command takes one value, the user sees the options.

A command declares ``source: RaceSource`` and ``form: OutputForm``; ``bundled`` shows Typer the
fields of both as single parameters and hands the command the assembled values.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from dryline.apps.cli.emit import OutputForm
from dryline.apps.cli.options import Classes, Length, Messages, Weekend, flag, option
from dryline.domain.series_files import names_of_files
from dryline.domain.session_kind import SessionKind

if TYPE_CHECKING:
    from dryline.race.race import Race

SERIES = "|".join(names_of_files())
"""What ``--series`` takes: every series that has a file."""

KINDS = "|".join(kind.name_in_words for kind in SessionKind)
"""What ``--session`` takes."""

RaceArgument = Annotated[
    str,
    typer.Argument(
        metavar="RACE",
        help="A timing file, a folder with one session's files, a library id, or imola-2024.",
        show_default=False,
    ),
]


_option = partial(option, panel="The race")


@dataclass(frozen=True, slots=True)
class RaceSource:
    """Which race, what its files do not say of it, and as known when."""

    race: RaceArgument
    at: Annotated[
        str | None, _option("--at", "H:MM:SS", "As known at this instant; nothing later.")
    ] = None
    series: Annotated[
        str | None, _option("--series", SERIES, "The series; files do not carry it.")
    ] = None
    year: Annotated[int | None, _option("--year", "YYYY", "The season; files do not carry it.")] = (
        None
    )
    session: Annotated[
        str | None, _option("--session", KINDS, "The kind of session, where its files mislead.")
    ] = None
    length: Length = None
    messages: Messages = None
    weekend: Weekend = None
    say: Annotated[
        list[str] | None,
        _option("--say", "WORDS", "One message: 'at=3:42:00 kind=rain sector=3 source=spotter'."),
    ] = None
    classes: Classes = None
    entries: Annotated[
        Path | None, _option("--entries", "FILE", "The entry list: crews and licences (CSV).")
    ] = None
    mapping: Annotated[
        Path | None, _option("--mapping", "FILE", "Column mapping of another provider (TOML).")
    ] = None

    @property
    def quoted(self) -> str:
        """The race as a shell takes it, for a command that the user may copy."""
        return shlex.quote(self.race)

    def command(self, command: str) -> str:
        """A command, as ``pace --by stint``, about this race, for the user to copy."""
        name, dashes, options = command.partition(" --")
        return f"dryline {name} {self.quoted}{dashes}{options}"

    def open(self, *, whole: bool = False) -> Race:
        """The race, read as if its files ended at ``at``; ``whole`` leaves ``at`` aside.

        Raises:
            BadOption: where ``at`` lies beyond the end of the race.
        """
        from dryline.apps.cli.opening import may_be_over, refuse_beyond
        from dryline.engine.opening import SaidOfFiles, open_race
        from dryline.engine.race_length import parse_length
        from dryline.engine.session_kinds import known_kind

        race = open_race(
            self.race,
            SaidOfFiles(
                series=self.series,
                year=self.year,
                length=None if self.length is None else parse_length(self.length),
                session=None if self.session is None else known_kind(self.session),
                messages=self.messages,
                words=self.say or (),
                mapping=self.mapping,
                weekend=self.weekend or (),
                classes=self.classes,
                entries=self.entries,
            ),
            at=None if whole else self.at,
        )
        if self.at is not None and not whole and may_be_over(race, race.instant(self.at)):
            refuse_beyond(self.open(whole=True), self.at)
        return race


@dataclass(frozen=True, slots=True)
class FormChoice:
    """The form of the answer, as options."""

    json: Annotated[bool, flag("--json", "One JSON object on standard output.", "Form")] = False
    csv: Annotated[bool, flag("--csv", "The table as CSV on standard output.", "Form")] = False
    parquet: Annotated[
        Path | None, option("--parquet", "FILE", "Write the table there.", "Form")
    ] = None


@dataclass(frozen=True, slots=True)
class Followed:
    """Which race is followed live: a finished one replayed, or the feeds of one that is on."""

    race: Annotated[
        str | None,
        typer.Argument(metavar="[RACE]", help="A finished race to replay as if it were on."),
    ] = None
    feed: Annotated[
        list[str] | None,
        _option(
            "--feed",
            "ADDRESS",
            "-, ws://…, rmonitor://…, listen:PORT, api (the server's own), a file, a folder.",
        ),
    ] = None
    team_feed: Annotated[
        list[str] | None,
        _option("--team-feed", "ADDRESS", "The same, and what it says in the team's name counts."),
    ] = None
    speed: Annotated[
        float, _option("--speed", "X", "Replay so many times faster; 0: at once, to the end.")
    ] = 1.0
    at: Annotated[str | None, _option("--at", "H:MM:SS", "Begin the replay there.")] = None
    series: Annotated[
        str | None, _option("--series", SERIES, "The series; feeds and files may not say.")
    ] = None
    year: Annotated[int | None, _option("--year", "YYYY", "The season.")] = None
    session: Annotated[str | None, _option("--session", KINDS, "The kind of session.")] = None
    classes: Classes = None
    length: Length = None
    messages: Messages = None
    weekend: Weekend = None
    sender_keeps_time: Annotated[
        bool,
        flag(
            "--sender-keeps-time",
            "The clock is the sender's (a replay sent from elsewhere).",
            "The race",
        ),
    ] = False

    @property
    def feeds(self) -> tuple[str, ...]:
        """Every address to be followed."""
        return (*(self.feed or ()), *(self.team_feed or ()))


_served = partial(option, panel="The server")


@dataclass(frozen=True, slots=True)
class Served:
    """Where the pit wall is served, and to whom."""

    port: Annotated[
        int | None, _served("--port", "PORT", "Serve there (8040); 0 takes a free one.")
    ] = None
    host: Annotated[str, _served("--host", "ADDRESS", "Beyond 127.0.0.1 tokens are needed.")] = (
        "127.0.0.1"
    )
    name: Annotated[
        list[str] | None, _served("--name", "HOST", "A host name it is reached by, as of a proxy.")
    ] = None
    tokens: Annotated[
        Path | None, _served("--tokens", "FILE", "Tokens by role (TOML); else DRYLINE_TOKENS.")
    ] = None
    new_tokens: Annotated[
        bool, flag("--new-tokens", "Print a fresh tokens file and end.", "The server")
    ] = False
    no_server: Annotated[bool, flag("--no-server", "The terminal alone.", "The server")] = False
    no_screen: Annotated[
        bool, flag("--no-screen", "The server alone, nothing drawn.", "The server")
    ] = False


BUNDLES: dict[type, type] = {
    RaceSource: RaceSource,
    OutputForm: FormChoice,
    Followed: Followed,
    Served: Served,
}
"""What a command may declare, and the fields that stand for it on the command line."""


def bundled(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` as Typer should see it: every bundle spread out into its options."""
    hints = get_type_hints(command, include_extras=True)
    bundles = {
        name: kind
        for name, kind in hints.items()
        if kind in BUNDLES or dataclasses.is_dataclass(kind)
    }

    @functools.wraps(command)
    def spread(**given: Any) -> None:
        for name, kind in bundles.items():
            names = [field.name for field in dataclasses.fields(BUNDLES.get(kind, kind))]
            given[name] = kind(**{field: given.pop(field) for field in names})
        command(**given)

    parameters = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in bundles:
            kind = bundles[name]
            parameters += _fields(BUNDLES.get(kind, kind))
        else:
            parameters.append(parameter.replace(annotation=hints[name]))
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    spread.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    spread.__annotations__ = {p.name: p.annotation for p in parameters}
    del spread.__wrapped__
    return spread


def _fields(kind: type) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=hints[field.name],
            default=(
                inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
            ),
        )
        for field in dataclasses.fields(kind)
    ]
