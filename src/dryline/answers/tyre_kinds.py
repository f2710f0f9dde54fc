"""The kinds of tyre that a series tells apart, and which of them a car may be on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from dryline.analysis.track.kinds import by_kind, rain_kinds
from dryline.analysis.track.reading import TrackEstimate
from dryline.answers.answer import means
from dryline.domain.series import Series
from dryline.domain.tyre_kind import TWO_KINDS, TyreKind
from dryline.race.race import Race

TWO_WORDS = {each.name: each.words for each in TWO_KINDS}
PKinds = Mapping[str, float]
KindWords = Annotated[
    Mapping[str, str] | None,
    means(
        "what the series' kinds of tyre are called, the slick first; left out where they are "
        "slicks and wets"
    ),
]


def kind_words(race: Race) -> dict[str, str] | None:
    """The words of the series' kinds by name; None where they are slicks and wets."""
    words = {each.name: each.words for each in Series.of(race.series).tyres}
    return None if words == TWO_WORDS else words


class KindsOfStints:
    """The kinds of tyre of every stint of an estimate, where the series tells more than two apart.

    Args:
        race: what the estimate was read from.
        estimate: the track as believed at its end.
    """

    def __init__(self, race: Race, estimate: TrackEstimate) -> None:
        self._kinds: Sequence[TyreKind] = Series.of(race.series).tyres
        self._begun: dict[str, list[tuple[int, tuple[float, ...]]]] = {}
        found = rain_kinds(race.laps, estimate, self._kinds, race.messages)
        for (car, from_ms), shares in sorted(found.items()):
            self._begun.setdefault(car, []).append((from_ms, shares))

    def at(self, car: str, at_ms: int, p_rain: float | None) -> dict[str, float] | None:
        """Probability of each kind on the stint of a car at an instant, by name.

        ``p_rain`` is that of its not being on slicks; None where nothing is known.
        """
        begun = [shares for from_ms, shares in self._begun.get(car, []) if from_ms <= at_ms]
        if not begun or p_rain is None:
            return None
        return {name: round(p, 4) for name, p in by_kind(p_rain, begun[-1], self._kinds).items()}
