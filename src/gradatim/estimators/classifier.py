"""`NetworkClassifier`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from gradatim.errors import InputError
from gradatim.estimators.base import NetworkEstimator, takes_steps
from gradatim.formulas.arrays import Array
from gradatim.settings import Task
from gradatim.tables.targets import columns_of


class NetworkClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """A network that tells classes apart; ``hidden_widths=()`` is logistic regression.

    A target of several columns is multi-label: each column has two classes, a sigmoid and a log loss of its own.

    The arguments are those of `gradatim.Settings`. A name chooses a method, an object sets it too:
    ``optimizer="adam"`` or ``optimizer=gd.Adam(beta2=0.95)``. Besides:

    Args:
        validation: a share of the rows, a pair (X, y) of rows of your own, or None. The default is None with "lbfgs".
        warm_start: a further call of `fit` goes on from the model that is there, optimizer included.
        random_state: a seed, None, or a generator of NumPy's, from which a seed is drawn.
        callbacks: objects with ``on_epoch_end(progress)``; returning False stops the training.
        verbose: 1 prints a line per epoch.

    Attributes:
        model_: the `gradatim.Model`, to save and to open.
        classes_: (K,) labels in the order of `predict_proba`'s columns; of several targets a list of two labels each.
        network_, history_, settings_: of the model.
        n_iter_: epochs trained, as MLP has it.
        n_features_in_, feature_names_in_: of X.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> classifier = NetworkClassifier(max_epochs=50, random_state=0).fit(X, y)
        >>> classifier.predict_proba(X[:2]).shape
        (2, 3)
        >>> classifier.network_.shapes()["W1"]  # each of the four numbers is embedded as four inputs
        (256, 16)
    """

    _task: Task = "classification"

    def _check_target(self, y: Any) -> None:
        super()._check_target(y)
        columns = [y] if isinstance(y, np.ndarray) else [column.to_numpy() for column in columns_of(y)]
        for column in columns:
            # Numbers with fractions are no classes, says scikit-learn in its own words. NaN and infinity it would cast
            # to whole numbers, with a warning: training refuses them in our words.
            if column.dtype.kind == "f" and np.isfinite(column).all():
                check_classification_targets(column)

    @available_if(takes_steps)  # type: ignore[untyped-decorator]  # scikit-learn carries no types
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One epoch over these rows, on from where the last call, or `fit`, ended; the optimizer remembers.

        The rows of the first call decide what stays: kinds of columns, centres and scales, categories. Nothing is
        held out, and the rate is held constant: that of ``preset="plain"`` is meant to be.

        Args:
            X: (m, n) as for `fit`.
            y: (m,) labels.
            classes: (K,) all labels, at the first call, where its y lacks some; of several targets a list of two
                labels each.
            sample_weight: (m,) how much each row counts.

        Raises:
            InputError: for another table or label than the first call told of.
            AttributeError: with "lbfgs", which takes no steps.

        Example:
            >>> from sklearn.datasets import load_iris
            >>> X, y = load_iris(return_X_y=True)
            >>> classifier = NetworkClassifier(random_state=0)
            >>> for start in range(0, 150, 50):
            ...     classifier = classifier.partial_fit(X[start : start + 50], y[start : start + 50], classes=[0, 1, 2])
            >>> len(classifier.history_)
            3
        """
        if classes is None and not hasattr(self, "model_"):
            _require_two_classes(y)
        return self._partial_fit(X, y, sample_weight, classes)

    @property
    def classes_(self) -> Any:
        """(K,) labels in the order of `predict_proba`'s columns; of several targets a list of two labels each."""
        check_is_fitted(self, "model_")
        return self.model_.classes_

    def predict_proba(self, X: Any) -> Array:
        """How probable each class is: (m, K), in the order of `classes_`; rows sum to 1.

        Of several targets (m, k): how probable the positive class of each is.
        """
        return self._model(X).predict_proba(X)

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn's tools may expect."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _require_two_classes(y: Any) -> None:
    """Refuse first rows of one class alone: a network cannot grow an output for a class that comes later."""
    columns = columns_of(y)
    if len(columns) == 1 and columns[0].n_unique() < 2:
        raise InputError(
            f"classes must name all labels at the first call of partial_fit, where y lacks some. Got None, and "
            f"{columns[0].n_unique()} label in y. Add classes=[…]."
        )
