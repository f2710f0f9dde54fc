"""The documentation is built without a warning, needs no internet, and holds together."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.conftest import DOCS, ROOT, Site

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
_ELSEWHERE = re.compile(r"^(?:https?:)?//")


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.ids |= {told[name] for name in ("id", "name") if name in told}
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        loaded = told.get(LOADED.get(tag, ""), "")
        if loaded and told.get("rel") not in ("canonical", "author", "index", "search"):
            self.loads.append(loaded)


@pytest.fixture(scope="session")
def pages(site: Site) -> dict[Path, _Page]:
    return {path: _Page(path.read_text(encoding="utf-8")) for path in site.folder.rglob("*.html")}


def test_the_site_is_built_without_a_warning(site: Site) -> None:
    assert site.status == 0, site.said
    assert "WARNING:" not in site.said


def test_nothing_is_loaded_from_elsewhere(site: Site, pages: dict[Path, _Page]) -> None:
    assert len(pages) > 30
    for path, page in pages.items():
        assert [load for load in page.loads if _ELSEWHERE.match(load)] == [], path.name
    for sheet in site.folder.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", text), sheet.name


def test_every_link_within_the_site_leads_somewhere(pages: dict[Path, _Page]) -> None:
    lost = []
    for path, page in pages.items():
        for link in page.links:
            if _ELSEWHERE.match(link) or link.startswith(("mailto:", "data:")):
                continue
            name, _, anchor = unquote(link).partition("#")
            target = (path.parent / name).resolve() if name else path
            found = pages.get(target)
            if not target.exists() or (anchor and found is not None and anchor not in found.ids):
                lost.append(f"{path.name}: {link}")
    assert lost == []


def test_every_page_can_be_reached_from_the_first(site: Site, pages: dict[Path, _Page]) -> None:
    seen: set[Path] = set()
    waiting = [site.folder / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in pages and path not in seen:
            seen.add(path)
            links = (link.partition("#")[0] for link in pages[path].links if "//" not in link)
            waiting += [(path.parent / link).resolve() for link in links if link]
    written = {
        site.folder / page.relative_to(DOCS).with_suffix(".html")
        for page in DOCS.rglob("*.md")
        if not {"_build", "_ext"} & set(page.parts)
    }
    assert written - seen == set()


def test_every_picture_says_what_it_shows(pages: dict[Path, _Page], site: Site) -> None:
    for path in pages:
        for picture in re.findall(r"<img [^>]*>", path.read_text(encoding="utf-8")):
            assert re.search(r'alt="[^"]{3,}"', picture), f"{path.name}: {picture}"


def test_the_notebook_was_executed(site: Site) -> None:
    text = site.page("notebooks/imola")
    assert text.count("cell-output") >= 7
    assert "Race 6 Hours of Imola 2024 (simulated)" in text


def test_the_links_of_the_readme_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "//" not in link]
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_scores_of_the_readme_are_those_of_the_model_cards() -> None:
    def rows(text: str) -> list[str]:
        table = text[text.index("| what | asked | reached | |") :].split("\n\n", maxsplit=1)[0]
        return table.splitlines()[2:]

    readme = rows((ROOT / "README.md").read_text(encoding="utf-8"))
    cards = rows((DOCS / "model-cards.md").read_text(encoding="utf-8"))
    assert len(readme) > 5
    assert [row for row in readme if row.replace("](docs/", "](") not in cards] == []


@pytest.mark.parametrize(
    ("card", "figures"),
    [
        ("pace-and-stops", ("86.2", "96.6", "82.7", "85.5", "60.9", "84.8")),
        ("forecast", ("85.9", "95.6")),
        ("track", ("1.0 min", "2.2", "11 of 18")),
    ],
)
def test_the_summary_of_the_model_cards_has_their_figures(
    card: str, figures: tuple[str, ...]
) -> None:
    summary = (DOCS / "model-cards.md").read_text(encoding="utf-8")
    told = (DOCS / f"{card}.md").read_text(encoding="utf-8")
    for figure in figures:
        assert figure in summary
        assert figure in told
