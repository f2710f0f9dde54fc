"""What may be changed in a race to see what comes of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    pass


class RivalStop(_Change, frozen=True, tag="rival_stop"):
    """A car makes its next stop at the end of ``lap``, and none of choice before."""

    car_number: Annotated[str, Meta(description="the car that stops")]
    lap: Annotated[int, Meta(description="its in-lap")]


class Neutralised(_Change, frozen=True, tag="neutralisation"):
    """A neutralisation begins now."""

    neutralisation: Annotated[
        Literal["fcy", "vsc", "safety_car", "red"], Meta(description="which kind begins now")
    ]


class RainFalls(_Change, frozen=True, tag="rain"):
    """It rains in a sector from now on for so many minutes, then as it would have."""

    sector: Annotated[Literal[1, 2, 3], Meta(description="where it rains")]
    minutes: Annotated[float, Meta(description="for how long")]


class Compare(_Change, frozen=True, tag="compare"):
    """Our car does ``b`` instead of ``a``: keys of the call's candidates."""

    a: Annotated[str, Meta(description="the plan to compare with")]
    b: Annotated[str, Meta(description="the plan that is done instead")]


Change = RivalStop | Neutralised | RainFalls | Compare
