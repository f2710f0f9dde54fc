"""The parts of an advice as objects, in the contract's words."""

from __future__ import annotations

from typing import Any

from dryline.strategy.call import Advice
from dryline.strategy.candidates import Candidate
from dryline.strategy.cards import Card
from dryline.strategy.evaluate import Difference
from dryline.strategy.outlook import CarOutlook, RainCard, Window
from dryline.strategy.told_race import energy_after, hose_s


def call_object(advice: Advice) -> dict[str, Any]:
    """The call itself: with the driver, and the energy where the team told its use."""
    best, turn = advice.ranking.call, advice.turn
    said = action_object(best, advice.situation.on_wets)
    energy = energy_after(advice.said, advice.situation, best)
    hose = hose_s(advice.situation, best)
    said["energy_pct"] = None if energy is None else round(energy, 1)
    said["hose_s"] = None if hose is None else round(hose, 1)
    if turn is not None:
        said |= {
            "driver": turn.driver,
            "driver_changes": turn.changes,
            "driver_why": turn.why,
        }
    return said


def action_object(which: Candidate, on_wets: bool) -> dict[str, Any]:
    """What is done, as the contract words a call; what nobody told us is null.

    A change between slicks and wets takes four; how many of the same kind is the crew's choice.
    """
    stop = which.action == "box"
    return {
        "key": which.key,
        "action": which.action,
        "lap": which.lap if stop else None,
        "until_lap": which.lap if which.until in ("policy", "range_end", "driver_due") else None,
        "until": which.until,
        "tyres": _tyres(which, on_wets) if which.planned else None,
        "fuel": which.fuel,
        "energy_pct": None,
        "driver": which.turn.driver,
        "driver_changes": which.turn.changes,
        "save_pct": round(100.0 * which.save, 1) if which.save else None,
    }


def _tyres(which: Candidate, on_wets: bool) -> dict[str, Any]:
    held = "wet" if on_wets else "slick"
    kind = held if which.tyres in (None, "usual") else which.tyres
    if which.count is not None:
        return (
            {"kind": held if which.count else "keep", "count": which.count}
            if (which.tyres == "keep")
            else {"kind": kind, "count": which.count}
        )
    return {"kind": kind, "count": None if kind == held else 4}


def difference_object(of: Difference | None) -> dict[str, float | None]:
    """A difference with its standard error; null where there is none."""
    if of is None:
        return {"value": None, "se": None}
    return {"value": of.value, "se": of.se}


def card_object(card: Card, on_wets: bool) -> dict[str, Any]:
    """A card as the contract words it."""
    lane = card.lane
    return {
        "kind": card.kind,
        "pit_lane": lane.state.value,
        "why": lane.why,
        "opens_at_ms": None if lane.opens_at is None else lane.opens_at.ms,
        "confidence": lane.confidence,
        "call": action_object(card.call, on_wets),
        "margin": {**difference_object(card.margin), "unit": card.unit},
    }


def drivers_object(advice: Advice) -> list[dict[str, Any]]:
    """The called stop with each driver who may get in, the better first, compared alone."""
    found = advice.drivers
    if found is None:
        return []
    return [
        {
            "driver": each.turn.driver,
            "changes": each.turn.changes,
            "behind": difference_object(found.margin(found.call, each)),
            "behind_s": difference_object(found.margin_s(found.call, each)),
            "unit": found.utility.unit,
        }
        for each in found.order
    ]


def cards_object(advice: Advice) -> dict[str, Any]:
    """What is worth knowing beside the call: rain, the window, who still stops, a lap more."""
    on_wets = advice.situation.on_wets
    mine = next((each for each in advice.rivals if each.car_number == advice.car_number), None)
    return {
        "rain": [rain_object(card, on_wets) for card in advice.rain],
        "window": None if advice.window is None else window_object(advice.window),
        "planned_laps": None if mine is None else mine.planned_laps,
        "p_one_more_lap": None if mine is None else mine.p_more,
        "cars": [outlook_object(each) for each in advice.rivals],
    }


def rain_object(card: RainCard, on_wets: bool) -> dict[str, Any]:
    """What to do if it begins to rain in a sector."""
    return {
        "sector": card.sector,
        "call": action_object(card.call, on_wets),
        "margin": {**difference_object(card.margin), "unit": card.unit},
    }


def window_object(window: Window) -> dict[str, Any]:
    """On which laps the next stop for fuel spares a further one; null where none is needed."""
    return {
        "opens_lap": window.opens, "closes_lap": window.closes, "sd_laps": round(window.sd, 1),
    }  # fmt: skip


def outlook_object(each: CarOutlook) -> dict[str, Any]:
    """A car to the flag: stops still to come, its window, and one lap more than planned."""
    return {
        "car_number": each.car_number,
        "stops_left": dict(zip(("p10", "p50", "p90"), each.stops_left, strict=True)),
        "window": window_object(each.window),
        "planned_laps": each.planned_laps,
        "p_one_more_lap": each.p_more,
    }


def team_object(advice: Advice) -> list[dict[str, Any]]:
    """What the pit wall said and the advice rests on, marked as seen."""
    inputs = () if advice.team is None else advice.team.inputs
    return [
        {
            "number": entry.number,
            "author": entry.author,
            "at_ms": entry.known_at.ms,
            "car_number": entry.car_number,
            "kind": entry.kind,
            "text": entry.text,
            "seen": True,
        }
        for entry in inputs
    ]
