"""Sphinx: pages are MyST Markdown; model pages, support matrix and commands come from the code."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import generate

import spikebridge

project = "spikebridge"
author = "The spikebridge developers"
copyright = f"2026, {author}"
version = release = spikebridge.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
default_role = "code"
myst_enable_extensions = ["amsmath", "dollarmath", "colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "pydata_sphinx_theme"
html_title = "spikebridge"
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 9,
}
html_sidebars = {"models/**": ["sidebar-nav-bs"], "*": []}

generate.write_all(Path(__file__).parent)
