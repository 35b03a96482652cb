"""A row's way as one page: self-contained HTML, for telephones too, in light and in dark.

What is folded away in a terminal can be unfolded here. Everything that comes from a table is escaped. The page loads
nothing and runs nothing: its browser is forbidden to.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from gradatim.glass.trace.sections import Cells, Equation, Fold, Grid, Part, Picture, Sentence, Story, Sum

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_UNFOLDED = 300
"""Lines of a table that a page can unfold. `full` has all of them, and a page of megabytes for a picture."""

MOST_OF_OTHERS = 40
"""The same, of units that are not followed."""

LARGEST_SIDE = 128


@dataclass(frozen=True)
class Lines:
    """A table as the page shows it: lines in sight, lines to unfold, lines below, and how many there are in all."""

    title: str
    header: Cells
    cells: tuple[Cells, ...]
    folded: tuple[Cells, ...]
    foot: tuple[Cells, ...]
    count: int
    words: tuple[int, ...]

    @classmethod
    def of(cls, part: Grid | Sum, most: int | None) -> Lines:
        """Of a table or a sum, with so many lines at most; None for all."""
        count = len(part.rows)
        shown = count if count <= part.shown + 1 else part.shown
        folded = part.cells(count if most is None else min(count, most))[shown:]
        return cls(part.title, part.header, part.cells(shown), folded, part.foot(shown), count, part.words)


def page_of(story: Story, *, full: bool = False) -> str:
    """The story as a page of its own.

    Args:
        story: what is told.
        full: every line of every table.
    """
    return _environment().get_template("page.html.j2").render(title=story.title, element=element_of(story, full=full))


def element_of(story: Story, *, full: bool = False) -> str:
    """The story as one element, for a page or a notebook."""
    from markupsafe import Markup

    sections = [(section, [_shown(part, full) for part in section.parts]) for section in story.sections]
    return Markup(_environment().get_template("trace.html.j2").render(story=story, sections=sections))


def _shown(part: Part, full: bool) -> tuple[str, object]:
    """A part as the template reads it: its kind, and what there is to show."""
    match part:
        case Sentence(words=words):
            return "sentence", words
        case Equation():
            return "equation", part
        case Picture():
            return "picture", (_png(part.pixels), part.pixels.shape, part.words)
        case Fold(title=title, parts=sums):
            return "fold", (title, [Lines.of(one, None if full else MOST_OF_OTHERS) for one in sums])
        case _:
            return "table", Lines.of(part, None if full else MOST_UNFOLDED)


def _png(pixels: np.ndarray) -> str:
    """A PNG in base64; of a large picture every so many lines and places."""
    from matplotlib.image import imsave

    step = -(-max(pixels.shape[:2]) // LARGEST_SIDE)
    file = BytesIO()
    imsave(file, np.ascontiguousarray(pixels[::step, ::step]), format="png", metadata={"Software": "gradatim"})
    return b64encode(file.getvalue()).decode("ascii")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("gradatim.glass.trace"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
