"""The last step before a terminal: what a screen says, made plain."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment

from dryline.present.terminal.plain import plain


@dataclass(frozen=True, slots=True)
class Shown:
    """Anything that Rich can render, its text made plain on the way out."""

    screen: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The same segments, the text of each plain."""
        for segment in console.render(self.screen, options):
            yield segment if segment.control else Segment(plain(segment.text), segment.style)
