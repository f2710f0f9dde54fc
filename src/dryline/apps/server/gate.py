"""The gate before everything: hosts, origins, tokens, sizes and rates, for HTTP and WebSocket."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dryline.apps.server.limits import Rate, ServerLimits
from dryline.apps.server.refusals import JSON, Refusal
from dryline.apps.server.tokens import Caller, Role, Tokens, names_no_token
from dryline.feeds.live.hosts import FOREIGN, is_answered_to, is_foreign

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
NO_STORE = (b"cache-control", b"no-store")
_SECRETS = frozenset(
    ("token", "access_token", "auth", "authorization", "bearer", "api_key", "apikey", "key")
)


class Gate:
    """Lets requests through to ``app`` with their ``Caller`` in the scope's state, or refuses.

    Args:
        app: what is behind the gate.
        tokens: who may come in; without any, everybody who reaches it is admin.
        hosts: names it answers to, without ports; ``None`` for any.
        limits: how much is allowed.
    """

    def __init__(
        self, app: ASGIApp, tokens: Tokens, hosts: Collection[str] | None, limits: ServerLimits
    ) -> None:
        self._app, self._tokens, self._limits = app, tokens, limits
        self._hosts = None if hosts is None else frozenset(name.lower() for name in hosts)
        self._reads, self._acts = Rate(limits.reads), Rate(limits.acts)
        self._wrong = Rate(limits.wrong_tokens)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            caller = self._admitted(scope)
        except Refusal as refusal:
            await _refuse(refusal, scope, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        api = scope["path"].startswith("/api") or scope["path"] == "/healthz"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _dressed(message["headers"], api=api)
            await send(message)

        await self._app(scope, receive, guarded)

    def _admitted(self, scope: Scope) -> Caller | None:
        headers = dict(scope["headers"])
        _check_origin(scope, headers, self._host(scope))
        self._check_query(scope)
        self._check_size(scope, headers)
        caller = self._caller(scope, headers)
        path: str = scope["path"]
        if path.startswith("/api"):
            needed = Role.FEED if path == "/api/feed" else Role.VIEWER
            if caller is None:
                raise Refusal(401, "a token is needed", "Send Authorization: Bearer and the token.")
            if not caller.role.may(needed):
                raise Refusal(403, f"a {caller.role} token may not do this")
        self._check_rate(scope, caller)
        return caller

    def _host(self, scope: Scope) -> str:
        hosts = _said(scope, b"host")
        if not is_answered_to(hosts, self._hosts):
            raise Refusal(400, "this server does not answer to that host name")
        return hosts[0]

    def _check_query(self, scope: Scope) -> None:
        pairs = parse_qsl(
            scope["query_string"].decode("latin-1"), keep_blank_values=True, encoding="latin-1"
        )
        values = [value.encode("latin-1", "replace") for _, value in pairs]
        if any(name.lower() in _SECRETS for name, _ in pairs) or not names_no_token(
            self._tokens, values
        ):
            raise Refusal(
                400, "a token never belongs in an address", "Send it as Authorization: Bearer."
            )

    def _check_size(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        head = len(scope["path"]) + len(scope["query_string"])
        head += sum(len(name) + len(value) for name, value in scope["headers"])
        if head > self._limits.head_bytes:
            raise Refusal(431, f"address and headers have at most {self._limits.head_bytes} bytes")
        said = headers.get(b"content-length", b"0")
        if not said.isdigit() or int(said[:12]) > self._limits.body_bytes:
            raise Refusal(413, f"a body has at most {self._limits.body_bytes} bytes")

    def _caller(self, scope: Scope, headers: dict[bytes, bytes]) -> Caller | None:
        peer = scope["client"][0] if scope.get("client") else "unknown"
        if not self._tokens:
            return Caller(Role.ADMIN, peer)
        said = headers.get(b"authorization")
        if said is None:
            return None
        scheme, _, token = said.partition(b" ")
        caller = self._tokens.caller(token.strip()) if scheme.lower() == b"bearer" else None
        if caller is None:
            if not self._wrong.allows(peer):
                raise Refusal(429, "too many wrong tokens", "Wait a few seconds.")
            raise Refusal(401, "this token is not known", "Ask who runs the server for one.")
        return caller

    def _check_rate(self, scope: Scope, caller: Caller | None) -> None:
        peer = scope["client"][0] if scope.get("client") else "unknown"
        reading = scope["type"] == "websocket" or scope["method"] in ("GET", "HEAD", "OPTIONS")
        rate = self._reads if reading else self._acts
        if not rate.allows(peer if caller is None else caller.name):
            raise Refusal(429, "too many requests", "Wait a second.")


def _check_origin(scope: Scope, headers: dict[bytes, bytes], host: str) -> None:
    """Nothing but our own page may send a browser here; a link to the page itself is fine."""
    site = headers.get(b"sec-fetch-site", b"none")
    crosses = site not in (b"none", b"same-origin") and scope["path"].startswith("/api")
    if crosses or is_foreign(_said(scope, b"origin"), host):
        raise Refusal(403, FOREIGN)


def _said(scope: Scope, header: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == header]


def _dressed(headers: list[tuple[bytes, bytes]], *, api: bool) -> list[tuple[bytes, bytes]]:
    given = {name.lower() for name, _ in headers}
    more = [pair for pair in HEADERS if pair[0] not in given]
    if api and b"cache-control" not in given:
        more.append(NO_STORE)
    return [*headers, *more]


async def _refuse(refusal: Refusal, scope: Scope, send: Send) -> None:
    """The refusal; a WebSocket that is not accepted gets it as the answer to its handshake."""
    body = msgspec.json.encode(refusal.body)
    headers = [
        (b"content-type", JSON.encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in refusal.headers.items()),
    ]
    kind = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        kind = "websocket.http.response"
    elif refusal.status in (408, 413):
        headers.append((b"connection", b"close"))
    start = {"status": refusal.status, "headers": _dressed(headers, api=True)}
    await send({"type": f"{kind}.start", **start})
    await send({"type": f"{kind}.body", "body": body})
