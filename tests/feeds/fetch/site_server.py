"""A results site on loopback: the layout of the real one, and its faults on demand."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

HTML = b"<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>"


def table(rows: int = 40, columns: int = 5) -> bytes:
    """A CSV file as the site gives it: BOM, semicolons, CRLF, an empty last column."""
    head = ";".join(f"COLUMN_{n}" for n in range(columns)) + ";"
    body = [";".join(f"{row}.{n}" for n in range(columns)) + ";" for row in range(rows)]
    return b"\xef\xbb\xbf" + "\r\n".join([head, *body, ""]).encode()


class SiteServer(ThreadingHTTPServer):
    """``tree`` holds the files by decoded path; ``faults[path]`` is used up, one per request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tree: dict[str, bytes] = {}
        self.faults: defaultdict[str, list[str]] = defaultdict(list)
        self.extra_links: list[str] = []
        self.with_etags = True
        self.ranges = True
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def asked(self) -> list[str]:
        """The paths asked for so far, decoded, with their queries."""
        return [unquote(path) for path, _ in self.requests]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the game."""

    def page(self, query: dict[str, list[str]]) -> bytes:
        """The site's one page: choices of season and event, and links to the files."""
        paths = [path.split("/") for path in self.tree]
        season = query.get("season", [max((p[1] for p in paths), default="")])[0]
        events = sorted({p[2] for p in paths if p[1] == season})
        event = query.get("evvent", events[-1:] or [""])[0]
        seasons = sorted({p[1] for p in paths}, reverse=True)
        links = [
            f'<a href="{quote(path)}">{path.rsplit("/", 1)[-1]}</a>'
            for path in self.tree
            if path.split("/")[1:3] == [season, event]
        ]
        return "\n".join(
            [
                "<html><head><title>Results</title></head><body><form>",
                _choice("season", seasons),
                _choice("evvent", events),
                "</form>",
                '<a href="https://example.invalid/terms?x=1">Terms &amp; conditions</a>',
                *links,
                *self.extra_links,
                "</body></html>",
            ]
        ).encode()


def _choice(name: str, values: list[str]) -> str:
    options = "".join(f'<option Value="{value}">{value}</option>' for value in values)
    return f'<select name="{name}"><option Value="">choose</option>{options}</select>'


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path).lstrip("/")
        self.server.requests.append((self.path, dict(self.headers)))
        queue = self.server.faults[path]
        fault = queue.pop(0) if queue else ""
        if path == "":
            self.answer(self.server.page(parse_qs(parts.query)), "text/html; charset=utf-8", fault)
        elif path in self.server.tree:
            self.answer(self.server.tree[path], "text/csv", fault)
        else:
            self.plain(404, b"<html>not found</html>")

    def answer(self, body: bytes, kind: str, fault: str) -> None:
        if fault.isdigit():
            self.plain(int(fault), b"fault")
        elif fault == "retry-after":
            self.plain(503, b"busy", {"Retry-After": "7"})
        elif fault == "html":
            self.plain(200, HTML)
        elif fault == "reset":
            self.reset()
        elif fault == "slow":
            self.server.over.wait(20)
            self.close_connection = True
        elif fault == "endless":
            self.endless()
        elif fault.startswith("dripping"):
            self.dripping(fault.removeprefix("dripping").strip())
        elif fault.startswith("redirect "):
            self.plain(302, b"", {"Location": fault.removeprefix("redirect ")})
        else:
            self.whole_or_rest(body, kind, fault)

    def whole_or_rest(self, body: bytes, kind: str, fault: str) -> None:
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"Content-Type": kind}
        if self.server.with_etags:
            headers |= {"ETag": etag, "Last-Modified": formatdate(0, usegmt=True)}
        start = self.first_byte(etag)
        if start >= len(body) > 0:
            self.plain(416, b"", {"Content-Range": f"bytes */{len(body)}"})
            return
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.send_response(206 if start else 200)
        for name, value in headers.items():
            self.send_header(name, value)
        rest = body[start:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if fault in ("truncated", "stalled"):
            self.wfile.write(rest[: len(rest) // 2])
            self.wfile.flush()
            if fault == "stalled":
                self.server.over.wait(20)
            self.close_connection = True
        else:
            self.wfile.write(rest)

    def first_byte(self, etag: str) -> int:
        wanted = self.headers.get("Range", "")
        if not (wanted and self.server.ranges and self.headers.get("If-Range") == etag):
            return 0
        return int(wanted.removeprefix("bytes=").rstrip("-"))

    def plain(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def endless(self) -> None:
        """Send rows until the client has had enough."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while not self.server.over.is_set():
            self.wfile.write(b"1;2;3;\r\n" * 1000)

    def dripping(self, what: str) -> None:
        """Send a byte now and then, for ever: of the ``headers``, or of a body ``without length``,
        ``chunked``, ``compressed``, or of a length that it never reaches."""
        start = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        ends = {
            "headers": "X-Slow: ",
            "without length": "Connection: close\r\n\r\n",
            "chunked": "Transfer-Encoding: chunked\r\n\r\nffffff\r\n",
            "compressed": "Content-Encoding: gzip\r\nConnection: close\r\n\r\n\x1f",
        }
        self.wfile.write((start + ends.get(what, "Content-Length: 999999\r\n\r\n")).encode())
        drops = b"\x8b\x08\x08" + b"\x00" * 6 if what == "compressed" else b""
        self.close_connection = True
        while not self.server.over.wait(0.02):
            self.wfile.write(drops[:1] or b"x")
            self.wfile.flush()
            drops = drops[1:]

    def reset(self) -> None:
        """Close so that the client sees a reset, not an end."""
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@contextmanager
def running_site() -> Iterator[SiteServer]:
    """The server, answering in the background until the block ends."""
    server = SiteServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
