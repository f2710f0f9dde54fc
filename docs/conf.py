"""How the documentation is built: `make docs`, offline, every warning an error."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))

from dryline import __version__  # noqa: E402

project = "Dryline"
author = "The Dryline founders"
project_copyright = "2026, The Dryline founders"
release = version = __version__
language = "en_GB"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "sphinx_copybutton",
    "dryline_docs",
]
exclude_patterns = ["_build", "_ext"]
suppress_warnings = ["config.cache"]

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline", "attrs_block"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
copybutton_here_doc_delimiter = "EOF"

html_theme = "furo"
html_title = f"Dryline {release}"
html_static_path = ["_static"]
html_css_files = ["dryline.css"]
html_show_sphinx = False
html_copy_source = False
html_domain_indices = False
smartquotes_action = "De"  # dashes and dots; quotes stay as they are typed
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0f6b46", "color-brand-content": "#0f6b46"},
    "dark_css_variables": {"color-brand-primary": "#3ddc97", "color-brand-content": "#3ddc97"},
}
highlight_language = "text"
pygments_style = "friendly"
pygments_dark_style = "github-dark"

_LISTED = re.compile(r"^```\{toctree\}.*?^```", re.MULTILINE | re.DOTALL)
_OTHERS = "OTHER-PAGES"


def _with_other_pages(app: Any, docname: str, source: list[str]) -> None:
    """Pages of this folder that no table of contents names go where the index says so."""
    if docname != "index" or _OTHERS not in source[0]:
        return
    listed = " ".join(_LISTED.findall(source[0]))
    pages = [page.stem for page in sorted(HERE.glob("*.md")) if page.stem != "index"]
    others = [page for page in pages if not re.search(rf"(?<![\w/-]){page}(?![\w-])", listed)]
    source[0] = source[0].replace(_OTHERS, "\n".join(others))


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _with_other_pages)
