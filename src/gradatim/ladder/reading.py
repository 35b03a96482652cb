"""How a table was understood: the facts that are told before anything is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradatim.ladder.examples import Examples
from gradatim.tables import ClassTarget, NumberTarget, TableEncoder


@dataclass(frozen=True)
class Reading:
    """What the rows hold, what is to be predicted, and which rows do what.

    Attributes:
        source: where it came from.
        n_rows: rows with a target.
        n_columns: columns to predict from.
        kinds: those columns by kind, such as ``{"number": 8, "category": 2}``.
        target: name of the column to predict.
        task: classification or regression.
        why: the rule that says so, in words.
        classes: in order, as texts; empty where the target is a number.
        positive: of two classes the one that counts as 1.
        rows: how many train, validate and test.
        notes: what was decided on the way, a sentence each.
    """

    source: str
    n_rows: int
    n_columns: int
    kinds: Mapping[str, int]
    target: str
    task: Literal["classification", "regression"]
    why: str
    classes: tuple[str, ...]
    positive: str | None
    rows: Mapping[str, int]
    notes: tuple[str, ...] = ()


def reading_of(
    examples: Examples,
    encoder: TableEncoder,
    target: ClassTarget | NumberTarget,
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
    kinds = Counter(column.kind for column in encoder.columns)
    if encoder.pixels is not None:
        kinds["pixel"] = encoder.pixels.columns  # one column to the encoder, many in the table
    return Reading(
        source=examples.table.source or "table",
        n_rows=examples.n_rows,
        n_columns=len(examples.table.names),
        kinds=dict(kinds),
        target=examples.target,
        task="classification" if isinstance(target, ClassTarget) else "regression",
        why=why,
        classes=tuple(map(str, target.classes)) if isinstance(target, ClassTarget) else (),
        positive=None if not isinstance(target, ClassTarget) or target.positive is None else str(target.positive),
        rows=rows,
        notes=(*examples.notes, *encoder.notes, *notes),
    )
