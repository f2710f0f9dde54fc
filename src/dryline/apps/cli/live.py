"""``live``: the pit wall in browser and terminal, of a race that is on or is replayed."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from dryline.apps.cli.bundles import Followed, Served
from dryline.apps.cli.options import option

if TYPE_CHECKING:
    import socket

    from rich.console import RenderableType

    from dryline.apps.server.feed import FeedDoor
    from dryline.apps.server.serving import Serving
    from dryline.apps.server.tokens import Tokens
    from dryline.domain.race_info import RaceLength
    from dryline.engine.live.player import Player
    from dryline.feeds.live.arrival import LiveFeed

REFRESH_S = 0.5
UNKNOWN = "the race"
STDIN, API = "-", "api"


def live(
    followed: Followed,
    served: Served,
    car: Annotated[str | None, option("--car", "N", "Our car: whose call is worked out.")] = None,
    car_class: Annotated[
        str | None, option("--class", "CLASS", "Only this class in the terminal.")
    ] = None,
    journal: Annotated[
        Path | None, option("--journal", "FILE", "Keep everything there; go on from it.")
    ] = None,
    seed: Annotated[int, option("--seed", "N", "The luck of answers.")] = 1,
) -> None:
    """The pit wall at http://127.0.0.1:8040 and the timing screen here, as the race goes.

    A finished race is replayed, feeds of one that is on are followed. A journal survives a killed
    process: start again with it and nothing is lost or doubled. Ctrl-C ends it.

    Example: dryline live 23_Analysis_Race.CSV --speed 20 --car 50 --journal monza.journal
    """
    from dryline.apps.cli.emit import say

    if served.new_tokens:
        from dryline.apps.server.tokens import new_tokens

        for line in new_tokens().splitlines():
            say(line)
        return
    _check(followed, served)
    with _quiet_threads():
        _run(_Plan(followed, served, car, car_class, journal, seed))


@dataclass(frozen=True, slots=True)
class _Plan:
    followed: Followed
    served: Served
    car: str | None
    car_class: str | None
    journal: Path | None
    seed: int

    @property
    def serves(self) -> bool:
        """At once and to the end there is nothing to watch, unless a port is named."""
        at_once = self.followed.race is not None and self.followed.speed == 0
        return not self.served.no_server and (self.served.port is not None or not at_once)

    @property
    def stays(self) -> bool:
        """Whether the wall is there to be looked at when the race is over."""
        only_stdin = self.followed.feeds == (STDIN,)
        return self.serves and (self.served.port is not None or not only_stdin)


def _check(followed: Followed, served: Served) -> None:
    from dryline.domain.errors import BadOption

    if (followed.race is None) == (not followed.feeds):
        raise BadOption("name a race to replay, or --feed addresses to follow; not both")
    if followed.feeds and followed.classes is not None:
        raise BadOption("--classes is for a race that is replayed: a feed has its own classes")
    if followed.speed < 0 or math.isnan(followed.speed):
        raise BadOption("--speed must not be negative")
    if served.port is not None and not 0 <= served.port <= 65_535:
        raise BadOption(f"--port {served.port} is no port")
    if len({*followed.feeds}) < len(followed.feeds):
        raise BadOption("one address is there twice", remedy="Name it as --feed or --team-feed.")
    if served.no_server and API in followed.feeds:
        raise BadOption("--feed api comes through the server; leave --no-server out")


def _run(plan: _Plan) -> None:
    """Begin what was asked for, go on until the end or Ctrl-C, and close it all."""
    listener, tokens = _listener(plan) if plan.serves else (None, None)
    player: Player | None = None
    serving: Serving | None = None
    try:
        with _ended_by_signals():
            door = _door(plan)
            player = _player(plan, door)
            if listener is not None and tokens is not None:
                serving = _serving(plan, player, listener, tokens, door)
            player.start()
            _follow(player, serving, plan)
    finally:
        if serving is not None:
            serving.stop()
        elif listener is not None:
            listener.close()
        if player is not None:
            player.stop()
    if player is not None:
        _print_last(player, plan)


def _listener(plan: _Plan) -> tuple[socket.socket, Tokens]:
    """A socket, once it is certain that nobody uninvited gets in."""
    from dryline.apps.cli.emit import say
    from dryline.apps.server.serving import PORT, is_loopback, listen
    from dryline.apps.server.tokens import is_private, tokens_from
    from dryline.domain.errors import BadOption

    served = plan.served
    tokens = tokens_from(served.tokens)
    if not tokens and (served.name or not is_loopback(served.host)):
        raise BadOption(
            "who reaches this server from elsewhere needs a token, and there are none",
            remedy="Make them with: dryline live --new-tokens > FILE, then add --tokens FILE.",
        )
    if served.tokens is not None and not is_private(served.tokens):
        say(f"{served.tokens}: others can read the tokens; chmod 600 mends it", stderr=True)
    port = PORT if served.port is None else served.port
    return listen(served.host, port), tokens


def _door(plan: _Plan) -> FeedDoor | None:
    if API not in plan.followed.feeds:
        return None
    from dryline.apps.server.feed import FeedDoor
    from dryline.apps.server.limits import ServerLimits
    from dryline.feeds.live.arrival import ArrivalForm

    counts = API in (plan.followed.team_feed or ())
    return FeedDoor(
        ServerLimits().feeds, form=ArrivalForm.TEAM_LINES if counts else ArrivalForm.LINES
    )


def _player(plan: _Plan, door: FeedDoor | None) -> Player:
    from dryline.apps.cli.opening import refuse_beyond
    from dryline.engine.live.starting import replay_session
    from dryline.engine.opening import SaidOfFiles, open_race
    from dryline.engine.race_length import parse_length
    from dryline.engine.session_kinds import known_kind

    followed = plan.followed
    length = None if followed.length is None else parse_length(followed.length)
    if followed.race is None:
        return _live(plan, length, [] if door is None else [door])
    opened = open_race(
        followed.race,
        SaidOfFiles(
            series=followed.series,
            year=followed.year,
            length=length,
            session=None if followed.session is None else known_kind(followed.session),
            messages=followed.messages,
            weekend=followed.weekend or (),
            classes=followed.classes,
        ),
    )
    if followed.at is not None:
        refuse_beyond(opened, followed.at)
    begin = opened.instant("0:00:00" if followed.at is None else followed.at)
    ours = None if plan.car is None else opened.known_car(plan.car)
    if plan.car_class is not None:
        opened.known_class(plan.car_class)
    player = replay_session(opened, speed=followed.speed or math.inf, at=begin, **_desk(plan))
    return _with_car(player, ours)


def _live(plan: _Plan, length: RaceLength | None, others: list[LiveFeed]) -> Player:
    from dryline.domain.race_info import UNNAMED, RaceInfo
    from dryline.domain.session_kind import SessionKind
    from dryline.engine.live.starting import live_session
    from dryline.engine.naming import known_series
    from dryline.engine.opening import open_race
    from dryline.engine.session_kinds import known_kind
    from dryline.engine.weekend import told_by
    from dryline.feeds.live.sender import TOKEN

    followed = plan.followed
    series = None if followed.series is None else known_series(followed.series)
    kind = SessionKind.RACE if followed.session is None else known_kind(followed.session)
    player = live_session(
        [address for address in followed.feed or () if address != API],
        team_feeds=[address for address in followed.team_feed or () if address != API],
        info=RaceInfo(
            name=UNNAMED, series=series, year=followed.year, length=length, session_kind=kind
        ),
        weekend=told_by(open_race(other) for other in followed.weekend or ()),
        sender_keeps_time=followed.sender_keeps_time,
        token=os.environ.get(TOKEN),
        others=others,
        **_desk(plan),
    )
    return _with_car(player, plan.car)


def _desk(plan: _Plan) -> dict[str, Any]:
    """What the session keeps and asks: forecasts and calls where somebody can see them."""
    kept = {"journal": plan.journal, "seed": plan.seed}
    if not plan.serves:
        return kept
    from dryline.engine.live.works import ROUTINES, WORKS, pit_wall_workers

    return {**kept, "works": WORKS, "routines": ROUTINES, "workers": pit_wall_workers()}


def _with_car(player: Player, car_number: str | None) -> Player:
    from dryline.engine.live.pit_wall import SETTINGS
    from dryline.engine.live.works import our_car

    if car_number is not None and our_car(player.session.state) != car_number:
        player.session.tell(SETTINGS, f"our car {car_number}")
    return player


def _serving(
    plan: _Plan, player: Player, listener: socket.socket, tokens: Tokens, door: FeedDoor | None
) -> Serving:
    from dryline.apps.cli.emit import say
    from dryline.apps.server.serving import Serving
    from dryline.engine.live.pit_wall import PitWall

    serving = Serving(
        player,
        PitWall(player),
        listener,
        tokens=tokens,
        names=plan.served.name or (),
        door=door,
    )
    serving.start()
    serving.warm()
    say(f"the pit wall is at {serving.address}; Ctrl-C ends it", stderr=True)
    return serving


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Ctrl-C, or a polite kill, is how a live session ends."""
    at_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if at_main else None
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        if at_main:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _quiet_threads() -> Iterator[None]:
    """Ctrl-C may reach a thread amid a table's work: then it ends, and says nothing."""
    before, threading.excepthook = threading.excepthook, _tell_but_interrupts
    try:
        yield
    finally:
        threading.excepthook = before


