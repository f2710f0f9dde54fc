"""Al Kamel's lap files behind the door that every provider stands behind."""

from __future__ import annotations

from collections.abc import Set

from dryline.domain.errors import UnreadableFile
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.decode import decode
from dryline.feeds.provider import ParsedSession, SourceFact
from dryline.feeds.remarks import Remarks
from dryline.feeds.text_table import SEPARATORS, find_header


class AlKamel:
    """The lap files of the WEC's and IMSA's timing, and whatever is written like them."""

    title = "Al Kamel lap file (CSV)"
    cannot_know: Set[SourceFact] = frozenset({SourceFact.ORDER})

    def detect(self, head: bytes) -> str | None:
        """Why the file that begins with ``head`` is a lap file; ``None`` where it is not."""
        try:
            text = decode(head, "", Remarks("")).utf8
        except UnreadableFile:
            return None
        _, line, _, cells = find_header(text, spec.is_laps_header, SEPARATORS)
        return f"line {line} is the header of a lap file" if cells else None

    def parse(self, data: bytes, name: str, session: str | None = None) -> ParsedSession:
        """The laps in ``data``, which holds one session. Raises as ``parse_laps``."""
        return ParsedSession(sheet=parse_laps(data, name))
