"""Claims about the stewards' decisions, and what they moved."""

from __future__ import annotations

from collections.abc import Iterator

from dryline.analysis.claims.claim import Certainty, Claim, Section
from dryline.analysis.claims.result import certainty
from dryline.analysis.claims.tables import Tables, quoted, slug

DERIVED = "derived:"
"""How a reason begins that nobody gave: the decision was read off the official result."""
WORTH = {"disqualified": 0.7, "placed_at": 0.6, "back_of_class": 0.6, "time_penalty": 0.5}


def penalties(tables: Tables) -> Iterator[Claim]:
    """Each decision, with the car's place on the road and in the classification."""
    if "decisions" not in tables:
        return
    cars = tables.ask("select distinct car_number from decisions order by car_number").rows
    for car in (row["car_number"] for row in cars):
        decided = tables.ask(
            "select car_number, kind, seconds, laps, position, reason, served from decisions "
            f"where car_number = {quoted(car)}"
        )
        who = tables.ask(
            "select team, car_class, position, position_in_class from classification where "
            f"car_number = {quoted(car)}"
        )
        road = tables.ask(
            f"select position as road_position from road where car_number = {quoted(car)}"
        )
        for number, row in enumerate(decided.rows, start=1):
            place = who.rows[0] if who.rows else {}
            derived = (row["reason"] or "").startswith(DERIVED)
            values = {
                **row,
                "derived": derived,
                "team": place.get("team"),
                "final": place.get("position"),
                "road": road.rows[0]["road_position"] if road.rows else None,
            }
            yield Claim(
                f"penalty-{slug(car)}-{number}", "penalty", Section.PENALTIES, values,
                (decided, who, road), importance=WORTH.get(row["kind"], 0.35),
                certainty=Certainty.INFERRED if derived else certainty(tables),
                car_class=place.get("car_class"),
            )  # fmt: skip
