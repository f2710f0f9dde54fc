"""A chart as SVG, PNG, JSON or a page of its own: no browser, no network, nothing written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from dryline.domain.errors import BadOption
from dryline.domain.legible import NO_XML, code_points
from dryline.present.charts.grammar import Spec

VL_VERSION = "6.4"
_NUMBER = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_GEOMETRY = re.compile(r' (?:d|transform|x|y|x2|y2|width|height)="[^"]*"')


def svg(spec: Spec) -> str:
    """The chart as one SVG document, coordinates to a tenth of a pixel.

    Raises:
        BadOption: where a text holds a character that no picture may hold.
    """
    import vl_convert

    _check_texts(spec)
    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version=VL_VERSION)
    tidy = _GEOMETRY.sub(lambda found: _NUMBER.sub(_tenth, found[0]), drawn)
    return tidy.replace(
        "<svg ", f'<svg role="img" aria-label="{_escaped(spec["description"])}" ', 1
    )


def png(spec: Spec, scale: float = 2.0) -> bytes:
    """The chart as a PNG image, ``scale`` pixels to the point. Raises as ``svg``."""
    import vl_convert

    _check_texts(spec)
    drawn: bytes = vl_convert.vegalite_to_png(spec, vl_version=VL_VERSION, scale=scale)
    return drawn


def to_json(spec: Spec) -> str:
    """The specification itself, safe to stand inside a page's script."""
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, code)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def script_bundle() -> str:
    """The drawing library for a page that works offline; about 0.9 MB, once per page."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle(
        "window.vegaEmbed = vegaEmbed;", vl_version=VL_VERSION
    )
    return bundle.replace("</script", "<\\/script")


def page(*specs: Spec) -> str:
    """One self-contained page with these charts, one under the other; values on pointing."""
    ground = specs[0]["config"]["background"] if specs else "#ffffff"
    title = _escaped(specs[0]["title"]["text"]) if specs else "Dryline"
    places = "".join(
        f'<figure id="chart-{i}" aria-label="{_escaped(spec["description"])}"></figure>'
        for i, spec in enumerate(specs)
    )
    calls = "".join(
        f'vegaEmbed("#chart-{i}",{to_json(_told(spec))},{{"actions":false,"renderer":"svg"}});'
        for i, spec in enumerate(specs)
    )
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>body{{background:{ground};margin:0}}figure{{margin:0;overflow-x:auto}}</style>"
        f"<script>{script_bundle()}</script></head><body>{places}"
        f"<script>{calls}</script></body></html>\n"
    )


def _check_texts(spec: Spec) -> None:
    """The drawing library ends the whole process at a character that XML forbids: never ask it."""
    for text in _texts(spec):
        if (found := NO_XML.search(text)) is not None:
            raise BadOption(
                f"{text[:40]!r} cannot be drawn: no picture may hold {code_points([found[0]])}",
                remedy="Take it out of the title or table that it comes from.",
            )


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield str(key)
            yield from _texts(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _texts(value)


def _told(spec: Spec) -> Spec:
    """The chart with what each mark stands for under the pointer."""
    return {**spec, "config": {**spec["config"], "mark": {"tooltip": {"content": "data"}}}}


def _tenth(found: re.Match[str]) -> str:
    text = f"{float(found[0]):.1f}"
    return "0" if text in ("-0.0", "0.0") else text.removesuffix(".0")


def _escaped(text: str) -> str:
    for sign, code in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, code)
    return text
