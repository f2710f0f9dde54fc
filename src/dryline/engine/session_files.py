"""The files of one session, found by content, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from dryline.domain.decision import Decision
from dryline.domain.errors import InputError, RaceNotFound, UnreadableFile, reading
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.finding import Finding
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceLength
from dryline.engine.naming import as_text
from dryline.feeds.alkamel.align_weather import align_weather
from dryline.feeds.alkamel.parse_results import parse_results
from dryline.feeds.alkamel.parse_weather import parse_weather
from dryline.feeds.alkamel.part_files import parse_parts, parts_in_order, whole_name
from dryline.feeds.decisions import parse_decisions
from dryline.feeds.detect import FileKind, detect
from dryline.feeds.folder import read_folder
from dryline.feeds.generic import parse_generic
from dryline.feeds.mapping import read_mapping
from dryline.feeds.messages import parse_messages
from dryline.feeds.provider import ParsedSession
from dryline.feeds.providers import ALKAMEL, HEAD_BYTES, provider_of
from dryline.feeds.remarks import Remarks
from dryline.feeds.what_it_is import no_laps, refuse
from dryline.rules.book import Override

Named = tuple[str, bytes]


@dataclass(frozen=True, kw_only=True)
class SessionFiles:
    """The bytes of one session, by what they are.

    ``more_laps`` are the later parts of a race whose laps are in several files.
    """

    laps: Named
    more_laps: tuple[Named, ...] = ()
    results: Named | None = None
    weather: Named | None = None
    messages: Named | None = None
    decisions: Named | None = None
    findings: tuple[Finding, ...] = ()

    def path_in(self, source: Path) -> Path:
        """Where the lap file is, when ``source`` is it or the folder that it was found in.

        Of a race in parts it is where one file of the whole race would be.
        """
        path = source / self.laps[0] if source.is_dir() else source
        return path.with_name(whole_name(path.name)) if self.more_laps else path

    def named(self) -> Iterator[Named]:
        """Every file there is: name and bytes."""
        for file in (
            self.laps,
            *self.more_laps,
            self.results,
            self.weather,
            self.messages,
            self.decisions,
        ):
            if file is not None:
                yield file


@dataclass(frozen=True, kw_only=True, eq=False)
class Session:
    """What the files of a session say.

    ``kind`` is the kind of session that a lap file itself states, and ``length`` how long it was
    meant to last; ``None`` where it states none. ``results`` is what a result beside it says, or
    the order that a log of laps states with them (``is_stated``).
    """

    crossings: pl.DataFrame
    extras: pl.DataFrame | None
    results: pl.DataFrame | None
    weather: pl.DataFrame | None
    messages: tuple[RaceControlMessage | Evidence, ...]
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...]
    kind: str | None = None
    length: RaceLength | None = None


def is_stated(findings: Iterable[Finding]) -> bool:
    """Whether the results of a session with these findings are the log's own order."""
    return any(finding.kind == "order_stated" for finding in findings)


