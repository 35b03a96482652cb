"""How a table was understood, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradatim.terminal.commands import in_options
from gradatim.terminal.layout import WIDTH, counted, listed, wrapped

if TYPE_CHECKING:  # a message about a slip of the pen needs nothing that trains
    from gradatim.ladder.reading import Reading
    from gradatim.tables.encoding.columns import Column

PARTS = {"tried": "try values on", "train": "train", "validation": "choose", "test": "test"}
MOST_KINDS = 12


def reading_text(reading: Reading, width: int = WIDTH) -> str:
    """What was read, and how it was understood."""
    kinds = ", ".join(counted(count, kind) for kind, count in reading.kinds.items())
    columns = counted(reading.n_columns, "column") + " to predict from" + (f" ({kinds})" if kinds else "")
    left_out = f", {reading.left_out:,} left out" if reading.left_out else ""
    rows = ", ".join(f"{reading.rows[part]:,} to {verb}" for part, verb in _parts(reading).items())
    facts = {
        "data": f"{reading.source}: {counted(reading.n_rows, 'row')}, {columns}{left_out}",
        "target": f"{reading.target}: {reading.task}{classes_phrase(reading)}. {in_options(reading.why)}",
        "rows": rows + (f"; {reading.split}" if reading.split else ""),
    }
    lines = [wrapped(f"{name:<8}{fact}", width, " " * 8) for name, fact in facts.items()]
    lines += [
        wrapped(f"{'column' if place == 0 else '':<8}{line}", width, " " * 10)
        for place, line in enumerate(kind_lines(reading))
    ]
    lines += [wrapped(f"{'note':<8}{in_options(note)}", width, " " * 8) for note in reading.notes]
    return "\n".join(lines)


def _parts(reading: Reading) -> dict[str, str]:
    """What rows do, by the name of their part; in folds all that train choose in turn."""
    parts = {part: verb for part, verb in PARTS.items() if part in reading.rows}
    if reading.folds > 1:
        del parts["validation"]
        parts["train"] = f"train and, in {reading.folds} folds, to choose"
    return parts


def kind_lines(reading: Reading) -> list[str]:
    """Each kind of column with the names and the reason; of categories with the number of levels.

    Columns that are left out have a note of their own.
    """
    from gradatim.tables.encoding.columns import LEFT_OUT

    together: dict[tuple[str, str], list[str]] = {}
    for column in reading.columns:
        levels = reading.levels.get(column.name)
        behind = "" if levels is None else f" ({levels:,})"
        if column.kind not in LEFT_OUT:
            together.setdefault((column.kind, _reason(column, levels)), []).append(column.name + behind)
    lines = [f"{kind}: {_listed(kind, names)}{reason}" for (kind, reason), names in together.items()]
    more = len(lines) - MOST_KINDS
    return lines if more <= 0 else [*lines[:MOST_KINDS], f"… and {more} more"]


def _listed(kind: str, names: list[str]) -> str:
    """Names; of many pixels the first and the last, as those between are counted."""
    many = kind == "pixel" and len(names) > MOST_KINDS
    return f"{names[0]} to {names[-1]} ({len(names):,} in all)" if many else listed(names)


def _reason(column: Column, levels: int | None) -> str:
    """The reason, in words that columns of one kind share: how many texts differ stands behind each name already."""
    if column.reason == "It holds numbers.":
        return ", which hold numbers"
    if levels is not None and column.reason == f"It holds {levels:,} different texts.":
        return ", so many texts in each"
    return f". {column.reason}"


def classes_phrase(reading: Reading) -> str:
    """How many classes there are, and which of two counts as 1."""
    if reading.positive is not None:
        return f" into 2 classes, {reading.positive!r} counts as positive"
    return f" into {len(reading.classes)} classes" if reading.classes else ""
