"""What the server says where it will not: one sentence and a remedy, never a traceback."""

from __future__ import annotations

import msgspec
from fastapi.responses import Response

from dryline.domain.errors import InputError, NotKnown, UnknownCar

JSON = "application/json"


class Refused(msgspec.Struct, frozen=True):
    """The body of every refusal: ``error`` is one sentence, ``remedy`` what to do."""

    error: str
    remedy: str = ""


class Refusal(Exception):
    """A request that is not done, with its HTTP status."""

    def __init__(self, status: int, error: str, remedy: str = "") -> None:
        self.status, self.body = status, Refused(error, remedy)
        super().__init__(error)

    @property
    def headers(self) -> dict[str, str]:
        """What belongs to the status beside the body."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {"Retry-After": "1"} if self.status == 429 else {}


def refusal_of(error: InputError) -> Refusal:
    """What the engine would not take: 404 for what is not there, 409 for what cannot be now."""
    status = 404 if isinstance(error, UnknownCar | NotKnown) else 409
    return Refusal(status, error.message, error.remedy or "")


def refused(refusal: Refusal) -> Response:
    """The refusal as a response."""
    body = msgspec.json.encode(refusal.body)
    return Response(body, refusal.status, media_type=JSON, headers=refusal.headers)
