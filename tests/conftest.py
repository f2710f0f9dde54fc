"""What every test may lean on: where the real races are, and when to skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
_DATA = Path(os.environ.get("DRYLINE_TEST_DATA", ROOT.parent / "shared" / "data"))
DATA: Path | None = _DATA if (_DATA / "catalogue.csv").is_file() else None
FACTS: Path | None = _DATA.parent / "facts" if (_DATA.parent / "facts").is_dir() else None
SESSIONS: Path | None = _DATA.parent / "sessions" if (_DATA.parent / "sessions").is_dir() else None
WILD: Path | None = _DATA.parent / "wild" if (_DATA.parent / "wild").is_dir() else None
CASES: Path | None = _DATA.parent / "cases" if (_DATA.parent / "cases").is_dir() else None

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if DATA is not None:
        return
    skip = pytest.mark.skip(reason="the real races are not beside the project (../shared/data)")
    for item in items:
        if item.get_closest_marker("needs_data"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real races; tests that ask for it carry ``needs_data``."""
    assert DATA is not None
    return DATA
