"""How a table was understood: the facts that are told before anything is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from gradatim.tables import ClassTarget, NumberTarget, TableEncoder
from gradatim.tables.encoding.columns import LEFT_OUT, NUMERIC, Column
from gradatim.tables.encoding.notes import listed
from gradatim.tables.examples import Examples
from gradatim.tables.reading.values import ZEROS_KEPT, note_of_codes
from gradatim.tables.targets import Target, columns_of
from gradatim.tables.texts import code_with_leading_zero


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
        folds: of the rows that train, on which rungs are compared; 1 where rows of their own validate.
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
    folds: int = 1

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
    folds: int = 1,
) -> Reading:
    """Gather the facts.

    Args:
        examples: all rows with a target.
        encoder: fitted on the training rows: it decided the kinds of columns.
        target: fitted on the training rows.
        why: the task is what it is.
        rows: how many train, validate and test.
        notes: to be told behind those of the examples and the encoder.
        folds: on which rungs are compared.
    """
    kinds = Counter(column.kind for column in encoder.columns if column.kind not in LEFT_OUT)
    left_out = sum(column.kind in LEFT_OUT for column in encoder.columns)
    categories = [c for c in (*encoder.categories, *encoder.embedded) if not c.feature.part]
    levels = {category.feature.raw: len(category.levels) for category in categories}
    if encoder.pixels is not None:
        kinds["pixel"] = encoder.pixels.columns  # those of pictures are one column to the encoder
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
        notes=(*_notes_of(examples, encoder.columns), *encoder.notes, *notes),
        folds=folds,
    )


def _notes_of(examples: Examples, columns: Sequence[Column]) -> tuple[str, ...]:
    """The notes of the examples; but texts that are read as numbers, as was asked for, lose their leading zeros."""
    schema = examples.table.schema
    read_as_numbers = {c.name for c in columns if c.kind in NUMERIC and schema.get(c.name) == pl.String}
    if not read_as_numbers:
        return examples.notes
    texts = [y for y in columns_of(examples.y) if y.dtype == pl.String]
    texts += [examples.table.column(name) for name, dtype in schema.items() if dtype == pl.String]
    codes = {series.name: _code_of(series) for series in texts}
    lost = [repr(name) for name, code in codes.items() if code and name in read_as_numbers]
    if not lost:
        return examples.notes
    kept = {name: code for name, code in codes.items() if code and name not in read_as_numbers}
    notes = [note for note in examples.notes if not note.startswith(ZEROS_KEPT)]
    if kept and len(notes) < len(examples.notes):
        notes.append(note_of_codes(kept))
    why = "it is read as a number" if len(lost) == 1 else "they are read as numbers"
    return (*notes, f"Leading zeros of {listed(lost)} are lost, because {why}.")


def _code_of(series: pl.Series) -> str:
    """A code with a leading zero among those texts that are numbers, as when they were read; or ""."""
    return code_with_leading_zero(series.filter(series.cast(pl.Float64, strict=False).is_not_null()))


def _split_in_words(examples: Examples) -> str:
    if examples.order is not None:
        return f"the last by {examples.order.name!r} test, and those before them choose"
    return "" if examples.groups is None else f"rows of one {examples.groups.name!r} stay together"


def rows_sentence(rows: Mapping[str, int], folds: int) -> str:
    """How many rows did what.

    Args:
        rows: how many train, validate and test, by these names.
        folds: of the rows that train, on which rungs are compared; 1 where rows of their own validate.

    Example:
        >>> rows_sentence({"train": 96, "validation": 24, "test": 30}, folds=1)
        'Compared after training on 96, validated on 24, tested on 30 rows.'
        >>> rows_sentence({"train": 120, "validation": 0, "test": 30}, folds=5)
        'Trained on 120, validated in 5 folds of these, tested on 30 rows.'
    """
    train, validation, test = (rows.get(part, 0) for part in ("train", "validation", "test"))
    # On one holdout the model that is kept may have been trained once more, on both.
    trained = f"Compared after training on {train:,}" if folds == 1 else f"Trained on {train:,}"
    validated = f"on {validation:,}" if folds == 1 else f"in {folds} folds of these"
    return f"{trained}, validated {validated}, tested on {test:,} {'row' if test == 1 else 'rows'}."
