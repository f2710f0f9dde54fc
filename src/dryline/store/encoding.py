"""A session as files, and files as a session. Pure: bytes in, bytes out.

Tables become Parquet (zstd) with the race's id as first column, so that one query can read
them all; messages become JSON lines; original files are kept gzipped.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping, Sequence

import msgspec
import polars as pl

from dryline.domain.decision import Decision
from dryline.domain.errors import BrokenInvariant
from dryline.domain.event import TimingEvent, decode_event, encode_event
from dryline.domain.finding import Finding
from dryline.domain.race_info import RaceInfo
from dryline.domain.tables import CROSSINGS, FINDINGS, RESULTS, WEATHER
from dryline.store.session import StoredSession

RACE = "race"
SCHEMAS = {"crossings": CROSSINGS, "results": RESULTS, "weather": WEATHER, "findings": FINDINGS}
"""The tables that a query can see, by name."""

Read = Callable[[str], bytes | None]
"""Gives a file's verified bytes by its name, ``None`` where the session has no such file."""

_DECISIONS = "decisions.json"
_MESSAGES = "messages.jsonl"


def session_files(session: StoredSession) -> dict[str, bytes]:
    """Every file of the session but the original ones, by name; what is empty gets no file."""
    files = {"crossings.parquet": _table(session, "crossings", session.crossings)}
    if session.extras is not None and session.extras.width:
        files["extras.parquet"] = _parquet(session.extras)
    for name, frame in (("results", session.results), ("weather", session.weather)):
        if frame is not None:
            files[f"{name}.parquet"] = _table(session, name, frame)
    if session.findings:
        files["findings.parquet"] = _table(session, "findings", findings_table(session.findings))
    if session.messages:
        files[_MESSAGES] = b"".join(encode_event(event) + b"\n" for event in session.messages)
    if session.decisions:
        files[_DECISIONS] = msgspec.json.encode(session.decisions)
    return files


def findings_table(findings: Sequence[Finding]) -> pl.DataFrame:
    """Findings as a table, one row each."""
    rows = [{**msgspec.structs.asdict(f), "severity": f.severity.value} for f in findings]
    return pl.DataFrame(rows, FINDINGS)


def source_files(sources: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, str]]:
    """The gzipped originals by stored name, and the stored name of every original.

    Stored names are numbers: an original's name may hold anything.
    """
    names = {name: f"source-{n:02d}.gz" for n, name in enumerate(sorted(sources), 1)}
    return {
        stored: gzip.compress(sources[name], compresslevel=3, mtime=0)
        for name, stored in names.items()
    }, names


def read_session(
    race_id: str,
    info: RaceInfo,
    sources: Mapping[str, str],
    read: Read,
) -> StoredSession:
    """The session whose files ``read`` gives."""
    crossings = read_table(read("crossings.parquet"))
    if crossings is None:
        raise BrokenInvariant(f"{race_id} is stored without its crossings.")
    return StoredSession(
        id=race_id,
        info=info,
        crossings=crossings,
        extras=read_table(read("extras.parquet")),
        results=read_table(read("results.parquet")),
        weather=read_table(read("weather.parquet")),
        messages=read_messages(read),
        decisions=read_decisions(read),
        findings=_read_findings(read("findings.parquet")),
        sources=read_sources(sources, read),
    )


def read_messages(read: Read) -> tuple[TimingEvent, ...]:
    """The session's messages and outside evidence."""
    return tuple(decode_event(line) for line in (read(_MESSAGES) or b"").splitlines())


def read_decisions(read: Read) -> tuple[Decision, ...]:
    """The stewards' decisions kept with the session."""
    return msgspec.json.decode(read(_DECISIONS) or b"[]", type=tuple[Decision, ...])


def read_sources(sources: Mapping[str, str], read: Read) -> dict[str, bytes]:
    """The original files' bytes, by their original names."""
    return {name: gzip.decompress(read(stored) or b"") for name, stored in sources.items()}


def _table(session: StoredSession, name: str, frame: pl.DataFrame) -> bytes:
    schema = pl.Schema(SCHEMAS[name])
    wrong = [column for column, kind in schema.items() if frame.schema.get(column) != kind]
    if wrong:
        raise BrokenInvariant(
            f"{session.id}: column {wrong[0]} of the table {name} is "
            f"{frame.schema.get(wrong[0], 'missing')}, not {schema[wrong[0]]}."
        )
    return _parquet(frame.select(pl.lit(session.id).alias(RACE), pl.all().exclude(RACE)))


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(buffer, compression="zstd", compression_level=3)
    return buffer.getvalue()


def read_table(content: bytes | None) -> pl.DataFrame | None:
    """The table in a stored file, without its race; ``None`` where there is no such file."""
    if content is None:
        return None
    return pl.read_parquet(io.BytesIO(content)).drop(RACE, strict=False)


def _read_findings(content: bytes | None) -> tuple[Finding, ...]:
    frame = read_table(content)
    rows = [] if frame is None else frame.rows(named=True)
    return msgspec.convert(rows, type=tuple[Finding, ...])
