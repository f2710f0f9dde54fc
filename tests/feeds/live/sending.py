"""The reference sender, and any other, as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dryline.feeds.alkamel.write import write_laps
from tests.made_up.field import crossings

SENDER = (sys.executable, "-m", "dryline.feeds.live.sender")


def timing_file(folder: Path) -> Path:
    """Twenty-four minutes of five cars, in the provider's form."""
    path = folder / "laps.csv"
    path.write_bytes(write_laps(crossings(cars=5, hours=0.4)))
    return path


@contextmanager
def process(command: Sequence[object], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process of our own, killed when the test is done with it."""
    with subprocess.Popen([str(part) for part in command], **how) as started:
        try:
            yield started
        finally:
            started.kill()
