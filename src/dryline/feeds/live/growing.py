"""A timing file that is being written, and a folder that receives such files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dryline.domain.instant import Instant
from dryline.feeds.decode import MAX_BYTES
from dryline.feeds.live.arrival import Arrival, ArrivalForm, Line, status
from dryline.feeds.live.file_patch import make_patch

SETTLE_POLLS = 8
_Mark = tuple[int, int, int]
_KINDS = {".csv", ".txt"}


class GrowingFiles:
    """One file that grows or is replaced, or all timing files of a folder.

    It is looked at on every poll; after ``settle_polls`` looks without a change a file is taken
    for whole. A file that vanishes (it may be about to be replaced) is waited for.
    """

    def __init__(
        self, path: Path, *, source: str | None = None, settle_polls: int = SETTLE_POLLS
    ) -> None:
        self.path = path
        self.source = source or path.name
        self._settle_polls = settle_polls
        self._before: Callable[[str], bytes] = lambda _: b""
        self._held: dict[str, bytes] = {}
        self._marks: dict[str, _Mark] = {}
        self._quiet: dict[str, int] = {}
        self._state = ""
        self._misses = 0
        self._closed = False

    @property
    def ended(self) -> bool:
        """A file can always grow, until it is closed."""
        return self._closed

    def poll(self, now: Instant) -> Sequence[Arrival]:
        """What has changed since the last look."""
        try:
            changes = list(self._changes())
        except OSError as error:
            self._misses += 1
            return self._now("lost", error.strerror or str(error))
        self._misses = 0
        return [*self._now("connected"), *changes]

    def take_up(self, content: Callable[[str], bytes]) -> None:
        """After a restart: where to ask what a file held when it was last handed over."""
        self._before = content

    def next_at(self) -> Instant | None:
        """Nobody knows."""
        return None

    def resume(self, position: int) -> None:
        """Nothing to do: the file is all there, and ``take_up`` tells what was known."""

    def close(self) -> None:
        """Look no more."""
        self._closed = True

    def _now(self, state: str, reason: str = "") -> list[Arrival]:
        if state == self._state:
            return []
        self._state = state
        return [status(self.source, Line(state=state, reason=reason, attempt=self._misses))]

    def _changes(self) -> Iterator[Arrival]:
        for path in self._paths():
            name = self._name(path)
            facts = path.stat()
            mark = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            if self._marks.get(name) == mark or facts.st_size > MAX_BYTES:
                yield from self._perhaps_settled(name)
                continue
            content = path.read_bytes()
            self._marks[name] = mark
            old = self._held.setdefault(name, self._before(name))
            if content != old or name not in self._quiet:
                self._quiet[name] = 0
            if content != old:
                self._held[name] = content
                yield self._arrival(ArrivalForm.PATCH, make_patch(old, content), name)

    def _perhaps_settled(self, name: str) -> Iterator[Arrival]:
        self._quiet[name] = self._quiet.get(name, 0) + 1
        if self._quiet[name] == self._settle_polls:
            yield self._arrival(ArrivalForm.SETTLED, b"", name)

    def _arrival(self, form: ArrivalForm, data: bytes, name: str) -> Arrival:
        return Arrival(source=self.source, form=form, data=data, name=name)

    def _paths(self) -> list[Path]:
        """The file, or the folder's files, oldest first."""
        if not self.path.is_dir():
            return [self.path]
        found = [
            (path.stat().st_mtime_ns, str(path), path)
            for path in self.path.rglob("*")
            if path.suffix.lower() in _KINDS and path.is_file()
        ]
        return [path for _, _, path in sorted(found)]

    def _name(self, path: Path) -> str:
        return path.name if path == self.path else path.relative_to(self.path).as_posix()
