"""Whole columns of times at once: text such as ``1:35.020`` to whole milliseconds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.clock_text import parse_ms
from dryline.domain.errors import BadTime

_WIDTH = 12  # 00:00:00.000
_COLON, _DOT, _COMMA = 10, 254, 252  # as bytes after the code of "0" was subtracted
_DECIMAL_COMMA = re.compile(r",(?=\d{1,3}0*\s*$)")
_APOSTROPHE = re.compile(r"(?<=\d)['’](?=\d\d[.,]\d)")  # 6:01'30.181, 1'48.218: to 2016
_DIGITS = (0, 1, 3, 4, 6, 7, 9, 10, 11)


@dataclass(frozen=True)
class TimeColumn:
    """Milliseconds (n,), and for each row whether it states a time and whether it is no time.

    Where a cell is empty, both ``known`` and ``bad`` are false; ``ms`` is 0 there.
    """

    ms: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    bad: npt.NDArray[np.bool_]


def read_times(columns: Sequence[pl.Series]) -> list[TimeColumn]:
    """The times in each text column; the columns are equally long and without nulls."""
    if not columns:
        return []
    rows = len(columns[0])
    ms, known, bad = _read(pl.concat([c.alias("t") for c in columns], rechunk=True))
    cuts = [slice(i * rows, (i + 1) * rows) for i in range(len(columns))]
    return [TimeColumn(ms[cut], known[cut], bad[cut]) for cut in cuts]


def _read(
    text: pl.Series,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    length = text.str.len_bytes().to_numpy()
    empty = length == 0
    fits = text if len(text) == 0 or length.max() <= _WIDTH else _only_fitting(text)
    digits = _digits(fits)
    if digits is None:
        digits = _digits(_only_fitting(text))
    if digits is None:  # pragma: no cover - _only_fitting leaves equal widths
        digits = np.zeros((_WIDTH, len(text)), np.uint8)
    ms, plain = _plain_times(digits)
    plain &= ~empty
    ms[~plain] = 0
    bad = np.zeros(len(text), np.bool_)
    odd = np.flatnonzero(~plain & ~empty)
    for row, value in zip(odd.tolist(), text.gather(odd).to_list(), strict=True):
        try:
            ms[row] = parse_ms(_DECIMAL_COMMA.sub(".", _APOSTROPHE.sub(":", value)))
        except BadTime:
            bad[row] = value.strip() != ""
            empty[row] |= not bad[row]
    return ms, ~empty & ~bad, bad


def _only_fitting(text: pl.Series) -> pl.Series:
    sound = (text.str.len_bytes() <= _WIDTH) & (text.str.len_bytes() == text.str.len_chars())
    return (
        text.to_frame("t")
        .select(pl.when(sound).then(pl.col("t")).otherwise(pl.lit("")))
        .to_series()
    )


def _digits(text: pl.Series) -> npt.NDArray[np.uint8] | None:
    """Each text right-aligned in twelve bytes, as (12, n) numbers; None where bytes do not fit."""
    joined = text.str.pad_start(_WIDTH, "0").str.join("").item().encode()
    if len(joined) != _WIDTH * len(text):
        return None
    raw = np.frombuffer(joined, np.uint8).reshape(-1, _WIDTH)
    return np.ascontiguousarray(raw.T) - np.uint8(48)


def _plain_times(
    d: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Milliseconds, and where the text was plainly ``[[h]h:][m]m:ss.mmm`` or ``[s]s.mmm``.

    A decimal comma is read like the point.
    """
    plain: npt.NDArray[np.bool_] = (d[8] == _DOT) | (d[8] == _COMMA)
    for place in _DIGITS:
        plain &= d[place] <= 9
    no_hours = (d[0] | d[1] | d[2]) == 0
    no_minutes = no_hours & ((d[3] | d[4] | d[5]) == 0)
    plain &= ((d[2] == _COLON) & (d[3] <= 5)) | no_hours
    plain &= ((d[5] == _COLON) & (d[6] <= 5)) | no_minutes
    w = d.astype(np.int32)
    hours, minutes, seconds = w[0] * 10 + w[1], w[3] * 10 + w[4], w[6] * 10 + w[7]
    ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + w[9] * 100 + w[10] * 10 + w[11]
    return ms.astype(np.int64), plain
