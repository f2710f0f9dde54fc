"""Claims from the forecast: who was going to win, what moved it, and how much every claim weighs.

The forecast at an instant has seen nothing later. What an event moved is the difference of the
class-win probability just before it and just after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import polars as pl

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.result import classes
from dryline.analysis.claims.tables import Ground, Row, Tables, quoted, slug

WIN: dict[str, type[pl.DataType]] = {
    "at_ms": pl.Int64,
    "car_number": pl.String,
    "car_class": pl.String,
    "p_win_class": pl.Float64,
}
EVENTS: dict[str, type[pl.DataType]] = {
    "claim": pl.String,
    "kind": pl.String,
    "under": pl.String,
    "one": pl.String,  # the cars that changed places; null: any car may have been moved
    "other": pl.String,
    "at_ms": pl.Int64,
    "car_class": pl.String,
    "before_ms": pl.Int64,
    "after_ms": pl.Int64,
}
"""What is weighed: the claim told of it, and the instants of the forecast on either side."""
OWN_COST = frozenset({"cost_penalty", "cost_stop", "cost_slow", "cost_out"})
WEIGHED = frozenset({"lead_for_good", "road_pass", "stopped_under"}) | OWN_COST
MOST_EVENTS = 9
FLOOR, TOLD, BEFORE_MS = 0.25, 0.1, 1
MOST_OTHER = 0.54
SETTLED = 0.55
"""What the change of the lead that held weighs at least, in the class that is told first."""


def events_of(claims: Sequence[Claim], lap_ms: int, end_ms: int) -> pl.DataFrame:
    """The events worth two forecasts each, the weightiest first: schema ``EVENTS``.

    A pass is seen a lap after it, so that a stop that made it is over; a neutralisation a lap
    after its end.
    """
    wanted = [
        claim
        for claim in claims
        if claim.kind in WEIGHED and claim.at_ms is not None and claim.values.get("place", 1) == 1
    ]
    wanted.sort(key=lambda claim: (-claim.importance, claim.at_ms))
    rows = []
    for claim in wanted[:MOST_EVENTS]:
        start: int = claim.at_ms or 0
        end: int = claim.values.get("end_ms") or start
        rows.append(
            {
                "claim": claim.id,
                "kind": claim.kind,
                "under": claim.values.get("kind"),
                "one": claim.values.get("car_number"),
                "other": claim.values.get("other") or claim.values.get("from_car"),
                "at_ms": start,
                "car_class": claim.car_class,
                "before_ms": max(start - BEFORE_MS, 1),
                "after_ms": min(end + lap_ms, end_ms),
            }
        )
    return pl.DataFrame(rows, schema=EVENTS)


def at_the_end(claim: Claim) -> bool:
    """Whether a class's lead was taken for good with a lap to go, or on the last."""
    laps = claim.values.get("laps")
    return claim.kind == "lead_for_good" and laps is not None and laps - claim.values["lap"] <= 1


def weighed(claims: Sequence[Claim], tables: Tables) -> list[Claim]:
    """The claims, those of ``WEIGHED`` with the importance that the forecast gives them."""
    if "win" not in tables or "events" not in tables:
        return list(claims)
    first = classes(tables)[0]
    out = []
    for claim in claims:
        swing = _swing(tables, claim.id)
        if swing is None:
            out.append(claim)
            continue
        ground, row = swing
        share = 1.0 if (claim.car_class or first) == first else 0.6
        base = SETTLED if claim.kind == "lead_for_good" and share == 1.0 else FLOOR
        most = 0.93 if share == 1.0 else MOST_OTHER
        importance = min(base + share * abs(row["moved"]), most)
        if claim.kind in OWN_COST or at_the_end(claim):
            importance = max(importance, claim.importance)
        out.append(
            msgspec.structs.replace(claim, importance=importance, grounds=(*claim.grounds, ground))
        )
    return out


