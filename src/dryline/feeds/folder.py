"""Which file of a folder is what: laps, results, weather, messages, decisions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dryline.domain.errors import InputError, RaceNotFound, UnreadableFile
from dryline.domain.finding import Finding, Severity
from dryline.feeds.alkamel.file_names import TimingName, timing_name
from dryline.feeds.alkamel.part_files import parts_in_order, whole_name
from dryline.feeds.detect import FileKind, detect
from dryline.feeds.providers import HEAD_BYTES

_MOST_FILES = 2000
_SUFFIXES = {".csv", ".txt", ".tsv", ".json", ".xml", ""}


@dataclass(frozen=True)
class RaceFolder:
    """The files of one session; ``others`` are files of no known kind.

    ``more_laps`` are the later parts of a race in parts, by the names of their files.
    """

    laps: Path
    more_laps: tuple[Path, ...] = ()
    results: Path | None = None
    weather: Path | None = None
    messages: Path | None = None
    decisions: Path | None = None
    others: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_folder(folder: Path, of: Path | None = None, *, in_parts: bool = True) -> RaceFolder:
    """Sort the files of ``folder`` by their content; subfolders are not entered.

    ``of`` names the lap file whose session is meant, where there are several: then the files
    named for the same session and hour are its. Lap files named as the parts of one race are all of
    it, unless ``in_parts`` is false.

    Raises:
        RaceNotFound: where there is no such folder, or no lap file in it.
        InputError: where it holds the lap files of two sessions, or two files of decisions.
    """
    found = _by_kind(folder)
    laps = found[FileKind.LAPS]
    parts = _parts_with(of, laps) if in_parts else None
    if parts is None and of is not None and len(laps) > 1:
        found = {kind: _named_like(of, paths) for kind, paths in found.items()}
        laps = [of]
    elif parts is not None and len(laps) > len(parts):
        whole = parts[0].with_stem(whole_name(parts[0].stem))
        found = {kind: _named_like(whole, paths) for kind, paths in found.items()}
    if not laps:
        raise RaceNotFound(
            "there is no lap file in the folder",
            file=str(folder),
            remedy="Put the lap file, 23_Analysis_*.CSV, into it.",
        )
    if parts is None and len(laps) > 1:
        raise InputError(
            f"the folder holds the lap files of {len(laps)} sessions: {_listed(laps)}",
            file=str(folder),
            remedy="Name one of them instead of the folder; of one race in parts, put the rows of "
            "all, with their HOUR, into one file.",
        )
    findings: list[Finding] = []
    laps = laps if parts is None else [*parts]
    chosen = {
        kind: _nearest(found[kind], laps[-1], kind, findings)
        for kind in (FileKind.RESULTS, FileKind.WEATHER)
    }
    return RaceFolder(
        laps=laps[0],
        more_laps=tuple(laps[1:]),
        results=chosen[FileKind.RESULTS],
        weather=chosen[FileKind.WEATHER],
        messages=_only(found[FileKind.MESSAGES], FileKind.MESSAGES, folder),
        decisions=_only(found[FileKind.DECISIONS], FileKind.DECISIONS, folder),
        others=tuple(found[FileKind.UNKNOWN]),
        findings=tuple(findings),
    )


def _parts_with(of: Path | None, laps: list[Path]) -> tuple[Path, ...] | None:
    """The lap files of a race in parts: all of a folder's, or those named like ``of``."""
    meant = [path for path in laps if of is None or whole_name(path.name) == whole_name(of.name)]
    return parts_in_order(meant) if len(meant) > 1 else None


def _by_kind(folder: Path) -> dict[FileKind, list[Path]]:
    if not folder.is_dir():
        raise RaceNotFound("there is no such folder", file=str(folder), remedy="Check the path.")
    found: dict[FileKind, list[Path]] = {kind: [] for kind in FileKind}
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise UnreadableFile(
            f"the folder cannot be read ({error.strerror})", file=str(folder), remedy="Check it."
        ) from error
    for path in paths[:_MOST_FILES]:
        if path.suffix.lower() in _SUFFIXES and not path.name.startswith("."):
            found[_kind(path)].append(path)
    return found


def _kind(path: Path) -> FileKind:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise UnreadableFile(
            f"the file cannot be read ({error.strerror})",
            file=str(path),
            remedy="Check its rights.",
        ) from error
    if not head and "weather" in path.name.lower():
        return FileKind.WEATHER  # an empty file has no content to go by
    return detect(head).kind


def _named_like(laps: Path, paths: list[Path]) -> list[Path]:
    meant = timing_name(laps.stem)
    if meant is None:
        return [path for path in paths if path.stem.startswith(laps.stem)]
    return [path for path in paths if _meant(timing_name(path.stem)) == _meant(meant)]


def _meant(name: TimingName | None) -> tuple[str, int | None] | None:
    return None if name is None else (name.session or "race", name.hour)


def _nearest(paths: list[Path], laps: Path, kind: FileKind, findings: list[Finding]) -> Path | None:
    """Of several files the one whose name begins most like the lap file's; the last of equals."""
    if len(paths) <= 1:
        return paths[0] if paths else None
    best = max(paths, key=lambda path: (_alike(path.name, laps.name), path.name))
    findings.append(
        Finding(
            kind="several_files",
            severity=Severity.WARNING,
            message=f"{len(paths)} {kind} files ({_listed(paths)}); {best.name} is used",
            file=best.name,
            rows=len(paths),
        )
    )
    return best


def _alike(name: str, other: str) -> int:
    same = 0
    for one, two in zip(name, other, strict=False):
        if one != two:
            break
        same += 1
    return same


def _only(paths: list[Path], kind: FileKind, folder: Path) -> Path | None:
    if len(paths) > 1:
        raise InputError(
            f"the folder holds {len(paths)} files of {kind}: {_listed(paths)}",
            file=str(folder),
            remedy=f"Name the one that counts with --{kind}.",
        )
    return paths[0] if paths else None


def _listed(paths: list[Path]) -> str:
    names = ", ".join(path.name for path in paths[:6])
    return names if len(paths) <= 6 else f"{names} and {len(paths) - 6} more"