def read_file(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        UnreadableFile: where it is not there, or cannot be read.
    """
    with reading(path):
        return path.read_bytes()


def find_session(path: Path, *, as_laps: bool = False, beside: bool = False) -> SessionFiles:
    """The files of the session in ``path``: one lap file, or a folder with one session.

    ``as_laps`` takes a file for a lap file whatever it looks like (another provider's).
    ``beside`` adds to a lap file what lies beside it and belongs to its session; the other parts of
    its race where they can be joined.

    Raises:
        UnreadableFile: where there is no lap file in it.
        InputError: where a folder holds more than one session.
    """
    if not path.is_dir():
        data = read_file(path)
        if not as_laps:
            _refuse_other_kinds(detect(data).kind, data, path)
        if not beside or detect(data).kind is not FileKind.LAPS:
            return SessionFiles(laps=(as_text(path.name), data))
    folder = read_folder(path.parent, path) if beside else read_folder(path)
    parts = [_named_file(laps) for laps in (folder.laps, *folder.more_laps)]
    if beside and len(parts) > 1 and not _are_one_race(parts):
        folder = read_folder(path.parent, path, in_parts=False)
        parts = [_named_file(path)]
    return SessionFiles(
        laps=parts[0],
        more_laps=tuple(parts[1:]),
        results=_named(folder.results),
        weather=_named(folder.weather),
        messages=_named(folder.messages),
        decisions=_named(folder.decisions),
        findings=folder.findings,
    )


def _named_file(path: Path) -> Named:
    return as_text(path.name), read_file(path)


def _are_one_race(parts: Sequence[Named]) -> bool:
    try:
        parse_parts(parts)
    except InputError:
        return False
    return True


def files_by_content(files: Iterable[Named], where: str) -> SessionFiles:
    """Named bytes sorted into a session by what they hold.

    Raises:
        UnreadableFile: where none of them is a lap file.
    """
    named = list(files)
    kinds = kinds_of(named)
    laps = {Path(name): data for name, data in named if detect(data).kind is FileKind.LAPS}
    if not laps:
        raise UnreadableFile("there is no lap file among the originals", file=where)
    parts = parts_in_order([*laps]) or [*laps][:1]
    return SessionFiles(
        laps=(parts[0].name, laps[parts[0]]),
        more_laps=tuple((part.name, laps[part]) for part in parts[1:]),
        results=kinds.get(FileKind.RESULTS),
        weather=kinds.get(FileKind.WEATHER),
        messages=kinds.get(FileKind.MESSAGES),
        decisions=kinds.get(FileKind.DECISIONS),
    )


def kinds_of(files: Iterable[Named]) -> dict[FileKind, Named]:
    """Named bytes by what they hold; of several of a kind the first."""
    kinds: dict[FileKind, Named] = {}
    for name, data in files:
        kind = detect(data).kind
        if not data and "weather" in name.lower():
            kind = FileKind.WEATHER
        kinds.setdefault(kind, (name, data))
    return kinds


def lap_files_below(source: Path) -> list[Path]:
    """``source`` itself where it is a file, else every lap file in the folder and below.

    Raises:
        RaceNotFound: where there is no such path.
        UnreadableFile: where a folder holds no lap file at all.
    """
    if not source.exists():
        raise RaceNotFound(f"no file or folder {str(source)!r}", remedy="Check the path.")
    if source.is_file():
        return [source]
    found = [path for path in sorted(source.rglob("*")) if _is_lap_file(path)]
    if not found:
        raise UnreadableFile(
            "no lap file here or below", file=str(source), remedy="Give a folder of timing files."
        )
    return found


def _is_lap_file(path: Path) -> bool:
    """Whether the file's content is that of a lap file."""
    if not path.is_file() or path.suffix.lower() not in (".csv", ".json", ".txt", ".xml"):
        return False
    with path.open("rb") as file:
        return detect(file.read(HEAD_BYTES)).kind is FileKind.LAPS


def read_session(
    files: SessionFiles, mapping: Path | None = None, *, at: Instant | None = None
) -> Session:
    """Everything that the files of a session say, with every remark on them.

    With ``at`` the lap file is read as if it ended at that instant and the results are not
    read, so that no remark tells of what came later.

    Raises:
        DrylineError: where a file that is there cannot be used.
    """
    parsed = _parsed(files, mapping, at)
    sheet = parsed.sheet
    findings = [*files.findings, *sheet.findings]
    results = parsed.stated
    if files.results is not None and at is None:
        result_sheet = parse_results(files.results[1], files.results[0])
        results = result_sheet.results
        findings += result_sheet.findings
    weather = None
    if files.weather is not None:
        weather_sheet = parse_weather(files.weather[1], files.weather[0])
        aligned = align_weather(weather_sheet, sheet.crossings, files.weather[0])
        weather = aligned.weather
        findings += () if at is not None else (*weather_sheet.findings, *aligned.findings)
    messages, decisions = _messages(files.messages, findings), _decisions(files.decisions, findings)
    messages = tuple(sorted((*parsed.messages, *messages), key=lambda said: said.known_at.ms))
    return Session(
        crossings=sheet.crossings,
        extras=sheet.extras,
        results=results,
        weather=weather,
        messages=messages,
        decisions=decisions,
        findings=tuple(findings),
        kind=parsed.kind,
        length=parsed.length,
    )


def _parsed(files: SessionFiles, mapping: Path | None, at: Instant | None) -> ParsedSession:
    if files.more_laps:
        return _parsed_parts(files, at)
    name, data = files.laps

    def parse(part: bytes) -> ParsedSession:
        if mapping is not None:
            return ParsedSession(
                sheet=parse_generic(part, name, read_mapping(read_file(mapping), mapping.name))
            )
        return (provider_of(part) or ALKAMEL).parse(part, name)

    whole = parse(data)
    if at is None:
        return whole
    known = whole.sheet.crossings.filter(pl.col("elapsed_ms") <= at.ms)
    if known.is_empty() or not whole.sheet.dialect.columns:
        return _told_by(whole, known, at)
    later = set(whole.sheet.crossings.filter(pl.col("elapsed_ms") > at.ms)["line"])
    end = b"\n" if b"\n" in data else b"\r"
    lines = enumerate(data.split(end), start=1)
    return parse(end.join(line for number, line in lines if number not in later))


def _parsed_parts(files: SessionFiles, at: Instant | None) -> ParsedSession:
    whole = ParsedSession(sheet=parse_parts((files.laps, *files.more_laps)))
    if at is None:
        return whole
    return _told_by(whole, whole.sheet.crossings.filter(pl.col("elapsed_ms") <= at.ms), at)


def stated_in(path: Path) -> pl.DataFrame | None:
    """The order that a log of laps states itself, schema ``RESULTS``; ``None`` in any other file.

    Raises:
        UnreadableFile: where such a log cannot be read.
    """
    data = read_file(path)
    whose = provider_of(data)
    if whose is None or whose is ALKAMEL:
        return None
    return whose.parse(data, as_text(path.name)).stated


def _told_by(whole: ParsedSession, known: pl.DataFrame, at: Instant) -> ParsedSession:
    """A file that is no table of laps, as if it ended at ``at``: without remarks on its rows."""
    return replace(
        whole,
        sheet=replace(whole.sheet, crossings=known, findings=(), set_aside=0),
        stated=None,
        messages=tuple(said for said in whole.messages if said.known_at <= at),
    )


def _messages(
    file: Named | None, findings: list[Finding]
) -> tuple[RaceControlMessage | Evidence, ...]:
    if file is None:
        return ()
    remarks = Remarks(file[0])
    messages = parse_messages(file[1], file[0], remarks)
    findings += remarks.findings
    return messages


def _decisions(file: Named | None, findings: list[Finding]) -> tuple[Decision, ...]:
    if file is None:
        return ()
    remarks = Remarks(file[0])
    decisions = parse_decisions(file[1], file[0], remarks=remarks)
    findings += remarks.findings
    return decisions


def _named(path: Path | None) -> Named | None:
    return None if path is None else _named_file(path)


_REMEDIES: Mapping[FileKind, str] = {
    FileKind.RESULTS: "Give the lap file (23_Analysis); results go to verify --results.",
    FileKind.WEATHER: "Give the lap file (23_Analysis), or the folder with both.",
    FileKind.MESSAGES: "Give the lap file; messages go to --messages.",
    FileKind.DECISIONS: "Give the lap file; decisions go to --decisions.",
}


def _refuse_other_kinds(kind: FileKind, data: bytes, path: Path) -> None:
    """A file of another kind is named for what it is; one that nothing names is the parser's."""
    if kind in _REMEDIES:
        raise UnreadableFile(
            f"this is a {kind.value} file, not a lap file", file=str(path), remedy=_REMEDIES[kind]
        )
    if kind is FileKind.UNKNOWN:
        refuse(no_laps(data), str(path))


def read_override(path: Path | None) -> Override | None:
    """The user's own rule file, unread; ``None`` where there is none.

    Raises:
        UnreadableFile: where it cannot be read.
    """
    return None if path is None else Override(path.name, read_text(path))


def read_text(path: Path) -> str:
    """A TOML file as text.

    Raises:
        UnreadableFile: where it cannot be read or is not UTF-8.
    """
    return read_file(path).decode("utf-8", errors="replace")
