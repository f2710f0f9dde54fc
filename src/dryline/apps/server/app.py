"""All routes behind the gate, as one ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from dryline._version import __version__
from dryline.apps.server import acting, reading
from dryline.apps.server.describing import description
from dryline.apps.server.gate import Gate
from dryline.apps.server.page_files import INDEX, Asset
from dryline.apps.server.parts import Here, Parts
from dryline.apps.server.refusals import Refusal, refusal_of, refused
from dryline.domain.errors import InputError

_SAID = {404: "there is nothing at this address", 405: "this address is not used in this way"}


def application(parts: Parts, hosts: Collection[str] | None) -> Gate:
    """The server's application: page, API, stream and feed, behind the gate."""
    app = routes()
    app.state.parts = parts
    return Gate(app, parts.tokens, hosts, parts.limits)


def routes() -> FastAPI:
    """Every route, with nothing behind it yet."""
    app = FastAPI(title="Dryline pit wall", version=__version__, openapi_url=None, docs_url=None)
    app.include_router(reading.router)
    app.include_router(acting.router)
    app.get("/", include_in_schema=False)(page)
    app.get("/assets/{name}", include_in_schema=False)(asset)
    app.get("/api/openapi.json", include_in_schema=False)(openapi)
    app.websocket("/api/feed")(feed)
    for error, handler in _HANDLERS.items():
        app.add_exception_handler(error, handler)
    return app


def page(here: Here, request: Request) -> Response:
    """The page; there is no data in it."""
    return _file(here.pages.get(INDEX), request)


def asset(here: Here, request: Request, name: str) -> Response:
    """A file of the page."""
    return _file(here.pages.get(name), request)


def openapi(request: Request) -> dict[str, object]:
    """The description of the API."""
    return description(request.app, __version__)


async def feed(socket: WebSocket) -> None:
    """Senders of the JSON-lines feed."""
    parts: Parts = socket.app.state.parts
    if parts.door is None:
        await socket.close(1008, "this session takes no feed here")
        return
    await parts.door.welcome(socket)


def _file(found: Asset | None, request: Request) -> Response:
    if found is None:
        raise Refusal(404, _SAID[404])
    headers = {"ETag": found.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = {**headers, "Content-Encoding": "gzip"}
        return Response(found.packed, media_type=found.kind, headers=packed)
    return Response(found.data, media_type=found.kind, headers=headers)


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101
    return refused(error)


async def _input_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, InputError)  # noqa: S101
    return refused(refusal_of(error))


async def _not_as_described(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return refused(Refusal(422, f"{where[:60]}: {first['msg']}"[:200], "See /api/openapi.json."))


async def _no_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    response = refused(Refusal(error.status_code, _SAID.get(error.status_code, str(error.detail))))
    response.headers.update(error.headers or {})
    return response


async def _fault(_: Request, error: Exception) -> Response:
    return refused(Refusal(500, "a fault of Dryline's own", "Report it with the server's output."))


_HANDLERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Refusal: _refusal,
    InputError: _input_error,
    RequestValidationError: _not_as_described,
    HTTPException: _no_route,
    Exception: _fault,
}
