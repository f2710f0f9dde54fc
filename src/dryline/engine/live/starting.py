"""From what a person asks for to a session that goes on: a replay, or a feed by its address."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from dryline.domain.errors import BadOption, RaceNotFound
from dryline.domain.instant import START, Instant
from dryline.domain.race_info import UNNAMED, RaceInfo
from dryline.domain.weekend import NO_WEEKEND, Weekend
from dryline.engine.live.clock import Clock, FollowingClock, LiveClock, ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.replay_feed import ReplayFeed
from dryline.engine.live.session import LiveSession, Prompt
from dryline.engine.live.workers import Work, Workers
from dryline.feeds.live.arrival import ArrivalForm, LiveFeed
from dryline.feeds.live.growing import GrowingFiles
from dryline.feeds.live.rmonitor import RMonitorFeed
from dryline.feeds.live.stream import StreamFeed
from dryline.feeds.live.websocket import WebSocketFeed, WebSocketReceiver
from dryline.race.race import Race

_LISTEN = re.compile(r"listen:(\d{1,5})")
_SOCKET = re.compile(r"wss?://|listen:")
_RMONITOR = re.compile(r"rmonitor://(\[[0-9a-fA-F:.]+\]|[^\[\]:@/\s]+):(\d{1,5})/?")
_TEAM = "Name -, ws://HOST:PORT/…, listen:PORT or api as --team-feed, files as --feed."
_HOW = (
    "Name a file or folder, - for standard input, ws://HOST:PORT/…, rmonitor://HOST:PORT, or "
    "listen:PORT."
)


class Kept(TypedDict, total=False):
    """What a session keeps and asks, as ``LiveSession`` takes it."""

    journal: Path | None
    seed: int
    works: Mapping[str, Work] | None
    routines: Sequence[Prompt]
    workers: Workers | None


def replay_session(
    race: Race,
    *,
    speed: float = math.inf,
    at: Instant = START,
    **kept: Unpack[Kept],
) -> Player:
    """A finished race as if it were on, from ``at`` or from where its journal ends.

    Raises:
        JournalError: the journal cannot be opened, or is another session's.
    """
    feed = ReplayFeed(race, loops=True)
    session = LiveSession(
        race.info,
        ReplayClock(speed, at, end=feed.end),
        crews=race.crews,
        weekend=race.weekend,
        **kept,
    )
    return Player(session, [feed])


def live_session(
    feeds: Sequence[str],
    *,
    team_feeds: Sequence[str] = (),
    info: RaceInfo | None = None,
    weekend: Weekend = NO_WEEKEND,
    started_at: Instant | None = None,
    sender_keeps_time: bool = False,
    token: str | None = None,
    others: Sequence[LiveFeed] = (),
    **kept: Unpack[Kept],
) -> Player:
    """A race that is on, told by these feeds; see ``feed_at`` for their addresses.

    Args:
        feeds: addresses, all of the same race.
        team_feeds: addresses of the team's own, whose team lines count as if typed here.
        info: the race, where it is known; the feed may name it else.
        weekend: what other sessions of the weekend told.
        started_at: the instant of the race now, where somebody knows it better than the feed.
        sender_keeps_time: the clock is the sender's ``known_at`` (a replay sent from elsewhere).
        token: for feeds over WebSocket that ask for one.
        others: feeds that are there already.
        kept: as ``LiveSession`` takes them.

    Raises:
        BadOption: an address that is none.
        RaceNotFound: a folder that is not there.
        JournalError: the journal cannot be opened, or is another session's.
    """
    clock: Clock = FollowingClock() if sender_keeps_time else LiveClock(started_at)
    session = LiveSession(
        RaceInfo(name=UNNAMED) if info is None else info,
        clock,
        weekend=weekend,
        **kept,
    )
    addresses = [(address, ArrivalForm.LINES) for address in feeds]
    addresses += [(address, ArrivalForm.TEAM_LINES) for address in team_feeds]
    names = names_of([address for address, _ in addresses])
    told = [
        feed_at(address, token, form=form, source=name)
        for (address, form), name in zip(addresses, names, strict=True)
    ]
    return Player(session, [*told, *others])


def names_of(addresses: Sequence[str]) -> list[str]:
    """What the feeds at these addresses are called, each its own: ``websocket #2``."""
    names: list[str] = []
    for address in addresses:
        name = "stdin" if address == "-" else Path(address).name
        name = "websocket" if _SOCKET.match(address) else name
        name = "rmonitor" if address.startswith("rmonitor://") else name
        count = sum(name == other.partition(" #")[0] for other in names)
        names.append(f"{name} #{count + 1}" if count else name)
    return names


def feed_at(
    address: str,
    token: str | None = None,
    *,
    form: ArrivalForm = ArrivalForm.LINES,
    source: str | None = None,
) -> LiveFeed:
    """The feed at an address.

    It is ``-``, ``ws://…``, ``wss://…``, ``rmonitor://HOST:PORT``, ``listen:PORT``, a file or a
    folder. A file need not exist yet; its folder must. ``form`` says whether lines in the team's
    name count; in timing files there are none. ``source`` is what it is called.

    Raises:
        BadOption: where the address is none of these.
        RaceNotFound: where the folder is not there.
    """
    name = names_of([address])[0] if source is None else source
    if address == "-":
        return StreamFeed(sys.stdin.fileno(), name, form)
    if address.startswith(("ws://", "wss://")):
        headers = None if token is None else {"Authorization": f"Bearer {token}"}
        return WebSocketFeed(address, name, headers, form)
    listen = _LISTEN.fullmatch(address)
    if listen is not None:
        return WebSocketReceiver(_port(int(listen[1])), name, form)
    rmonitor = _RMONITOR.fullmatch(address)
    if rmonitor is not None and form is not ArrivalForm.TEAM_LINES:
        return RMonitorFeed(rmonitor[1].strip("[]"), _port(int(rmonitor[2])), name)
    if "://" in address:
        raise BadOption(f"{address[:60]!r} is no feed", remedy=_HOW)
    if form is ArrivalForm.TEAM_LINES:
        raise BadOption(f"a file has no team lines: {address[:60]!r}", remedy=_TEAM)
    path = Path(address)
    if not path.exists() and not path.parent.is_dir():
        raise RaceNotFound(f"no file or folder {address!r}", remedy=_HOW)
    return GrowingFiles(path, source=name)


def _port(port: int) -> int:
    if port > 65_535:
        raise BadOption(f"{port} is no port", remedy=_HOW)
    return port
