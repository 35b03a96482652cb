"""What a story is made of: facts in sections, which a terminal and a page show each in its manner.

A part of a section is one of six things: a sentence, an equation with its shapes, a table, a sum part by part, a
picture, and a fold of further sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradatim.drawing import number_text
from gradatim.glass.trace.contributions import Contributions

SHOWN = 8
"""Lines of a table before the rest is folded away."""

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Sentence:
    """Words."""

    words: str


@dataclass(frozen=True)
class Equation:
    """An equation in the letters of the notes, and the shapes of what stands in it; or with its numbers."""

    formula: str
    shapes: str = ""


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        title: what it shows.
        header: of its columns.
        rows: the most important first.
        shown: how many of them before the rest is folded away.
        words: which columns hold words; the others hold numbers, and end at one place.
    """

    title: str
    header: Cells
    rows: tuple[Cells, ...]
    shown: int = SHOWN
    words: tuple[int, ...] = (0,)

    def cells(self, shown: int) -> tuple[Cells, ...]:
        """The first lines."""
        return self.rows[:shown]

    def foot(self, shown: int) -> tuple[Cells, ...]:
        """The lines below those; a table has none."""
        return ()


@dataclass(frozen=True)
class Sum:
    """A sum part by part, the largest first; what is not shown stands in one line, so that it adds up."""

    title: str
    parts: Contributions
    header: Cells = ("from", "w", "a", "w · a")
    shown: int = SHOWN
    words: tuple[int, ...] = (0,)

    @property
    def rows(self) -> range:
        """One a part."""
        return range(len(self.parts.names))

    def cells(self, shown: int) -> tuple[Cells, ...]:
        """The largest parts."""
        values, parts = self.parts.values, self.parts
        return tuple(
            (parts.names[k], number_text(parts.w[k]), number_text(parts.a[k]), number_text(values[k]))
            for k in parts.order[:shown]
        )

    def foot(self, shown: int) -> tuple[Cells, ...]:
        """The other parts together, the bias, and what it all adds up to."""
        parts, rest = self.parts, self.parts.order[shown:]
        lines = [(f"{len(rest):,} more", "", "", number_text(parts.values[rest].sum()))] if len(rest) else []
        lines += [] if parts.b is None else [(parts.bias, "", "", number_text(parts.b))]
        return (*lines, (f"= {parts.total_name}", "", "", number_text(parts.total)))


@dataclass(frozen=True)
class Picture:
    """Numbers of pixels as a picture, for pages alone.

    Attributes:
        pixels: (height, width, 3) or (height, width, 4) from 0 to 1.
        words: what it shows.
    """

    pixels: np.ndarray
    words: str


@dataclass(frozen=True)
class Fold:
    """More of the same kind: folded away on a page, left out in a terminal unless all is asked for."""

    title: str
    parts: tuple[Sum, ...]


Part = Sentence | Equation | Grid | Sum | Picture | Fold


@dataclass(frozen=True)
class Section:
    """A stage of the way.

    Attributes:
        key: for links and colours: "row", "forward", "says", "back" or "step".
        layer: its number; None where it is of no layer, 0 for the row and the front.
        title: in a line.
        parts: in order.
    """

    key: str
    layer: int | None
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Story:
    """All of it: a title, what to know first, and the sections in the order of the computation."""

    title: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]


Followed = Mapping[int, int]
"""By layer the place of the unit that is looked at closely, from 0."""
