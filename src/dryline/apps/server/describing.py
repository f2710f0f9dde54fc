"""The OpenAPI description: shapes come from the very types that are sent and read."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from dryline.apps.server.refusals import JSON, Refused
from dryline.domain.instant import Duration, Instant

REFUSALS = {
    400: "A host, address or header that this server does not take.",
    401: "No token, or one that is not known.",
    403: "The token's role is not enough, or another site's page asks.",
    404: "Not there, or not in this session.",
    405: "Not in this way.",
    408: "It did not come whole in time.",
    409: "It cannot be as the race stands.",
    413: "Too large.",
    415: "Not JSON.",
    422: "Not as described here.",
    429: "Too often.",
    431: "Address or headers too large.",
}
ALWAYS = (400, 401, 403, 405, 413, 429, 431)
WITH_BODY = (404, 408, 409, 415, 422)
_REFS = "#/components/schemas/{name}"
_TYPES: list[Any] = [Refused]
"""Everything that any route sends or reads, as the routes are defined."""


def answers(kind: Any, *more: int, media: str = JSON) -> dict[int | str, dict[str, Any]]:
    """What a route may answer: ``kind``, or a refusal."""
    told: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "As asked.",
            "content": {media: {"schema": _number(kind)}},
        }
    }
    for status in sorted({*ALWAYS, *more}):
        content = {JSON: {"schema": {"x-type": 0}}}
        told[status] = {"description": REFUSALS[status], "content": content}
    return told


def accepts(kind: Any) -> dict[str, Any]:
    """The body that a route reads."""
    schema = _number(kind)
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def description(app: FastAPI, version: str) -> dict[str, Any]:
    """The whole OpenAPI document."""
    schemas, components = msgspec.json.schema_components(
        _TYPES, schema_hook=_plain, ref_template=_REFS
    )
    told = get_openapi(
        title="Dryline pit wall",
        version=version,
        description="A live race for its viewers and its team. Times are whole milliseconds.",
        routes=app.routes,
    )
    told["components"] = {
        "schemas": components,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    told["security"] = [{"token": []}, {}]
    filled: dict[str, Any] = _filled(told, schemas)
    return filled


def _number(kind: Any) -> dict[str, int]:
    """A stand-in for the type's schema, until all types are known."""
    _TYPES.append(kind)
    return {"x-type": len(_TYPES) - 1}


def _filled(value: Any, schemas: tuple[dict[str, Any], ...]) -> Any:
    """``value`` with every number of a type replaced by its schema."""
    if isinstance(value, dict):
        if "x-type" in value:
            return schemas[value["x-type"]]
        return {key: _filled(part, schemas) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, schemas) for part in value]
    return value


def _plain(kind: type) -> dict[str, Any]:
    if kind in (Instant, Duration):
        return {"type": "integer", "description": "Milliseconds."}
    raise NotImplementedError(kind.__name__)
