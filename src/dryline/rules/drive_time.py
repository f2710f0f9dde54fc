"""The drive-time ledger: who has driven how long, who still must, who may no longer.

Time at the wheel is the sum of a driver's laps, less the pit-lane time stated on them where the
season counts it so. Limits come from the rule book; one that needs a rating which nobody has
stated is said to be unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import polars as pl

from dryline.domain.entry import Entry
from dryline.domain.finding import Finding, Severity
from dryline.domain.instant import Instant
from dryline.rules.book import RuleBook
from dryline.rules.drive_alarms import Alarm, LedgerRow, RaceClock, crew_alarms, driver_alarms
from dryline.rules.drive_limits import HOUR_MS, driver_limits, driver_rating, limit_ms
from dryline.rules.scoring import name_key
from dryline.rules.wheel_time import WheelTime, wheel_times

WARN_MS = 900_000
"""How long before a limit an alarm is raised: fifteen minutes."""


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of all drivers at an instant, with the crews' own alarms."""

    at_ms: int
    length_ms: int | None
    rows: tuple[LedgerRow, ...]
    crew_alarms: tuple[Alarm, ...]
    findings: tuple[Finding, ...]

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Every alarm, the drivers' first."""
        return (*(alarm for row in self.rows for alarm in row.alarms), *self.crew_alarms)

    def row_of(self, car_number: str, driver: str) -> LedgerRow | None:
        """The account of a driver of a car, ``None`` where there is none."""
        wanted = name_key(driver)
        rows = (row for row in self.rows if row.car_number == car_number)
        return next((row for row in rows if name_key(row.driver) == wanted), None)


def drive_time_ledger(
    rulebook: RuleBook,
    laps: pl.DataFrame,
    entries: Mapping[str, Entry],
    *,
    instant: Instant,
    length_ms: int | None,
    neutralisations: pl.DataFrame | None = None,
    warn_ms: int = WARN_MS,
) -> Ledger:
    """The ledger at ``instant``, from the laps completed by then.

    ``laps`` has the schema ``CROSSINGS`` or ``LAPS``. ``length_ms`` is the scheduled length:
    without it no limit that depends on the length, and no latest moment, can be told. Red-flag
    time is left out where the rule book says that drive time stops.
    """
    clock = RaceClock(instant.ms, length_ms, warn_ms)
    times = times_at_wheel(rulebook, laps, entries, instant, neutralisations)
    rows: list[LedgerRow] = []
    crews: list[Alarm] = []
    unrated: set[str] = set()
    for crew in _by_car(times).values():
        entry = entries.get(crew[0].car_number)
        accounts, waiting = _accounts(rulebook, crew, entry, clock)
        rows += accounts
        crews += crew_alarms(accounts, clock, crew_known=_is_listed(entry))
        unrated |= waiting
    return Ledger(
        at_ms=instant.ms,
        length_ms=length_ms,
        rows=tuple(rows),
        crew_alarms=tuple(crews),
        findings=tuple(_findings(rulebook, clock, unrated, {row.car_class for row in rows})),
    )


def times_at_wheel(
    rulebook: RuleBook | None,
    laps: pl.DataFrame,
    entries: Mapping[str, Entry],
    instant: Instant,
    neutralisations: pl.DataFrame | None = None,
) -> list[WheelTime]:
    """Who has driven when by ``instant``, counted as the rule book counts it."""
    counted = None if rulebook is None else rulebook.text.drive_time.without_pit_time
    return wheel_times(
        laps.filter(pl.col("elapsed_ms") <= instant.ms),
        entries,
        without_pit_time=counted is None or counted.value,
        stopped=() if rulebook is None else _red_periods(rulebook, neutralisations, instant.ms),
    )


def ledgers(
    rulebook: RuleBook,
    laps: pl.DataFrame,
    entries: Mapping[str, Entry],
    *,
    instants: Sequence[Instant],
    length_ms: int | None,
    neutralisations: pl.DataFrame | None = None,
) -> list[Ledger]:
    """The ledger as the race goes, at each of ``instants``."""
    return [
        drive_time_ledger(
            rulebook,
            laps,
            entries,
            instant=instant,
            length_ms=length_ms,
            neutralisations=neutralisations,
        )
        for instant in instants
    ]


def _is_listed(entry: Entry | None) -> bool:
    """Whether the crew comes from an entry list or a result, not from who was seen driving."""
    crew = () if entry is None else entry.drivers
    return any(each.rating is not None or each.country is not None for each in crew)


