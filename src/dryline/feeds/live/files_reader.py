"""Files that change while they are read: each version to what is new in it, changed or gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import polars as pl

from dryline.domain.crossing_row import crossing_row
from dryline.domain.errors import InputError
from dryline.domain.event import Correction, LineCrossing, TimingEvent, WeatherSample
from dryline.domain.finding import Finding
from dryline.domain.instant import Instant
from dryline.domain.tables import CROSSINGS
from dryline.feeds.alkamel.align_weather import align_weather
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.parse_weather import parse_weather
from dryline.feeds.detect import FileKind, detect
from dryline.feeds.events import events
from dryline.feeds.lap_sheet import LapSheet
from dryline.feeds.live.file_patch import apply_patch, only_appends
from dryline.feeds.live.regular_rows import regular_rows
from dryline.feeds.messages import parse_messages
from dryline.feeds.rmonitor.reader import RMonitorReader
from dryline.feeds.rmonitor.records import is_rmonitor
from dryline.feeds.said import Garbage, Remarked, Said, StatedEvent

Key = tuple[str, int]
_OF_THE_WHOLE = {"lap_missing", "unknown_columns", "no_sectors", "encoding"}
_KEY = ["car_number", "lap"]
_CLOCKS = {name: CROSSINGS[name] for name in ("elapsed_ms", "time_of_day_ms")}
_COMPARED = [name for name in CROSSINGS if name not in ("line", "known_at_ms")]
_COMPARED_AT = [list(CROSSINGS).index(name) for name in _COMPARED]


@dataclass
class _File:
    """``read_to`` bytes in ``lines`` lines are read; ``changed``: it has more than grown."""

    content: bytes = b""
    read_to: int = 0
    lines: int = 0
    changed: bool = True
    keys: set[Key] = field(default_factory=set)
    findings: tuple[Finding, ...] = ()
    rmonitor: RMonitorReader | None = None

    @property
    def header(self) -> bytes:
        return self.content[: self.content.find(b"\n") + 1]

    @property
    def is_lap_file(self) -> bool:
        """Whether it can be read on from where it was read to: laps that state ELAPSED."""
        return bool(self.keys) and self.read_to > 0 and b"ELAPSED" in self.header


class FilesReader:
    """The files of one source: patches to what they say.

    A version that only grew is read from where it grew; any other is read whole, and what it
    says anew is told. A line that is still being written is left for the next version. Where
    two files state the same lap, the one that changed last is believed; a lap is taken back
    only when the file has settled without it and no other file has it.
    """

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._held: dict[Key, tuple[Any, ...]] = {}
        self._clocks: list[tuple[int, int | None]] = []
        self._other: set[TimingEvent] = set()

    def content(self, name: str) -> bytes:
        """What the file holds now."""
        return self._files[name].content if name in self._files else b""

    def patched(self, name: str, patch: bytes, at: Instant) -> Iterator[Said]:
        """What a new version says that was not said before."""
        file = self._files.setdefault(name, _File())
        try:
            file.content = apply_patch(file.content, patch)
            grew = only_appends(patch) and file.is_lap_file
        except msgspec.DecodeError as error:
            yield Garbage(f"no patch: {error}", name)
            return
        if is_rmonitor(file.content):
            yield from self._rmonitor(file, at, goes_on=only_appends(patch))
            return
        start, end = file.read_to, file.content.rfind(b"\n") + 1
        if not grew:
            file.changed, file.read_to = True, end
            file.lines = file.content.count(b"\n", 0, end)
            yield from self._read(name, file, file.content[:end], at)
        elif end > start:
            file.read_to = end
            yield from self._grown(name, file, file.content[start:end], at)

    def settled(self, name: str, at: Instant) -> Iterator[Said]:
        """What the file says now that its last line is whole and lines are gone for good."""
        file = self._files.get(name)
        if file is None or file.rmonitor is not None:
            return
        if file.changed or file.read_to < len(file.content):
            file.changed, file.read_to = False, len(file.content)
            yield from self._read(name, file, file.content, at, settled=True)

    def _rmonitor(self, file: _File, at: Instant, *, goes_on: bool) -> Iterator[Said]:
        """What new lines of a recording say; one that was replaced is read from its beginning."""
        if file.rmonitor is None or not goes_on:
            file.rmonitor, file.read_to = RMonitorReader(), 0
        start, file.read_to = file.read_to, len(file.content)
        for said in file.rmonitor.read(file.content[start:], at):
            if not isinstance(said, Remarked):
                yield said
            elif said.findings != file.findings:
                file.findings = said.findings
                yield self._all_remarks()

    def _grown(self, name: str, file: _File, added: bytes, at: Instant) -> Iterator[Said]:
        """What whole lines at the end of a lap file say."""
        rows, header = added.splitlines(keepends=True), file.header
        before, file.lines = file.lines, file.lines + len(rows)
        regular = regular_rows(header, rows, before + 1)
        if regular is None:
            yield from self._read(name, file, header + added, at, skipped=before - 1)
        else:
            yield from self._regular(file, regular, at)

    def _read(
        self,
        name: str,
        file: _File,
        data: bytes,
        at: Instant,
        *,
        settled: bool = False,
        skipped: int | None = None,
    ) -> Iterator[Said]:
        """What ``data`` says; ``skipped`` lines after the header were read before."""
        if data.count(b"\n") + settled < 2:
            return
        kind = detect(data).kind
        try:
            if kind is FileKind.WEATHER:
                yield from self._weather(name, data)
            elif kind is FileKind.MESSAGES:
                yield from self._new(parse_messages(data, name))
            elif kind is not FileKind.RESULTS and kind is not FileKind.DECISIONS:
                sheet = _further_down(parse_laps(data, name), skipped or 0)
                yield from self._laps(file, sheet, at, settled=settled)
                yield from self._remarks(file, sheet, is_whole=skipped is None)
        except InputError as error:
            yield Garbage(str(error), name)

    def _laps(self, file: _File, sheet: LapSheet, at: Instant, *, settled: bool) -> Iterator[Said]:
        compared = sheet.crossings.select(_COMPARED).rows()
        keys: list[Key] = sheet.crossings.select(_KEY).rows()
        fresh, known = [], set()
        for key, row in zip(keys, compared, strict=True):
            before = self._held.get(key)
            fresh.append(before != row)
            if before != row:
                self._held[key] = row
                if before is not None:
                    known.add(key)
        if any(fresh):
            rows = sheet.crossings.filter(pl.Series(fresh, dtype=pl.Boolean))
            self._clocks += rows.select("elapsed_ms", "time_of_day_ms").rows()
            for event in events(replace(sheet, crossings=rows)):
                is_known = (event.car_number, event.lap) in known
                yield StatedEvent(_put_right(event, at) if is_known else event)
        gone = file.keys - set(keys)
        file.keys |= set(keys)
        if settled and gone:
            yield from self._taken_back(file, gone, at)

    def _regular(self, file: _File, rows: list[LineCrossing], at: Instant) -> Iterator[Said]:
        for event in rows:
            key, row = (event.car_number, event.lap), _compared(event)
            before = self._held.get(key)
            file.keys.add(key)
            if before == row:
                continue
            self._held[key] = row
            day_ms = None if event.time_of_day is None else event.time_of_day.ms
            self._clocks.append((event.happened_at.ms, day_ms))
            yield StatedEvent(event if before is None else _put_right(event, at))

    def _remarks(self, file: _File, sheet: LapSheet, *, is_whole: bool) -> Iterator[Said]:
        found = sheet.findings
        if not is_whole:
            fresh = (f for f in found if f.kind not in _OF_THE_WHOLE and f not in file.findings)
            found = (*file.findings, *fresh)
        if found != file.findings:
            file.findings = found
            yield self._all_remarks()

    def _all_remarks(self) -> Remarked:
        return Remarked(tuple(f for each in self._files.values() for f in each.findings))

    def _taken_back(self, file: _File, gone: set[Key], at: Instant) -> Iterator[Said]:
        file.keys -= gone
        elsewhere = {key for other in self._files.values() for key in other.keys}
        for number, lap in sorted(gone - elsewhere):
            del self._held[number, lap]
            yield StatedEvent(
                Correction(
                    happened_at=at,
                    known_at=at,
                    car_number=number,
                    lap=lap,
                    reason="no longer in the file",
                )
            )

    def _weather(self, name: str, data: bytes) -> Iterator[Said]:
        sheet = parse_weather(data, name)
        clocks = pl.DataFrame(self._clocks, schema=_CLOCKS, orient="row")
        rows = align_weather(sheet, clocks, name).weather.filter(pl.col("at_ms") >= 0)
        samples = [
            WeatherSample(happened_at=Instant(at_ms), known_at=Instant(at_ms), **sample)
            for row in rows.to_dicts()
            for at_ms, sample in [(row.pop("at_ms"), row)]
        ]
        yield from self._new(samples)

    def _new(self, said: Any) -> Iterator[Said]:
        for event in said:
            if event not in self._other:
                self._other.add(event)
                yield StatedEvent(event)


def _further_down(sheet: LapSheet, lines: int) -> LapSheet:
    """The sheet of a part of a file, with the lines counted as in the whole."""
    if lines == 0:
        return sheet
    return replace(
        sheet,
        crossings=sheet.crossings.with_columns(pl.col("line") + lines),
        extras=None if sheet.extras is None else sheet.extras.with_columns(pl.col("line") + lines),
        findings=tuple(
            finding
            if finding.line is None
            else msgspec.structs.replace(finding, line=finding.line + lines)
            for finding in sheet.findings
        ),
    )


def _compared(event: LineCrossing) -> tuple[Any, ...]:
    """The event in the order of ``_COMPARED``."""
    row = crossing_row(event)
    return tuple(row[at] for at in _COMPARED_AT)


def _put_right(event: LineCrossing, at: Instant) -> Correction:
    known = max(at, event.happened_at)
    return Correction(
        happened_at=known,
        known_at=known,
        car_number=event.car_number,
        lap=event.lap,
        crossing=event,
        reason="changed in the file",
    )
