"""Write into the documentation what its examples print now: look at the difference, then commit.

.venv/bin/python scripts/docs_examples.py [PAGE ...]
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
sys.path.insert(0, str(DOCS / "_ext"))
from dryline_docs import examples  # noqa: E402


def main(pages: list[str]) -> int:
    """Run every example of the pages named, or of all, and write what it prints."""
    chosen = [Path(page).resolve() for page in pages] or sorted(DOCS.rglob("*.md"))
    failed = 0
    for page in chosen:
        if "_build" in page.parts or not examples.blocks(page):
            continue
        try:
            told = "changed" if examples.rewrite(page) else "as it was"
        except AssertionError as error:
            told, failed = f"FAILED: {error}", 1
        sys.stdout.write(f"{page.relative_to(DOCS)}: {told}\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
