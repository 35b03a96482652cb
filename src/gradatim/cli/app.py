"""The program itself, and what its commands share.

Commands import what is heavy inside themselves, so that ``gradatim --help`` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import App, Parameter

from gradatim import __version__
from gradatim.cli.values import whole

app = App(
    name="gradatim",
    help="The simplest neural network that your table needs, and a sentence on whether it was worth it.",
    version=__version__,
    help_format="plaintext",
    result_action="return_value",
    print_error=False,
    exit_on_error=False,
    suppress_keyboard_interrupt=False,
)

Data = Annotated[str, Parameter(allow_leading_hyphen=True)]  # - is standard input
Flag = Annotated[bool, Parameter(negative=())]
Whole = Annotated[int, Parameter(converter=whole)]
Names = Annotated[list[str] | None, Parameter(negative=())]


def write(text: str) -> None:
    """To standard output, at once."""
    sys.stdout.write(text)
    sys.stdout.flush()  # a pipe that was closed says so here, and not when Python ends
