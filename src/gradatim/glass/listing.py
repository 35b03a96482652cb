"""A title, a table and remarks: what the objects of this package print, and what a notebook shows of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape

from gradatim.course.summary import CSS, aligned

MOST_SHOWN = 20
"""Rows of a table; the rest is counted."""


@dataclass(frozen=True)
class Listing:
    """What is said, and two ways to write it.

    Attributes:
        title: in a line.
        header: of the columns.
        rows: their cells.
        right: places of the columns that hold numbers.
        remarks: below the table, a sentence each.
    """

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    right: Collection[int] = ()
    remarks: tuple[str, ...] = ()

    @property
    def below(self) -> tuple[str, ...]:
        """How many rows are not shown, and the remarks."""
        more = len(self.rows) - MOST_SHOWN
        return (*([f"… and {more:,} more"] if more > 0 else []), *self.remarks)

    def text(self) -> str:
        """For a terminal.

        Example:
            >>> shares = Listing("Shares", ("column", "share"), [("age", "75 %")], right=[1], remarks=("Of 8 rows.",))
            >>> print(shares.text())
            Shares
            column  share
            age      75 %
            Of 8 rows.
        """
        return "\n".join([self.title, *aligned([self.header, *self.rows[:MOST_SHOWN]], self.right), *self.below])

    def html(self) -> str:
        """For a notebook: one element that needs nothing from outside. Names come from strangers, and are escaped."""
        head = "".join(f"<th scope='col'{self._class(j)}>{escape(cell)}</th>" for j, cell in enumerate(self.header))
        body = "".join(
            f"<tr>{''.join(f'<td{self._class(j)}>{escape(cell)}</td>' for j, cell in enumerate(row))}</tr>"
            for row in self.rows[:MOST_SHOWN]
        )
        below = "".join(f"<div>{escape(remark)}</div>" for remark in self.below)
        return (
            f'<div class="gradatim-summary"><style>{CSS}</style><div class="title">{escape(self.title)}</div>'
            f'<table class="layers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}</div>'
        )

    def _class(self, j: int) -> str:
        return " class='number'" if j in self.right else ""


def written(value: object) -> str:
    """A value as a cell: four digits of a number, all of a text that is not too long."""
    if value is None:
        return "missing"
    if isinstance(value, float):
        return "missing" if value != value else f"{value:.4g}"
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
