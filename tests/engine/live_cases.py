"""The inputs of ``../shared/cases`` as they come to a live session."""

from __future__ import annotations

import pytest

from tests.conftest import DATA

CASES = None if DATA is None else DATA.parent / "cases"
needs_cases = pytest.mark.skipif(
    CASES is None or not CASES.is_dir(), reason="the cases are not beside the project"
)


def case(folder: str, name: str) -> bytes:
    """One file of a case."""
    assert CASES is not None
    return (CASES / folder / name).read_bytes()
