"""A lesson: a page of Markdown whose code runs.

Conventions
-----------
* ``pages/NAME.md`` is the English page, ``pages/NAME.zh-CN.md`` its translation, with the same code.
* A page is a MyST notebook: a head between two lines ``---``, and code in fences of ``{code-cell}``. So the site,
  Jupyter (by jupytext) and the terminal read the same file.
* The first heading is the title, the first quotation the claim of the notes. Outcomes are asserted in the code.
* ``needs: FILE`` in the head names a file that is not part of gradatim. Without it the lesson cannot run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gradatim.errors import InputError, did_you_mean
from gradatim.lessons.contents import LANGUAGES, NAMES

PAGES = Path(__file__).with_name("pages")

CELL = re.compile(r"^```\{code-cell\}[^\n]*\n((?::[^\n]*\n)*)(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r"\A---\n(.*?)^---\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Text:
    """Markdown."""

    text: str


@dataclass(frozen=True)
class Code:
    """Python, and the line of the page where it begins."""

    text: str
    line: int


@dataclass(frozen=True)
class Lesson:
    """One page.

    Attributes:
        name: as in `contents`.
        language: "en" or "zh-CN".
        path: of the page.
        title: its first heading.
        claim: what the notes say, in one line.
        needs: a file that it cannot run without, or None.
        blocks: text and code, in their order.
    """

    name: str
    language: str
    path: Path
    title: str
    claim: str
    needs: str | None
    blocks: tuple[Text | Code, ...]

    @property
    def code(self) -> tuple[Code, ...]:
        """The code alone."""
        return tuple(block for block in self.blocks if isinstance(block, Code))


def lesson(name: str, language: str = "en") -> Lesson:
    """Read a lesson.

    Args:
        name: one of `NAMES`.
        language: "en" or "zh-CN".

    Raises:
        InputError: if there is no such lesson, or language.

    Example:
        >>> lesson("a-neuron").title
        'A neuron is linear regression, or logistic regression'
    """
    if name not in NAMES:
        raise InputError(
            f"A lesson must be one of those that `gradatim lessons` lists. Got {name!r}.{did_you_mean(name, NAMES)}"
        )
    if language not in LANGUAGES:
        raise InputError(f"language must be one of {', '.join(LANGUAGES)}. Got {language!r}.")
    path = PAGES / (f"{name}.md" if language == "en" else f"{name}.{language}.md")
    page = path.read_text(encoding="utf-8")
    head = HEAD.match(page)
    body = page[head.end() :] if head else page
    return Lesson(
        name,
        language,
        path,
        title=_first(r"^# (.+)$", body),
        claim=re.sub(r"\s*\n> ?", " ", _first(r"^> (.+(?:\n>.*)*)$", body)),
        needs=_first(r"^needs: *(.+)$", head[1]) or None if head else None,
        blocks=tuple(_blocks(page, head.end() if head else 0)),
    )


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


def _blocks(page: str, start: int) -> Iterator[Text | Code]:
    for cell in CELL.finditer(page, start):
        if text := page[start : cell.start()].strip():
            yield Text(text)
        yield Code(cell[2], page.count("\n", 0, cell.start(2)) + 1)
        start = cell.end()
    if text := page[start:].strip():
        yield Text(text)
