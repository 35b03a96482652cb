"""Running a lesson as a notebook would: cell by cell, in one namespace, showing the value of a last expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from gradatim.errors import InputError
from gradatim.lessons.page import Code, Lesson


@dataclass(frozen=True)
class Output:
    """What a cell gave.

    Attributes:
        printed: what it wrote.
        value: of its last line, where that is an expression; else None.
    """

    printed: str
    value: Any


def run(lesson: Lesson) -> Iterator[tuple[Code, Output]]:
    """Each cell with what it gave, one after the other.

    An error of a cell, such as an assertion that does not hold, comes out as it is; its traceback names the page and
    the line in it.

    Raises:
        InputError: if the file that the lesson needs is not in the current folder.

    Example:
        >>> from gradatim.lessons import lesson
        >>> code, output = next(run(lesson("a-neuron")))
        >>> code.text.splitlines()[0], output.value
        ('import numpy as np', None)
    """
    if lesson.needs and not Path(lesson.needs).is_file():
        raise InputError(
            f"{lesson.needs} must lie in this folder: the lesson {lesson.name!r} cannot run without it, and it is not "
            f"part of gradatim. Got no such file in {Path.cwd()}."
        )
    return _cells(lesson)


def _cells(lesson: Lesson) -> Iterator[tuple[Code, Output]]:
    namespace: dict[str, Any] = {"__name__": f"gradatim.lessons.{lesson.name}"}
    for code in lesson.code:
        yield code, _run_cell(code, str(lesson.path), namespace)


def _run_cell(code: Code, path: str, namespace: dict[str, Any]) -> Output:
    tree = ast.parse(code.text, path)
    ast.increment_lineno(tree, code.line - 1)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = StringIO(), None
    with redirect_stdout(printed):
        exec(compile(tree, path, "exec"), namespace)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), path, "eval"), namespace)
    return Output(printed.getvalue(), value)
