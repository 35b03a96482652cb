"""A row's way through a network on a terminal: titles in bold, numbers in colour; plain text where it is piped."""

from __future__ import annotations

from typing import TextIO


def show_trace(text: str, stream: TextIO) -> None:
    """Write it.

    Args:
        text: from `gradatim.glass.trace.Trace.text`: titles begin at the first place of a line.
        stream: standard output.
    """
    if not stream.isatty():
        stream.write(text + "\n")
        stream.flush()
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream)
    for line in text.splitlines():
        written = Text(line, style="bold" if line[:1].strip() else "")
        console.print(written if line[:1].strip() else console.highlighter(written), soft_wrap=True)
