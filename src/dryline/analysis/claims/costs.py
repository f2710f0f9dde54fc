"""Claims about what cost the cars that could have won, and about penalties that the timing shows.

The events come from ``analysis.debrief.costs``; how much one weighs is its time against the gap at
the flag.
"""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.result import certainty, classes
from dryline.analysis.claims.tables import Ground, Row, Tables, quoted, slug

WORTH, LOWER_CLASS, MOST_GAINED, WHILE_FIRST = 0.62, 0.75, 4, 0.2
FRONT, MOST_SEEN = 5, 3
INFERRED = ("penalty", "weather")
SHARED = ("neutralised", "weather")
"""What touches several cars at once is told once, of all that it cost."""


def costs(tables: Tables) -> Iterator[Claim]:
    """Class by class: events of single cars, then those that moved several against the winner."""
    if "costs" not in tables:
        return
    rows = tables.ask(
        "select car_class, car_number, kind, min(at_ms) as at_ms from costs "
        "where kind = 'penalty' group by car_class, car_number, kind order by at_ms, car_number"
    ).rows
    rows += tables.ask(
        "select car_class, car_number, kind, at_ms from costs "
        "where kind in ('stop', 'slow', 'out') order by at_ms, car_number"
    ).rows
    for row in rows:
        yield _own(tables, row)
    spans = tables.ask(
        "select distinct car_class, kind, at_ms, against from costs "
        f"where kind in ('{SHARED[0]}', '{SHARED[1]}') order by at_ms, car_class"
    ).rows
    for row in spans:
        yield _shared(tables, row)


def _own(tables: Tables, key: Row) -> Claim:
    car, name = key["car_number"], key["car_class"]
    which = "" if key["kind"] == "penalty" else f" and at_ms = {key['at_ms']}"
    one = tables.ask(
        f"select * from costs where car_number = {quoted(car)} and kind = {quoted(key['kind'])}"
        f"{which} order by at_ms"
    )
    most = tables.ask(f"select max(ms) as most_ms from costs where car_number = {quoted(car)}")
    who = tables.ask(
        "select team, position, position_in_class, laps, class_gap_laps from classification "
        f"where car_number = {quoted(car)}"
    )
    led = _led(tables, name, car)
    row = one.rows[0]
    grounds = [one, who, led, most]
    values = {**who.rows[0], **row, **led.rows[0], **most.rows[0]}
    if row["kind"] == "penalty":
        values["visits"] = [dict(each) for each in one.rows]
    if row["kind"] == "out":
        last = tables.ask(
            "select driver, in_pit, position_in_class as was from laps "
            f"where car_number = {quoted(car)} and lap = {row['lap']}"
        )
        grounds.append(last)
        values |= last.rows[0]
    return Claim(
        f"cost-{row['kind']}-{slug(car)}-{row['lap']}",
        f"cost_{row['kind']}",
        _section(tables, name),
        values,
        tuple(grounds),
        importance=_worth(tables, name, {**row, "was": values.get("was")}, led.rows[0]),
        certainty=_known(tables, row["kind"]),
        car_class=name,
        at_ms=row["at_ms"],
    )


def _shared(tables: Tables, key: Row) -> Claim:
    """One neutralisation or wet spell, and on whom the winner gained how much in it."""
    name = key["car_class"]
    one = tables.ask(
        "select car_number, against, ms, gap_ms, under, at_ms, end_ms, kind from costs where "
        f"car_class = {quoted(name)} and kind = {quoted(key['kind'])} "
        f"and at_ms = {key['at_ms']} order by ms desc, car_number limit {MOST_GAINED}"
    )
    first = one.rows[0]
    known: Ground | None = None
    if key["kind"] == SHARED[0]:
        known = tables.ask(
            f"select confidence from neutralisations where start_ms = {key['at_ms']} "
            f"and kind = {quoted(first['under'])}"
        )
    sure = known is None or all((row["confidence"] or 0) >= 1 for row in known.rows)
    return Claim(
        f"cost-{key['kind']}-{slug(name)}-{key['at_ms'] // 1000}",
        f"cost_{key['kind']}",
        _section(tables, name),
        {
            **{each: first[each] for each in ("against", "under", "at_ms", "end_ms")},
            "car_number": first["against"],
            "lost": [{"car_number": row["car_number"], "ms": row["ms"]} for row in one.rows],
            "car_class": name,
        },
        (one,) if known is None else (one, known),
        importance=max(
            _worth(tables, name, row, _led(tables, name, row["car_number"]).rows[0])
            for row in one.rows
        ),
        certainty=_known(tables, key["kind"]) if sure else Certainty.INFERRED,
        car_class=name,
        at_ms=key["at_ms"],
    )


