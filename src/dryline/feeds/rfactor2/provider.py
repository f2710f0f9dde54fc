"""rFactor 2's and Le Mans Ultimate's results log behind the door of every provider."""

from __future__ import annotations

from collections.abc import Set
from xml.etree.ElementTree import Element

from dryline.domain.errors import UnreadableFile
from dryline.domain.race_info import RaceLength
from dryline.feeds.markup import read_xml
from dryline.feeds.provider import ParsedSession, SourceFact
from dryline.feeds.remarks import Remarks
from dryline.feeds.rfactor2 import spec
from dryline.feeds.rfactor2.cars import cars_of, tyres_seen
from dryline.feeds.stated_laps import apart, sheet_of_cars, stated_order
from dryline.feeds.stated_session import NamedSession, chosen


class RFactor2:
    """The results log of a session of rFactor 2 or Le Mans Ultimate."""

    title = "rFactor 2 or Le Mans Ultimate results (XML)"
    cannot_know: Set[SourceFact] = frozenset(
        {SourceFact.LANE_TIME, SourceFact.FLAGS, SourceFact.TIME_OF_DAY}
    )

    def detect(self, head: bytes) -> str | None:
        """Why the file that begins with ``head`` is such a log; ``None`` where it is not."""
        found = spec.ROOT in head.replace(b"\x00", b"")
        return "it has the element rFactorXML" if found else None

    def parse(self, data: bytes, name: str, session: str | None = None) -> ParsedSession:
        """The laps that the log states of one session. Raises as ``Provider.parse``."""
        remarks = Remarks(name)
        root = read_xml(data, name, remarks, spec.ENTITIES)
        found = _sessions(root)
        if not found:
            raise UnreadableFile(
                "this rFactor log holds no session",
                file=name,
                remedy="Give a file of the folder UserData/Log/Results.",
            )
        this = chosen(list(found), session, remarks)
        section = found[this]
        cars = apart(cars_of(section, is_race=this.kind == "race"), remarks)
        return ParsedSession(
            stated=stated_order(cars, remarks),
            sheet=sheet_of_cars(cars, name, remarks, self.cannot_know),
            kind=this.kind,
            sessions=tuple(each.name for each in found),
            length=_length(section) if this.kind == "race" else None,
            messages=tyres_seen(cars),
        )


def _sessions(root: Element) -> dict[NamedSession, Element]:
    """The sessions in which somebody stands, in the order of the file."""
    found: dict[NamedSession, Element] = {}
    for section in root.iter():
        named = spec.SECTION.fullmatch(section.tag)
        if named and section.find("Driver") is not None:
            count = sum(each.name.startswith(section.tag) for each in found)
            name = f"{section.tag} ({count + 1})" if count else section.tag
            found[NamedSession(name, spec.KINDS[named[1]])] = section
    return found


def _length(section: Element) -> RaceLength | None:
    minutes, laps = (_whole(section.findtext(tag)) for tag in ("Minutes", "Laps"))
    limited = laps if 1 < laps < spec.UNLIMITED_LAPS and not minutes else None
    if not minutes and limited is None:
        return None
    return RaceLength(ms=minutes * 60_000 or None, laps=limited, source="the file itself")


def _whole(text: str | None) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