def _by_car(times: Sequence[WheelTime]) -> dict[str, list[WheelTime]]:
    cars: dict[str, list[WheelTime]] = {}
    for each in times:
        cars.setdefault(each.car_number, []).append(each)
    return cars


def _accounts(
    rulebook: RuleBook, crew: Sequence[WheelTime], entry: Entry | None, clock: RaceClock
) -> tuple[list[LedgerRow], set[str]]:
    car_total = sum(each.total_ms for each in crew)
    scores_from = limit_ms(rulebook.text.points.minimum_drive_min)
    rows: list[LedgerRow] = []
    unrated: set[str] = set()
    for time in crew:
        rating = driver_rating(rulebook, entry, time.driver)
        limits = driver_limits(rulebook, time.car_class, rating, clock.length_ms)
        if limits.needs_rating:
            unrated.add(time.driver)
        minimum, maximum = limit_ms(limits.minimum_min), limit_ms(limits.maximum_min)
        owed = None if minimum is None else max(minimum - time.total_ms, 0)
        late = owed and clock.length_ms is not None and not time.at_wheel
        window = None if limits.window_h is None else round(limits.window_h.value * HOUR_MS)
        row = LedgerRow(
            car_number=time.car_number,
            car_class=time.car_class,
            driver=time.driver,
            rating=rating,
            at_wheel=time.at_wheel,
            total_ms=time.total_ms,
            share=time.total_ms / car_total if car_total else 0.0,
            continuous_ms=time.continuous_ms,
            rest_ms=time.rest_ms(clock.at_ms),
            window_ms=None if window is None else time.in_window(clock.at_ms, window),
            window_peak_ms=None if window is None else time.window_peak(window),
            minimum_ms=minimum,
            owed_ms=owed,
            latest_in_ms=(clock.length_ms or 0) - (owed or 0) if late else None,
            maximum_ms=maximum,
            left_ms=None if maximum is None else max(maximum - time.total_ms, 0),
            owed_to_score_ms=None if scores_from is None else max(scores_from - time.total_ms, 0),
        )
        alarms = driver_alarms(row, time, limits, clock)
        rows.append(msgspec.structs.replace(row, alarms=alarms))
    return rows, unrated


def _red_periods(
    rulebook: RuleBook, neutralisations: pl.DataFrame | None, at_ms: int
) -> list[tuple[int, int]]:
    rule = rulebook.neutralisation("red")
    stops = rule is not None and rule.drive_time_stops is not None and rule.drive_time_stops.value
    if neutralisations is None or not stops:
        return []
    reds = neutralisations.filter((pl.col("kind") == "red") & (pl.col("start_ms") <= at_ms))
    return [
        (start, at_ms if end is None else min(end, at_ms))
        for start, end in reds.select("start_ms", "end_ms").iter_rows()
    ]


def _findings(
    rulebook: RuleBook, clock: RaceClock, unrated: set[str], classes: set[str]
) -> list[Finding]:
    found = []
    if clock.length_ms is None:
        found.append(_unknown("the race's length is not known, so no limit by length applies"))
    season = f"{rulebook.series.upper()} {rulebook.year}"
    if rulebook.text.drive_time.without_pit_time is None:
        words = "whether pit-lane time counts is not known for this season"
        found.append(_unknown(f"{words} ({season}); it is left out"))
    for car_class in sorted(classes):
        limits = driver_limits(rulebook, car_class, None, clock.length_ms)
        stated = (limits.minimum_min, limits.maximum_min, limits.window_max_min)
        if clock.length_ms is not None and not limits.needs_rating and not any(stated):
            hours = clock.length_ms / HOUR_MS
            words = f"drive-time limits of {car_class} over {hours:g} h are not known"
            found.append(_unknown(f"{words} for this season ({season})"))
    if unrated:
        some = ", ".join(sorted(unrated)[:3])
        words = f"{len(unrated)} drivers have no stated rating ({some}…), so limits by rating"
        found.append(_unknown(f"{words} do not apply to them", rows=len(unrated)))
    return found


def _unknown(message: str, rows: int = 1) -> Finding:
    return Finding(
        kind="drive_time_not_known",
        severity=Severity.WARNING,
        message=message,
        rows=rows,
        remedy="State it in a rule file of your own ([drive_time]).",
    )
