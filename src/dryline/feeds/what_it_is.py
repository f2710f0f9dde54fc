"""What a file that holds no laps *is*, by its first bytes, and what to do about it."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from dryline.domain.errors import UnreadableFile

_HEAD_BYTES = 65_536
_CSV = "Give the CSV file as the timing provider publishes it."
_PHOTO = "A picture cannot be read; ask the organiser for the lap file (CSV)."
_OFFICE = "Open it and save the sheet with the laps as CSV."
_UNPACK = "Unpack it and give the file inside, or the folder."


@dataclass(frozen=True)
class WhatItIs:
    """What a file is, and the remedy."""

    what: str
    remedy: str


def refuse(refusal: WhatItIs | None, name: str) -> None:
    """Say what the file called ``name`` is, where that is known.

    Raises:
        UnreadableFile: where there is a refusal.
    """
    if refusal is not None:
        raise UnreadableFile(f"this is {refusal.what}", file=name, remedy=refusal.remedy)


_MAGIC: tuple[tuple[bytes, WhatItIs], ...] = (
    (
        b"%PDF",
        WhatItIs(
            "a PDF document",
            "Laps printed as PDF cannot be read; give the CSV file beside it on the results site.",
        ),
    ),
    (b"\x1f\x8b", WhatItIs("a gzip archive", _UNPACK)),
    (b"7z\xbc\xaf", WhatItIs("a 7z archive", _UNPACK)),
    (b"Rar!\x1a\x07", WhatItIs("a RAR archive", _UNPACK)),
    (b"\x89PNG", WhatItIs("a picture (PNG)", _PHOTO)),
    (b"\xff\xd8\xff", WhatItIs("a photo (JPEG)", _PHOTO)),
    (b"GIF8", WhatItIs("a picture (GIF)", _PHOTO)),
    (b"PAR1", WhatItIs("a Parquet file", "Write it as CSV, with one row a lap.")),
    (b"\xd0\xcf\x11\xe0", WhatItIs("an old Excel or Office document", _OFFICE)),
    (b"SQLite format 3\x00", WhatItIs("an SQLite database", "Export the table of laps as CSV.")),
    (b"\x7fELF", WhatItIs("a program", _CSV)),
    (b"MZ\x90\x00", WhatItIs("a program", _CSV)),
)
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")
_PAGE = WhatItIs(
    "a web page (HTML), not a timing file",
    "Download the CSV file itself, not the page that links to it.",
)
_IRACING = WhatItIs(
    "results without laps (iRacing)",
    "iRacing keeps the laps apart: export the lap chart or every driver's laps as CSV, and name "
    "its columns with --mapping.",
)
_POINTS = re.compile(r"\b(?:points|pts|punkte|punti|puntos)\b", re.IGNORECASE)
_TIMES = re.compile(
    r"\b(?:lap|laps|time|elapsed|gap|tour|tours|runden)\b|_time|lap_", re.IGNORECASE
)
_WHO = re.compile(
    r"\b(?:driver|drivers|team|car|number|no|nr|entrant|fahrer)\b|driver", re.IGNORECASE
)


def binary(data: bytes) -> WhatItIs | None:
    """What ``data`` is where it is no text at all."""
    if data[:4] == b"PK\x03\x04":
        return _zipped(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WhatItIs("a picture (WebP)", _PHOTO)
    if data[4:8] == b"ftyp":
        is_photo = data[8:12] in (b"heic", b"heix", b"mif1", b"avif")
        return WhatItIs("a photo (HEIC)" if is_photo else "a film", _PHOTO)
    return next((what for magic, what in _MAGIC if data.startswith(magic)), None)


def _zipped(data: bytes) -> WhatItIs:
    """A ZIP's own list of names says what it is; its first name does where the end is not there."""
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()[:200]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        names = [data[30:80].decode("latin-1")]
    joined = " ".join(names)
    if "xl/" in joined:
        return WhatItIs("an Excel workbook", _OFFICE)
    if "opendocument.spreadsheet" in data[:120].decode("latin-1"):
        return WhatItIs("an OpenDocument spreadsheet", _OFFICE)
    if "word/" in joined:
        return WhatItIs("a Word document", _CSV)
    if "[Content_Types].xml" in joined:
        return WhatItIs("an Office document", _OFFICE)
    return WhatItIs("a ZIP archive", _UNPACK)


def page(data: bytes) -> WhatItIs | None:
    """What ``data`` is where it is a web page."""
    head = _opening(data[:2048]).encode().lower()
    is_page = head.startswith(_HTML) or (head.startswith(b"<") and b"<html" in head)
    return _PAGE if is_page else None


def _opening(head: bytes) -> str:
    """How a text begins, in whatever encoding, without marks and space before it."""
    head = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")
    return head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")


def no_laps(data: bytes) -> WhatItIs | None:
    """What a file is of which no provider knows the beginning; ``None`` where nothing tells."""
    what = binary(data) or page(data)
    if what is not None:
        return what
    bare = _opening(data[:_HEAD_BYTES])
    if bare.startswith(("{", "[")):
        return _json(bare)
    if bare.startswith("<"):
        return WhatItIs(
            "XML that is no results log",
            "Of XML, the results of rFactor 2 and Le Mans Ultimate are read; give laps as CSV.",
        )
    lines = [line for line in bare.splitlines()[:20] if line.strip()]
    if any(_is_points(line) for line in lines):
        return WhatItIs(
            "a table of championship points, not of laps",
            "Give the lap file of a race; `dryline points` counts points from results.",
        )
    return None


def _json(head: str) -> WhatItIs:
    if '"subsession_id"' in head or '"simsession_number"' in head:
        return _IRACING
    if re.search(r'"(?:points|standings|championship)"', head, re.IGNORECASE):
        return WhatItIs("championship points (JSON), not laps", "Give the lap file of a race.")
    return WhatItIs(
        "JSON that is no results log",
        "Of JSON, the results of Assetto Corsa Competizione, SecondMonitor and RaceRoom are read; "
        "give laps as CSV.",
    )


def _is_points(line: str) -> bool:
    cells = re.split(r"[;,\t|]", line)
    return (
        len(cells) > 1
        and any(_POINTS.search(cell) for cell in cells)
        and any(_WHO.search(cell) for cell in cells)
        and not any(_TIMES.search(cell) for cell in cells)
    )
