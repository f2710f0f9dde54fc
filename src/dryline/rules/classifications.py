"""The three classifications of a race: on the road, provisional, and final.

On the road: the order of the crossings. Provisional: with the penalties given during the race,
as it is published when the flag has fallen. Final: with every decision of the stewards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import polars as pl

from dryline.domain.decision import Decision
from dryline.domain.entry import Entry
from dryline.domain.finding import Finding
from dryline.rules.book import RuleBook
from dryline.rules.changes import classification_changes
from dryline.rules.decisions import apply_decisions

WORDS = {
    "on_the_road": "on the road",
    "provisional": "in the provisional classification",
    "final": "in the final classification",
}


class Classifications(msgspec.Struct, frozen=True):
    """The three orders, columns as ``apply_decisions`` gives them, and what was found."""

    on_the_road: pl.DataFrame
    provisional: pl.DataFrame
    final: pl.DataFrame
    findings: tuple[Finding, ...]

    def changes(self, before: str, after: str) -> list[str]:
        """What differs between two of them, in words.

        ``before`` and ``after`` are ``on_the_road``, ``provisional`` or ``final``.
        """
        orders = {
            "on_the_road": self.on_the_road,
            "provisional": self.provisional,
            "final": self.final,
        }
        return classification_changes(
            orders[before], orders[after], names=(WORDS[before], WORDS[after])
        )


def three_classifications(
    on_the_road: pl.DataFrame,
    decisions: Sequence[Decision],
    *,
    rulebook: RuleBook | None = None,
    entries: Mapping[str, Entry] | None = None,
) -> Classifications:
    """The three classifications that follow from an order and the stewards' decisions.

    A decision that names a lap was given during the race; the others came after it.

    Raises:
        BadDecision: as ``apply_decisions``.
    """
    during = [each for each in decisions if each.lap is not None]
    road, _ = apply_decisions(on_the_road, ())
    provisional, _ = apply_decisions(on_the_road, during, rulebook=rulebook, entries=entries)
    final, findings = apply_decisions(on_the_road, decisions, rulebook=rulebook, entries=entries)
    return Classifications(road, provisional, final, tuple(findings))
