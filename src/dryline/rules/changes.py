"""What changed, in words: between two classifications, and between two championship tables."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.rules.scoring import name_key
from dryline.rules.standings import StandingsRow, StandingsTable, plain_points


def classification_changes(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    names: tuple[str, str] = ("on the road", "in the final classification"),
) -> list[str]:
    """What differs between two classifications of one race, a line per car, best first.

    Both have ``position``, ``position_in_class``, ``car_number``, ``car_class``, ``laps``,
    ``elapsed_ms`` and ``status``. Cars that only moved because others did are told of last.
    """
    was = {row["car_number"]: row for row in before.iter_rows(named=True)}
    movers = _movers(before, after)
    own: list[str] = []
    moved: list[str] = []
    for row in after.sort("position", nulls_last=True).iter_rows(named=True):
        earlier = was.pop(row["car_number"], None)
        if earlier is None:
            own.append(f"#{row['car_number']} appears only {names[1]}: {_place(row)}")
            continue
        why = _why(earlier, row, moved=row["car_number"] in movers)
        places = _places(earlier, row, names)
        if why:
            own.append(f"#{row['car_number']} {places}: {why}")
        elif earlier["position"] != row["position"]:
            moved.append(f"#{row['car_number']} {places}")
    own += [f"#{number} is missing {names[1]}" for number in was]
    return own + moved


def standings_changes(before: StandingsTable, after: StandingsTable) -> list[str]:
    """What differs between two states of one championship table, the lead first."""
    if not after.rows:
        return []
    lines = [_lead(before, after)] if before.rows else []
    for row in after.rows:
        earlier = _earlier(row, before)
        if earlier is None:
            if row.points:
                lines.append(
                    f"{_who(row)} enters with {_points(row.points)} ({_nth(row.position)})"
                )
            continue
        gained = row.points - earlier.points
        if gained and earlier.position != row.position:
            up = "up" if row.position < earlier.position else "down"
            lines.append(
                f"{_who(row)} {up} from {_nth(earlier.position)} to {_nth(row.position)}: "
                f"+{plain_points(gained)}, now {_points(row.points)}"
            )
        elif gained:
            lines.append(
                f"{_who(row)} stays {_nth(row.position)}: +{plain_points(gained)}, "
                f"now {_points(row.points)}"
            )
        elif earlier.position < row.position and (row.points or earlier.points):
            lines.append(
                f"{_who(row)} down from {_nth(earlier.position)} to {_nth(row.position)} "
                f"without scoring"
            )
    return lines


def keeps_the_lead(before: StandingsTable, after: StandingsTable) -> bool:
    """Whether the same car or make leads both tables."""
    return bool(before.rows and after.rows) and _key(before.rows[0]) == _key(after.rows[0])


def lead_of(table: StandingsTable) -> float:
    """The leader's margin in points over the next row; all its points where it is alone."""
    if not table.rows:
        return 0.0
    return table.rows[0].points - (table.rows[1].points if len(table.rows) > 1 else 0.0)


def _lead(before: StandingsTable, after: StandingsTable) -> str:
    leader = after.rows[0]
    was, now = lead_of(before), lead_of(after)
    if not keeps_the_lead(before, after):
        return (
            f"{_who(leader)} takes the lead of the {after.title} from "
            f"{_who(before.rows[0])}: {_points(leader.points)}, {plain_points(now)} ahead"
        )
    words = f"{_who(leader)} keeps the lead of the {after.title} with {_points(leader.points)}"
    if now > was:
        return f"{words} and extends it from {plain_points(was)} to {plain_points(now)}"
    if now < was:
        return f"{words}; it shrinks from {plain_points(was)} to {plain_points(now)}"
    return f"{words}, {plain_points(now)} ahead as before"


def _key(row: StandingsRow) -> str:
    return row.car_number or row.names[0]


def _earlier(row: StandingsRow, before: StandingsTable) -> StandingsRow | None:
    """The same car's, team's or make's row before; a replaced driver has none of his own yet."""
    names = {name_key(name) for name in row.names}
    for earlier in before.rows:
        same = earlier.car_number == row.car_number
        if same and names & {name_key(name) for name in earlier.names}:
            return earlier
    return None


def _who(row: StandingsRow) -> str:
    return row.names[0] if row.car_number is None else f"#{row.car_number}"


def _points(points: float) -> str:
    return f"{plain_points(points)} point{'' if points == 1 else 's'}"


def _nth(place: int) -> str:
    ending = (
        "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    )
    return f"{place}{ending}"


def _place(row: Mapping[str, object]) -> str:
    position, in_class = row["position"], row["position_in_class"]
    if not isinstance(position, int):
        return "not placed"
    own = f", {_nth(in_class)} in {row['car_class']}" if isinstance(in_class, int) else ""
    return f"{_nth(position)}{own}"


def _places(
    earlier: Mapping[str, object], row: Mapping[str, object], names: tuple[str, str]
) -> str:
    if (earlier["position"], earlier["position_in_class"]) == (
        row["position"],
        row["position_in_class"],
    ):
        return f"keeps {_place(row)}"
    return f"is {_place(earlier)} {names[0]}, {_place(row)} {names[1]}"


def _why(earlier: Mapping[str, object], row: Mapping[str, object], *, moved: bool) -> str:
    reasons = []
    if row["status"] != earlier["status"]:
        reasons.append(str(row["status"]).replace("_", " "))
    laps = _number(row["laps"]) - _number(earlier["laps"])
    if laps:
        reasons.append(f"{laps:+d} lap{'' if abs(laps) == 1 else 's'}")
    time, was = row["elapsed_ms"], earlier["elapsed_ms"]
    if isinstance(time, int) and isinstance(was, int) and time != was:
        text = format_ms(abs(time - was))
        unit = "" if ":" in text else " s"
        reasons.append(f"{'+' if time > was else '-'}{text}{unit}")
    down = _number(row["position"]) - _number(earlier["position"])
    if moved and not reasons:
        reasons.append("placed there by the stewards" if down > 0 else "moved up by a decision")
    return ", ".join(reasons)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _movers(before: pl.DataFrame, after: pl.DataFrame) -> set[str]:
    """Cars that left their place among the others; the rest kept their order (longest run)."""
    place = {number: index for index, number in enumerate(_order(before))}
    numbers = [number for number in _order(after) if number in place]
    ends: list[int] = []
    length: list[int] = []
    for number in numbers:
        at = bisect_left(ends, place[number])
        ends[at : at + 1] = [place[number]]
        length.append(at + 1)
    kept: set[str] = set()
    wanted, below = len(ends), len(place)
    for number, reached in zip(reversed(numbers), reversed(length), strict=True):
        if reached == wanted and place[number] < below:
            kept.add(number)
            wanted, below = wanted - 1, place[number]
    return set(numbers) - kept


def _order(frame: pl.DataFrame) -> list[str]:
    return frame.sort("position", nulls_last=True)["car_number"].to_list()
