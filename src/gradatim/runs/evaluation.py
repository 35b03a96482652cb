"""How well a model predicts rows whose target is known."""

from __future__ import annotations

from os import PathLike
from typing import Any

from gradatim.ladder.scoring import report_metrics
from gradatim.model import Ensemble, Model, load
from gradatim.tables import ClassTarget
from gradatim.tables.encoding.unseen import unseen_levels
from gradatim.tables.examples import examples_of


def evaluate(model: Model | Ensemble | str | PathLike[str], source: Any, *, query: str | None = None) -> dict[str, Any]:
    """Measure how well a model predicts rows whose target is known.

    Args:
        model: any, of classes or of one or several targets; or where one is kept, as for `gradatim.load`.
        source: as for `fit`, with the columns that the model reads and those of its target.
        query: what to ask of a database.

    Returns:
        ``task``; ``target``, several with commas between; ``positive``, the class that counts as 1, or None; ``rows``,
        how many were measured; ``test``, the metrics by name, as in ``metrics.json``; ``notes``, what was decided on
        the way, a sentence each.

    Raises:
        InputError: for a column that is not there, or a class that the model has never seen.

    Example:
        >>> import gradatim as gd
        >>> run = gd.fit("sample:iris", rungs="constant")
        >>> found = evaluate(run.model, "sample:iris")
        >>> found["rows"], round(found["test"]["accuracy"], 3)
        (150, 0.333)
    """
    if not isinstance(model, Model | Ensemble):
        model = load(model)
    examples = examples_of(model.table_of(source, query=query), model.target.names)
    return {
        "task": model.task,
        "target": examples.target,
        "positive": model.target.positive if isinstance(model.target, ClassTarget) else None,
        "rows": examples.n_rows,
        "test": report_metrics(model, examples),
        "notes": [*examples.notes, *unseen_levels(model.encoder, examples.table)],
    }
