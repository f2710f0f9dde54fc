"""Fuel and virtual energy as two clocks, with rates from a balance-of-performance file.

A stint ends when either the tank or the energy allowance is empty; a stop ends for either when
its hose has been connected long enough. What the file leaves out is unknown.
"""

from __future__ import annotations

import csv
import io
from importlib import resources

import msgspec

from dryline.domain.errors import BadRuleBook, NotKnown

_NUMBERS = (
    "min_weight_kg",
    "max_power_kw",
    "max_stint_energy_mj",
    "energy_rate_mj_s",
    "fuel_capacity_l",
    "fuel_rate_l_s",
    "refuel_handicap_s",
)


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """One make's allowance at one event; ``None``: not in the file.

    ``energy_rate_mj_s`` and ``fuel_rate_l_s`` are refilled while the hose is connected;
    ``refuel_handicap_s`` is added to every refuelling.
    """

    manufacturer: str
    car: str
    sources: str
    min_weight_kg: float | None = None
    max_power_kw: float | None = None
    max_stint_energy_mj: float | None = None
    energy_rate_mj_s: float | None = None
    fuel_capacity_l: float | None = None
    fuel_rate_l_s: float | None = None
    refuel_handicap_s: float | None = None

    def energy_laps(self, mj_per_lap: float) -> float:
        """Laps that a full energy allowance lasts.

        Raises:
            NotKnown: where the file has no allowance for the make.
        """
        return self._known(self.max_stint_energy_mj, "the energy allowance") / mj_per_lap

    def refill_s(self, *, energy_mj: float = 0.0, fuel_l: float = 0.0) -> float:
        """Seconds of hose time for that much energy and fuel: the slower clock decides.

        Raises:
            NotKnown: where the rate of a clock that is asked for is not in the file.
        """
        clocks = [0.0]
        if energy_mj > 0:
            clocks.append(energy_mj / self._known(self.energy_rate_mj_s, "the energy rate"))
        if fuel_l > 0:
            clocks.append(fuel_l / self._known(self.fuel_rate_l_s, "the fuel rate"))
        slower = max(clocks)
        return slower + (self.refuel_handicap_s or 0.0) if slower else 0.0

    def _known(self, value: float | None, what: str) -> float:
        if value is None:
            raise NotKnown(
                f"{what} of {self.manufacturer} is not known for this event",
                remedy="State it in a balance-of-performance file of your own.",
            )
        return value


def event_allowances(event_id: str) -> dict[str, Allowance]:
    """The shipped balance of performance of an event, by make.

    Raises:
        NotKnown: where none is shipped.
    """
    file = resources.files("dryline.data") / event_id / "balance_of_performance.csv"
    if not file.is_file():
        raise NotKnown(
            f"no balance of performance of {event_id} is known",
            remedy="Give a file of your own; docs/rules.md shows its columns.",
        )
    return read_allowances("balance_of_performance.csv", file.read_text(encoding="utf-8"))


def read_allowances(name: str, text: str) -> dict[str, Allowance]:
    """A balance-of-performance CSV, by make; further columns are left alone.

    Raises:
        BadRuleBook: a missing column, or a cell that is no number.
    """
    rows = csv.DictReader(io.StringIO(text))
    if rows.fieldnames is None or "manufacturer" not in rows.fieldnames:
        raise BadRuleBook(
            "has no column manufacturer", file=name, line=1, remedy="Name the make in each row."
        )
    found = {}
    for line, row in enumerate(rows, 2):
        numbers = {key: _cell(row.get(key), key, name, line) for key in _NUMBERS}
        found[row["manufacturer"]] = Allowance(
            manufacturer=row["manufacturer"],
            car=row.get("car") or "",
            sources=row.get("sources") or "",
            **numbers,
        )
    return found


def _cell(text: str | None, key: str, name: str, line: int) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise BadRuleBook(
            f"{key}: {text[:20]!r} is not a number", file=name, line=line, remedy="Correct it."
        )
    return value
