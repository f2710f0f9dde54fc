"""What a race is called, and its series and season, as far as content and path tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dryline.domain.choice import offered
from dryline.domain.errors import BadOption
from dryline.domain.finding import Finding
from dryline.domain.legible import legible
from dryline.domain.series import recognised, series_names, series_of_folder
from dryline.engine.catalogue import catalogue_row
from dryline.feeds.alkamel.file_names import TimingName, timing_name

_SEASON = re.compile(r"\d{1,2}_((?:19|20)\d{2})")
_SAYS_NOTHING = re.compile(r"(?:\d{1,2}_)?(?:19|20)\d{2}|\d{3}_.*")


@dataclass(frozen=True)
class SessionName:
    """Which event and session a lap file is of, as its name and its folders' say.

    ``version`` is the hour and standing of one file among several of the session, and
    ``place`` the folder in which all of them lie.
    """

    event: str
    session: str
    version: TimingName
    place: Path

    def __str__(self) -> str:
        return self.event if self.session.casefold() == "race" else f"{self.event} {self.session}"


def session_name(laps: Path) -> SessionName:
    """The event and session of a lap file: from a catalogue, the site's folders, or its name.

    The results site keeps ``13_2024/02_IMOLA/526_FIA WEC/202404211300_Race/Hour 6/``; a file
    that is named for its session belongs to the event of its folder.
    """
    version = timing_name(laps.stem) or TimingName("race")
    place, hour = laps.resolve().parent, version.hour
    while (folder := timing_name(place.name)) and folder.hour and not folder.session:
        place, hour = place.parent, hour or folder.hour
    version = msgspec.structs.replace(version, hour=hour)
    row = catalogue_row(laps)
    if row is not None and row.get("race", "").count("/") == 2:
        return SessionName(row["race"].rpartition("/")[2], "race", version, place)
    event, session = _on_the_site(place, version) or _by_name(laps, place, version)
    return SessionName(as_text(event), as_text(session), version, place)


def race_name(path: Path) -> str:
    """A name for the race in ``path``: its own, or its folders' where its own says nothing."""
    return str(session_name(path / "laps.csv" if path.is_dir() else path))


def _on_the_site(place: Path, version: TimingName) -> tuple[str, str] | None:
    """Event and session, where ``place`` is a session's folder as the results site has it."""
    if len(place.parts) < 5 or not _SEASON.fullmatch(place.parts[-4]):
        return None
    session = without_number(place.name)
    if version.session.startswith(f"{session.casefold()} "):
        session = version.session  # a part of it
    return without_number(place.parts[-3]), session


def _by_name(laps: Path, place: Path, version: TimingName) -> tuple[str, str]:
    if timing_name(laps.stem) is None:
        return laps.stem, "race"
    nothing = not place.name or _says_nothing(place.name)
    if nothing and not version.plain:
        return version.session, "race"
    folder, above = timing_name(place.name), place.parent.name
    if folder and folder.plain and above and not _says_nothing(above):
        return above, version.session or folder.session
    return place.name or laps.stem, version.session or "race"


def _says_nothing(folder: str) -> bool:
    return bool(_SAYS_NOTHING.fullmatch(folder)) or series_of_folder(folder) is not None


def without_number(name: str) -> str:
    """A folder's name without its ordering number or time stamp: ``02_IMOLA`` to ``IMOLA``."""
    return re.sub(r"^\d+_", "", name)


def as_text(name: str) -> str:
    """A file's name as text that can be shown: bytes of no letter become question marks."""
    return legible(name.encode("utf-8", "replace").decode())


def titled(name: str, findings: Iterable[Finding]) -> str:
    """The race's name, with what must be said wherever it is shown: times that are no finer."""
    rounded = next((finding for finding in findings if finding.kind == "times_rounded"), None)
    return name if rounded is None else f"{name} ({rounded.message})"


def known_series(name: str) -> str:
    """A series as a person types it.

    Raises:
        BadOption: where it is none that Dryline knows, naming those.
    """
    series = name.strip().casefold()
    known = series_names()
    if series not in known:
        raise BadOption(
            f"--series {name[:40]!r} is not known",
            remedy=f"{offered(name, known, 'Series')} Of any other, leave it out.",
        )
    return series


def series_of(classes: Iterable[str], path: Path | None = None) -> str | None:
    """The series that races these classes; the path decides where the classes do not."""
    return recognised(classes, () if path is None else path.resolve().parts)


def year_of(path: Path) -> int | None:
    """The season named in the path: a folder ``2024``, ``13_2024``, or a stamp ``202406231110``."""
    for part in reversed(path.resolve().parts):
        found = re.match(r"(?:\d{2}_)?((?:19|20)\d{2})(?=$|\d{4,8}(?:\D|$))", part)
        if found is not None:
            return int(found[1])
    return None
