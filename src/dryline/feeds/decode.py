"""From the bytes of a file to UTF-8 without byte order mark, or one clear refusal."""

from __future__ import annotations

from dataclasses import dataclass

from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.domain.legible import code_points, legible_lines
from dryline.feeds.remarks import Remarks
from dryline.feeds.what_it_is import binary, page, refuse

MAX_BYTES = 32 * 1024 * 1024  # ten times a 24-hour race
MAX_LINES = 1_000_000
MAX_LINE = 65_536
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_REMEDY = "Give the CSV file as the timing provider publishes it."


@dataclass(frozen=True)
class DecodedText:
    """A file's text as UTF-8 bytes without mark; how it was encoded; whether it had a mark."""

    utf8: bytes
    encoding: str
    bom: bool


def decode(data: bytes, name: str, remarks: Remarks) -> DecodedText:
    """The text in ``data``; another encoding than UTF-8 and what cannot be shown become findings.

    Raises:
        UnreadableFile: an empty file, a web page, a binary file, or one of over 32 MB or a million
            lines.
    """
    refuse(page(data), name)
    return decode_markup(data, name, remarks)


def decode_markup(data: bytes, name: str, remarks: Remarks) -> DecodedText:
    """The same of a text that may be XML or a web page. Raises as ``decode`` does otherwise."""
    _refuse_hopeless(data, name)
    if data.startswith(_UTF8_BOM):
        return DecodedText(_clean(data[3:], name, remarks), "utf-8", bom=True)
    utf16 = _UTF16_BOMS.get(data[:2]) or _utf16_without_mark(data)
    if utf16 is not None:
        text = data.decode(utf16, errors="replace").removeprefix("\ufeff")
        remarks.add(
            "encoding", Severity.NOTE, f"the file is {utf16.upper()}, not UTF-8; it was decoded"
        )
        return DecodedText(_clean(text.encode(), name, remarks), "utf-16", bom=True)
    return DecodedText(_clean(data, name, remarks), "utf-8", bom=False)


def valid_utf8(text: bytes, remarks: Remarks, first_line: int = 1) -> bytes:
    """``text`` if it is UTF-8; otherwise the same read as Windows-1252, with a finding.

    ``first_line`` is the line of the file in which ``text`` begins.
    """
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + first_line
        remarks.add(
            "encoding",
            Severity.WARNING,
            "the file is not UTF-8; it was read as Windows-1252, so accents may be wrong",
            line=line,
        )
        return shown(text.decode("cp1252", errors="replace").encode(), remarks, first_line)
    return text


def _refuse_hopeless(data: bytes, name: str) -> None:
    blank = b"\x00 \t\r\n" + _UTF8_BOM
    if not data[:4096].strip(blank) and not data.strip(blank):
        raise UnreadableFile("the file is empty", file=name, remedy=_REMEDY)
    if len(data) > MAX_BYTES:
        raise UnreadableFile(
            f"{len(data) >> 20} MB is no timing file of one session", file=name, remedy=_REMEDY
        )
    refuse(binary(data), name)


def _utf16_without_mark(data: bytes) -> str | None:
    head = data[:400]
    if len(head) < 8:
        return None
    half = len(head) // 2
    if head[1::2].count(0) > 0.9 * half and not head[0::2].count(0):
        return "utf-16-le"
    if head[0::2].count(0) > 0.9 * half and not head[1::2].count(0):
        return "utf-16-be"
    return None


def _clean(text: bytes, name: str, remarks: Remarks) -> bytes:
    if b"\x00" in text:
        nuls = text.count(b"\x00")
        if nuls > len(text) // 10 and nuls > 16 and _looks_binary(text):
            raise UnreadableFile("this is a binary file, not text", file=name, remedy=_REMEDY)
        line = text.count(b"\n", 0, text.index(b"\x00")) + 1
        remarks.add("nul_bytes", Severity.WARNING, "NUL bytes were removed", line=line, rows=nuls)
        text = text.replace(b"\x00", b"")
    if _looks_binary(text):
        raise UnreadableFile("this is a binary file, not text", file=name, remedy=_REMEDY)
    if text.count(b"\n") > MAX_LINES:
        raise UnreadableFile(
            f"more than {MAX_LINES} lines are no timing file of one session",
            file=name,
            remedy=_REMEDY,
        )
    if b"\n" not in text and b"\r" in text:
        text = text.replace(b"\r", b"\n")
    return shown(text, remarks)


def shown(text: bytes, remarks: Remarks, first_line: int = 1) -> bytes:
    """``text`` without what no page, picture or terminal holds, with one finding on all of it."""
    clean, taken = legible_lines(text)
    if taken:
        pairs = enumerate(zip(text.split(b"\n"), clean.split(b"\n"), strict=True), first_line)
        lines = [line for line, (before, after) in pairs if before != after]
        remarks.add(
            "control_characters",
            Severity.WARNING,
            f"characters that nobody sees ({code_points(taken[:8])}) were taken out",
            line=lines[0],
            rows=len(lines),
        )
    return clean


def _looks_binary(text: bytes) -> bool:
    head = text[:4096]
    controls = sum(1 for byte in head if byte < 9 or 13 < byte < 32)
    return controls > len(head) // 20