def _led(tables: Tables, name: str, car: str) -> Ground:
    return tables.ask(
        f"select sum(case when car_number = {quoted(car)} then 1 else 0 end) as led, "
        f"count(*) as of_laps from leaders where scope = {quoted(name)}"
    )


def _worth(tables: Tables, name: str, row: Row, led: Row) -> float:
    """From 0.62 for half of the gap up to 0.9, a third of that span for laps led.

    Who fell out while first weighs most of all; what touched the whole field, least.
    """
    share = 1.0 if row["ms"] is None else min(row["ms"] / max(2 * row["gap_ms"], 1), 1.0)
    ahead = min((led["led"] or 0) / max(led["of_laps"], 1) / 0.5, 1.0)
    mine: float = WORTH + 0.18 * share + 0.1 * ahead
    if row["kind"] == "out":
        mine = WORTH + 0.2 * ahead + (WHILE_FIRST if row.get("was") == 1 else 0)
    elif row["kind"] in SHARED:
        mine -= 0.1
    return mine if name == classes(tables)[0] else LOWER_CLASS * mine


def _known(tables: Tables, kind: str) -> Certainty:
    known = certainty(tables)
    return Certainty.INFERRED if kind in INFERRED and known is Certainty.MEASURED else known


def _section(tables: Tables, name: str) -> Section:
    return Section.LEAD if name == classes(tables)[0] else Section.CLASSES


def seen_penalties(tables: Tables) -> Iterator[Claim]:
    """Drives through the lane of the front of each class, then how many the timing shows."""
    if "seen" not in tables:
        return
    told = set()
    if "costs" in tables:
        told = {
            (row["car_number"], row["lap"])
            for row in tables.ask("select car_number, lap from costs where kind = 'penalty'").rows
        }
    front = tables.ask(
        "select s.car_number, s.lap, c.position_in_class from seen s join classification c on "
        f"s.car_number = c.car_number where c.position_in_class <= {FRONT} "
        "order by c.position_in_class, s.at_ms"
    ).rows
    for row in [r for r in front if (r["car_number"], r["lap"]) not in told][:MOST_SEEN]:
        yield _seen(tables, row["car_number"], row["lap"])
    counted = tables.ask("select count(*) as visits, count(distinct car_number) as cars from seen")
    if counted.rows[0]["visits"]:
        yield Claim(
            "penalties-seen", "penalties_seen", Section.PENALTIES, dict(counted.rows[0]),
            (counted,), importance=0.45, certainty=Certainty.INFERRED,
        )  # fmt: skip


def _seen_worth(tables: Tables, row: Row) -> float:
    mine = 0.62 if row["position_in_class"] == 1 else 0.5
    return mine if row["car_class"] == classes(tables)[0] else LOWER_CLASS * mine


def _seen(tables: Tables, car: str, lap: int) -> Claim:
    one = tables.ask(f"select * from seen where car_number = {quoted(car)} and lap = {lap}")
    who = tables.ask(
        "select team, position_in_class, car_class from classification "
        f"where car_number = {quoted(car)}"
    )
    return Claim(
        f"seen-penalty-{slug(car)}-{lap}", "seen_penalty", Section.PENALTIES,
        {**one.rows[0], **who.rows[0]}, (one, who),
        importance=_seen_worth(tables, who.rows[0]),
        certainty=Certainty.INFERRED, car_class=who.rows[0]["car_class"],
        at_ms=one.rows[0]["at_ms"],
    )  # fmt: skip
