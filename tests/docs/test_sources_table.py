"""The table of sources says what is counted: every real file beside the project is opened."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT, SESSIONS, WILD


@pytest.mark.needs_data
@pytest.mark.skipif(SESSIONS is None or WILD is None, reason="no sessions or other series beside")
def test_the_table_is_as_it_is_counted() -> None:
    script = ROOT / "scripts" / "sources_table.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "as it was\n", done.stderr
