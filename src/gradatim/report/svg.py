"""A matplotlib figure as SVG that belongs to a page: its colours, its letters, and words for those who cannot see it.

Conventions
-----------
* Figures are drawn in the colours below, which stand for those of the page: `ink` becomes ``currentColor``, the others
  variables of its style sheet. So one picture is read in light, in dark and in print.
* Letters stay letters, in the font of the page. Names are written as they are, dollar signs too: no mathematics.
* Whatever the user's settings of matplotlib are, the same figure gives the same bytes.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from io import StringIO
from typing import TYPE_CHECKING, Any
from unicodedata import category
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, LINE = "#101112", "#202122"
SERIES = ("#300001", "#300002", "#300003", "#300004", "#300005", "#300006", "#300007", "#300008")
"""Blue, vermilion, green, purple, orange, sky blue, yellow and ink, as the style sheet has them."""

SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", LINK)

STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "grid.color": LINE,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.5,
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
}

WIDTH = 4.6
"""Inches: about the width of a telephone, where a letter of 8 points can still be read."""

Tips = dict[str, str | list[str]]
"""What is said of a part of a figure when it is pointed at, by the part's gid; a list says it of the points of a
scatter, in order."""

Chart = tuple["Figure", str, Tips]
"""A figure, what it shows in a sentence, and what is said of its parts."""

NUMBER = re.compile(r"(\d+\.\d\d)\d+")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
FONT = re.compile(r"font(-family)?: [^;]*")
MEASURES = ("d", "x", "y", "x1", "x2", "y1", "y2", "transform", "points", "width", "height", "cx", "cy", "r")


def chart(draw: Callable[..., Chart]) -> Callable[..., str]:
    """A function that draws, as one that gives an ``<svg>``. A number behind the arguments tells its charts apart."""

    @wraps(draw)
    def drawn(*facts: Any, number: int = 0) -> str:
        name = f"{draw.__name__}-{number}"
        with _drawing(name):
            return _svg(name, *draw(*facts))

    return drawn


def empty_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure, in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


@contextmanager
def _drawing(name: str) -> Iterator[None]:
    """Figures that are made and written within look the same everywhere."""
    from cycler import cycler
    from matplotlib import style

    # Letters that matplotlib's own font lacks are measured as boxes, and shown by the font of the page.
    with (
        style.context(["default", {**STYLE, "svg.hashsalt": name, "axes.prop_cycle": cycler(color=SERIES)}]),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message=".*[Gg]lyph")
        warnings.filterwarnings("ignore", message=".*Matplotlib currently does not support")
        yield


def _svg(name: str, figure: Figure, title: str, tips: Tips) -> str:
    """One ``<svg>`` element; its ids hold the name of the chart, for two charts on one page must not share one."""
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(text.getvalue())
    for rest in [child for child in root if child.tag.endswith(("metadata", "style"))]:
        root.remove(rest)
    for gid, said in tips.items():
        for group in [one for one in root.iter() if one.get("id") == gid]:
            _tell(group, said)
    for element in root.iter():
        _to_the_page(element)
    root.attrib.pop("version", None)
    width, height = (float(root.attrib.pop(side).removesuffix("pt")) for side in ("width", "height"))
    root.set("role", "img")
    root.set("aria-labelledby", f"title-{name}")
    root.set("style", f"max-width:{width * 4 / 3:.0f}px;aspect-ratio:{width:.0f}/{height:.0f}")
    heading = ElementTree.Element(f"{{{SVG}}}title", {"id": f"title-{name}"})
    heading.text = title
    root.insert(0, heading)
    return re.sub(r">\s+<", "><", ElementTree.tostring(root, encoding="unicode"))


def _tell(group: ElementTree.Element, said: str | list[str]) -> None:
    parts = [group] if isinstance(said, str) else [one for one in group.iter() if one.tag == f"{{{SVG}}}use"]
    for part, words in zip(parts, [said] if isinstance(said, str) else said, strict=False):
        tip = ElementTree.Element(f"{{{SVG}}}title")
        tip.text = words
        part.insert(0, tip)


def _to_the_page(element: ElementTree.Element) -> None:
    """The colours and the font of the page, two digits for places, and no id but those that are referred to."""
    if element.tag in (f"{{{SVG}}}g", f"{{{SVG}}}image"):
        element.attrib.pop("id", None)
    if "style" in element.attrib:
        style = COLOUR.sub(lambda found: _variable(found[0].lower()), element.attrib["style"])
        if element.tag == f"{{{SVG}}}text":
            style = FONT.sub(_size_alone, style)
            style = style if "fill" in style else f"{style}; fill: currentColor"
        element.set("style", style.replace("; ", ";").replace(": ", ":"))
    for name in MEASURES:
        if name in element.attrib:
            element.set(name, NUMBER.sub(r"\1", element.attrib[name]))


def _size_alone(found: re.Match[str]) -> str:
    size = re.search(r"[\d.]+px", found[0])
    return f"font-size: {size[0]}" if size else "font-family: inherit"


def _variable(colour: str) -> str:
    if colour in (INK, "#000000"):
        return "currentColor"
    if colour == LINE:
        return "var(--line)"
    return f"var(--c{SERIES.index(colour) + 1})" if colour in SERIES else colour


def plain(name: object, most: int = 28) -> str:
    """A name as a chart can write it: no control characters, which XML has no form for, and not too long."""
    text = "".join("\N{REPLACEMENT CHARACTER}" if category(letter) in ("Cc", "Cs") else letter for letter in str(name))
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return f"\N{ZERO WIDTH SPACE}{text}" if text.startswith("_") else text  # legends leave out what begins with _
