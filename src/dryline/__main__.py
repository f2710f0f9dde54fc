"""``python -m dryline``."""

from dryline.apps.cli import main

main()
