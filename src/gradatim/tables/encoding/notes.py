"""What the encoding of a table has to say: what was left out, and what stands for what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gradatim.tables.encoding.columns import LEFT_OUT, Column
from gradatim.tables.encoding.levels import LEAST_ROWS, Categories
from gradatim.tables.encoding.numeric import Numbers, number_matrix
from gradatim.tables.encoding.pixels import Pixels
from gradatim.tables.encoding.scaling import Spread
from gradatim.tables.table import Table

SPELT_OUT = 3


def notes_of_left_out(columns: Sequence[Column]) -> list[str]:
    """A sentence for each kind of column that is not encoded; columns of the same reason are said together."""
    notes = []
    for kind in LEFT_OUT:
        alike: dict[str, list[str]] = {}
        for column in columns:
            if column.kind == kind:
                alike.setdefault(column.reason, []).append(column.name)
        if len(alike) == 1:
            notes += [f"Left out {_named(names)}{_count(names, ' ({})')}. {why}" for why, names in _of_each(alike)]
        elif alike:
            said = [f"{_named(names)} ({_count(names, '{}: ')}{_clause(why)})" for why, names in _of_each(alike)]
            more = sum(len(names) for names in list(alike.values())[SPELT_OUT:])
            notes.append(f"Left out {listed([*said[:SPELT_OUT], *([f'{more:,} more'] if more else [])])}.")
    return notes


def notes_of_dates(columns: Sequence[Column]) -> list[str]:
    """Which columns hold dates with the year last, and what stands first in them."""
    return [
        f"{column.name!r} holds dates, the {column.first} first."
        for column in columns
        if column.kind == "date" and column.first
    ]


def notes_of_numbers(numbers: Numbers, spread: Spread) -> list[str]:
    """What counts as missing, and what stands for it."""
    notes = []
    beyond = spread.beyond.sum()
    if beyond:
        where = [f"{numbers.features[j].name!r} ({spread.beyond[j]:,})" for j in np.flatnonzero(spread.beyond)]
        more = f" and {len(where) - SPELT_OUT} more" if len(where) > SPELT_OUT else ""
        counted = "number in the training rows is" if beyond == 1 else "numbers in the training rows are"
        count = "counts" if beyond == 1 else "count"
        notes.append(
            f"{beyond:,} {counted} infinite or beyond 1e30, and {count} as missing: "
            f"{', '.join(where[:SPELT_OUT])}{more}."
        )
    if numbers.marked:
        names = [numbers.features[j].name for j in numbers.marked]
        notes.append(f"Missing numbers take the mean of the training rows, and a column marks them: {few(names)}.")
    return notes


def notes_of_pixels(pixels: Pixels, training: Table) -> list[str]:
    """Which columns of pixels have gaps."""
    lacking = [f.name for f in pixels.features if np.isnan(number_matrix(training, [f])).any()]
    return [f"Missing pixels count as 0: {few(lacking)}."] if lacking else []


def notes_of_categories(categories: Categories) -> list[str]:
    """Which levels count as unknown, and what missing ones count as."""
    notes = [
        f"Column {name!r} has {levels:,} levels: the {kept} most frequent are kept, the others count as unknown."
        for name, levels, kept in categories.cut
    ]
    notes += [
        f"Column {name!r} has {levels:,} levels, mostly rare: {levels - kept:,} of them, which fewer than {LEAST_ROWS} "
        f"training rows have, count as unknown."
        for name, levels, kept in categories.rare
    ]
    if categories.lacking:
        lacking = few(categories.lacking)
        notes.append(f"Missing categories count as none of the levels, as unknown ones will: {lacking}.")
    return notes


def listed(parts: Sequence[str]) -> str:
    """These in a row, with an "and" before the last."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def few(names: Sequence[str], most: int = 5) -> str:
    """The first of these names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


def _named(names: Sequence[str]) -> str:
    """'a' and 'b'; 'a', 'b', 'c', … of many."""
    if len(names) <= SPELT_OUT:
        return listed([repr(name) for name in names])
    return f"{', '.join(map(repr, names[:SPELT_OUT]))}, …"


def _count(names: Sequence[str], form: str) -> str:
    """How many columns these are, where they are too many to be named."""
    return form.format(f"{len(names):,} columns") if len(names) > SPELT_OUT else ""


def _of_each(alike: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    """Reasons and the names of the columns they hold for: "It is 0", of several "Each is 0"."""
    return [
        (f"Each {why[3:]}" if len(names) > 1 and why.startswith("It ") else why, names) for why, names in alike.items()
    ]


def _clause(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")
