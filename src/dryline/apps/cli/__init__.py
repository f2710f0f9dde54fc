"""The command line: parse arguments, call the engine, print. Nothing heavy is imported here."""

from __future__ import annotations

import os


def main() -> None:
    """Run ``dryline`` and leave with the contract's exit status.

    Linear algebra keeps to one thread: our matrices are small, and threads that spin cost a
    pace fit ten times its processor time.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dryline.apps.cli.run import run

    raise SystemExit(run())
