"""Club timing that never was, in lines of RMonitor as a timing system sends them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

LAST_MS = 59 * 60_000 + 59_999


@dataclass(frozen=True)
class ClubCar:
    """A car by its registration number, and its laps; ``starts_ms`` is when its first began."""

    number: str
    laps_ms: Sequence[int]
    starts_ms: int = 2_000
    names: tuple[str, str] = ("Ana", "Alvarez")
    class_number: int = 1

    def ends_ms(self, laps: int) -> int:
        """When its lap of that number ended."""
        return self.starts_ms + sum(self.laps_ms[:laps])

    def best(self, laps: int) -> tuple[int, int] | None:
        """Of its first ``laps`` the quickest: its number and time."""
        if laps == 0:
            return None
        at = min(range(laps), key=lambda lap: self.laps_ms[lap])
        return at + 1, self.laps_ms[at]


@dataclass
class ClubTiming:
    """What the timing system knows while the run goes on, and the lines that it sends."""

    cars: Sequence[ClubCar]
    run: tuple[int, str] = (25, "Club Race")
    track: str = "Nowhere Park"
    length_ms: int = 600_000
    flags: Sequence[tuple[int, str]] = ((0, "Green "),)
    ends: str = "\r\n"
    done: dict[str, int] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Every line from the first to the last, each with its end."""
        return [line + self.ends for line in self._lines()]

    def refresh(self) -> Iterator[str]:
        """What stands now, as it is said to whoever connects, and again and again."""
        yield f'$B,{self.run[0]},"{self.run[1]}"'
        for car in self.cars:
            first, last = car.names
            yield f'$A,"{car.number}","{car.number}",1,"{first}","{last}","",{car.class_number}'
            yield f'$COMP,"{car.number}","{car.number}",{car.class_number},"{first}","{last}","",""'
        yield '$C,1,"GT"'
        yield '$C,2,"Touring"'
        yield f'$E,"TRACKNAME","{self.track}"'
        yield '$E,"TRACKLENGTH","2.760"'
        for car in self.cars:
            yield self._best(car)
        for car in self.cars:
            yield self._count(car)

    def race_order(self) -> list[str]:
        """The numbers of all that have begun a lap, by laps, then the earlier crossing."""
        return self._sorted(lambda car, laps: (-laps, car.ends_ms(laps)))

    def best_order(self) -> list[str]:
        """The numbers by best lap; those without one last."""
        return self._sorted(lambda car, laps: ((car.best(laps) or (0, LAST_MS))[1], car.number))

    def flag_at(self, ms: int) -> str:
        """The state of the run."""
        return next(flag for since, flag in reversed(self.flags) if since <= ms)

    def clock(self, ms: int) -> str:
        """The heartbeat of a second."""
        left = max(self.length_ms - ms, 0)
        day = 14 * 3_600_000 + ms
        return f'$F,9999,"{_hms(left)}","{_hms(day)}","{_hms(ms)}","{self.flag_at(ms)}"'

    def _lines(self) -> Iterator[str]:
        yield from self.refresh()
        yield f'$F,9999,"{_hms(self.length_ms)}","14:00:00","00:00:00","      "'
        passings = sorted(
            (car.ends_ms(lap), car.number, lap, car)
            for car in self.cars
            for lap in range(len(car.laps_ms) + 1)
        )
        second = 0
        for ms, _, lap, car in passings:
            while second * 1000 <= ms:
                yield self.clock(second * 1000)
                second += 1
            yield from self.passing(car, lap)
        yield self.clock(second * 1000)

    def passing(self, car: ClubCar, lap: int) -> Iterator[str]:
        """A car crosses the line and completes ``lap``, or begins its first."""
        self.done[car.number] = lap
        time = _hms3(car.laps_ms[lap - 1] if lap else 0)
        yield f'$J,"{car.number}","{time}","{_hms3(car.ends_ms(lap))}"'
        yield self._count(car)
        yield self._best(car)

    def _count(self, car: ClubCar) -> str:
        laps = self.done.get(car.number)
        total = _hms3(LAST_MS if laps is None else car.ends_ms(laps))
        place = self.race_order().index(car.number) + 1 if laps is not None else len(self.cars)
        return f'$G,{place},"{car.number}",{laps or ""},"{total}"'

    def _best(self, car: ClubCar) -> str:
        lap, ms = car.best(self.done.get(car.number, 0)) or (0, LAST_MS)
        return f'$H,{self.best_order().index(car.number) + 1},"{car.number}",{lap},"{_hms3(ms)}"'

    def _sorted(self, key) -> list[str]:
        laps = {car.number: self.done.get(car.number, -1) for car in self.cars}
        cars = sorted(self.cars, key=lambda car: key(car, max(laps[car.number], 0)))
        begun = [car.number for car in cars if laps[car.number] >= 0]
        return begun + [car.number for car in cars if laps[car.number] < 0]


def _hms(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _hms3(ms: int) -> str:
    return f"{_hms(ms)}.{ms % 1000:03d}"


@st.composite
def club_cars(draw: st.DrawFn, most_cars: int = 5, most_laps: int = 6) -> list[ClubCar]:
    """Some cars that started within ten seconds; no two cross the line at the same instant."""
    cars = []
    for place in range(draw(st.integers(1, most_cars))):
        laps = draw(st.lists(st.integers(30_000, 90_000), min_size=1, max_size=most_laps))
        laps = [ms - ms % 10 + (place if at == 0 else 0) for at, ms in enumerate(laps)]
        starts = draw(st.integers(0, 1_000)) * 10 + 1_000
        names = draw(st.sampled_from([("Ana", "Alvarez"), ("", "The Perplexus"), ("A /", "B")]))
        cars.append(ClubCar(str(place * 7 + 3), laps, starts, names, place % 2 + 1))
    return cars
