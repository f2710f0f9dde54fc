"""The chart gallery: the code of a chart is shown, run and drawn, light and dark."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

FOLDER = "charts"
THEMES = ("light", "dark")


def run(text: str, known: dict[str, Any]) -> None:
    """Run an example with these names, and keep what it names."""
    exec(compile(text, "<example>", "exec"), known)


def draw(text: str, known: dict[str, Any], theme: str) -> str:
    """Run an example under a theme; the SVG of what it calls ``spec``."""
    from dryline.present import charts

    names = {**known, "theme": charts.THEMES[theme]}
    run(text, names)
    drawn: str = charts.svg(names["spec"])
    return drawn


class _Example(SphinxDirective):
    has_content = True

    @property
    def known(self) -> dict[str, Any]:
        """The names that the page's examples have made so far."""
        names: dict[str, Any] = self.env.temp_data.setdefault("dryline-names", {})
        return names

    @property
    def text(self) -> str:
        """The example."""
        return "\n".join(self.content)

    def shown(self) -> nodes.Node:
        """The example as code."""
        return nodes.literal_block(self.text, self.text, language="python")


class Prepare(_Example):
    """Code that the charts behind it rest on, run once."""

    def run(self) -> list[nodes.Node]:
        """Called by Sphinx."""
        run(self.text, self.known)
        return [self.shown()]


class Chart(_Example):
    """One chart: its code, and what it draws, light and dark."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Called by Sphinx."""
        name = self.arguments[0]
        folder = Path(self.env.doctreedir) / FOLDER
        folder.mkdir(exist_ok=True, parents=True)
        for theme in THEMES:
            drawn = draw(self.text, self.known, theme)
            (folder / f"{name}-{theme}.svg").write_text(drawn, encoding="utf-8")
        up = "../" * self.env.docname.count("/")
        pictures = "".join(
            f'<img class="{theme}" alt="{self.options["alt"]}" loading="lazy" '
            f'src="{up}_images/{FOLDER}/{name}-{theme}.svg">'
            for theme in THEMES
        )
        figure = f'<figure class="dryline-chart" id="chart-{name}">{pictures}</figure>'
        return [nodes.raw("", figure, format="html"), self.shown()]


def copy_pictures(app: Any, error: Exception | None) -> None:
    """Put the pictures beside the pages; called by Sphinx at the end."""
    drawn = Path(app.doctreedir) / FOLDER
    if error is None and drawn.is_dir():
        shutil.copytree(drawn, Path(app.outdir) / "_images" / FOLDER, dirs_exist_ok=True)
