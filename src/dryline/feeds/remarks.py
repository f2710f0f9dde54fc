"""Collecting findings while a file is read: a thousand equal remarks become one finding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.finding import Finding, Severity

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RowKeys:
    """Where each row stands: its line in the file, its car and its lap, row by row."""

    line: npt.NDArray[np.int32]
    car_number: pl.Series
    lap: npt.NDArray[np.int64]

    def keep(self, mask: Mask) -> RowKeys:
        """The same for the rows where ``mask`` is true."""
        return RowKeys(self.line[mask], self.car_number.filter(pl.Series(mask)), self.lap[mask])


class Remarks:
    """The findings of one file in the order in which they were made."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[Finding] = []

    def add(
        self,
        kind: str,
        severity: Severity,
        message: str,
        *,
        line: int | None = None,
        rows: int = 1,
        remedy: str | None = None,
        car_number: str | None = None,
        lap: int | None = None,
    ) -> None:
        """Remark on the file as a whole, or on ``rows`` rows of which the first is ``line``."""
        self._found.append(
            Finding(
                kind=kind,
                severity=severity,
                message=message,
                file=self.file,
                line=line,
                car_number=car_number,
                lap=lap,
                rows=rows,
                remedy=remedy,
            )
        )

    def add_rows(
        self, kind: str, severity: Severity, message: str, where: Mask, keys: RowKeys
    ) -> int:
        """Remark once on all rows where ``where`` is true, naming the first; how many there are."""
        rows = int(np.count_nonzero(where))
        if rows:
            first = int(np.argmax(where))
            lap = int(keys.lap[first])
            self.add(
                kind,
                severity,
                message,
                line=int(keys.line[first]),
                car_number=keys.car_number[first] or None,
                lap=lap if lap > 0 else None,
                rows=rows,
            )
        return rows

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings so far."""
        return tuple(self._found)
