"""``live``: follow a race in the terminal, one that is on or one replayed as if it were."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dryline.engine.live.player import Player

REFRESH_S = 0.5
UNKNOWN = "the race"


def register(app: typer.Typer) -> None:
    """Add ``live``."""
    app.command(rich_help_panel="Look ahead")(live)


def live(
    race: Annotated[
        str | None,
        typer.Argument(metavar="[RACE]", help="A finished race to replay as if it were on."),
    ] = None,
    feed: Annotated[
        list[str] | None,
        typer.Option("--feed", metavar="ADDRESS", help="-, ws://…, listen:PORT, a file, a folder."),
    ] = None,
    speed: Annotated[
        float, typer.Option("--speed", metavar="X", help="Replay so many times faster; 0: at once.")
    ] = 1.0,
    at: Annotated[
        str | None, typer.Option("--at", metavar="H:MM:SS", help="Begin the replay there.")
    ] = None,
    car_class: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="Only this class.")
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option("--journal", metavar="FILE", help="Keep everything there; go on from it."),
    ] = None,
) -> None:
    """The timing screen as the race goes: a finished race replayed, or feeds of one that is on.

    A journal survives a killed process: start again with it and nothing is lost or doubled.

    Example: dryline live 23_Analysis_Race.CSV --speed 20 --journal monza.journal
    """
    from dryline.domain.errors import BadOption

    if (race is None) == (not feed):
        raise BadOption("name a race to replay, or --feed addresses to follow; not both")
    if speed < 0:
        raise BadOption("--speed must not be negative")
    player = _player(race, feed or [], speed, at, journal)
    _follow(player, car_class)


def _player(
    race: str | None, feeds: list[str], speed: float, at: str | None, journal: Path | None
) -> Player:
    from dryline.engine.live.starting import live_session, replay_session
    from dryline.engine.opening import open_race

    if race is None:
        return live_session(feeds, journal=journal)
    opened = open_race(race)
    begin = opened.instant("0:00:00" if at is None else at)
    return replay_session(opened, speed=speed or math.inf, at=begin, journal=journal)


def _follow(player: Player, car_class: str | None) -> None:
    """Draw the screen twice a second until every feed is over; a line at the end in a pipe."""
    from dryline.apps.cli.emit import console

    out = console()
    player.start()
    try:
        if out.is_terminal:
            from rich.live import Live

            with Live(console=out, screen=True, auto_refresh=False) as window:
                while not player.ended:
                    window.update(_screen(player, out.width, car_class), refresh=True)
                    player.wait(REFRESH_S)
        else:
            while not player.ended:
                player.wait(REFRESH_S)
    finally:
        player.stop()
    out.print(_screen(player, out.width, car_class))


def _screen(player: Player, width: int, car_class: str | None) -> RenderableType:
    from dryline.present.terminal import timing_screen

    race = player.session.race()
    if race.crossings.is_empty():
        return f"waiting for the first crossing of {race.info.name or UNKNOWN}..."
    snapshot = race.at(race.end)
    shown = next(
        (car.car_class for car in snapshot.cars if _key(car.car_class) == _key(car_class)), None
    )
    return timing_screen.stack(
        timing_screen.context_line(race.info.name, snapshot.at.ms, snapshot.flag),
        "",
        timing_screen.timing_screen(snapshot, width=width, car_class=shown),
    )


def _key(name: str | None) -> str:
    return "".join(letter for letter in (name or "").casefold() if letter.isalnum())
