"""How a table was understood: the facts that are told before anything is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradatim.tables import ClassTarget, NumberTarget, TableEncoder
from gradatim.tables.encoding.columns import LEFT_OUT, Column
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target


@dataclass(frozen=True)
class Reading:
    """What the rows hold, what is to be predicted, and which rows do what.

    Attributes:
        source: where it came from.
        n_rows: rows with a target.
        n_columns: columns to predict from.
        kinds: those columns by kind, such as ``{"number": 8, "category": 2}``.
        left_out: how many further columns are left out.
        columns: each of all columns with its kind and the reason for it; the pixels of pictures are one.
        levels: of the categories, how many each has.
        targets: names of the columns to predict.
        task: classification or regression.
        why: the rule that says so, in words.
        classes: in order, as texts; empty where the target is a number.
        positive: of two classes the one that counts as 1.
        rows: how many train, validate and test.
        split: how they were chosen, in words; empty where by chance.
        notes: what was decided on the way, a sentence each.
    """

    source: str
    n_rows: int
    n_columns: int
    kinds: Mapping[str, int]
    left_out: int
    columns: tuple[Column, ...]
    levels: Mapping[str, int]
    targets: tuple[str, ...]
    task: Literal["classification", "regression"]
    why: str
    classes: tuple[str, ...]
    positive: str | None
    rows: Mapping[str, int]
    split: str = ""
    notes: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The name of the target; several with commas between."""
        return ", ".join(self.targets)


def reading_of(
    examples: Examples,
    encoder: TableEncoder,
    target: Target,
    why: str,
    rows: Mapping[str, int],
    notes: tuple[str, ...] = (),
) -> Reading:
    """Gather the facts.

    Args:
        examples: all rows with a target.
        encoder: fitted on the training rows: it decided the kinds of columns.
        target: fitted on the training rows.
        why: the task is what it is.
        rows: how many train, validate and test.
        notes: to be told behind those of the examples and the encoder.
    """
    kinds = Counter(column.kind for column in encoder.columns if column.kind not in LEFT_OUT)
    left_out = sum(column.kind in LEFT_OUT for column in encoder.columns)
    categories = [c for c in (*encoder.categories, *encoder.embedded) if not c.feature.part]
    levels = {category.feature.raw: len(category.levels) for category in categories}
    if encoder.pixels is not None:
        kinds["pixel"] = encoder.pixels.columns  # one column to the encoder, many in the table
    return Reading(
        source=examples.table.source or "table",
        n_rows=examples.n_rows,
        n_columns=len(examples.table.names) - left_out,
        kinds=dict(kinds),
        left_out=left_out,
        columns=encoder.columns,
        levels=levels,
        targets=examples.names,
        task="regression" if isinstance(target, NumberTarget) else "classification",
        why=why,
        classes=tuple(map(str, target.classes)) if isinstance(target, ClassTarget) else (),
        positive=None if not isinstance(target, ClassTarget) or target.positive is None else str(target.positive),
        rows=rows,
        split=_split_in_words(examples),
        notes=(*examples.notes, *encoder.notes, *notes),
    )


def _split_in_words(examples: Examples) -> str:
    if examples.order is not None:
        return f"the last by {examples.order.name!r} test, and those before them choose"
    return "" if examples.groups is None else f"rows of one {examples.groups.name!r} stay together"
