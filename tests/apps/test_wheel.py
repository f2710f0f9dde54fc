"""The wheel works from an empty folder, its data files inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dryline._version import __version__
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_answers_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    environment = {**os.environ, "PYTHONPATH": str(installed)}

    def said(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments], cwd=empty, env=environment, check=True,
            capture_output=True, text=True,
        ).stdout  # fmt: skip

    home = said("-c", "import dryline; print(dryline.__file__)")
    assert Path(home.strip()).is_relative_to(installed)
    assert said("-m", "dryline", "--version").strip() == f"dryline {__version__}"
    rows = json.loads(said("-m", "dryline", "classification", "imola-2024", "--json"))["rows"]
    assert rows[0]["car_number"] == "7"


def test_the_wheel_carries_no_tests_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not [name for name in names if name.startswith("tests")]
    assert [name for name in names if name.endswith("LICENSE")]
    assert "dryline/py.typed" in names
