"""Where the library lies when nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

ENVIRONMENT = "DRYLINE_LIBRARY"


def default_path() -> Path:
    """The folder named by ``DRYLINE_LIBRARY``, else ``library`` in the user's data folder."""
    named = os.environ.get(ENVIRONMENT, "").strip()
    if named:
        return Path(named).expanduser()
    return platformdirs.user_data_path("dryline", appauthor=False) / "library"
