"""A plan for a race that has not begun: the setup file, the rules over it, the answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from importlib import resources
from pathlib import Path

from dryline.answers.plan import Plans
from dryline.domain.errors import BadOption, NotKnown
from dryline.engine.session_files import read_file, read_override, read_text
from dryline.feeds.setup_file import read_setup
from dryline.rules.book import rule_book
from dryline.rules.energy import Allowance, event_allowances, read_allowances
from dryline.strategy.plan import plans_for
from dryline.strategy.plan_risk import Risk, risks
from dryline.strategy.plan_setup import Fuel, RaceSetup, with_rules

REPLICATES, MOST_REPLICATES = 1000, 100_000


def example_setup() -> str:
    """A setup to begin from, as text."""
    return (resources.files("dryline.data") / "examples" / "race-setup.toml").read_text("utf-8")


def open_setup(path: Path, rules: Path | None = None) -> tuple[RaceSetup, tuple[str, ...]]:
    """The setup of a file with the rule book's limits, and what is to be known about them.

    Raises:
        InputError: a file that is not there or no setup; a rule file that is none.
    """
    setup = team_setup(path)
    race = setup.race
    if race.series is None or race.year is None:
        return with_rules(setup, None)
    try:
        book = rule_book(race.series, race.year, read_override(rules))
    except NotKnown as error:
        setup, remarks = with_rules(setup, None)
        return setup, (str(error), *remarks)
    return with_rules(setup, book)


def team_setup(path: Path) -> RaceSetup:
    """The setup of a file as the team wrote it.

    Raises:
        InputError: a file that is not there or no setup.
    """
    return read_setup(read_file(path), path.name, partial(_allowances, path.parent))


def _allowances(folder: Path, balance: str) -> dict[str, Allowance]:
    """A balance of performance: a CSV beside the setup, or the one shipped with an event."""
    if balance.lower().endswith(".csv"):
        return read_allowances(balance, read_text(folder / balance))
    return event_allowances(balance)


def _what_ends_a_stint(fuel: Fuel) -> tuple[str, ...]:
    if fuel.energy_laps is None:
        return ()
    lasts = f"a full energy allowance lasts {fuel.energy_laps:.1f} laps"
    if fuel.laps < int(fuel.energy_laps):
        return (f"{lasts}; the tank ends a stint after {fuel.laps}",)
    return (f"{lasts}: the allowance ends a stint, not the tank",)


def plan_race(
    path: Path,
    *,
    rules: Path | None = None,
    most: int = 4,
    replicates: int = REPLICATES,
    seed: int = 1,
    tell: Callable[[str], None] = lambda _: None,
) -> Plans:
    """The best plans for the setup in a file; ``replicates`` 0 leaves their risk out.

    Raises:
        InputError: an unusable setup.
        NotKnown: where no plan keeps every limit; which, and by how much.
        BadOption: replicates out of range.
    """
    if not 0 <= replicates <= MOST_REPLICATES:
        raise BadOption(f"--replicates must be from 0 to {MOST_REPLICATES:,}")
    if most < 1:
        raise BadOption("--plans must be at least 1")
    setup, remarks = open_setup(path, rules)
    remarks = (*remarks, *_what_ends_a_stint(setup.fuel))
    plans = plans_for(setup, most, tell)
    found: tuple[Risk, ...] = ()
    if replicates:
        tell(f"racing {len(plans)} plans {replicates:,} times")
        found = risks(setup, plans, replicates=replicates, seed=seed, threads=os.cpu_count() or 1)
    return Plans.of(setup, plans, found, remarks, replicates=replicates, seed=seed)
