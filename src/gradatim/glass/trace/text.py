"""A row's way as text, for a terminal or a file: lines that fit, columns below one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from gradatim.glass.trace.sections import Cells, Equation, Fold, Grid, Picture, Section, Sentence, Story, Sum

INDENT = "  "
NARROWEST = 12
"""Characters that a column of words keeps where lines are short."""


def text_of(story: Story, *, width: int = 100, full: bool = False) -> str:
    """The story as lines.

    Args:
        story: what is told.
        width: of a line, in characters.
        full: every line of every table.
    """
    blocks = ["\n".join([story.title, *_wrapped(story.facts, width)])]
    blocks += ["\n".join(_section(section, width, full)) for section in story.sections]
    return "\n\n".join(blocks)


def _section(section: Section, width: int, full: bool) -> Iterator[str]:
    yield section.title
    for part in section.parts:
        match part:
            case Sentence(words=words):
                yield from _wrapped([words], width, INDENT)
            case Equation():
                yield from _equation(part, width)
            case Grid() | Sum():
                yield from _table(part, width, full)
            case Fold(parts=sums):
                for one in sums if full else ():
                    yield from _table(one, width, full)
            case Picture():
                pass  # a terminal has none


def _wrapped(sentences: Sequence[str], width: int, indent: str = "") -> list[str]:
    options = {"initial_indent": indent, "subsequent_indent": indent, "break_on_hyphens": False}
    return [line for words in sentences for line in wrap(words, width, **options)]  # type: ignore[arg-type]


def _equation(part: Equation, width: int) -> list[str]:
    """The equation, and its shapes behind it or below."""
    if not part.shapes:
        return _wrapped([part.formula], width, INDENT)
    line = f"{INDENT}{part.formula:<46}  {part.shapes}"
    if len(line) <= width:
        return [line]
    return [*_wrapped([part.formula], width, INDENT), *_wrapped([part.shapes], width, INDENT * 3)]


def _table(part: Grid | Sum, width: int, full: bool) -> Iterator[str]:
    shown = len(part.rows) if full or len(part.rows) <= part.shown + 1 else part.shown
    cells, foot = part.cells(shown), part.foot(shown)
    if part.title:
        yield from _wrapped([f"{part.title}:"], width, INDENT)
    lines = _aligned([part.header, *cells, *foot], part.words, width - 2 * len(INDENT))
    yield from (f"{INDENT * 2}{line}" for line in lines)
    hidden = len(part.rows) - shown
    if hidden and isinstance(part, Grid):
        yield f"{INDENT * 2}… and {hidden:,} more"


def _aligned(rows: Sequence[Cells], words: Sequence[int], width: int) -> Iterator[str]:
    """Rows with columns of one width each; the widest column of words is broken into lines where all is too wide."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > width:
        widest = max(words, key=lambda j: widths[j])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    for row in rows:
        broken = [wrap(cell, widths[j]) or [""] if j in words else [cell] for j, cell in enumerate(row)]
        for k in range(max(map(len, broken))):
            cells = [lines[k] if k < len(lines) else "" for lines in broken]
            yield "  ".join(
                cell.ljust(widths[j]) if j in words else cell.rjust(widths[j]) for j, cell in enumerate(cells)
            ).rstrip()
