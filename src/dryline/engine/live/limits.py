"""What a fact may say at all: numbers that can be, texts of a bearable length."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.domain.event import (
    Evidence,
    LineCrossing,
    LoopPassing,
    RaceControlMessage,
    TeamInput,
    WeatherSample,
)
from dryline.domain.instant import Duration
from dryline.domain.loop import Loop
from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel.parse_weather import BOUNDS
from dryline.feeds.messages import EVIDENCE, RACE_CONTROL

LONGEST_MS = 36 * 3_600_000
MAX_NUMBER = 12
_MAX_LAP, _MAX_TEXT, _MAX_KMH, _MAX_SEAT, _MAX_SECTOR = 5_000, 200, 600.0, 99, 9
_MAX_LOOPS = 99
_YEARS = range(1900, 2200)
_MAX_EXTRAS, _MAX_LINE, _MAX_SAID, _MAX_S = 2_000, 2**31 - 1, 500, 86_400.0


def impossible_crossing(event: LineCrossing, longest_ms: int) -> str | None:
    """Why no car can have crossed the line like this; ``None`` where one can."""
    if not _is_number(event.car_number):
        return "no car has that number"
    if not 0 < event.lap <= _MAX_LAP:
        return "no lap has that number"
    if not (0 < event.lap_time.ms <= longest_ms and 0 < event.happened_at.ms <= longest_ms):
        return "its time is impossible"
    if not all(map(_bearable, (*event.sectors, event.pit_lane, event.time_of_day))):
        return "a time is negative or too long"
    texts = (event.driver, event.team, event.manufacturer, event.group, event.car_class)
    if max(map(len, texts)) > _MAX_TEXT or sum(map(len, event.extras.values())) > _MAX_EXTRAS:
        return "a text is too long"
    speeds = (event.top_speed_kmh or 0.0, event.speed_kmh or 0.0)
    if not all(0 <= speed <= _MAX_KMH for speed in speeds):
        return "a speed is impossible"
    if not (0 <= (event.driver_seat or 0) <= _MAX_SEAT and 0 <= (event.line or 0) <= _MAX_LINE):
        return "no seat or line has that number"
    return None


def impossible_passing(event: LoopPassing, longest_ms: int) -> str | None:
    """Why no car can have passed a loop like this; ``None`` where one can."""
    if not _is_number(event.car_number):
        return "no car has that number"
    if event.lap is not None and not 0 < event.lap <= _MAX_LAP:
        return "no lap has that number"
    if not 0 <= event.happened_at.ms <= longest_ms:
        return "its time is impossible"
    if event.loop.is_of_the_lane:
        return None
    if not 0 < (event.sector or 0) <= _MAX_SECTOR:
        return "no sector has that number"
    if event.loop is Loop.INTERMEDIATE and not 0 < (event.number or 0) <= _MAX_LOOPS:
        return "no loop of a sector has that number"
    return None


def impossible_words(info: RaceInfo) -> Iterator[str]:
    """The fields of a greeting's race that cannot be."""
    for name in ("name", "series", "event", "session"):
        if len(getattr(info, name) or "") > _MAX_TEXT:
            yield name
    if info.year is not None and info.year not in _YEARS:
        yield "year"
    if sum(map(len, info.sources)) > _MAX_EXTRAS:
        yield "sources"
    length = info.length
    if length is not None and not (
        (length.ms is None or 0 < length.ms <= LONGEST_MS)
        and (length.laps is None or 0 < length.laps <= _MAX_LAP)
        and (length.ms or length.laps)
        and len(length.source) <= _MAX_TEXT
    ):
        yield "length"


def impossible_message(event: RaceControlMessage | Evidence) -> str | None:
    """Why nobody can have said this; ``None`` where somebody can."""
    known = RACE_CONTROL if isinstance(event, RaceControlMessage) else EVIDENCE
    if event.kind not in known:
        return f"unknown kind {event.kind[:40]!r}; known are {', '.join(known)}"
    word = (
        event.tyre
        if isinstance(event, Evidence)
        else max(event.car_class or "", event.penalty or "", key=len)
    )
    if len(event.text) > _MAX_SAID or max(len(event.source), len(word or "")) > _MAX_TEXT:
        return "a text is too long"
    if len(event.car_number or "") > MAX_NUMBER:
        return "no car has that number"
    if not 0 <= (event.sector or 0) <= _MAX_SECTOR:
        return "no sector has that number"
    if isinstance(event, Evidence):
        shares = (event.weight, event.probability or 0.0)
        bounds = (event.from_at, event.until)
        if not 0 <= (event.intensity or 0.0) <= _MAX_S:
            return "a number is impossible"
        if not all(0 <= share <= 1 for share in shares):
            return "weight and probability lie between 0 and 1"
        if any(at is not None and abs(at.ms) > LONGEST_MS for at in bounds):
            return "a time is negative or too long"
        return None
    numbers = (event.laps_to_serve or 0, event.seconds or 0.0)
    return None if all(0 <= n <= _MAX_S for n in numbers) else "a number is impossible"


def impossible_weather(sample: WeatherSample) -> str | None:
    """Why it cannot have been measured; ``None`` where it can."""
    for name, (low, high) in {**BOUNDS, "rain": (0.0, _MAX_S)}.items():
        value = getattr(sample, name)
        if value is not None and not low <= value <= high:
            return f"{name} is beyond {low:g} to {high:g}"
    return None


def impossible_input(event: TeamInput) -> str | None:
    """Why nobody can have typed this; ``None`` where somebody can."""
    if not 0 < len(event.author.strip()) <= _MAX_TEXT:
        return "a team input needs an author"
    if not 0 <= (event.lap or 0) <= _MAX_LAP:
        return "no lap has that number"
    numbers = (
        event.energy_pct, event.fuel_l, event.fuel_laps, event.seconds, event.per_lap, event.hose_s,
        event.entry_s, event.tyres_s, event.release_s, event.age_laps, event.left_pct,
    )  # fmt: skip
    return None if all(0 <= (n or 0) <= _MAX_S for n in numbers) else "a number is impossible"


def _is_number(car: str) -> bool:
    return len(car.strip()) > 0 and len(car) <= MAX_NUMBER and car.isprintable()


def _bearable(time: Duration | None) -> bool:
    return time is None or 0 <= time.ms <= LONGEST_MS
