"""Routes that only read: health, the session, the pictures, charts, the stream of events."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from dryline._version import __version__
from dryline.answers.wall import SessionView, Wall, encoded_wall
from dryline.answers.wall_team import Team
from dryline.apps.server.bodies import FeedState, Health, JournalState
from dryline.apps.server.describing import answers
from dryline.apps.server.parts import Anyone, Here, Parts, Strategist
from dryline.apps.server.refusals import JSON, Refusal
from dryline.apps.server.stream import EventStream
from dryline.domain.errors import BadOption
from dryline.engine.live.view import Screen, encoded, screen
from dryline.engine.live.wall_charts import ChartAsked

router = APIRouter()
Number = Annotated[str | None, Query(min_length=1, max_length=12)]
ClassName = Annotated[str | None, Query(min_length=1, max_length=40)]


@router.get("/healthz", responses=answers(Health, 429))
def healthz(request: Request, here: Here) -> Response:
    """How the server, its journal and its feeds are; details only for who may read."""
    known = request.scope["state"]["caller"] is not None
    return _json(msgspec.json.encode(health(here, known=known)))


@router.get("/api/session", responses=answers(SessionView))
def session(here: Here, caller: Anyone) -> Response:
    """Which session this is and where it stands."""
    return _json(encoded_wall(here.wall.about(caller.role)))


@router.get("/api/screen", responses=answers(Screen))
def whole_screen(here: Here, _: Anyone) -> Response:
    """The timing screen as it was last published."""
    latest = here.hub.latest.screen
    return _json(encoded(screen(here.player.session)) if latest is None else latest.data)


@router.get("/api/wall", responses=answers(Wall))
def wall(here: Here, _: Anyone) -> Response:
    """What the pit wall has worked out, for all to see."""
    return _json(encoded_wall(here.wall.wall()))


@router.get("/api/team", responses=answers(Team))
def team(here: Here, _: Strategist) -> Response:
    """The call, what-ifs, inputs and decisions: for the team's eyes alone."""
    return _json(encoded_wall(here.wall.team()))


@router.get("/api/charts/{name}", responses=answers(dict[str, Any], 404, 422))
def chart(
    here: Here,
    _: Anyone,
    name: Annotated[str, Path(min_length=1, max_length=40)],
    car: Number = None,
    against: Number = None,
    car_class: ClassName = None,
) -> Response:
    """A chart of the race as it stands, as a Vega-Lite specification."""
    try:
        return _json(here.charts.get(ChartAsked(name, car, against, car_class)))
    except BadOption as error:
        raise Refusal(404, error.message, error.remedy or "") from error


@router.get("/api/stream", responses=answers(str, media="text/event-stream"))
async def stream(request: Request, here: Here, caller: Anyone) -> Response:
    """Server-sent events: session, screen, wall and team, then what changes."""
    if here.hub.viewers >= here.limits.streams:
        raise Refusal(429, "too many are watching", "Close a page that nobody looks at.")
    packed = "gzip" in request.headers.get("accept-encoding", "")
    return EventStream(here.hub, caller.role, packed=packed)


def health(here: Parts, *, known: bool) -> Health:
    """How the server is; ``known`` adds what is for callers with a token."""
    session, journal = here.player.session, here.player.session.journal_health
    state = session.state
    now = max(session.clock.now(), state.now)
    feeds = tuple(
        FeedState(
            source=name,
            state=feed.state,
            age_ms=None if (age := feed.age(now)) is None else age.ms,
            stale=feed.is_stale(now),
            floods=feed.floods(now),
        )
        for name, feed in state.feeds.items()
        if feed.state != "typed"
    )
    stopped = "" if here.player.fault is None else "the session has stopped turning"
    full = "" if journal is None or not journal.fault else f"journal: {journal.fault}"
    stale = ", ".join(f"feed {feed.source} is silent" for feed in feeds if feed.stale)
    floods = ", ".join(
        f"feed {feed.source} floods with what is of no use" for feed in feeds if feed.floods
    )
    faults = (stopped, full, here.publisher.fault, session.workers_fault, stale, floods)
    reason = "; ".join(filter(None, faults))
    status: Literal["ok", "degraded"] = "degraded" if reason else "ok"
    if not known:
        return Health(status=status)
    return Health(
        status=status,
        reason=reason,
        version=__version__,
        at_ms=now.ms,
        records=state.seq + 1,
        viewers=here.hub.viewers,
        journal=None
        if journal is None
        else msgspec.convert(journal, JournalState, from_attributes=True),
        feeds=feeds,
    )


def _json(body: bytes) -> Response:
    return Response(body, media_type=JSON)
