"""Rows of the drive-time ledger, of a crew of three in the third hour."""

from __future__ import annotations

from typing import Any

from dryline.rules.drive_alarms import LedgerRow

MINUTE, HOUR = 60_000, 3_600_000
NOW = 3 * HOUR
ANA, BEN, CY = "Ana Alba", "Ben Bosch", "Cy Costa"


def row(driver: str, **more: Any) -> LedgerRow:
    values: dict[str, Any] = {
        "car_number": "50", "car_class": "LMGT3", "driver": driver, "rating": None,
        "at_wheel": driver == ANA, "total_ms": HOUR, "share": 0.3, "continuous_ms": 0,
        "rest_ms": None, "window_ms": None, "window_peak_ms": None, "minimum_ms": HOUR,
        "owed_ms": 0, "latest_in_ms": None, "maximum_ms": 3 * HOUR, "left_ms": 2 * HOUR,
    }  # fmt: skip
    return LedgerRow(**{**values, **more})
