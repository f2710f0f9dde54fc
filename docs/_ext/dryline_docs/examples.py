"""The examples of the pages: found, parsed, run, and compared with what the page prints.

A `console` block behind `<!-- run -->` is run. `lines=1-9,12` and `match=/REGEX/` keep these lines
of each output and put `...` for the others, `quiet` keeps none; `about` compares words exactly and
figures roughly, for answers that draw random numbers. Commands of one page run in one empty folder,
in order.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<in> *)(?P<fence>```+)(?P<kind>[^\n`]*)\n(?P<body>.*?)^\1(?P=fence) *$",
                    re.MULTILINE | re.DOTALL)  # fmt: skip
_RUN = re.compile(r"<!-- run(?P<how>.*?)-->\n```console\n(?P<body>.*?)^```$", re.M | re.S)
_SHELLS = {"console", "sh", "shell", "bash", "text", ""}
_FIGURE = re.compile(r"[-+−±≥>]?\d+(?:[.:,]\d+)*")
_SECONDS = re.compile(r"\b\d+(?:\.\d+)? s(?:econds)?\b")


@dataclass(frozen=True)
class Block:
    """A block of a page that is run, and how."""

    page: Path
    start: int
    end: int
    body: str
    about: bool
    kept: tuple[tuple[int, int], ...]
    like: str
    quiet: bool

    def keeps(self, number: int, line: str) -> bool:
        """Whether the page shows this line of an output."""
        if not self.kept and not self.like:
            return True
        listed = any(first <= number <= last for first, last in self.kept)
        return listed or bool(self.like and re.search(self.like, line))


def command_lines(text: str) -> Iterator[str]:
    """Every `dryline …` line in a page's shell blocks, fenced or indented."""
    rest = text
    for block in _FENCE.finditer(text):
        rest = rest.replace(block[0], "")
        if block["kind"].strip().split(" ")[0] in _SHELLS:
            yield from _commands(block["body"])
    yield from _commands("\n".join(x for x in rest.splitlines() if x.startswith("    ")))


def _commands(body: str) -> Iterator[str]:
    for line in re.sub(r"\\\n\s*", "", body).splitlines():
        words = line.strip().removeprefix("$ ")
        for part in re.split(r"\s[|>]\s|&&|;\s", words):
            part = re.sub(r"^[A-Z_]+=\S+\s+", "", part.strip())
            if part.startswith("dryline "):
                yield part


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that are run, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page, found.start("body"), found.end("body"), found["body"],
            "about" in found["how"], _ranges(found["how"]), _regex(found["how"]),
            "quiet" in found["how"],
        )
        for found in _RUN.finditer(text)
    ]  # fmt: skip


def _ranges(how: str) -> tuple[tuple[int, int], ...]:
    found = re.search(r"lines=([\d,-]+)", how)
    if found is None:
        return ()
    parts = [part.partition("-") for part in found[1].split(",")]
    return tuple((int(a), int(b) if b else (10**9 if dash else int(a))) for a, dash, b in parts)


def _regex(how: str) -> str:
    found = re.search(r"match=/(.*)/", how)
    return "" if found is None else found[1]


@contextlib.contextmanager
def empty_folder() -> Iterator[None]:
    """Work in a new folder, with the width of a pipe, a library and a cache of its own."""
    here, old = Path.cwd(), dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ.pop("COLUMNS", None)
        os.environ["DRYLINE_LIBRARY"] = str(Path(folder) / "library")
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        try:
            yield
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(old)


def printed(block: Block) -> str:
    """What the block ought to say: each command, and what it prints now."""
    lines: list[str] = []
    for line in block.body.splitlines():
        if line.startswith("$ "):
            lines += [line, *_kept(run(line[2:]), block)]
    return "\n".join(lines) + "\n"


def run(line: str) -> list[str]:
    """Run one command line in this process; everything it printed, by line.

    Raises:
        AssertionError: where it does not end with status 0.
    """
    from dryline.apps.cli.run import run as run_command

    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        status = run_command(shlex.split(line, comments=True)[1:])
    stream.seek(0)
    said = [each.rstrip() for each in stream.read().splitlines()]
    assert status == 0, f"{line}: status {status}: {said}"
    return said


def _kept(lines: list[str], block: Block) -> list[str]:
    out: list[str] = []
    for number, line in enumerate(lines, start=1):
        if block.quiet:
            continue
        if block.keeps(number, line):
            out.append(line)
        elif not out or out[-1] != "...":
            out.append("...")
    return out


def differs(told: str, now: str, *, about: bool) -> str:
    """The first line in which a page and the program differ, or nothing."""
    before, after = told.splitlines(), now.splitlines()
    for was, is_ in zip(before, after, strict=False):
        if not _same(was, is_, about=about):
            return f"the page says {was!r}, the program {is_!r}"
    return "" if len(before) == len(after) else f"{len(before)} lines, and now {len(after)}"


def _same(was: str, is_: str, *, about: bool) -> bool:
    if _SECONDS.sub("# s", was.rstrip()) == _SECONDS.sub("# s", is_.rstrip()):
        return True
    return (
        about and _words(was) == _words(is_) and _near(_FIGURE.findall(was), _FIGURE.findall(is_))
    )


def _words(line: str) -> list[str]:
    return re.sub(r"[█▏▎▍▌▋▊▉]+", "", _FIGURE.sub("#", line)).split()


def _near(was: list[str], is_: list[str]) -> bool:
    pairs = zip((_number(x) for x in was), (_number(x) for x in is_), strict=True)
    return all(abs(a - b) <= max(5.0, 0.2 * max(abs(a), abs(b))) for a, b in pairs)


def _number(text: str) -> float:
    sign = -1.0 if text[0] in "-−" else 1.0
    parts = text.lstrip("-+−±≥>").replace(",", "").split(":")
    return sign * math.fsum(float(part) * 60**place for place, part in enumerate(reversed(parts)))


def rewrite(page: Path) -> bool:
    """Put into a page what its examples print now; whether anything changed."""
    text = page.read_text(encoding="utf-8")
    new = text
    with empty_folder():
        answers = [(block, printed(block)) for block in blocks(page)]
    for block, answer in reversed(answers):
        new = new[: block.start] + answer + new[block.end :]
    if new != text:
        page.write_text(new, encoding="utf-8")
    return new != text
