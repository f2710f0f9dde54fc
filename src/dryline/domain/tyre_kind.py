"""The kinds of tyre of a series: slicks, and then what is fitted as it gets wetter and wetter."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class TyreKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of tyre: its ``name`` in answers and in what a team says, its ``words`` on screens.

    The first of a series is the slick, the second the rain tyre whose loss the rain gauge knows by
    class. A further one is as quick as the kind before it where that loses ``quicker_from`` (log
    time over a dry lap), quicker where it loses more: ``spares`` is the share of a further loss
    that it spares.
    """

    name: str
    words: str
    source: str
    quicker_from: float = 0.0
    spares: float = 0.0


SLICK, INTER, WET = "slick", "inter", "wet"
"""Kinds that a team can type and a rule book allow."""
TWO_KINDS = (
    TyreKind(name=SLICK, words="slicks", source="the rain gauge's response of the class"),
    TyreKind(name=WET, words="wets", source="the rain gauge's response of the class"),
)
"""What a series has whose file says nothing."""


def has_kinds_of_rain_tyre(kinds: Sequence[TyreKind]) -> bool:
    """Whether it matters which tyre a car off slicks is on."""
    return len(kinds) > len(TWO_KINDS)
