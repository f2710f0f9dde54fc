"""The demonstration: the facts of an event, and its last hours raced again."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.answer import means
from dryline.answers.facts import EventFacts
from dryline.strategy.replayed import Replayed


class Demonstration(EventFacts, frozen=True, kw_only=True):
    """The facts of an event, and its last hours raced again."""

    replay: Annotated[Replayed, means("the race raced again, with the calls made and with others")]

    def frame(self) -> pl.DataFrame:
        """A row per car: how often it won."""
        p_win = self.replay.p_win
        return pl.DataFrame({"car_number": list(p_win), "p_win": list(p_win.values())})
