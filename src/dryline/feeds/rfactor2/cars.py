"""The cars of one session of the log: laps on the session's clock, drivers, tyres and fuel."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from dryline.domain.event import Evidence
from dryline.domain.instant import Instant
from dryline.feeds.rfactor2 import spec
from dryline.feeds.stated_laps import StatedCar, StatedLap

_DAYS_S = 4 * 86_400.0
_SAME_CROSSING_S = 1.0
Seconds = float | None


def cars_of(section: Element, *, is_race: bool) -> list[StatedCar]:
    """Every car of the session in the order of the log.

    The clock of a race begins where lap 1 does, that of any other session with the session.
    """
    at_the_line = _scores(section)
    drivers = section.findall("Driver")
    starts = [
        _seconds(lap.get("et")) for driver in drivers for lap in driver.findall("Lap[@num='1']")
    ]
    known = [start for start in starts if start is not None]
    start_s = min(known, default=0.0) if is_race else 0.0
    return [_car(driver, start_s, at_the_line, is_race=is_race) for driver in drivers]


def tyres_seen(cars: Iterable[StatedCar]) -> tuple[Evidence, ...]:
    """The tyres that each car is on, where its compound's name says it, from the lap that tells."""
    seen = []
    for car in cars:
        before = ""
        for lap in car.laps:
            compound = lap.extras.get("compound", "")
            tyre = spec.tyre_of(compound)
            if lap.elapsed_ms is not None and tyre is not None and compound != before:
                at = Instant(lap.elapsed_ms)
                seen.append(
                    Evidence(
                        happened_at=at,
                        known_at=at,
                        kind="tyre",
                        source="the simulator's log",
                        weight=1.0,
                        car_number=car.car_number,
                        tyre=tyre,
                        text=compound,
                    )
                )
            before = compound
    return tuple(sorted(seen, key=lambda evidence: evidence.known_at.ms))


def _car(
    driver: Element, start_s: float, at_the_line: Mapping[str, list[float]], *, is_race: bool
) -> StatedCar:
    name = _text(driver, "Name")
    finish_s = _seconds(driver.findtext("FinishTime"))
    ends = _Ends(
        driver.findall("Lap"),
        start_s,
        at_the_line.get(name, []),
        None if finish_s is None or not is_race else start_s + finish_s,
    )
    at_the_wheel = _at_the_wheel(driver, name)
    laps = [
        _lap(lap, number, end, at_the_wheel, start_s)
        for number, (lap, end) in enumerate(zip(ends.laps, ends.of(), strict=True), 1)
    ]
    return StatedCar(
        car_number=_text(driver, "CarNumber") or "?",
        laps=laps,
        position=_position(driver.findtext("Position")),
        status=spec.STATUSES.get(_text(driver, "FinishStatus"), ""),
        car_class=_text(driver, "CarClass"),
        team=_text(driver, "TeamName"),
        vehicle=_text(driver, "VehName") or _text(driver, "CarType"),
        drivers=tuple(dict.fromkeys([*at_the_wheel.values()])) or (name,),
        laps_done=_position(driver.findtext("Laps")),
        total_ms=None if not is_race else _ms(finish_s),
        best_ms=_ms(_seconds(driver.findtext("BestLapTime"))),
        line=int(driver.get("line", "1")),
    )


@dataclass(frozen=True)
class _Ends:
    """When each of a car's laps ended, on the session's clock.

    A lap's ``et`` is the clock at its start. Where the log leaves a lap's time out (a cut track, an
    out-lap), its end is the start of the next, else what the stream saw at the line, else the
    finish.
    """

    laps: list[Element]
    start_s: float
    at_the_line: list[float]
    finish_s: Seconds

    def of(self) -> list[Seconds]:
        ends: list[Seconds] = []
        before: Seconds = self.start_s
        for place, lap in enumerate(self.laps):
            begun = _seconds(lap.get("et"))
            end = self._end(place, begun if begun is not None else before, _seconds(lap.text))
            ends.append(end)
            before = end if end is not None else before
        return ends

    def _end(self, place: int, begun: Seconds, time: Seconds) -> Seconds:
        if begun is not None and time is not None:
            return begun + time
        if place + 1 < len(self.laps):
            following = _seconds(self.laps[place + 1].get("et"))
            if following is not None:
                return following
        after = (self.start_s if begun is None else begun) + _SAME_CROSSING_S
        seen = next((clock for clock in self.at_the_line if clock > after), None)
        last = place + 1 == len(self.laps)
        return seen if seen is not None or not last else self.finish_s


def _lap(
    lap: Element, number: int, end_s: Seconds, at_the_wheel: Mapping[int, str], start_s: float
) -> StatedLap:
    s1, s2, s3 = (_ms(_seconds(lap.get(sector))) for sector in ("s1", "s2", "s3"))
    return StatedLap(
        lap=number,
        elapsed_ms=None if end_s is None else _ms(end_s - start_s),
        lap_time_ms=_ms(_seconds(lap.text)),
        sectors_ms=(s1, s2, s3),
        driver=at_the_wheel.get(number, ""),
        in_pit=lap.get("pit") == "1",
        top_speed_kmh=_speed(lap.get("topspeed")),
        extras=_extras(lap),
        line=int(lap.get("line", "1")),
    )


def _extras(lap: Element) -> dict[str, str]:
    """What the log says of the car on this lap: compound, fuel, what is left of the tyres."""
    front, rear = lap.get("fcompound", "").strip(), lap.get("rcompound", "").strip()
    said = {"compound": front if front == rear or not rear else f"{front} / {rear}"}
    said |= {name: lap.get(key, "") for key, name in (spec.SHARES | spec.WHEELS).items()}
    return {name: text for name, text in said.items() if text and not text.startswith("-")}


def _at_the_wheel(driver: Element, name: str) -> dict[int, str]:
    """Who drove each lap, where the log says that drivers changed."""
    found: dict[int, str] = {}
    laps = len(driver.findall("Lap"))
    for swap in driver.findall("Swap"):
        first, last = (_position(swap.get(key)) or 0 for key in ("startLap", "endLap"))
        who = (swap.text or "").strip() or name
        found |= dict.fromkeys(range(max(first, 1), min(last, laps) + 1), who)
    return found


def _scores(section: Element) -> dict[str, list[float]]:
    """When each driver was seen at the line, on the session's clock."""
    seen: dict[str, list[float]] = defaultdict(list)
    for score in section.iterfind("Stream/Score"):
        found = spec.SCORE.fullmatch((score.text or "").strip())
        clock = None if found is None else _seconds(found[2])
        if found is not None and clock is not None:
            seen[found[1]].append(clock)
    return {name: sorted(clocks) for name, clocks in seen.items()}


def _text(driver: Element, tag: str) -> str:
    return " ".join((driver.findtext(tag) or "").split())[:120]


def _seconds(text: str | None) -> Seconds:
    """A time as the log writes it; ``None`` for its ``--.----`` and for what is no time."""
    try:
        value = float((text or "").strip())
    except ValueError:
        return None
    return value if math.isfinite(value) and 0.0 <= value <= _DAYS_S else None


def _ms(seconds: Seconds) -> int | None:
    return None if seconds is None or seconds <= 0 else round(seconds * 1000)


def _speed(text: str | None) -> float | None:
    value = _seconds(text)
    return value if value is not None and 0 < value < 600 else None


def _position(text: str | None) -> int | None:
    text = (text or "").strip()
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return value or None
