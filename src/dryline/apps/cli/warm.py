"""``warm``: compile what is compiled, before it is needed."""

from __future__ import annotations


def warm() -> None:
    """Compile the simulator and the rain gauge now, once, so that no answer waits for it later.

    Example: dryline warm
    """
    from dryline.apps.cli.emit import console
    from dryline.engine.warming import warm_up

    out = console(stderr=True)
    for what, seconds in warm_up():
        out.print(f"{what:<40} {seconds:5.1f} s")


PANEL = None
COMMANDS = {"warm": warm}
