"""Progress of long work, on standard error, with rate and time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

Item = TypeVar("Item")


def steps(items: Sequence[Item], doing: str) -> Iterator[Item]:
    """Hand out ``items`` one by one under a progress bar; silent where nobody looks."""
    if len(items) < 2 or not sys.stderr.isatty():
        yield from items
        return
    with _bar(counts=True) as progress:
        yield from progress.track(items, description=doing)


@contextmanager
def share(doing: str, *, quiet: bool = False) -> Iterator[Callable[[float], None]]:
    """A bar for work that says which share of it is done, in [0, 1]."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with _bar() as progress:
        task = progress.add_task(f"{doing} (the first time compiles)", total=1.0)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def counter(doing: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar for work that says how many of how many are done."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    with _bar(counts=True) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def doing(what: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done now, for work whose length nobody knows."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.text import Text

    from dryline.apps.cli.emit import console

    with console(stderr=True).status(what) as status:
        yield lambda now: status.update(Text(f"{what}: {now}"))


@contextmanager
def _bar(*, counts: bool = False) -> Iterator[Progress]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from dryline.apps.cli.emit import console

    columns = [TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()]
    if counts:
        columns.insert(2, MofNCompleteColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        yield progress
