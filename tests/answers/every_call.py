"""Every kind of call there is: action, what ends a stay, tyres, fuel, energy, hose, driver."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from dryline.answers.action import Action, Tyres

LAP = 40
UNTIL_A_LAP, UNTIL_SOMETHING = (
    ("policy", "range_end", "driver_due"),
    ("lane_opens", "wave_by", "flag", "flag_likely"),
)
TYRES = tuple(
    Tyres(kind=kind, count=count)
    for kind, count in (
        ("keep", 0), ("slick", None), ("slick", 0), ("slick", 2), ("slick", 4), ("wet", None),
        ("wet", 4), ("inter", 4),
    )
)  # fmt: skip
FUEL = ("full", "to_the_end", "splash", "none")
DRIVERS = ((None, None), ("Robert DE HAAN", True), ("Miguel Molina", False), ("Ye", None))


def call(**what: object) -> Action:
    """A call of which all is null that is not named."""
    told: dict[str, object] = dict.fromkeys(Action.__struct_fields__) | {"key": "made up"} | what
    return Action(**told)  # type: ignore[arg-type]


def every_call() -> Iterator[tuple[Action, float | None]]:
    """Each with its seconds of hose."""
    for ahead, tyres, fuel, (driver, changes) in product(range(5), TYRES, FUEL, DRIVERS):
        for energy, hose in ((None, None), (64.4, None), (64.4, 12.6)):
            yield call(
                action="box", lap=LAP + ahead, tyres=tyres, fuel=fuel, energy_pct=energy,
                driver=driver, driver_changes=changes,
            ), hose  # fmt: skip
    for until, save in product((None, "flag", "stop"), (None, 3.0)):
        yield call(action="save", until=until, save_pct=save), None
    for until in UNTIL_A_LAP:
        yield call(action="stay", until=until, until_lap=LAP + 7), None
        yield call(action="stay", until=until, until_lap=LAP + 7, tyres=TYRES[1], fuel="full"), None
    for until, tyres in product(UNTIL_SOMETHING, (None, *TYRES)):
        yield call(action="stay", until=until, tyres=tyres), None
    for tyres in TYRES[1:]:
        yield call(action="stay", until="first_lap", tyres=tyres, fuel="full"), None
