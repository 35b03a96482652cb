"""A lesson, told in a terminal while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

from gradatim.errors import InputError
from gradatim.lessons.contents import PARTS
from gradatim.lessons.page import Lesson, Text, lesson
from gradatim.lessons.running import Output, run
from gradatim.terminal.layout import WIDTH, width_of, wrapped
from gradatim.whole_file import whole_file

PICTURES = {"_repr_png_": "png", "_repr_svg_": "svg"}


def contents_text(language: str, width: int = WIDTH) -> str:
    """All lessons: name, title and claim, part by part."""
    lines = []
    for part in PARTS:
        lines.append(part.titles[language])
        for name in part.names:
            page = lesson(name, language)
            lines += [f"  {name}: {page.title}", wrapped(f"      {page.claim}", width, " " * 6)]
        lines.append("")
    return "\n".join(lines)


def tell(page: Lesson, stream: TextIO, pictures: Path | None = None) -> None:
    """Run a lesson, and write its text, its code and what that gives.

    Args:
        page: the lesson.
        stream: where to; on a terminal with headings, colours and lines that fit.
        pictures: a folder that takes its pictures; None leaves them aside, and says so.

    Raises:
        InputError: if the folder is not there, or the lesson needs a file that is not.
    """
    if pictures is not None and not pictures.is_dir():
        raise InputError(f"The folder for pictures must exist. Got {str(pictures)!r}.")
    results = run(page)
    drawn = 0
    write = _Writer(stream)
    for block in page.blocks:
        if isinstance(block, Text):
            write.text(block.text)
            continue
        write.code(block.text)
        _, output = next(results)
        write.output(output.printed)
        if (found := _picture(output)) is not None:
            drawn += 1
            write.output(_kept(*found, page.name, drawn, pictures))
        elif output.value is not None:
            write.output(f"{output.value!r}\n")


class _Writer:
    """Markdown, code and output: in colour on a terminal, as they stand elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console

        self.console = Console(file=stream, width=width_of(stream), highlight=False)

    def text(self, text: str) -> None:
        from rich.markdown import Markdown

        if self.console.is_terminal:
            self.console.print(Markdown(text))
            self.console.print()
        else:
            self.output(f"{text}\n\n")

    def code(self, code: str) -> None:
        from rich.syntax import Syntax

        if self.console.is_terminal:
            shown = Syntax(code.rstrip(), "python", theme="ansi_dark", background_color="default", word_wrap=True)
            self.console.print(shown)
            self.console.print()
        else:
            self.output("".join(f"    {line}\n" for line in code.splitlines()) + "\n")

    def output(self, text: str) -> None:
        if text:
            self.console.print(text, markup=False, soft_wrap=True)


def _picture(output: Output) -> tuple[bytes, str] | None:
    """The bytes of a picture and how its file name ends, where the value is one."""
    for method, ending in PICTURES.items():
        draw: Any = getattr(output.value, method, None)
        if draw is not None:
            drawn = draw()
            return (drawn.encode() if isinstance(drawn, str) else drawn), ending
    return None


def _kept(drawn: bytes, ending: str, name: str, number: int, pictures: Path | None) -> str:
    if pictures is None:
        return f"[picture {number}: `gradatim lessons {name} --pictures FOLDER` keeps it]\n"
    path = pictures / f"{name}-{number}.{ending}"
    with whole_file(path) as file:
        file.write(drawn)
    return f"[picture {number}: {path}]\n"
