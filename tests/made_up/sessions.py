"""Sessions for the library, something in every part, also for processes that tests start."""

from __future__ import annotations

from typing import Any

import polars as pl

from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.finding import Finding, Severity
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.domain.tables import RESULTS, WEATHER
from dryline.store import StoredSession
from tests.made_up.driving import Car, Lap, crossings_of

IMOLA = "wec/2024/imola"


def crossings(cars: int = 3, laps: int = 5, lap_ms: int = 95_000) -> pl.DataFrame:
    """Cars that each do the same lap again and again, the next always a millisecond slower."""
    drives = [
        [
            Lap(lap_ms + car, driver="António FÉLIX DA COSTA", in_pit=lap == 3)
            for lap in range(1, laps + 1)
        ]
        for car in range(cars)
    ]
    return crossings_of(
        (Car(f"{car:03d}", "HYPERCAR", drives[car]) for car in range(cars)), by_car=True
    )


def results() -> pl.DataFrame:
    drivers = [{"name": "Kévin ESTRE", "rating": "Platinum", "country": "FRA"}]
    rows = [
        {"position": 1, "car_number": "000", "status": "Classified", "laps": 5, "drivers": drivers},
        {"position": None, "car_number": "002", "status": "Not started", "drivers": []},
    ]
    return pl.DataFrame(rows, RESULTS)


def weather() -> pl.DataFrame:
    return pl.DataFrame([{"at_ms": 60_000, "air_c": 21.5}], WEATHER)


def full_session(race_id: str = IMOLA, **changes: Any) -> StoredSession:
    """A session with something in every part."""
    at = Instant(60_000)
    parts: dict[str, Any] = {
        "id": race_id,
        "info": RaceInfo(
            name="6 Hours of Imola",
            series="wec",
            year=2024,
            event="imola",
            length=RaceLength(ms=21_600_000, source="catalogue"),
        ),
        "crossings": crossings(),
        "extras": pl.DataFrame({"TYRE_STATE": ["used", None, ""] * 5}),
        "results": results(),
        "weather": weather(),
        "messages": (
            RaceControlMessage(happened_at=at, known_at=at, kind="flag", flag=Flag.GREEN),
            Evidence(happened_at=at, known_at=at, kind="rain", source="a\nb", sector=2),
        ),
        "decisions": (
            Decision(car_number="007", kind=DecisionKind.TIME_PENALTY, seconds=5.5, lap=3),
        ),
        "findings": (
            Finding(kind="odd", severity=Severity.NOTE, message="an oddity", line=7),
            Finding(kind="worse", severity=Severity.WARNING, message="x", car_number="000"),
        ),
        "sources": {"23_Analysis Race.CSV": b"NUMBER;LAP\r\n007;1\r\n" * 400, "x/../y.csv": b""},
    }
    return StoredSession(**{**parts, **changes})


def plain_session(race_id: str, lap_ms: int = 95_000, laps: int = 5) -> StoredSession:
    """A session with crossings and a source only; ``lap_ms`` tells two versions apart."""
    return StoredSession(
        id=race_id,
        info=RaceInfo(name=race_id),
        crossings=crossings(lap_ms=lap_ms, laps=laps),
        sources={"laps.csv": str(lap_ms).encode()},
    )


def lap_ms_of(session: StoredSession) -> int:
    """Which version of a plain session this is."""
    return int(session.crossings["lap_time_ms"].min())  # type: ignore[arg-type]


def assert_same(one: StoredSession, other: StoredSession) -> None:
    assert (one.id, one.info) == (other.id, other.info)
    for table in ("crossings", "extras", "results", "weather"):
        left, right = getattr(one, table), getattr(other, table)
        assert (left is None) == (right is None), table
        if left is not None:
            assert left.schema == right.schema
            assert left.equals(right), table
    assert one.messages == other.messages
    assert one.decisions == other.decisions
    assert one.findings == other.findings
    assert dict(one.sources) == dict(other.sources)
