"""The cache of downloaded files: their places, their checksums, and what may enter it."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import platformdirs

from dryline.domain.errors import FetchError
from dryline.feeds.alkamel.fetch_links import SiteFile, SiteSession

ENVIRONMENT = "DRYLINE_CACHE"
CHECKSUMS = "checksums.json"
_MARKUP = re.compile(rb"\s*<(!doctype|!--|html|head|body|\?xml|[a-z]+[\s>])", re.IGNORECASE)
_MAY_BE_EMPTY = ("26_",)  # the provider publishes weather files of 0 bytes


class CachedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a downloaded file."""

    sha256: str
    bytes: int
    url: str
    etag: str | None = None
    last_modified: str | None = None


def default_cache() -> Path:
    """The folder named by ``DRYLINE_CACHE``, else the user's cache folder."""
    named = os.environ.get(ENVIRONMENT, "").strip()
    if named:
        return Path(named).expanduser()
    return platformdirs.user_cache_path("dryline", appauthor=False)


class SessionCache:
    """The files of one session under ``cache/host/season/event/series/session``."""

    def __init__(self, cache: Path, host: str, session: SiteSession) -> None:
        parts = (re.sub(r"[^A-Za-z0-9.-]", "_", host), *msgspec.structs.astuple(session))
        self.folder = cache.joinpath(*parts)

    def path(self, file: SiteFile) -> Path:
        """Where the file is kept."""
        return self.folder / _key(file)

    def sound(self, file: SiteFile) -> bool:
        """Whether the file is here, with the bytes that were downloaded."""
        known = self._known().get(_key(file))
        path = self.path(file)
        if known is None or not path.is_file() or path.stat().st_size != known.bytes:
            return False
        return _sha256(path) == known.sha256

    def accept(
        self, file: SiteFile, part: Path, url: str, etag: str | None, last_modified: str | None
    ) -> Path:
        """Give a received file its final name and remember its checksum.

        Raises:
            FetchError: it is not a whole timing file; what was received is deleted.
        """
        wrong = fault_of(part, file.name)
        if wrong is not None:
            part.unlink()
            raise FetchError(f"{url}: {wrong}. Nothing was kept.")
        cached = CachedFile(
            sha256=_sha256(part),
            bytes=part.stat().st_size,
            url=url,
            etag=etag,
            last_modified=last_modified,
        )
        path = self.path(file)
        os.replace(part, path)
        self._remember({**self._known(), _key(file): cached})
        return path

    @contextmanager
    def downloading(self) -> Iterator[None]:
        """Keep another process from downloading the same session at once.

        Raises:
            FetchError: another process is at it, or the disk refuses.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / ".downloading").open("w") as handle:
                _lock(handle.fileno(), self.folder)
                yield
        except OSError as fault:
            raise FetchError(
                f"{self.folder}: cannot write the cache: {fault.strerror or fault}."
            ) from fault

    def _known(self) -> dict[str, CachedFile]:
        try:
            content = (self.folder / CHECKSUMS).read_bytes()
            return msgspec.json.decode(content, type=dict[str, CachedFile])
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return {}

    def _remember(self, known: dict[str, CachedFile]) -> None:
        fresh = self.folder / f"{CHECKSUMS}.new"
        content = msgspec.json.encode(dict(sorted(known.items())))
        fresh.write_bytes(msgspec.json.format(content, indent=1))
        os.replace(fresh, self.folder / CHECKSUMS)


def fault_of(path: Path, name: str) -> str | None:
    """What keeps a received file from being a whole timing file; ``None`` where nothing does."""
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        return None if name.startswith(_MAY_BE_EMPTY) else "the file is empty"
    if _MARKUP.match(content):
        return "a web page came instead of the file"
    if b"\0" in content:
        return "the file is binary, not CSV"
    if _is_cut_off(content):
        return "the file is cut off in its last row"
    return None


def _is_cut_off(content: bytes) -> bool:
    """Whether the last row neither ends its line nor is as wide as the header."""
    if content.endswith((b"\n", b"\r")):
        return False
    lines = content.decode("utf-8", errors="replace").splitlines()
    separator = ";" if lines[0].count(";") > lines[0].count(",") else ","
    header, last = (_width(line, separator) for line in (lines[0], lines[-1]))
    return len(lines) == 1 or header != last


def _width(line: str, separator: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=separator)))
    except csv.Error:
        return 0


def _key(file: SiteFile) -> str:
    return file.name if file.hour is None else f"{file.hour}/{file.name}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lock(handle: int, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FetchError(
            f"{folder}: another process is downloading this session. Wait until it has finished."
        ) from None
