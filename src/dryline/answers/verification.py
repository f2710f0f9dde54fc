"""Does the rebuilt order agree with the official one?"""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.answer import Answer, Part, means
from dryline.answers.rows import table_of
from dryline.domain.fields import CarNumber, RaceName, SessionKindField
from dryline.domain.session_kind import SessionKind


class Misplaced(Part, frozen=True, kw_only=True):
    """One car whose rebuilt place is not the official one."""

    car_number: CarNumber
    rebuilt: Annotated[int | None, means("its place overall as rebuilt from the laps")]
    official: Annotated[int | None, means("its place overall in the official result")]
    reason: Annotated[str, means("why they differ, in words; `unexplained` where nothing shows")]


class Verification(Answer, frozen=True, kw_only=True):
    """How many starters agree in place and laps with the official result, and which do not."""

    race: RaceName
    session_kind: SessionKindField = SessionKind.RACE
    starters: Annotated[int, means("how many cars started, or drove a lap")]
    agree: Annotated[int, means("how many are placed as in the official result")]
    differences: Annotated[tuple[Misplaced, ...], means("one car each whose places differ")]
    laps_disagree: Annotated[
        tuple[str, ...], means("starters whose laps are not the official ones")
    ]

    def frame(self) -> pl.DataFrame:
        """A row per car whose places differ."""
        schema = {
            "car_number": pl.String, "rebuilt": pl.Int64, "official": pl.Int64,
            "reason": pl.String,
        }  # fmt: skip
        return table_of(self.differences, schema)

    def heading(self) -> str:
        """How many agree."""
        return f"{self.race}: {self.agree} of {self.starters} places agree"
