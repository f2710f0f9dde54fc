"""Pictures of a running pit wall, at the sizes and in both themes in which it is looked at.

    .venv/bin/dryline live imola-2024 --at 3:57:00 --car 50 --port 8040 --no-screen &
    .venv/bin/python scripts/screenshots.py http://127.0.0.1:8040 FOLDER

Writes one PNG for each view, size and theme, and ends with status 1 if the page complained.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = ("1366x768", "1920x1080", "2560x1440", "390x844")
THEMES = ("dark", "light")
VIEWS = {"wall": "", "track": "tf", "charts": "gr", "log": "d", "help": "?"}
"""Each view, and the keys that lead there."""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE_PX = 900
SECRET = "DRYLINE_TOKEN"


def main() -> int:
    """Take the pictures that were asked for; 1 where the page complained."""
    asked = _parser().parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    named = os.environ.get("DRYLINE_CHROMIUM")
    path = next(
        (found for name in (named, *CHROMIUM) if name and (found := shutil.which(name))), None
    )
    if path is None:
        sys.exit("no Chromium on this machine: run scripts/install-chromium")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for size in asked.size or SIZES:
            for theme in asked.theme or THEMES:
                complaints += _pictures(browser, asked, size, theme)
        browser.close()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("url", help="where the pit wall is")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--size", action="append", metavar="WxH", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--theme", action="append", choices=THEMES)
    parser.add_argument("--view", action="append", choices=VIEWS)
    parser.add_argument("--wait", type=float, default=3.0, metavar="S", help="before each picture")
    return parser


def _pictures(browser: Browser, asked: argparse.Namespace, size: str, theme: str) -> list[str]:
    """Every view at one size in one theme; what the page complained of."""
    width, height = (int(side) for side in size.split("x"))
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    _enter(page, asked.url)
    for view in asked.view or VIEWS:
        page.keyboard.type(VIEWS[view])
        page.wait_for_timeout(1000 * asked.wait)
        name = asked.folder / f"{view}-{size}-{theme}.png"
        page.screenshot(path=name, full_page=width < PHONE_PX)
        print(name)
        page.keyboard.press("Escape")
    page.close()
    return complaints


def _enter(page: Page, url: str) -> None:
    """Open the page, with the token of the environment where it asks for one."""
    page.goto(url)
    page.wait_for_selector("#timing tr[data-car], #token")
    if page.locator("#token").count():
        page.fill("#token", os.environ.get(SECRET, ""))
        page.press("#token", "Enter")
        page.wait_for_selector("#timing tr[data-car]")


if __name__ == "__main__":
    sys.exit(main())
