"""The documentation's own tools, and the site as it is built."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "_ext"))


@dataclass(frozen=True)
class Site:
    """What the build made, and what it said."""

    folder: Path
    status: int
    said: str

    @property
    def fields(self) -> dict[str, list[str]]:
        """The fields of every JSON object as the build found them, by command."""
        told = self.folder.parent / "doctrees" / "json-fields.json"
        found: dict[str, list[str]] = json.loads(told.read_text(encoding="utf-8"))
        return found

    def page(self, name: str) -> str:
        """A page's HTML."""
        if not (self.folder / f"{name}.html").is_file():
            pytest.fail(f"the site has no page {name}: see the test that builds it", pytrace=False)
        return (self.folder / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site, built once, warnings being errors."""
    made = tmp_path_factory.mktemp("site")
    command = [
        sys.executable, "-m", "sphinx", "-W", "-E", "--keep-going", "-q", "-b", "html",
        "-d", str(made / "doctrees"), str(DOCS), str(made / "html"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return Site(made / "html", done.returncode, done.stdout + done.stderr)