def _tell_but_interrupts(fault: threading.ExceptHookArgs) -> None:
    if not issubclass(fault.exc_type, KeyboardInterrupt):
        threading.__excepthook__(fault)


def _follow(player: Player, serving: Serving | None, plan: _Plan) -> None:
    """Draw the screen twice a second until the end; in a pipe nothing is drawn."""
    from dryline.apps.cli.emit import console

    out = console()
    if not out.is_terminal or plan.served.no_screen:
        while _goes_on(player, plan):
            player.wait(REFRESH_S)
        return
    from rich.live import Live

    from dryline.present.terminal.shown import Shown

    note = "" if serving is None else f"pit wall: {serving.address}   Ctrl-C ends"
    with Live(console=out, screen=True, auto_refresh=False) as window:
        while _goes_on(player, plan):
            shown = Shown(_screen(player, out.width, plan.car_class, note))
            window.update(shown, refresh=True)
            player.wait(REFRESH_S)


def _goes_on(player: Player, plan: _Plan) -> bool:
    if player.fault is not None:
        raise player.fault
    return plan.stays or not player.ended


def _print_last(player: Player, plan: _Plan) -> None:
    from dryline.apps.cli.emit import console
    from dryline.present.terminal.shown import Shown

    out = console()
    out.print(Shown(_screen(player, out.width, plan.car_class)))


def _screen(player: Player, width: int, car_class: str | None, note: str = "") -> RenderableType:
    from dryline.present.terminal import timing_screen, words

    race = player.session.race()
    if race.crossings.is_empty():
        waiting = f"waiting for the first crossing of {race.info.name or UNKNOWN}..."
        return "\n".join(filter(None, (waiting, note)))
    snapshot = race.at(race.end)
    shown = next(
        (car.car_class for car in snapshot.cars if _key(car.car_class) == _key(car_class)), None
    )
    return timing_screen.stack(
        timing_screen.context_line(words.race_name(race.info), snapshot.at.ms, snapshot.flag),
        note,
        timing_screen.timing_screen(snapshot, width=width, car_class=shown, raced=race.is_race),
    )


def _key(name: str | None) -> str:
    return "".join(letter for letter in (name or "").casefold() if letter.isalnum())


PANEL = "Look ahead"
COMMANDS = {"live": live}
