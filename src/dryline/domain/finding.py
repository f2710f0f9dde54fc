"""A typed remark on bad or odd data. Data is never silently repaired: it is found."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from dryline.domain.meaning import means

LAP_TAKEN_AWAY = "lap_taken_away"
"""The kind of a finding that names a lap which did not count: ``car_number`` and ``lap``."""


class Severity(StrEnum):
    """How much a finding matters to what is said about the race."""

    NOTE = "note"  # odd, known, handled without loss
    WARNING = "warning"  # something was set aside or cannot be trusted
    ERROR = "error"  # a part of the race could not be rebuilt


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One typed remark on the data.

    ``kind`` is a short slug listed in the docs' table of data quirks; ``rows`` counts the rows
    it stands for, so that a thousand equal remarks are one finding.
    """

    kind: Annotated[str, means("the kind of finding: see the list of kinds")]
    severity: Annotated[Severity, means("`note`, `warning` or `error`")]
    message: Annotated[str, means("the remark, in words")]
    file: Annotated[str | None, means("the file that the remark is about")] = None
    line: Annotated[int | None, means("the first line concerned; the header is line 1")] = None
    car_number: Annotated[str | None, means("the car concerned")] = None
    lap: Annotated[int | None, means("the lap concerned")] = None
    rows: Annotated[int, means("how many rows the remark stands for")] = 1
    remedy: Annotated[str | None, means("what to do about it")] = None

    def __str__(self) -> str:
        places = [
            self.file,
            None if self.line is None else f"line {self.line}",
            None if self.car_number is None else f"car {self.car_number}",
            None if self.lap is None else f"lap {self.lap}",
        ]
        where = ", ".join(place for place in places if place is not None)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text.removesuffix('.')}. {self.remedy}" if self.remedy else text
