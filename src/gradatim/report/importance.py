"""What the model looks at: the loss by shuffled columns, and the share of the gradients.

Conventions
-----------
* Shuffling is that of `gradatim.glass.permutation`, in float32. Shares of the gradients are those of
  `gradatim.glass.attribution`, averaged over the networks of an ensemble.
* The work is bounded by a count of products, the same on every machine: of wide tables only the columns with the
  largest gradients are shuffled, of large networks fewer rows are used.

Source: permutation: Breiman 2001 (Random forests), section 10; as scikit-learn's ``permutation_importance`` has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric
from gradatim.glass.attribution import Attribution, attribution_of_encoded
from gradatim.glass.columns import ReadRows
from gradatim.glass.permutation import Shuffled
from gradatim.model import Ensemble, Model
from gradatim.model.ensemble import networks_of
from gradatim.report.answers import rounded
from gradatim.report.pictures import picture_of_pixels
from gradatim.report.tested import ColumnImportance, ImportanceFacts
from gradatim.tables.encoding.encoder import Encoded

PRODUCTS = 2.5e9
"""Parameters · rows · columns · repeats."""

MOST_ROWS, FEWEST_ROWS = 2000, 200
MOST_SHUFFLED, MOST_SHOWN = 30, 20
REPEATS = 5
NUMBERS = 2_000_000
"""Of the rows whose gradients are taken, all columns together."""

MOST_EXPLAINED = 500
MOST_DENSE = 50_000_000


def importance_facts(
    model: Model | Ensemble, encoded: Sequence[Encoded], y: Any, metric: Metric
) -> ImportanceFacts | None:
    """Both measures of every column, the most important first; None for a model that reads no column.

    Args:
        model: any.
        encoded: the test rows, as each of its networks reads them.
        y: their targets.
        metric: by which models were chosen.
    """
    if not model.encoder.reads_columns or not encoded[0].X.shape[0]:
        return None
    names, shares = _shares(list(zip(networks_of(model), encoded, strict=True)))
    pixels = model.encoder.pixels
    if pixels is not None and pixels.image_shape is not None:
        by_name = dict(zip(names, shares, strict=True))
        size = np.array([by_name.get(name, 0.0) for name in pixels.names])
        says = "How much each pixel weighs: the exact derivative of the score by the pixel, times the pixel."
        picture = picture_of_pixels(size, pixels.image_shape, says)
        return ImportanceFacts((), len(names), metric.name, 0, 0, picture)
    order = np.argsort(-shares, kind="stable")
    shuffled, repeats = _bounded(model, encoded, y, metric, [names[k] for k in order[:MOST_SHUFFLED]])
    lost = _losses(shuffled, repeats)
    columns = [ColumnImportance(names[k], float(f"{shares[k]:.4g}"), *lost.get(names[k], (None, None))) for k in order]
    columns.sort(key=lambda column: (column.loss is None, -(column.loss or 0.0)))
    shown = tuple(columns[:MOST_SHOWN])
    return ImportanceFacts(shown, len(names) - len(shown), metric.name, len(shuffled.y), repeats)


def _shares(read: Sequence[tuple[Model, Encoded]]) -> tuple[tuple[str, ...], Array]:
    """Each raw column's share of the gradients; the mean over networks, and over several targets or labels."""
    found = [attribution for model, encoded in read for attribution in _attributions(model, encoded)]
    names = tuple(dict.fromkeys(name for one in found for name in one.names))  # a part of the rows may lack a column
    shares = [dict(zip(one.names, one.shares, strict=True)) for one in found]
    return names, np.array([np.mean([share.get(name, 0.0) for share in shares]) for name in names])


def _attributions(model: Model, encoded: Encoded) -> list[Attribution]:
    """For each score that the model predicts by."""
    rows = max(1, min(MOST_EXPLAINED, NUMBERS // max(1, max(model.architecture.n))))
    X, codes = encoded.X[:rows], None if encoded.codes is None else encoded.codes[:rows]
    X = X.toarray() if hasattr(X, "toarray") else X
    softmax = model.architecture.output.activation == "softmax"
    outputs = [None] if softmax else range(model.architecture.output.units)
    return [attribution_of_encoded(model, X, codes, output) for output in outputs]


def _bounded(
    model: Model | Ensemble, encoded: Sequence[Encoded], y: Any, metric: Metric, names: list[str]
) -> tuple[Shuffled, int]:
    """As many rows, columns and repeats as the work allows: repeats go first, then columns, then rows."""
    rows, repeats, columns = min(encoded[0].X.shape[0], MOST_ROWS), REPEATS, len(names)
    each = max(model.parameter_count, 1000)
    repeats = int(np.clip(PRODUCTS // (each * rows * columns), 2, repeats))
    columns = int(np.clip(PRODUCTS // (each * rows * repeats), min(15, columns), columns))
    rows = int(np.clip(PRODUCTS // (each * columns * repeats), min(FEWEST_ROWS, rows), rows))
    if hasattr(encoded[0].X, "toarray") and rows * sum(one.X.shape[1] for one in encoded) > MOST_DENSE:
        columns = 0  # sparse and wide: shuffling a column of it is not worth a dense copy
    chosen = np.sort(np.random.default_rng(0).permutation(encoded[0].X.shape[0])[:rows])
    read = []
    for one in encoded:
        X = one.X[chosen]
        X = X.toarray() if columns and hasattr(X, "toarray") else X
        read.append(Encoded(X, None if one.codes is None else one.codes[chosen]))
    return Shuffled(ReadRows(model, tuple(read), "float32"), y[chosen], metric, tuple(names[:columns])), repeats


def _losses(shuffled: Shuffled, repeats: int) -> dict[str, tuple[float, float]]:
    """How much worse the metric gets by each column: mean and standard deviation over the repeats.

    A metric that is not defined on these rows leaves all out.
    """
    found = shuffled.importances(repeats, random_state=0) if shuffled.names else None
    if found is None:
        return {}
    pairs = zip(rounded(found.mean(axis=1), 4), rounded(found.std(axis=1), 4), strict=True)
    return {name: pair for name, pair in zip(shuffled.names, pairs, strict=True) if np.isfinite(pair).all()}
