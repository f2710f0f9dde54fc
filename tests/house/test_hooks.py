"""What is asked before a commit is what ``scripts/check`` asks, and downloads nothing."""

from __future__ import annotations

import re

from tests.conftest import ROOT

HOOKS = (ROOT / ".pre-commit-config.yaml").read_text()
CHECK = (ROOT / "scripts" / "check").read_text()


def test_every_hook_is_the_projects_own() -> None:
    assert set(re.findall(r"repo: (\S+)", HOOKS)) == {"local"}
    assert set(re.findall(r"language: (\S+)", HOOKS)) == {"system"}
    entries = re.findall(r"entry: (\S+)", HOOKS)
    assert entries
    assert all(entry.startswith(".venv/bin/") for entry in entries)


def test_hooks_and_check_ask_the_same_tools() -> None:
    asked = re.findall(r"entry: \.venv/bin/(\S+)", HOOKS)
    assert set(asked) == set(re.findall(r'^"\$bin/([a-z-]+)"', CHECK, re.MULTILINE))
    assert len(asked) == len(set(asked)) + 1  # ruff formats and lints
