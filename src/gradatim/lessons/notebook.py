"""A lesson as a Jupyter notebook."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import Any

from gradatim.lessons.page import Code, Lesson, Text
from gradatim.whole_file import whole_file


def save_notebook(lesson: Lesson, path: str | PathLike[str]) -> None:
    """Write the lesson as .ipynb, not yet run. The file appears whole or not at all."""
    cells = [_cell(block, place) for place, block in enumerate(lesson.blocks)]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    with whole_file(Path(path)) as file:
        file.write((json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode())


def _cell(block: Text | Code, place: int) -> dict[str, Any]:
    source = block.text.strip().splitlines(keepends=True)
    cell = {"id": f"cell-{place}", "metadata": {}, "source": source}
    if isinstance(block, Text):
        return cell | {"cell_type": "markdown"}
    return cell | {"cell_type": "code", "execution_count": None, "outputs": []}
