"""What a car does: an action with its stop's work, as every answer about calls has it."""

from __future__ import annotations

from typing import Annotated, Any

from dryline.answers.answer import Part, means
from dryline.strategy.candidates import Candidate

NOT_BEFORE = ("policy", "range_end", "driver_due")
"""What ends a stay on a lap that is known."""


class Tyres(Part, frozen=True, kw_only=True):
    """What is fitted; a change to another kind takes four."""

    kind: Annotated[
        str,
        means("`slick`, `wet` or whichever kind the series has, or `keep` where none are changed"),
    ]
    count: Annotated[int | None, means("how many; null where it is the crew's choice")]

    @classmethod
    def of(cls, which: Candidate, held: str) -> Tyres | None:
        """What a candidate fits to a car on the kind ``held``; None where it plans no stop."""
        if not which.planned:
            return None
        kind = held if which.tyres in (None, "usual") else str(which.tyres)
        if which.count is not None and which.tyres == "keep":
            return cls(kind=held if which.count else "keep", count=which.count)
        if which.count is not None:
            return cls(kind=kind, count=which.count)
        return cls(kind=kind, count=None if kind == held else 4)


class Action(Part, frozen=True, kw_only=True):
    """What is done; what nobody told us is null."""

    key: Annotated[str, means("the candidate's short name, unique in the answer")]
    action: Annotated[str, means("`stay`, `box` or `save`")]
    lap: Annotated[int | None, means("the lap at whose end the car boxes")]
    until_lap: Annotated[int | None, means("how long it stays out, where a lap is known")]
    same_from_lap: Annotated[
        int | None,
        means("from here to `until_lap` a stop is worth the same; null where that is not said"),
    ]
    until: Annotated[
        str | None,
        means(
            "what ends its staying out: policy, range_end, driver_due, lane_opens, wave_by, flag, "
            "flag_likely where the tank may fall short of it, or first_lap: the first car's on "
            "`tyres`, which are fitted if it is quicker"
        ),
    ]
    tyres: Annotated[Tyres | None, means("what is fitted; null where no stop is planned")]
    fuel: Annotated[
        str | None, means("`full`, `to_the_end`, `splash` or `none`; null where no stop is planned")
    ]
    energy_pct: Annotated[float | None, means("virtual energy to leave with; null: not told", "%")]
    driver: Annotated[str | None, means("who drives; null: not told")]
    driver_changes: Annotated[bool | None, means("whether the driver changes at the stop")]
    save_pct: Annotated[
        float | None, means("how much consumption is saved; null where nothing is", "%")
    ]


def action_of(which: Candidate, held: str) -> dict[str, Any]:
    """The fields of an action of a car on the kind ``held``."""
    return {
        "key": which.key,
        "action": which.action,
        "lap": which.lap if which.action == "box" else None,
        "until_lap": which.lap if which.until in NOT_BEFORE else None,
        "same_from_lap": None,
        "until": which.until,
        "tyres": Tyres.of(which, held),
        "fuel": which.fuel,
        "energy_pct": None,
        "driver": which.turn.driver,
        "driver_changes": which.turn.changes,
        "save_pct": round(100.0 * which.save, 1) if which.save else None,
    }
