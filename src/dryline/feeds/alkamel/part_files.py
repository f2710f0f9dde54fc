"""One race in several files, ``…Race Part 1``, ``…Race Part 2``: read as one. Pure.

Their names say that they are parts of one race, their HOUR how far apart they are; where it does
not, or they overlap, nothing is joined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Finding, Severity
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.decode import decode, valid_utf8
from dryline.feeds.lap_sheet import LapSheet
from dryline.feeds.remarks import Remarks
from dryline.feeds.text_table import SEPARATORS, find_header

NamedBytes = tuple[str, bytes]
_PART = re.compile(r"[\s_-]*\bpart[\s_-]*(\d{1,2})\b|[\s_-]+part(\d{1,2})\b", re.IGNORECASE)


def whole_name(name: str) -> str:
    """The file's name without the number of its part."""
    return _PART.sub("", name)


def parts_in_order(paths: Sequence[Path]) -> tuple[Path, ...] | None:
    """The files of a race in parts from the first to the last; ``None`` where they are not that.

    They are named alike but for their numbers, which count from 1 without holes.
    """
    numbers = {}
    for path in paths:
        found = _PART.search(path.stem)
        if found is not None:
            numbers[int(found[1] or found[2])] = path
    alike = len({(path.parent, whole_name(path.name).casefold()) for path in paths}) == 1
    if not alike or len(numbers) != len(paths) or sorted(numbers) != [*range(1, len(paths) + 1)]:
        return None
    return tuple(numbers[number] for number in sorted(numbers))


def parse_parts(files: Sequence[NamedBytes]) -> LapSheet:
    """The laps in the parts of one race, in order, on the clock of the first.

    Raises:
        UnreadableFile: where a part is no lap file, their columns differ, or nothing tells for sure
            how the parts follow one another.
    """
    names = [name for name, _ in files]
    first, begins, skipped = _put_together(files)
    sheet = parse_laps(first, names[0], begins)
    joined = Finding(
        kind="parts_joined",
        severity=Severity.NOTE,
        message=f"{len(names)} parts of one race are read as one: {', '.join(names)}",
        file=names[0],
        rows=len(names),
    )
    found = (_in_its_file(each, names, begins, skipped) for each in sheet.findings)
    return replace(sheet, findings=(joined, *found))


def _put_together(files: Sequence[NamedBytes]) -> tuple[bytes, list[int], list[int]]:
    """The rows of all behind the first's header, and where the later parts begin.

    That is the line in front of each one's first row, and how many stand there in its own file.
    """
    text, begins, skipped, columns = b"", [], [], None
    for name, data in files:
        remarks = Remarks(name)
        utf8 = decode(data, name, remarks).utf8
        start, header_line, separator, cells = find_header(utf8, spec.is_laps_header, SEPARATORS)
        if not cells:
            raise UnreadableFile(
                "this is no lap file", file=name, remedy="Take it out of the folder."
            )
        here = (separator, [cell.strip() for cell in cells])
        if columns is not None and here != columns:
            raise UnreadableFile(
                f"its columns are not those of {files[0][0]}, so the two cannot be joined",
                file=name,
                remedy="Name one of the files instead of the folder.",
            )
        if columns is not None:
            begins.append(text.count(b"\n"))
            skipped.append(header_line)
        text += valid_utf8(utf8 if columns is None else utf8[start:], remarks)
        text += b"" if text.endswith(b"\n") else b"\n"
        columns = here
    return text, begins, skipped


def _in_its_file(
    found: Finding, names: Sequence[str], begins: Sequence[int], skipped: Sequence[int]
) -> Finding:
    """The finding with the file and line that it is about."""
    if found.line is None:
        return found
    part = sum(found.line > begin for begin in begins)
    if part == 0:
        return found
    line = found.line - begins[part - 1] + skipped[part - 1]
    return msgspec.structs.replace(found, file=names[part], line=line)
