"""The facade is small and every name in it is there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dryline


@pytest.mark.parametrize("name", dryline.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(dryline, name) is not None
    assert name in dir(dryline)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'overtake'"):
        _ = dryline.overtake


def test_importing_dryline_imports_nothing_heavy() -> None:
    code = "import sys, dryline; print(sorted({'polars', 'numba', 'duckdb'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
