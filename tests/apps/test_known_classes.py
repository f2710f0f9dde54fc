"""The page learns every class's label and colour from the series' files."""

from __future__ import annotations

import json

from dryline.apps.server.page_files import CLASSES, PAGE, PageFiles
from dryline.domain.series import car_classes


def test_the_page_knows_every_class_that_a_series_file_colours() -> None:
    asset = PageFiles().get(CLASSES)
    assert asset is not None
    assert asset.kind.startswith("text/javascript")
    before, _, after = asset.data.decode().partition("=")
    assert before.strip() == "export const KNOWN"
    known = json.loads(after.strip().removesuffix(";"))
    coloured = {key: each.colour for key, each in car_classes().items() if each.colour}
    assert {key: colour for key, (_, colour) in known.items()} == coloured
    assert all(0 < len(label) <= 5 for label, _ in known.values())
    assert known["lmgteam"] == ["AM", "gt"]


def test_the_page_asks_for_it_and_holds_no_class_of_its_own() -> None:
    text = (PAGE / "classes.js").read_text(encoding="utf-8")
    assert f"./{CLASSES}" in text
    assert not any(key in text.casefold() for key in car_classes())
