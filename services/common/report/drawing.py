"""What the charts of every report share: ink, type and width, as SVG for a page and as PNG for a Word document. Pure: no display."""

import io
import re
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

INK, QUIET, PAUSE = "#0b0c0c", "#505a5f", "#e6e6e6"
STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "path",
}
WIDTH = 8.2


def svg(name: str, figure: Figure) -> str:
    """A figure as an SVG element, without the declarations and the metadata that matplotlib writes around it."""
    written = io.StringIO()
    # Names inside the drawing follow from the salt: two charts of one page share none.
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    text = written.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    for before in (' id="', 'href="#', "url(#"):
        text = text.replace(before, f"{before}{name}-")
    return text


def png(figure: Figure) -> bytes:
    """A figure as a PNG."""
    written = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(written, format="png", dpi=170)
    return written.getvalue()
