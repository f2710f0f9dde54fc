"""JSON of a simulator as plain values: what is not of the kind expected is not there."""

from __future__ import annotations

import json
from typing import Any

from dryline.domain.errors import UnreadableFile
from dryline.domain.legible import legible
from dryline.feeds.decode import decode, valid_utf8
from dryline.feeds.remarks import Remarks

Record = dict[str, Any]
LARGEST = 2_000_000_000  # these sources write 2^31 - 1 for what is not there


def read_json(data: bytes, name: str, remarks: Remarks) -> Record:
    """The object in ``data``, in UTF-8 or UTF-16.

    Raises:
        UnreadableFile: where it breaks off, is nested without end, or is no object.
    """
    text = valid_utf8(decode(data, name, remarks).utf8, remarks).decode(errors="replace")
    line, why = None, "it is no object"
    try:
        value = json.loads(text, strict=False)
        if isinstance(value, dict):
            return value
    except json.JSONDecodeError as error:
        line, why = error.lineno, error.msg
    except (RecursionError, ValueError) as error:
        why = str(error)[:80]
    raise UnreadableFile(
        f"the JSON breaks off or is damaged: {legible(why)}",
        file=name,
        line=line,
        remedy="Give the file as the simulator wrote it.",
    )


def opening(head: bytes) -> str:
    """The beginning of a file as text, whatever its encoding, to look for names in it."""
    return head.replace(b"\x00", b"").decode("utf-8", errors="replace")


def record(value: Any) -> Record:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def records(value: Any) -> list[Record]:
    """The objects in a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def listed(value: Any) -> list[Any]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []


def whole(value: Any) -> int | None:
    """A number without fraction of a size that means something."""
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
    return value if is_whole else None


def time_ms(value: Any) -> int | None:
    """A time in milliseconds; ``None`` where it is none, or the source's sign for none."""
    ms = whole(value)
    return ms if ms is not None and ms > 0 else None


def words(value: Any) -> str:
    """A text in one line, or none."""
    return " ".join(legible(value).split())[:120] if isinstance(value, str) else ""
