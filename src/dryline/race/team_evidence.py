"""What a team has seen with its own eyes, as evidence beside that of others."""

from __future__ import annotations

from collections.abc import Iterable

from dryline.domain.event import Evidence, RaceControlMessage, TeamInput

TEAM_SOURCE = "team: "
"""How the source of such evidence begins; the author follows."""


def is_team(said: RaceControlMessage | Evidence) -> bool:
    """Whether a team has seen it with its own eyes, so that it is for that team alone."""
    return isinstance(said, Evidence) and said.source.startswith(TEAM_SOURCE)


def in_force(inputs: Iterable[TeamInput]) -> list[TeamInput]:
    """The inputs that nobody has undone, oldest first; an undo can itself be undone."""
    said = list(inputs)
    undone: set[int] = set()
    for entry in reversed(said):
        if entry.kind == "undo" and entry.undoes is not None and entry.number not in undone:
            undone.add(entry.undoes)
    return [entry for entry in said if entry.kind != "undo" and entry.number not in undone]


def evidence_of(inputs: Iterable[TeamInput]) -> list[Evidence]:
    """Tyres and weather that the team has seen; weight 1, since it was seen."""
    return [
        Evidence(
            happened_at=entry.happened_at,
            known_at=entry.known_at,
            kind="tyre" if entry.kind == "tyres" else entry.kind,
            source=f"{TEAM_SOURCE}{entry.author}",
            weight=1.0,
            sector=entry.sector,
            car_number=entry.car_number,
            tyre=entry.tyre,
            text=entry.text,
        )
        for entry in in_force(inputs)
        if (entry.kind == "tyres" and entry.tyre is not None)
        or entry.kind in ("rain", "wet", "dry")
    ]
