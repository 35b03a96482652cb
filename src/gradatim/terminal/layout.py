"""Text in a terminal: lines that fit, columns that stand below one another, numbers as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from shutil import get_terminal_size
from textwrap import fill
from typing import TextIO

WIDTH = 100
MOST_NAMES = 30
BLOCKS = "▁▂▃▄▅▆▇█"


def wrapped(text: str, width: int = WIDTH, indent: str = "") -> str:
    """Text broken between words; a line that is indented keeps its indent."""
    return fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def counted(count: int, noun: str) -> str:
    """``1 number``, ``2 categories``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{count:,} {noun if count == 1 else plural}"


def listed(names: Sequence[str]) -> str:
    """Names with commas, the first of them where there are many."""
    more = f", … ({len(names):,} in all)" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def blocks(values: Sequence[float], width: int = 16) -> str:
    """A curve in one line of eight block characters, scaled from its lowest to its highest value.

    Example:
        >>> blocks([3.0, 2.0, 1.0, 1.0])
        '█▄▁▁'
    """
    shown = [values[i * len(values) // width] for i in range(width)] if len(values) > width else list(values)
    finite = [value for value in shown if abs(value) < float("inf")]
    if not finite or min(finite) == max(finite):
        return BLOCKS[0] * len(finite)
    low, span = min(finite), max(finite) - min(finite)
    return "".join(BLOCKS[int((value - low) / span * 7)] if value in finite else " " for value in shown)


def columns(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Rows of text, aligned: `right` names the columns that end, and do not begin, at one place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = set(right)
    lines = []
    for row in rows:
        cells = [
            text.rjust(width) if place in right else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def number_list(numbers: Mapping[str, float]) -> str:
    """``accuracy 0.967, log_loss 0.0812``."""
    return ", ".join(f"{name} {four_digits(value)}" for name, value in numbers.items())


def four_digits(value: float) -> str:
    """A number as people read it; a metric that is no number on these rows is not defined.

    Example:
        >>> four_digits(1.0), four_digits(0.006255), four_digits(4870.1), four_digits(31234.5)
        ('1.000', '0.006255', '4,870', '31,234')
    """
    if value != value:
        return "not defined"
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e15 else f"{value:#.4g}"


def width_of(stream: TextIO) -> int:
    """Characters in a line: a terminal's own number, at most 100; 100 elsewhere."""
    return min(WIDTH, get_terminal_size().columns) if stream.isatty() else WIDTH