def forecasts(tables: Tables) -> Iterator[Claim]:
    """How the chance of the first on the road ran in each class, then what moved a chance most."""
    if "win" not in tables:
        return
    for name in classes(tables):
        yield from _worm(tables, name)
    if "events" not in tables:
        return
    told = []
    for row in tables.ask("select claim from events").rows:
        swing = _swing(tables, row["claim"])
        if swing is not None and abs(swing[1]["moved"]) >= TOLD:
            told.append((row["claim"], *swing))
    for name, ground, row in sorted(told, key=lambda each: -abs(each[2]["moved"])):
        event = tables.ask(f"select * from events where claim = {quoted(name)}")
        yield Claim(
            id=f"swing-{name}",
            kind="swing",
            section=Section.LEAD if event.rows[0]["car_class"] in (None, classes(tables)[0])
            else Section.CLASSES,
            values={"car_class": classes(tables)[0], **_known(event.rows[0]), **row},
            grounds=(ground, event),
            importance=min(0.3 + 0.25 * abs(row["moved"]), MOST_OTHER),
            certainty=Certainty.FORECAST,
            car_class=event.rows[0]["car_class"],
            at_ms=event.rows[0]["at_ms"],
        )  # fmt: skip


def _known(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "car_class" or value is not None}


def _swing(tables: Tables, claim: str) -> tuple[Ground, Row] | None:
    """The car whose chance an event moved most, with the chance before and after."""
    event = tables.ask(
        "select car_class, one, other, before_ms, after_ms from events "
        f"where claim = {quoted(claim)}"
    )
    if not event.rows:
        return None
    row = event.rows[0]
    name = row["car_class"] or classes(tables)[0]
    ground = tables.ask(
        "select at_ms, car_number, p_win_class from win where "
        f"car_class = {quoted(name)} and at_ms in ({row['before_ms']}, {row['after_ms']}) "
        "order by at_ms, car_number"
    )
    before = {
        r["car_number"]: r["p_win_class"] for r in ground.rows if r["at_ms"] == row["before_ms"]
    }
    after = {
        r["car_number"]: r["p_win_class"] for r in ground.rows if r["at_ms"] == row["after_ms"]
    }
    named = {row["one"], row["other"]} - {None}
    moved = {
        car: p - before[car]
        for car, p in after.items()
        if car in before and (not named or car in named)
    }
    if not moved:
        return None
    car = max(sorted(moved), key=lambda each: abs(moved[each]))
    values = {
        "car_number": car, "before": before[car], "after": after[car], "moved": moved[car],
    }  # fmt: skip
    return ground, values


def _worm(tables: Tables, name: str) -> Iterator[Claim]:
    won = tables.ask(
        f"select car_number from road where car_class = {quoted(name)} and position_in_class = 1"
    )
    run = tables.ask(
        "select at_ms, car_number, p_win_class from win where "
        f"car_class = {quoted(name)} order by at_ms, p_win_class desc"
    )
    final = tables.ask(
        "select car_number from classification where "
        f"car_class = {quoted(name)} and position_in_class = 1"
    )
    if not won.rows or not run.rows:
        return
    winner = won.rows[0]["car_number"]
    best: dict[int, Row] = {}
    for row in run.rows:
        best.setdefault(row["at_ms"], row)
    mine = [row for row in run.rows if row["car_number"] == winner]
    others = [at for at, row in best.items() if row["car_number"] != winner]
    if not mine or len({row["car_number"] for row in run.rows}) < 2:
        return
    last_other = max(others, default=None)
    low = min(mine, key=lambda row: row["p_win_class"])
    middle = best[min(best, key=lambda at: abs(at - max(best) / 2))]
    yield Claim(
        id=f"{slug(name)}-worm",
        kind="worm",
        section=Section.LEAD if name == classes(tables)[0] else Section.CLASSES,
        values={
            "car_class": name, "winner": winner, "low": low["p_win_class"], "low_ms": low["at_ms"],
            "favourite_from_ms": None if last_other is None
            else min((at for at in best if at > last_other), default=None),
            "always": not others, "middle": dict(middle),
            "on_the_road": bool(final.rows) and final.rows[0]["car_number"] != winner,
            "last_other": None if last_other is None else best[last_other]["car_number"],
        },
        grounds=(run, won, final),
        importance=0.6 if name == classes(tables)[0] else 0.28,
        certainty=Certainty.FORECAST,
        car_class=name,
    )  # fmt: skip
