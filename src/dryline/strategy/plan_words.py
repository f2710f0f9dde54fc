"""What is said beside a plan for the rest of a race, as it is found out."""

from __future__ import annotations

from dataclasses import dataclass, field

from dryline.domain.language import language


@dataclass
class PlanWords:
    """What is said beside the plan, as it is found out.

    ``unknown``: drivers nobody has named; ``likely``: the tank only probably reaches the flag.
    """

    unknown: list[str] = field(default_factory=list)
    assumes: list[str] = field(default_factory=list)
    not_used: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    likely: bool = False

    def assume(self, key: str, **places: object) -> None:
        """What the plan rests on."""
        self.assumes.append(language().say("replan.assumes", key, **places))

    def refuse(self, key: str, **places: object) -> None:
        """What the team typed and could not be used."""
        self.not_used.append(language().say("replan.not_used", key, **places))

    def remark(self, key: str, **places: object) -> None:
        """What is not known or not confirmed."""
        self.remarks.append(language().say("replan.remarks", key, **places))
