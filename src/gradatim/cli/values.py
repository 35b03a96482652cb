"""The values of options: from the text that was typed to what the library takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cyclopts import CoercionError

from gradatim.errors import InputError


def widths_of(text: str | None) -> tuple[int, ...] | None:
    """Units of each hidden layer, with commas between; nothing between them is no layer."""
    if text is None:
        return None
    try:
        widths = tuple(int(width) for width in text.split(",")) if text.strip() else ()
    except ValueError:
        widths = (0,)
    if any(width < 1 for width in widths):
        raise InputError(f"--hidden must be whole numbers of 1 or more with commas, such as 20,7,5. Got {text!r}.")
    return widths


def several(option: str, text: str | None, one: Callable[[str], Any], must_be: str) -> list[Any] | None:
    """Values with commas between."""
    if text is None:
        return None
    try:
        values = [one(value) for value in text.split(",") if value.strip()]
    except ValueError:
        values = []
    if not values:
        raise InputError(f"{option} must be {must_be}. Got {text!r}.")
    return values


def kinds_of(texts: Sequence[str] | None) -> dict[str, str] | None:
    """From NAME=KIND; a name may hold the sign itself."""
    kinds = {}
    for text in texts or ():
        name, sign, kind = text.rpartition("=")
        if not (name and sign and kind):
            raise InputError(f"--kind must be NAME=KIND, such as zip=category. Got {text!r}.")
        kinds[name] = kind
    return kinds or None


def folds_of(text: str) -> int | str:
    """A number of folds; what is none goes through, to be taken or refused as it is."""
    try:
        return int(text)
    except ValueError:
        return text


def share_or_file(text: str | None) -> float | str | None:
    """A share of the rows where it is a number, else the name of a file."""
    try:
        return text if text is None else float(text)
    except ValueError:
        return text


def whole(_: Any, tokens: Sequence[Any]) -> int:
    """A whole number; Python would make one of 1.5, too."""
    try:
        return int(tokens[0].value)
    except ValueError:
        raise CoercionError(token=tokens[0], target_type=int) from None
