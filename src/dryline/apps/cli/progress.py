"""Progress of long work, on standard error, with rate and time left."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def steps(items: Sequence[Item], doing: str) -> Iterator[Item]:
    """Hand out ``items`` one by one under a progress bar; silent where nobody looks."""
    if len(items) < 2 or not sys.stderr.isatty():
        yield from items
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from dryline.apps.cli.emit import console

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
    ) as progress:
        yield from progress.track(items, description=doing)
