"""The page's files: from the package, the chart library's, and what the data say, as modules."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import msgspec

from dryline.domain.language import language
from dryline.domain.series import car_classes

PAGE = Path(str(files("dryline.apps.server"))) / "page"
INDEX, VEGA, CLASSES, WORDS = "index.html", "vega.js", "known_classes.js", "words.js"
_SNIPPET = "window.vega = vega; window.vegaLite = vegaLite; window.vegaEmbed = vegaEmbed;"
_BUNDLER = """
import os, sys
from vl_convert import javascript_bundle
os.nice(5)
sys.stdout.buffer.write(javascript_bundle(sys.argv[1]).encode())
"""
_PATIENCE_S = 300
_NAME = re.compile(r"[a-z0-9_-]+\.(js|css|svg|html|png|woff2|webmanifest)")
_KINDS = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
    "webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent: plain and compressed, with a tag that changes when it does."""

    data: bytes
    packed: bytes
    kind: str
    tag: str


class PageFiles:
    """Files of the page by name: only what lies in its folder, and the chart library."""

    def __init__(self, folder: Path = PAGE) -> None:
        self._folder = folder
        self._kept: dict[str, tuple[int, Asset]] = {}
        made = {CLASSES: _known_classes(), WORDS: _words()}
        self._made = {name: _asset(name, data) for name, data in made.items()}
        self._vega: Asset | None = None
        self._making = threading.Lock()

    def get(self, name: str) -> Asset | None:
        """The file of that name, ``None`` where there is none."""
        if name == VEGA:
            return self.vega()
        if name in self._made:
            return self._made[name]
        if _NAME.fullmatch(name) is None:
            return None
        path = self._folder / name
        if not path.is_file():
            return None
        stamp = path.stat().st_mtime_ns
        kept = self._kept.get(name)
        if kept is None or kept[0] != stamp:
            kept = (stamp, _asset(name, path.read_bytes()))
            self._kept[name] = kept
        return kept[1]

    def vega(self) -> Asset:
        """Vega, Vega-Lite and Vega-Embed as one script; made once, in a second or two."""
        with self._making:
            if self._vega is None:
                self._vega = _asset(VEGA, _bundle())
            return self._vega


def _known_classes() -> bytes:
    """Short label and colour of every class that a series file gives them, as a module."""
    known = {
        key: (each.short or key.upper()[:5], each.colour)
        for key, each in car_classes().items()
        if each.colour is not None
    }
    return f"export const KNOWN = {msgspec.json.encode(known).decode()};\n".encode()


def _words() -> bytes:
    """What flags and evidence are called, as a module: the page has no words of its own."""
    lines = (
        f"export const {name.upper()} = {msgspec.json.encode(language().tables[name]).decode()};"
        for name in ("flags", "one_flag", "evidence")
    )
    return "\n".join([*lines, ""]).encode()


def _bundle() -> bytes:
    """From a process of its own: the bundler lets no other thread run meanwhile."""
    command = [sys.executable, "-c", _BUNDLER, _SNIPPET]
    made = subprocess.run(  # noqa: S603
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=_PATIENCE_S,
        start_new_session=True,
    )
    return made.stdout


def _asset(name: str, data: bytes) -> Asset:
    kind = _KINDS[name.rpartition(".")[2]]
    tag = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
    return Asset(data, gzip.compress(data, 6, mtime=0), kind, tag)
