"""What the pit wall shows of the field: stints, neutralisations, penalties, time at the wheel."""

from __future__ import annotations

from typing import Annotated

from dryline.answers.answer import Part, means
from dryline.domain.fields import StartMs

CarNumber = Annotated[str, means("the car's number, as text: 007 is not 7")]


class StintView(Part, frozen=True, kw_only=True):
    """A stint from pit exit to pit entry."""

    car_number: CarNumber
    number: Annotated[int, means("which stint of the car, counted from 1")]
    driver: Annotated[str, means("who drives")]
    start_ms: StartMs
    end_ms: Annotated[
        int, means("when it ended, or the last crossing so far", "ms since the start")
    ]
    laps: Annotated[int, means("laps in it")]
    wet: Annotated[bool | None, means("whether it is on wets; null where nothing tells")] = None
    running: Annotated[bool, means("whether it goes on")] = False


class NeutralisationView(Part, frozen=True, kw_only=True):
    """A neutralised period."""

    kind: Annotated[str, means("fcy, vsc, safety_car or red")]
    start_ms: StartMs
    end_ms: Annotated[
        int | None, means("when it ended; null while it is in force", "ms since the start")
    ] = None


class PenaltyView(Part, frozen=True, kw_only=True):
    """A penalty that race control has given."""

    car_number: CarNumber
    kind: Annotated[str, means("drive_through, stop_and_go, time and so on")]
    since_ms: Annotated[int, means("when it was given", "ms since the start")]
    text: Annotated[str, means("race control's words")]
    seconds: Annotated[float | None, means("how long, where it is a time")] = None
    served: Annotated[bool | None, means("null where it cannot be told")] = None
    laps_left: Annotated[int | None, means("laps that the car has to serve it in")] = None


class DriverTime(Part, frozen=True, kw_only=True):
    """What a driver has driven, and the rule book's bounds."""

    driver: Annotated[str, means("who")]
    driven_ms: Annotated[int, means("at the wheel so far", "ms")]
    min_ms: Annotated[int | None, means("the least by the rule book; null: no bound", "ms")] = None
    max_ms: Annotated[int | None, means("the most by the rule book; null: no bound", "ms")] = None
    alarm: Annotated[str | None, means("what threatens, in words")] = None
    driving: Annotated[bool, means("whether this driver is at the wheel")] = False
