"""A scenario raced again many times: how often each car won, and what other calls change."""

from __future__ import annotations

import msgspec

from dryline.strategy.scenario_run import Swing


class ScenarioWhatIf(msgspec.Struct, frozen=True):
    """Another call, or other weather, and what it changes for the cars concerned."""

    id: str
    text: str
    swings: tuple[Swing, ...]


class Replayed(msgspec.Struct, frozen=True):
    """The scenario raced again from its replay instant, many times over.

    ``p_win`` and ``p_win_class`` are by car, with the calls as they were made; all of it is
    simulated.
    """

    event: str
    from_ms: int
    replicates: int
    seed: int
    classes: dict[str, str]
    p_win: dict[str, float]
    p_win_class: dict[str, float]
    what_ifs: tuple[ScenarioWhatIf, ...]
    simulated: bool = True
