"""What a model says about rows that it has not seen, and what happened in them.

Conventions
-----------
* Probabilities are (m, K) float64, in the order of the model's ``classes_``; classes are codes (m,), places therein.
* Without ``cv`` the model is asked as it is. With ``cv`` clones are trained on folds and asked about the others, and a
  clone that is trained on all rows takes the model's place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array
from gradatim.tables.targets import ClassTarget

Asked = Callable[[Any, Any], Array]
"""(model, rows) → what it says about them, a row for each."""


def of_classes(model: Any, rows: Any, y: Any, cv: Any = None) -> tuple[Any, Array, Array]:
    """The model, its probabilities (m, K), and the codes of what happened (m,).

    Args:
        model: of classes.
        rows: (m rows) anything that the model takes.
        y: (m,) labels.
        cv: None, or as scikit-learn has it: a number of folds, or a splitter.

    Raises:
        InputError: for a model without probabilities, and a label that it does not know.
        ShapeError: for another number of labels than of rows.
    """
    if cv is None:
        labels_of(model)  # before it is asked
        said = probabilities(model, rows)
    else:
        estimator, model = model, _anew(model, rows, y)
        said = _out_of_fold(estimator, rows, y, cv, partial(_probabilities_by, labels_of(model)))
    codes = codes_of(model, y)
    return model, said, _as_many("y", codes, said)


def of_numbers(model: Any, rows: Any, y: Any, ask: Asked, cv: Any = None) -> tuple[Any, Array, Array]:
    """The model, what it says when asked (m, …), and what happened (m,).

    Raises:
        InputError: for targets that are no finite numbers.
        ShapeError: for another number of targets than of rows.
    """
    happened = _numbers(y)
    if cv is None:
        said = ask(model, rows)
    else:
        estimator, model = model, _anew(model, rows, y)
        said = _out_of_fold(estimator, rows, y, cv, ask)
    return model, said, _as_many("y", happened, said)


def labels_of(model: Any) -> Array:
    """(K,) the labels of a model of classes.

    Raises:
        InputError: for a model of numbers, or of several targets.
    """
    labels = getattr(model, "classes_", None)
    if labels is None or not hasattr(model, "predict_proba"):
        raise InputError(
            f"The model must be fitted and have classes_ and predict_proba. Got {type(model).__name__}: fit it first; "
            f"of a run take run.model; for a model of numbers there is prediction_intervals."
        )
    if isinstance(labels, list):
        raise InputError(
            f"The model must predict one target. Got {len(labels)}: train a model for each of them, and wrap that."
        )
    return np.asarray(labels)


def probabilities(model: Any, rows: Any) -> Array:
    """(m, K) float64."""
    return np.asarray(model.predict_proba(rows), dtype=np.float64)


def codes_of(model: Any, y: Any) -> Array:
    """The place of each label among the model's classes, (m,).

    Raises:
        InputError: for a label that is none of them, or a missing one.
    """
    labels = labels_of(model)
    codes = ClassTarget("y", tuple(labels.tolist())).codes(y)
    unknown = np.flatnonzero(codes < 0)
    if len(unknown):
        known = f"{', '.join(map(str, labels[:5]))}{', …' if len(labels) > 5 else ''}"
        raise InputError(
            f"y must hold one of the model's classes, {known}, in every row. Got another, or none, in row "
            f"{unknown[0] + 1} ({len(unknown):,} in all)."
        )
    return codes


def positive_of(model: Any, positive: Any = None) -> int:
    """The code, 0 or 1, of the class that a positive is: the one asked for, the model's own, else the last.

    Raises:
        InputError: for a label that is no class.
    """
    if positive is None:
        inner = model
        while hasattr(inner, "model"):  # wrapped, perhaps more than once
            inner = inner.model
        positive = getattr(getattr(inner, "target", None), "positive", None)
    return 1 if positive is None else int(codes_of(model, [positive])[0])


def as_numbers(who: str, values: Any) -> Array:
    """float64.

    Raises:
        InputError: for what is no number.
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise InputError(f"{who} must be numbers, one for each row. Got others: {fault}.") from fault


def _numbers(y: Any) -> Array:
    numbers = as_numbers("y", y)
    if numbers.ndim != 1:
        raise ShapeError(f"y must have shape (m,), one number for each row. Got {numbers.shape}.")
    if not np.isfinite(numbers).all():
        raise InputError(f"y must hold finite numbers. Got {numbers[~np.isfinite(numbers)][0]}: leave such rows out.")
    return numbers


def _as_many(who: str, happened: Array, said: Array) -> Array:
    if len(happened) != len(said):
        raise ShapeError(f"{who} must have one value for each of the {len(said):,} rows. Got {len(happened):,}.")
    return happened


def _anew(estimator: Any, rows: Any, y: Any) -> Any:
    """A clone, fitted to all rows."""
    from sklearn.base import clone

    if not hasattr(estimator, "get_params"):
        raise InputError(
            f"With cv the model must be an estimator, which can be trained anew. Got {type(estimator).__name__}: hand "
            f"over rows of its own without cv, or NetworkClassifier(…) or NetworkRegressor(…)."
        )
    return clone(estimator).fit(rows, y)


def _out_of_fold(estimator: Any, rows: Any, y: Any, cv: Any, ask: Asked) -> Array:
    """What clones say about each row that did not train them, (m, …).

    scikit-learn's `cross_val_predict` would train the clones on codes in place of labels wherever probabilities are
    asked for, and a ``class_weight`` by label would go to another class, or nowhere.
    """
    from sklearn.base import clone, is_classifier
    from sklearn.model_selection import check_cv
    from sklearn.utils import _safe_indexing as taken

    m = len(y)
    folds = list(check_cv(cv, y, classifier=is_classifier(estimator)).split(np.arange(m), y))
    held_out = np.concatenate([held for _, held in folds])
    if not np.array_equal(np.sort(held_out), np.arange(m)):
        raise InputError("cv must hold out every row once, as KFold does. Got a splitter that does not.")
    pieces = [
        ask(clone(estimator).fit(taken(rows, train), taken(y, train)), taken(rows, held)) for train, held in folds
    ]
    return np.concatenate(pieces)[np.argsort(held_out)]


def _probabilities_by(labels: Array, fitted: Any, rows: Any) -> Array:
    """(m, K) by `labels`: a fold may lack a class, of which its clone knows nothing."""
    own = labels_of(fitted).tolist()
    lacking = [label for label in labels.tolist() if label not in own]
    if lacking:
        raise InputError(
            f"Every class must be in the training rows of every fold. Got a fold without {lacking[0]!r}: take fewer "
            f"folds, or StratifiedKFold, or join rare classes."
        )
    return probabilities(fitted, rows)[:, [own.index(label) for label in labels.tolist()]]
