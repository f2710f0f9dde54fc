"""Adding races to the library, and taking them out again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dryline.domain.errors import BadOption, IdTaken, NotKnown
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.naming import series_of, session_name, year_of
from dryline.engine.race_length import known_length
from dryline.engine.session_files import (
    Session,
    SessionFiles,
    find_session,
    kinds_of,
    lap_files_below,
    read_session,
)
from dryline.engine.session_kinds import kind_of, taken_away
from dryline.engine.stored import kept_session, stored_session
from dryline.feeds.alkamel.part_files import parts_in_order
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.detect import FileKind
from dryline.store.identity import Kinship, kinship
from dryline.store.library import Added, Library
from dryline.store.slug import DEFAULT_SESSION, canonical_id, id_for


def sessions_below(source: Path) -> list[Path]:
    """The sessions in ``source``: a lap file is one; so is a folder that holds one lap file.

    A folder of folders, or of several lap files, gives each of them; one with the parts of one race
    is a session.

    Raises:
        RaceNotFound: where there is no such path.
        UnreadableFile: where a folder holds no lap file at all.
    """
    laps = lap_files_below(source)
    if source.is_file():
        return laps
    folders: dict[Path, list[Path]] = {}
    for path in laps:
        folders.setdefault(path.parent, []).append(path)
    found: list[Path] = []
    for folder, those in sorted(folders.items()):
        alone = len(those) == 1 and sum(path.is_file() for path in folder.iterdir()) > 1
        parts = parts_in_order(those) if len(those) > 1 else None
        whole = parts is not None and bool(find_session(parts[0], beside=True).more_laps)
        found += [folder] if alone or whole else those
    return found


def add_race(
    library: Library,
    source: Path,
    *,
    now: str,
    beside: bool = False,
    race_id: str | None = None,
    series: str | None = None,
    year: int | None = None,
    length: RaceLength | None = None,
    replacing: bool = False,
) -> Added:
    """Read one session and keep it; files carry neither series nor date, so both can be said.

    ``source`` is a lap file, with what lies ``beside`` it or without, or a folder of one
    session. Another session under the same id is only replaced when ``replacing`` says so.

    Raises:
        BadOption: where the id cannot be made without being told series or year.
        UnreadableFile: where the files are not what they should be.
        IdTaken: where the library holds another session under the id.
    """
    files = find_session(source, beside=beside)
    laps = files.path_in(source)
    content = read_session(files)
    if race_id is None:
        race_id = _id_of(laps, content, series, year)
    race_id = canonical_id(race_id)
    said = race_id.split("/")
    kind, remarks = kind_of(laps, content.crossings, content.kind)
    info = RaceInfo(
        name=race_id,
        series=said[0],
        year=int(said[1]),
        event=said[2],
        session=said[3] if len(said) > 3 else DEFAULT_SESSION,
        session_kind=kind,
        length=length or (known_length(source)[0] if len(said) == 3 else None),
        sources=tuple(name for name, _ in files.named()),
    )
    files, content = _with_what_was_kept(library, race_id, files, content)
    if not kind.is_race and content.kind is None:
        remarks += taken_away(files.laps[1], files.laps[0], content.crossings)
    content = replace(content, findings=(*content.findings, *remarks))
    stored = stored_session(race_id, info, content, dict(files.named()))
    try:
        return library.add(stored, added_at=now, replacing=replacing)
    except IdTaken as error:
        raise IdTaken(error.message, file=str(laps), remedy=error.remedy) from error


def _id_of(laps: Path, content: Session, series: str | None, year: int | None) -> str:
    series = series or series_of(content.crossings["car_class"].unique().to_list(), laps)
    year = year or year_of(laps)
    if series is None or year is None:
        raise BadOption(
            f"{laps.name}: the {'series' if series is None else 'year'} is not in the files",
            remedy="Say --series and --year, or --as series/year/event.",
        )
    name = session_name(laps)
    return id_for(series, year, name.event, name.session)


def _with_what_was_kept(
    library: Library, race_id: str, files: SessionFiles, content: Session
) -> tuple[SessionFiles, Session]:
    """The session with what the library has of it besides and ``files`` do not bring.

    Messages, decisions and weather stay; a result only where the laps are the same.
    """
    held = kept_session(library, race_id)
    if held is None or kinship(held.crossings, content.crossings) is not Kinship.LATER:
        return files, content
    kept = kinds_of(held.sources.items())
    same = held.crossings.height == content.crossings.height
    whole = replace(
        files,
        results=files.results or (kept.get(FileKind.RESULTS) if same else None),
        weather=files.weather or kept.get(FileKind.WEATHER),
        messages=files.messages or kept.get(FileKind.MESSAGES),
        decisions=files.decisions or kept.get(FileKind.DECISIONS),
    )
    return (files, content) if whole == files else (whole, read_session(whole))


def export_race(library: Library, race: str, folder: Path, form: str) -> Sequence[Path]:
    """Write a stored race into ``folder``: as ``csv``, ``parquet``, or ``timing`` (a lap file).

    Raises:
        NotKnown: for another form.
    """
    race_id = library.resolve(race)
    if form == "csv":
        return library.export(race_id, folder, "csv")
    if form == "parquet":
        return library.export(race_id, folder, "parquet")
    if form != "timing":
        raise NotKnown(f"cannot export as {form!r}", remedy="Use csv, parquet or timing.")
    session = library.open(race_id)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{race_id.replace('/', '_')}.csv"
    target.write_bytes(write_laps(session.crossings, session.extras))
    return (target,)
