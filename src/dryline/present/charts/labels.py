"""Labels that keep out of each other's way, and names short enough to be one."""

from __future__ import annotations

from collections.abc import Sequence

from dryline.domain.person import surname


def spread(at: Sequence[float], gap: float, within: tuple[float, float]) -> list[float]:
    """Positions as near as possible to ``at``, at least ``gap`` apart and inside ``within``.

    Order is kept. Where they do not all fit, they stand at equal distances.
    """
    order = sorted(range(len(at)), key=lambda i: at[i])
    low, high = within
    if len(at) > 1 and (len(at) - 1) * gap > high - low:
        gap = (high - low) / (len(at) - 1)
    groups: list[tuple[float, int]] = []  # centre, how many
    for i in order:
        groups.append((at[i], 1))
        while len(groups) > 1 and _touch(groups[-2], groups[-1], gap):
            groups[-2:] = [_joined(groups[-2], groups[-1])]
        groups = _inside(groups, gap, low, high)
    placed = [centre + (k - (many - 1) / 2) * gap for centre, many in groups for k in range(many)]
    result = [0.0] * len(at)
    for i, position in zip(order, placed, strict=True):
        result[i] = position
    return result


def _touch(below: tuple[float, int], above: tuple[float, int], gap: float) -> bool:
    return above[0] - below[0] < (below[1] + above[1]) / 2 * gap - 1e-9


def _joined(one: tuple[float, int], other: tuple[float, int]) -> tuple[float, int]:
    many = one[1] + other[1]
    return (one[0] * one[1] + other[0] * other[1]) / many, many


def _inside(
    groups: list[tuple[float, int]], gap: float, low: float, high: float
) -> list[tuple[float, int]]:
    """Groups pushed inside the bounds; neighbours that then touch become one."""
    held: list[tuple[float, int]] = []
    for centre, many in groups:
        half = (many - 1) / 2 * gap
        held.append((min(max(centre, low + half), high - half), many))
        while len(held) > 1 and _touch(held[-2], held[-1], gap):
            centre, many = _joined(held[-2], held[-1])
            half = (many - 1) / 2 * gap
            held[-2:] = [(min(max(centre, low + half), high - half), many)]
    return held


def initials(drivers: Sequence[str]) -> dict[str, str]:
    """The shortest beginnings of the surnames that tell a crew apart, three letters at most.

    Brothers and namesakes keep their first name's letter: ``K.M`` and ``J.M``.
    """
    families = {driver: surname(driver).replace(" ", "").capitalize() for driver in drivers}
    return {driver: _shortest(driver, families) for driver in drivers}


def _shortest(driver: str, families: dict[str, str]) -> str:
    name = families[driver]
    others = [family for other, family in families.items() if other != driver]
    for letters in (1, 2, 3):
        start = name[:letters]
        if not any(family.startswith(start) for family in others):
            return start
    return f"{driver[:1]}.{name[:1]}"
