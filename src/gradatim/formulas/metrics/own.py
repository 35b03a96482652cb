"""A metric of one's own: a function as scikit-learn's are written, or a scorer made of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from numbers import Real
from typing import Any

import numpy as np

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics.metric import Metric, Needs, Task
from gradatim.formulas.metrics.probabilities import by_class
from gradatim.formulas.metrics.table import METRICS, metric

_ANSWERS: dict[str, Needs] = {"predict": "labels", "predict_proba": "probabilities"}


def metric_for(what: Any, task: Task) -> Metric:
    """The metric that is meant, for this task.

    Args:
        what: a name, a `Metric`, a scorer of scikit-learn's ``make_scorer``, or a function ``(y_true, y_pred)`` of
            which more is better.
        task: "classification" or "regression".

    Raises:
        InputError: for an unknown name, a metric of the other task, a function that is an error by its name, and for
            anything else.

    Example:
        >>> metric_for("mean_absolute_error", "regression").name
        'mae'
        >>> def hits(y_true, y_pred):
        ...     return (y_true == y_pred).sum()
        >>> metric_for(hits, "classification").value([0, 1, 1], [0, 1, 0])
        2.0
    """
    if not isinstance(what, str | Metric):
        if hasattr(what, "_score_func"):
            return metric_from_scorer(what, task)
        if callable(what) and not isinstance(what, type):
            return metric_from_function(_of_which_more_is_better(what), task)
    found = metric(what)
    if found.task != task:
        fitting = ", ".join(name for name, entry in METRICS.items() if entry.task == task)
        raise InputError(f"metric of a {task} must be one of {fitting}. Got {found.name!r}, of a {found.task}.")
    return found


def metric_from_function(
    function: Callable[..., float],
    task: Task,
    *,
    name: str | None = None,
    greater_is_better: bool = True,
    needs: Needs | None = None,
) -> Metric:
    """A metric from a function of one's own.

    Args:
        function: ``(y_true, y_pred) -> number``, and ``sample_weight`` where rows or classes are to be weighed.
            Classification: y_true is (m,), and y_pred (m,) labels, or with needs="probabilities" (m,) those of class 1
            where there are two, else (m, K). Labels are given by name if they are told (`Metric.among`), else as codes
            0 … K-1; beside probabilities y_true always is codes, with 1 for the positive of two classes. Several
            labels: everything is (m, k), y_true of 0 and 1. Regression: (m,) numbers, or (m, k) for several outputs.
        task: "classification" or "regression".
        name: for tables and messages; the function's own without.
        greater_is_better: False for an error.
        needs: "labels" or "probabilities"; "values" for a regression. None is labels, or values.

    Raises:
        InputError: where task and needs do not go together; and, when it is called, where the function gives no number.

    Example:
        >>> def cost(y_true, y_pred):
        ...     wrong = y_true != y_pred
        ...     return 5 * (wrong & (y_true == "ill")).sum() + (wrong & (y_true == "well")).sum()
        >>> cost_metric = metric_from_function(cost, "classification", greater_is_better=False)
        >>> cost_metric.among(2, names=["ill", "well"]).value([0, 0, 1], [1, 0, 0])
        6.0
    """
    fitting: tuple[Needs, ...] = ("values",) if task == "regression" else ("labels", "probabilities")
    needs = needs or fitting[0]
    if needs not in fitting:
        raise InputError(f"needs must be {' or '.join(fitting)} for a {task}. Got {needs!r}.")
    name = name or _name_of(function)
    one_of_classes = Metric(
        name=name,
        task=task,
        greater_is_better=greater_is_better,
        needs=needs,
        value=_Own(name, function, needs),
        per_row=None,
        formula=f"{name}(y, {'p' if needs == 'probabilities' else 'ŷ'})",
        source="your own",
        names_classes=needs == "labels",
        defined_on="rows on which your function gives a finite number",
        takes_weights=_takes_weights(function),
    )
    if task == "regression":
        return one_of_classes
    several = replace(one_of_classes, value=_Own(name, function, needs, several_labels=True), names_classes=False)
    return replace(one_of_classes, labelled=several)


def metric_from_scorer(scorer: Any, task: Task) -> Metric:
    """A metric from what scikit-learn's ``make_scorer`` gives.

    Args:
        scorer: which asks for ``predict``, or, for classes, ``predict_proba``.
        task: "classification" or "regression"; a scorer does not say which it is for.

    Returns:
        The scorer's function as a metric. It keeps the function's own sign: an error stays positive, and
        ``greater_is_better`` is False.

    Raises:
        InputError: for anything else, for a scorer of decision functions, and for ``pos_label`` beside probabilities.

    Example:
        >>> from sklearn.metrics import fbeta_score, make_scorer
        >>> f2 = metric_from_scorer(make_scorer(fbeta_score, beta=2), "classification")
        >>> f2.name, round(f2.value([0, 1, 1, 1], [0, 1, 0, 1]), 4)   # 5 · 1 · ⅔ / (4 · 1 + ⅔)
        ('fbeta_score', 0.7143)
    """
    if not hasattr(scorer, "_score_func"):
        raise InputError(f"metric must be a scorer of scikit-learn's make_scorer. Got {scorer!r}.")
    function, settings = scorer._score_func, dict(scorer._kwargs)
    asked = scorer._response_method
    methods = (asked,) if isinstance(asked, str) else tuple(asked)
    answers: dict[str, Needs] = {"predict": "values"} if task == "regression" else _ANSWERS
    needs = next((answers[method] for method in methods if method in answers), None)
    if needs is None:
        raise InputError(f"metric of a {task} must be a scorer of {' or '.join(answers)}. Got {' or '.join(methods)}.")
    if needs == "probabilities" and settings.get("pos_label") is not None:
        raise InputError(
            f"metric must be a scorer without pos_label where it is given probabilities. Got pos_label="
            f"{settings['pos_label']!r}: they are always those of the positive class, which the estimator is told."
        )
    name, greater_is_better = _name_of(function), scorer._sign > 0
    function = partial(function, **settings) if settings else function
    return metric_from_function(function, task, name=name, greater_is_better=greater_is_better, needs=needs)


@dataclass(frozen=True)
class _Own:
    """The `Metric.value` of a function: hands it what it expects, and wants one number back."""

    name: str
    function: Callable[..., float]
    needs: Needs
    several_labels: bool = False

    def __call__(self, y: Array, prediction: Array, weights: Array | None = None, names: Array | None = None) -> float:
        y, prediction = np.asarray(y), np.asarray(prediction)
        if not self.several_labels:
            y = _flat(y)
            prediction = _of_two(prediction) if self.needs == "probabilities" else _flat(prediction)
        if names is not None:
            y, prediction = names[y], names[prediction]
        result = self.function(y, prediction, **({} if weights is None else {"sample_weight": weights}))
        if np.ndim(result) or not isinstance(np.asarray(result).item(), Real):
            got = f"an array of shape {np.shape(result)}" if np.ndim(result) else repr(result)
            raise InputError(f"metric must give one number. Got {got} from {self.name}.")
        return float(result)


def _takes_weights(function: Callable[..., float]) -> bool:
    try:
        taken = signature(function).parameters.values()
    except (TypeError, ValueError):  # some functions that are written in C do not say what they take
        return False
    return any(one.name == "sample_weight" or one.kind is one.VAR_KEYWORD for one in taken)


def _flat(column: Array) -> Array:
    """(m,) for a single column, which networks hand out as (m, 1)."""
    return column[:, 0] if column.ndim == 2 and column.shape[1] == 1 else column


def _of_two(probabilities: Array) -> Array:
    """(m,) of class 1 for two classes, as scikit-learn's functions take them."""
    probabilities = by_class(probabilities)
    return probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities


def _of_which_more_is_better(function: Any) -> Any:
    """The function, unless it is an error by its name: scikit-learn's endings. It would be made as large as can be."""
    name = _name_of(function)
    if name.endswith(("_error", "_loss", "_deviance")):
        raise InputError(
            f"metric must be a function of which more is better. Got {name}, of which less is, by its name: "
            f"use make_scorer({name}, greater_is_better=False) of sklearn.metrics."
        )
    return function


def _name_of(function: Any) -> str:
    name = getattr(function, "__name__", None) or getattr(getattr(function, "func", None), "__name__", None)
    return "metric" if name in (None, "<lambda>") else str(name)
