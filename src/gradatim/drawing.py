"""What drawings have in common: letters and lines as SVG text, numbers for readers, colours for light and dark.

Conventions
-----------
* A drawing is text: one ``<svg>`` element that needs no script, no font and no file beside it. It is put into a page as
  it is, or saved as a file of its own.
* Colours have names (`COLOURS`), by what they stand for. `ink` is the colour of the text around the drawing, and the
  others are mixed with it, so that one drawing is read on light and on dark pages, whatever made them dark. A page that
  has the colours ``--c1`` and ``--c2``, as that of a run, lends them. A file of its own has its own paper.
* Lengths are pixels, to the right and down. Letters are measured by estimate, a little too wide: which font a page has
  is not known here.
* Numbers have four digits and a real minus sign. Of an array there are the shape and the first numbers.
* Names come from strangers. Whatever goes into a drawing is escaped here, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any
from unicodedata import category, combining, east_asian_width

import numpy as np

from gradatim.errors import InputError
from gradatim.whole_file import whole_file

COLOURS = {"ink": "currentColor", "forward": "#0072b2", "back": "#d55e00", "soft": "#7d8894", "panel": "#7d8894"}
"""By name: what programs that know no style sheets paint with. Forward is blue, back is vermilion: told apart by
everyone (Okabe & Ito, Color Universal Design, 2008)."""

CSS = """
.gradatim-drawing {
  --forward: var(--c1, color-mix(in srgb, #0072b2 78%, currentColor));
  --back: var(--c2, color-mix(in srgb, #d55e00 78%, currentColor));
  --fade: color-mix(in srgb, currentColor 62%, transparent);
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif;
  line-height: 1.5;
}
svg.gradatim-drawing:root {background: #ffffff; color: #1d2329}
@media (prefers-color-scheme: dark) {svg.gradatim-drawing:root {background: #14181c; color: #e4e8ec}}
.gradatim-drawing text.forward, .gradatim-drawing polygon.forward {fill: var(--forward)}
.gradatim-drawing text.back, .gradatim-drawing polygon.back {fill: var(--back)}
.gradatim-drawing text.soft {fill: var(--fade)}
.gradatim-drawing path.forward {stroke: var(--forward)}
.gradatim-drawing path.back {stroke: var(--back)}
.gradatim-drawing path.soft {stroke: var(--fade)}
.gradatim-drawing b.forward {color: var(--forward)}
.gradatim-drawing b.back {color: var(--back)}
div.gradatim-drawing {font-size: 13px; max-width: 100%; overflow-x: auto}
.gradatim-drawing summary {cursor: pointer}
.gradatim-drawing details details {margin-left: 1.2em}
.gradatim-drawing pre {margin: 0.2em 0 0.6em; overflow-x: auto; background: none; color: inherit; font-size: 12px}
""".strip()
"""Shared by all drawings of a page. `:root` is the drawing itself only where it is a file of its own."""

FONT_SIZE = 13
NARROW, WIDE = "iljtfrI.,:;'|!()[]{} ", "mwMW@%∂∗Σ−→←·"


@dataclass(frozen=True)
class Drawing:
    """A finished drawing. Jupyter shows it by itself.

    Attributes:
        svg: one ``<svg>`` element; a file of its own, or a part of a page.
        details: HTML that belongs below it on a page, such as the numbers of its arrays to be unfolded; may be empty.
        title: what it is, in a few words.

    Example:
        >>> drawing = drawn([text_at(5, 15, "a < b")], 60, 20, "A comparison", "a is less than b.")
        >>> drawing.svg[:5], "a &lt; b" in drawing.svg
        ('<svg ', True)
    """

    svg: str = field(repr=False)
    details: str = field(default="", repr=False)
    title: str = "A drawing"

    @property
    def html(self) -> str:
        """The drawing as a part of a page; where the page is narrow, it scrolls."""
        return f'<div class="gradatim-drawing">{self.svg}{self.details}</div>'

    def save(self, path: str | PathLike[str]) -> None:
        """Write it into a file, whole or not at all.

        Args:
            path: ends in ``.svg``, or in ``.html`` for a page with the details.

        Raises:
            InputError: if the path has another ending, or its folder is not there.
        """
        target = Path(path)
        if target.suffix.lower() not in (".svg", ".html"):
            raise InputError(f"save: the name of a drawing must end in .svg or .html. Got {target.name!r}.")
        text = self.svg if target.suffix.lower() == ".svg" else _PAGE.format(escaped(self.title), self.html)
        with whole_file(target) as file:
            file.write(f"{text}\n".encode())

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return self.html


def drawn(parts: list[str], width: float, height: float, title: str, description: str, details: str = "") -> Drawing:
    """A drawing of parts, such as `text_at`, `box`, `line` and `arrow_head` make.

    Args:
        parts: SVG, from back to front.
        width: in pixels. A narrower page shrinks it to three quarters, and then scrolls.
        height: in pixels.
        title: what it is, in a few words; shown to nobody who sees it, read to whoever does not.
        description: what it shows, in sentences.
        details: see `Drawing`.
    """
    inside = "\n".join(parts)
    # Two drawings on one page must not share an id, and the same drawing must always be the same text.
    name = sha256(f"{title}{description}{inside}".encode()).hexdigest()[:10]
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gradatim-drawing" role="img" '
        f'aria-labelledby="title-{name} description-{name}" viewBox="0 0 {_place(width)} {_place(height)}" '
        f'width="{_place(width)}" height="{_place(height)}" '
        f'style="display:block;height:auto;width:100%;min-width:{0.75 * width:.0f}px;max-width:{width:.0f}px">\n'
        f'<title id="title-{name}">{escaped(title)}</title>\n'
        f'<desc id="description-{name}">{escaped(description)}</desc>\n'
        f"<style>{CSS}</style>\n{inside}\n</svg>",
        details,
        title,
    )


def text_at(
    x: float,
    y: float,
    words: str,
    colour: str = "ink",
    *,
    size: float = FONT_SIZE,
    anchor: str = "start",
    bold: bool = False,
    tip: str = "",
) -> str:
    """Words on the line at y. `anchor` says what lies at x: their start, middle or end. The tip is seen by pointing."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{_place(x)}" y="{_place(y)}" class="{colour}" fill="{COLOURS[colour]}" font-size="{size}" '
        f'text-anchor="{anchor}"{weight}>{_tip(tip)}{escaped(words)}</text>'
    )


def box(x: float, y: float, width: float, height: float, *, tip: str = "") -> str:
    """A box with round corners, hardly darker than the paper."""
    panel = COLOURS["panel"]
    return (
        f'<rect x="{_place(x)}" y="{_place(y)}" width="{_place(width)}" height="{_place(height)}" rx="6" '
        f'fill="{panel}" fill-opacity="0.12" stroke="{panel}" stroke-opacity="0.6">{_tip(tip)}</rect>'
    )


def line(points: list[tuple[float, float]], colour: str, *, width: float = 1.4, dashed: bool = False) -> str:
    """A line through the points that leaves and meets each of them level."""
    (x, y), *rest = points
    steps = [f"M{_place(x)} {_place(y)}"]
    for x_next, y_next in rest:
        half = (x + x_next) / 2
        bend = f"C{_place(half)} {_place(y)} {_place(half)} {_place(y_next)} {_place(x_next)} {_place(y_next)}"
        steps.append(f"H{_place(x_next)}" if y == y_next else bend)
        x, y = x_next, y_next
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    return (
        f'<path d="{"".join(steps)}" class="{colour}" fill="none" stroke="{COLOURS[colour]}" '
        f'stroke-width="{width}"{dashes}/>'
    )


def arrow_head(x: float, y: float, colour: str, *, to_the_left: bool = False) -> str:
    """An arrow's head with its point at (x, y)."""
    back = 7 if to_the_left else -7
    points = " ".join(f"{_place(a)},{_place(b)}" for a, b in ((x, y), (x + back, y - 3.5), (x + back, y + 3.5)))
    return f'<polygon points="{points}" class="{colour}" fill="{COLOURS[colour]}"/>'


def width_of(words: str, size: float = FONT_SIZE) -> float:
    """About how wide words are, in pixels; rather too wide than too narrow.

    Example:
        >>> width_of("il") < width_of("ab") < width_of("MW") < width_of("学习" * 2)
        True
    """
    return size * sum(_width(letter) for letter in words)


def escaped(words: object) -> str:
    """Text as SVG and HTML can hold it. Control characters, which XML has no form for, become �.

    Example:
        >>> escaped('a < "b"')
        'a &lt; &quot;b&quot;'
    """
    return escape("".join("�" if category(one) in ("Cc", "Cs") and one not in "\n\t" else one for one in str(words)))


def number_text(number: Any, digits: int = 4) -> str:
    """A number for readers.

    Example:
        >>> [number_text(x) for x in (33.0, -0.46671, 12345678.0, 2e-7, float("nan"), float("-inf"))]
        ['33', '−0.4667', '1.235e7', '2e−7', 'NaN', '−∞']
    """
    if isinstance(number, (bool, np.bool_)):
        return str(bool(number))
    x = complex(number)
    if x.imag:
        sign = "+" if x.imag > 0 else "−"
        return f"{number_text(x.real, digits)} {sign} {number_text(abs(x.imag), digits)}i"
    if not np.isfinite(x.real):
        return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}[str(x.real)]
    short = f"{x.real:.{digits}g}"
    if "e" not in short:
        return ("0" if float(short) == 0 else short).replace("-", "−")
    front, power = short.split("e")
    if 0 < int(power) < 7:
        return f"{x.real:.0f}".replace("-", "−")  # 12345 is better read than 1.234e4
    return f"{front}e{int(power)}".replace("-", "−")


def array_text(array: Any, most: int = 3, digits: int = 4) -> str:
    """A single number as it is; of an array the shape and the first numbers, row by row.

    Args:
        array: of any library, or a number.
        most: how many numbers.
        digits: how many of each.

    Example:
        >>> array_text(5.0), array_text(np.array([0.5, -1.0])), array_text(np.arange(6.0).reshape(2, 3))
        ('5', '(2,): 0.5, −1', '(2, 3): 0, 1, 2, …')
    """
    numbers = as_numpy(array)
    if numbers.ndim == 0:
        return number_text(numbers.item(), digits)
    first = [number_text(x, digits) for x in numbers.ravel()[:most]]
    return f"{shape_text(numbers.shape)}: {', '.join([*first, *(['…'] if numbers.size > most else [])]) or 'empty'}"


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as NumPy writes it."""
    return str(tuple(int(n) for n in shape))


def as_numpy(array: Any) -> Any:
    """Numbers of any library as NumPy's, to be written down."""
    if hasattr(array, "detach"):  # PyTorch's refuse while they record or lie on another device
        array = array.detach().cpu()
    return np.asarray(array)


def unfolded(summary: str, inside: str) -> str:
    """HTML of which only the summary is seen until somebody unfolds it. What is inside is HTML already."""
    return f"<details><summary>{escaped(summary)}</summary>{inside}</details>"


def grid_text(array: Any, most: int = 200) -> str:
    """The numbers of an array in rows and columns; of one with more numbers, its edges.

    Example:
        >>> print(grid_text([[0.25, -1], [2, 3]]))
        [[ 0.25, -1.  ],
         [ 2.  ,  3.  ]]
    """
    return np.array2string(as_numpy(array), separator=", ", threshold=most, precision=4, suppress_small=True)


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{}</title></head>
<body>
{}
</body></html>"""


def _width(letter: str) -> float:
    if combining(letter):
        return 0.0
    if east_asian_width(letter) in "WF":
        return 1.05
    if letter in NARROW:
        return 0.36
    return 0.92 if letter in WIDE else 0.72 if letter.isupper() else 0.6


def _tip(tip: str) -> str:
    return f"<title>{escaped(tip)}</title>" if tip else ""


def _place(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
