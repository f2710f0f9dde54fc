"""Claims about practice and qualifying: who was fastest, what was tried, what did not count."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.tables import Ground, Row, Tables, quoted, slug

CAR = "car_number, car_class, team, position_in_class"
BEST = "best_driver, best_lap, best_lap_time_ms, best_at_ms"


def session_claims(tables: Tables) -> Iterator[Claim]:
    """Everything that is said of a session that the best lap decides, from its tables alone.

    ``session`` has one row (``name, kind, end_ms, simulated``); ``classes``, ``cars``, ``runs`` and
    ``taken_away`` are the rows of the answer, ``neutralised`` has ``kind, periods, total_ms,
    inferred``, ``segments`` has ``classes`` as one text, ``from_ms``, ``to_ms``.
    """
    for name in (row["car_class"] for row in tables.ask("select car_class from classes").rows):
        for tell in (_fastest, _improved, _theory, _long_run, _gone):
            yield from tell(tables, name)
    for about in (_turns, _untimed, _neutralised, _limits):
        yield from about(tables)


def _claim(
    tables: Tables, kind: str, section: Section, values: Row, *grounds: Ground,
    name: str = "", importance: float = 0.4, known: Certainty = Certainty.MEASURED,
) -> Claim:  # fmt: skip
    simulated = tables.ask("select simulated from session").rows[0]["simulated"]
    return Claim(
        "-".join(part for part in (kind.replace("_", "-"), slug(name) if name else "") if part),
        kind,
        section,
        values,
        grounds,
        importance,
        certainty=Certainty.SIMULATED if simulated else known,
        car_class=values.get("car_class"),
    )


def _of(name: str) -> str:
    return f"car_class = {quoted(name)}"


def _fastest(tables: Tables, name: str) -> Iterator[Claim]:
    first = tables.ask(
        f"select {CAR}, position, {BEST}, margin_ms from cars where {_of(name)} "
        "and best_lap_time_ms is not null order by position limit 2"
    )
    field = tables.ask(f"select cars, timed from classes where {_of(name)}")
    if not first.rows:
        return
    row = first.rows[0]
    after = first.rows[1]["car_number"] if len(first.rows) > 1 else None
    yield _claim(
        tables, "session_fastest", Section.RESULT, {**row, **field.rows[0], "next": after},
        first, field, name=name, importance=0.95 if row["position"] == 1 else 0.8,
    )  # fmt: skip


def _improved(tables: Tables, name: str) -> Iterator[Claim]:
    """Who improved last in qualifying, unless it is who was fastest."""
    found = tables.ask(
        "select car_class, last_improved, last_improved_ms from classes "
        f"where {_of(name)} and last_improved <> fastest"
    )
    kind = tables.ask("select kind from session where kind = 'qualifying'")
    if found.rows and kind.rows:
        yield _claim(
            tables, "session_improved", Section.CLASSES, found.rows[0], found, kind, name=name
        )


def _theory(tables: Tables, name: str) -> Iterator[Claim]:
    """The least sum of best sectors in the class."""
    found = tables.ask(
        f"select {CAR}, theoretical_ms, best_lap_time_ms from cars where {_of(name)} "
        "and theoretical_ms is not null order by theoretical_ms, position limit 1"
    )
    if found.rows:
        yield _claim(tables, "session_theory", Section.CLASSES, found.rows[0], found, name=name)


def _long_run(tables: Tables, name: str) -> Iterator[Claim]:
    found = tables.ask(
        "select car_number, car_class, driver, run, steady_laps, average_ms, slope_value_ms, "
        f"slope_lo_ms, slope_hi_ms from runs where {_of(name)} and average_ms is not null "
        "order by average_ms, car_number limit 1"
    )
    kind = tables.ask("select kind from session where kind <> 'qualifying'")
    if found.rows and kind.rows:
        yield _claim(
            tables, "session_long_run", Section.CLASSES, found.rows[0], found, kind, name=name
        )


def _gone(tables: Tables, name: str) -> Iterator[Claim]:
    """The quickest lap of each car that was taken away, where it would have gained places."""
    gained = f"from taken_away where {_of(name)} and would_be < position_in_class"
    cars = tables.ask(f"select distinct car_number {gained}")
    for car in sorted(row["car_number"] for row in cars.rows):
        found = tables.ask(
            "select car_number, car_class, driver, lap, at_ms, lap_time_ms, would_be, "
            f"position_in_class {gained} and car_number = {quoted(car)} "
            "order by lap_time_ms, at_ms limit 1"
        )
        section = Section.RESULT if found.rows[0]["would_be"] == 1 else Section.CLASSES
        yield _claim(
            tables, "session_gone", section, found.rows[0], found, name=car, importance=0.6
        )


def _turns(tables: Tables) -> Iterator[Claim]:
    found = tables.ask("select classes, from_ms, to_ms from segments order by from_ms")
    if len(found.rows) > 1:
        values = {"parts": list(found.rows)}
        yield _claim(tables, "session_turns", Section.NEUTRALISATIONS, values, found)


def _untimed(tables: Tables) -> Iterator[Claim]:
    found = tables.ask(
        "select car_number from cars where best_lap_time_ms is null order by position"
    )
    if found.rows:
        values = {"numbers": [row["car_number"] for row in found.rows]}
        yield _claim(tables, "session_untimed", Section.NEUTRALISATIONS, values, found)


def _neutralised(tables: Tables) -> Iterator[Claim]:
    found = tables.ask("select kind, periods, total_ms, inferred from neutralised")
    if found.rows:
        guessed = any(row["inferred"] for row in found.rows)
        yield _claim(
            tables, "session_neutralised", Section.NEUTRALISATIONS, {"counts": list(found.rows)},
            found, known=Certainty.INFERRED if guessed else Certainty.MEASURED,
        )  # fmt: skip


def _limits(tables: Tables) -> Iterator[Claim]:
    head = tables.ask("select kind, end_ms from session")
    yield _claim(
        tables, "session_limits", Section.LIMITS, dict(head.rows[0]), head, importance=0.05
    )
