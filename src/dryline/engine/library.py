"""Adding races to the library, and taking them out again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dryline.domain.errors import BadOption, NotKnown, RaceNotFound, UnreadableFile
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.naming import race_name, series_of, year_of
from dryline.engine.race_length import known_length
from dryline.engine.session_files import find_session, is_lap_file, read_session
from dryline.engine.stored import stored_session
from dryline.feeds.alkamel.write import write_laps
from dryline.store.library import Added, Library
from dryline.store.slug import id_for


def sessions_below(source: Path) -> list[Path]:
    """The sessions in ``source``: a lap file is one; so is a folder that holds one lap file.

    A folder of folders, or of several lap files, gives each of them.

    Raises:
        RaceNotFound: where there is no such path.
        UnreadableFile: where a folder holds no lap file at all.
    """
    if not source.exists():
        raise RaceNotFound(f"no file or folder {str(source)!r}", remedy="Check the path.")
    if source.is_file():
        return [source]
    found: list[Path] = []
    for folder in sorted({path.parent for path in source.rglob("*.[cC][sS][vV]")}):
        files = [path for path in sorted(folder.iterdir()) if path.is_file()]
        laps = [path for path in files if is_lap_file(path)]
        found += [folder] if len(laps) == 1 and len(files) > 1 else laps
    if not found:
        raise UnreadableFile(
            "no lap file here or below", file=str(source), remedy="Give a folder of timing files."
        )
    return found


def add_race(
    library: Library,
    source: Path,
    *,
    now: str,
    race_id: str | None = None,
    series: str | None = None,
    year: int | None = None,
    length: RaceLength | None = None,
) -> Added:
    """Read one session and keep it; files carry neither series nor date, so both can be said.

    Raises:
        BadOption: where the id cannot be made without being told series or year.
        UnreadableFile: where the files are not what they should be.
    """
    files = find_session(source)
    content = read_session(files)
    classes = content.crossings["car_class"].unique().to_list()
    said = race_id.split("/") if race_id else []
    series = series or (said[0] if said else None) or series_of(classes, source)
    year = year or (int(said[1]) if len(said) > 1 and said[1].isdigit() else year_of(source))
    if race_id is None:
        if series is None or year is None:
            raise BadOption(
                f"{source.name}: the {'series' if series is None else 'year'} is not in the files",
                remedy="Say --series and --year, or --as series/year/event.",
            )
        race_id = id_for(series, year, race_name(source))
    info = RaceInfo(
        name=race_id,
        series=series,
        year=year,
        event=race_id.split("/")[2] if race_id.count("/") >= 2 else race_name(source),
        length=length or known_length(source)[0],
        sources=tuple(name for name, _ in files.named()),
    )
    stored = stored_session(race_id, info, content, dict(files.named()))
    return library.add(stored, added_at=now)


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
