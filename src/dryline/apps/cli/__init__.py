"""The command line: parse arguments, call the engine, print. Nothing heavy is imported here."""

from __future__ import annotations


def main() -> None:
    """Run ``dryline`` and leave with the contract's exit status."""
    from dryline.apps.cli.run import run

    raise SystemExit(run())
