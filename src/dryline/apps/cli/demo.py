"""``demo``: the main job on the embedded race."""

from __future__ import annotations

import typer

from dryline.apps.cli.bundles import bundled
from dryline.apps.cli.emit import Form


def register(app: typer.Typer) -> None:
    """Add ``demo``."""
    app.command()(bundled(demo))


def demo(form: Form) -> None:
    """The 6 Hours of Imola 2024, from the facts that ship with Dryline.

    Example: dryline demo
    """
    from dryline.apps.cli import embedded

    embedded.show("imola-2024", form)
