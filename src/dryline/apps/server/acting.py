"""Routes that change something: inputs, decisions, what-ifs, the replay, settings."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends
from fastapi.responses import Response

from dryline.answers.wall import SessionView, encoded_wall
from dryline.answers.wall_team import Team
from dryline.apps.server.bodies import (
    AnswerNumber,
    Decided,
    Question,
    ReplayControl,
    Settings,
    TypedLine,
)
from dryline.apps.server.describing import WITH_BODY, accepts, answers
from dryline.apps.server.parts import Here, Parts, Strategist, body_of
from dryline.apps.server.refusals import JSON, Refusal
from dryline.apps.server.tokens import Caller
from dryline.domain.errors import UnknownCar
from dryline.domain.event import TeamInput, encode_event
from dryline.engine.live.clock import ReplayClock

router = APIRouter(prefix="/api")
Handler = Callable[..., Response]
_LAP = re.compile(r"lap\s+(\d{1,4})\s+of\s+(\S{1,12})", re.IGNORECASE)


def _route(path: str, *, answer: Any, body: Any) -> Callable[[Handler], Handler]:
    described = answers(answer, *WITH_BODY)
    return router.post(path, responses=described, openapi_extra=accepts(body))


@_route("/inputs", answer=TeamInput, body=TypedLine)
def inputs(
    here: Here, _: Strategist, said: Annotated[TypedLine, Depends(body_of(TypedLine))]
) -> Response:
    """A line typed on the pit wall; what it was understood to say."""
    typed = here.wall.tell(said.author, said.text)
    here.publisher.nudge()
    return Response(encode_event(typed), media_type=JSON)


@_route("/decisions", answer=Team, body=Decided)
def decisions(
    here: Here, _: Strategist, said: Annotated[Decided, Depends(body_of(Decided))]
) -> Response:
    """Accept, reject or release a call; how the team stands then."""
    here.wall.decide(said.call, said.decision, said.author, said.note)
    here.publisher.nudge()
    return Response(encoded_wall(here.wall.team()), media_type=JSON)


@_route("/what-ifs", answer=AnswerNumber, body=Question)
def what_ifs(
    here: Here, _: Strategist, asked: Annotated[Question, Depends(body_of(Question))]
) -> Response:
    """Ask what would be if; the answer comes with the team's view."""
    number = here.wall.what_if(asked)
    here.publisher.nudge()
    return Response(msgspec.json.encode(AnswerNumber(number)), media_type=JSON)


@_route("/replay", answer=SessionView, body=ReplayControl)
def replay(
    here: Here, caller: Strategist, said: Annotated[ReplayControl, Depends(body_of(ReplayControl))]
) -> Response:
    """Play, pause, step, jump, or change the speed of a replay."""
    if not isinstance(here.player.session.clock, ReplayClock):
        raise Refusal(404, "this race is on: it cannot be paused, hurried or jumped in")
    ours = here.wall.about(caller.role).car_number
    _control(here, said)
    if ours is not None and here.wall.about(caller.role).car_number is None:
        with suppress(UnknownCar):  # a jump back forgets what was typed later, our car too
            here.wall.choose_car(ours)
    return _session(here, caller)


@_route("/settings", answer=SessionView, body=Settings)
def settings(
    here: Here, caller: Strategist, said: Annotated[Settings, Depends(body_of(Settings))]
) -> Response:
    """Choose our car."""
    here.wall.choose_car(said.car_number)
    return _session(here, caller)


def _session(here: Parts, caller: Caller) -> Response:
    here.publisher.nudge()
    return Response(encoded_wall(here.wall.about(caller.role)), media_type=JSON)


def _control(here: Parts, said: ReplayControl) -> None:
    player = here.player
    match said.action:
        case "play":
            player.resume()
        case "pause":
            player.pause()
        case "step":
            player.step()
        case "speed":
            if said.speed is None:
                raise Refusal(409, "which speed?", 'Add "speed": 20; 0 is at once.')
            player.set_speed(said.speed or math.inf)
        case "jump":
            if said.to is None:
                raise Refusal(409, "where to?", 'Add "to": "3:55:00" or "lap 135 of 50".')
            _jump(here, said.to)


def _jump(here: Parts, to: str) -> None:
    lap = _LAP.fullmatch(to.strip())
    if lap is not None:
        here.player.jump_to_lap(lap[2], int(lap[1]))
    else:
        here.player.jump(here.player.session.race().instant(to))
