"""The worst-predicted test rows, as facts: with the columns that matter most, or as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.model import Ensemble, Model
from gradatim.report.answers import Answers
from gradatim.report.pictures import picture_of_row
from gradatim.report.tested import Picture, WorstFacts, WorstRow
from gradatim.tables import ClassTarget, NumberTarget, Table
from gradatim.tables.conversion import text_of
from gradatim.tables.examples import Examples
from gradatim.tables.targets import columns_of

MOST_ROWS, MOST_COLUMNS, LONGEST = 8, 10, 60


def worst_facts(
    model: Model | Ensemble, test: Examples, answers: Answers, outputs: Array, first: Sequence[str]
) -> WorstFacts:
    """The rows whose loss is largest.

    Args:
        model: any.
        test: the rows.
        answers: what happened in them.
        outputs: the model's A[L] on them.
        first: the columns to show before others.
    """
    losses = answers.losses
    places = np.argsort(-losses, kind="stable")[:MOST_ROWS]
    table, y = test.table.take(places), test.y[places]
    happened = zip(*(column.to_list() for column in columns_of(y)), strict=True)
    said = model.target.decode(outputs[places]).reshape(len(places), -1).tolist()
    names = [name for name in table.named if name != "file"] if table.image_shape is None else []
    shown = sorted(names, key=lambda name: first.index(name) if name in first else len(first))[:MOST_COLUMNS]
    columns = [[_text(value) for value in table.levels_column(name).to_list()] for name in shown]
    classes = isinstance(model.target, ClassTarget)
    rows = [
        WorstRow(
            int(place) + 1,
            ", ".join(map(_text, true)),
            ", ".join(map(_text, answer)),
            float(np.exp(-losses[place])) if classes else None,
            tuple(column[k] for column in columns),
            picture,
        )
        for k, (place, true, answer, picture) in enumerate(
            zip(places, happened, said, _pictures(model, table), strict=True)
        )
    ]
    by = "size of the residual" if isinstance(model.target, NumberTarget) else "log loss"
    return WorstFacts(by, tuple(shown), len(names) - len(shown), tuple(rows))


def _pictures(model: Model | Ensemble, table: Table) -> list[Picture | None]:
    pixels = model.encoder.pixels
    if pixels is None or pixels.image_shape is None:
        return [None] * table.n_rows
    X = model.encoder.encode(table).X[:, model.encoder.n_outputs - pixels.columns :]
    return [picture_of_row(row, pixels.image_shape, f"Test row {k + 1} of the worst.") for k, row in enumerate(X)]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    text = "" if value is None else text_of(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
