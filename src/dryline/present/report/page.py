"""The report as one HTML page and as Markdown. Every text is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources

import jinja2
from markupsafe import Markup, escape

from dryline.analysis.claims.claim import Certainty
from dryline.present.charts.theme import DARK, LIGHT
from dryline.present.report.arrange import Report
from dryline.present.report.prose import Sentence

_ID = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')
_COLOUR = re.compile(r'\b(fill|stroke)="(#[0-9a-f]{6})"')
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#+!|~&$])")


def html(report: Report) -> str:
    """One page that needs nothing else: styles and charts inside, no script, no link outwards."""
    return _environment(autoescape=True).get_template("report.html.j2").render(
        report=report, marks=marks, smallcaps=_smallcaps(report.classes), adapted=adapted,
        dark=_dark_colours(), style=Markup(_read("report.css")),  # noqa: S704  our own file
    )  # fmt: skip


def markdown(report: Report) -> str:
    """The same without the charts; names cannot become markup."""
    env = _environment(autoescape=False)
    env.filters["md"] = escaped_markdown
    return env.get_template("report.md.j2").render(report=report, marks=marks)


def marks(sentence: Sentence, simulated: bool) -> str:
    """``inferred``, ``forecast`` or ``simulated`` where a sentence is one of them.

    Where the whole report is simulated, it says so at its head and not at every sentence.
    """
    kind = sentence.claim.certainty
    if kind in (Certainty.INFERRED, Certainty.FORECAST) or (
        kind is Certainty.SIMULATED and not simulated
    ):
        return kind.value
    return ""


def escaped_markdown(text: object) -> str:
    """``text`` with every sign that Markdown or HTML reads as its own made plain."""
    return _MARKDOWN.sub(r"\\\1", str(text)).replace("\n", " ")


def adapted(svg: str, prefix: str) -> Markup:
    """A chart of the light theme that follows the page's colours, with ids of its own."""
    plain = _DIRECTION.sub("", svg)
    own = _ID.sub(lambda found: f"{found[1]}{prefix}-{found[2]}", plain)
    known = _colour_names()
    tinted = _COLOUR.sub(
        lambda found: (
            f'{found[1]}="var({known[found[2]]},{found[2]})"' if found[2] in known else found[0]
        ),
        own,
    )
    return Markup(tinted)  # noqa: S704  drawn by our renderer, which escapes every text


def _smallcaps(classes: tuple[str, ...]) -> Callable[[str], Markup]:
    """Class names in small capitals, everything escaped."""
    names = sorted((name for name in classes if name), key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names) or r"(?!)")

    def shown(text: str) -> Markup:
        out, at = Markup(""), 0
        for found in pattern.finditer(text):
            out += escape(text[at : found.start()])
            out += Markup('<span class="sc">{}</span>').format(found[0])
            at = found.end()
        return out + escape(text[at:])

    return shown


@cache
def _colour_names() -> dict[str, str]:
    names = {light: f"--c{at}" for at, (light, _) in enumerate(_pairs())}
    return dict(reversed(list(names.items())))


def _dark_colours() -> Markup:
    lines = [f"--c{at}:{dark}" for at, (_, dark) in enumerate(_pairs())]
    return Markup(";".join(lines))  # noqa: S704  colours of our own themes


def _pairs() -> list[tuple[str, str]]:
    single = ("ground", "panel", "line", "ink", "muted", "others", "wet", "slick", "call", "loss",
              "neutralised", "neutralised_text")  # fmt: skip
    pairs = [(getattr(LIGHT, name), getattr(DARK, name)) for name in single]
    pairs += zip(LIGHT.cars, DARK.cars, strict=True)
    pairs += zip(LIGHT.classes, DARK.classes, strict=True)
    return pairs


@cache
def _environment(*, autoescape: bool) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=autoescape,  # noqa: S701  off for Markdown only, which has its own filter
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _read(name: str) -> str:
    place = resources.files("dryline.present.report") / "templates" / name
    return place.read_text(encoding="utf-8")
