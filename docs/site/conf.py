"""The documentation as a site, read from this repository alone: `make docs`. Sphinx with MyST and Furo; nothing is fetched by a reader."""

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

HERE = Path(__file__).parent

project = "Heed"
author = "Heed"
html_title = "Heed"
root_doc = "docs/site/index"
include_patterns = [
    "README.md",
    "docs/*.md",
    "docs/**/*.md",
    "deploy/README.md",
    "deploy/check-data/README.md",
]
exclude_patterns = ["**/node_modules/**"]

extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]

# Decisions are reached from their own list, and the front page from the first line.
suppress_warnings = ["toc.not_included"]

html_theme = "furo"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_extra_path = ["top"]  # so that the site opens at its top
html_static_path = [str(HERE / "node_modules/mermaid/dist/mermaid.min.js"), str(HERE / "diagrams.js")]


class Diagram(SphinxDirective):
    """A diagram, drawn by the reader's browser; what it says stands in words below it, as in every page here."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The diagram's own text, escaped."""
        text = escape("\n".join(self.content))
        return [nodes.raw("", f'<pre class="mermaid">{text}</pre>', format="html")]


def _draw(app: Sphinx, _page: str, _template: str, context: dict[str, str], _tree: nodes.document) -> None:
    """Only pages with a diagram load what draws it."""
    if '<pre class="mermaid">' in context.get("body", ""):
        app.add_js_file("mermaid.min.js")
        app.add_js_file("diagrams.js")


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx asks of a configuration that adds something."""
    app.add_directive("mermaid", Diagram)
    app.connect("html-page-context", _draw)
    return {"parallel_read_safe": True}
