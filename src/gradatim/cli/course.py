"""The lessons of the course."""

from __future__ import annotations

import sys
from pathlib import Path

from gradatim.cli.app import app, write


@app.command
def lessons(
    name: str | None = None,
    /,
    *,
    language: str = "en",
    pictures: Path | None = None,
    notebook: Path | None = None,
) -> None:
    """List the lessons of the course, or run one here: its text, its code, and what that gives.

    Args:
        name: Which one [default: list them all].
        language: en or zh-CN.
        pictures: A folder that takes the pictures of the lesson.
        notebook: Write the lesson to this file (.ipynb) instead of running it.
    """
    from gradatim.lessons import lesson, save_notebook
    from gradatim.lessons.telling import contents_text, tell

    if name is None:
        write(contents_text(language))
    elif notebook is not None:
        save_notebook(lesson(name, language), notebook)
        write(f"{notebook}\n")
    else:
        tell(lesson(name, language), sys.stdout, pictures)
