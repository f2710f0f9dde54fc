"""A process that writes to copies of a library and is killed, at every place in turn.

    python -m tests.store.killed_writer LIBRARY OUT events|sizes|manifest add|remove

Each child works on a fresh copy, OUT/<n>, and dies of a signal before its n-th operation on the
file system (``events``), or in the middle of writing a file when it has grown to a given size:
any file (``sizes``) or the manifest (``manifest``). Prints the names of the copies whose child was
killed.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from dryline.store import Library
from tests.made_up.sessions import IMOLA, full_session

_EVENTS = {"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "shutil.rmtree"}
SIZES = [0, 1, 50, 150, 400, 700, 1000, 1500, 2000, 3000, 4000]


def die_before_event(number: int, library: Path) -> None:
    seen = 0

    def count(event: str, args: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in _EVENTS and (str(library) in str(args[0]) or args[-1] not in (None, -1)):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def die_at_size(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def die_in_manifest_at_size(size: int) -> None:
    def limit(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and "manifest.json" in str(args[0]) and args[2] & os.O_WRONLY:
            die_at_size(size)

    sys.addaudithook(limit)


def write(library: Library, what: str) -> None:
    if what == "add":
        library.add(full_session(sources={"laps.csv": os.urandom(3000)}), replacing=True)
    else:
        library.remove(IMOLA)


def killed(library: Path, number: int, how: str, what: str) -> bool:
    """Whether the child died before it was done."""
    child = os.fork()
    if child == 0:
        if how == "events":
            die_before_event(number, library)
        elif how == "sizes":
            die_at_size(SIZES[number - 1])
        else:
            die_in_manifest_at_size(SIZES[number - 1])
        write(Library(library), what)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit(f"the child failed instead of being killed, at {how} {number}")
    return os.WIFSIGNALED(status)


def main(library: Path, out: Path, how: str, what: str) -> None:
    number, going = 0, True
    while going and (how == "events" or number < len(SIZES)):
        number += 1
        copy = out / str(number)
        shutil.copytree(library, copy)
        died = killed(copy, number, how, what)
        if died:
            sys.stdout.write(f"{copy.name}\n")
        going = died or how != "events"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
