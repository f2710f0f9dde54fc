"""The parts that every route works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

import msgspec
from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from dryline.apps.server.charts import Charts
from dryline.apps.server.feed import FeedDoor
from dryline.apps.server.hub import Hub
from dryline.apps.server.limits import ServerLimits
from dryline.apps.server.page_files import PageFiles
from dryline.apps.server.publisher import Publisher
from dryline.apps.server.refusals import JSON, Refusal
from dryline.apps.server.tokens import Caller, Role, Tokens
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.player import Player


@dataclass(frozen=True)
class Parts:
    """One server: a session with its wall, its viewers and its rules."""

    player: Player
    wall: PitWall
    hub: Hub
    publisher: Publisher
    tokens: Tokens = field(repr=False)
    limits: ServerLimits
    door: FeedDoor | None
    pages: PageFiles
    charts: Charts


def parts_of(request: Request) -> Parts:
    """The parts of the server that got this request."""
    return cast(Parts, request.app.state.parts)


def caller_of(request: Request) -> Caller:
    """Who asks; the gate has seen to it that there is somebody."""
    return cast(Caller, request.scope["state"]["caller"])


def needs(role: Role) -> Callable[[Request], Caller]:
    """Refuses callers whose role is not enough."""

    def check(request: Request) -> Caller:
        caller = caller_of(request)
        if not caller.role.may(role):
            raise Refusal(403, f"a {caller.role} token may not do this", f"Use a {role}'s.")
        return caller

    return check


Here = Annotated[Parts, Depends(parts_of)]
Anyone = Annotated[Caller, Depends(needs(Role.VIEWER))]
Strategist = Annotated[Caller, Depends(needs(Role.STRATEGIST))]


def body_of(kind: Any) -> Callable[[Request], Awaitable[Any]]:
    """Reads a JSON body into ``kind``: 413 too large, 415 not JSON, 422 not of that shape."""

    async def read(request: Request) -> Any:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise Refusal(415, "the body must be JSON", f"Send Content-Type: {JSON}.")
        try:
            said = msgspec.json.decode(await _whole(request))
            return msgspec.convert(_whole_numbers(said), kind)
        except msgspec.ValidationError as error:
            raise Refusal(422, str(error)[:300], "See /api/openapi.json.") from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refusal(422, "the body is not JSON", "See /api/openapi.json.") from error

    return read


def _whole_numbers(said: Any) -> Any:
    """To JSON 1.0 is a whole number; here it must be written as one."""
    if isinstance(said, dict):
        return {name: _whole_numbers(value) for name, value in said.items()}
    return int(said) if isinstance(said, float) and said.is_integer() else said


async def _whole(request: Request) -> bytes:
    most = parts_of(request).limits.body_bytes
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise Refusal(413, f"a body has at most {most} bytes")
    except ClientDisconnect as error:
        raise Refusal(408, "the body did not come whole") from error
    return bytes(body)
