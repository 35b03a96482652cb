"""`NetworkClassifier`."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from gradatim.estimators.base import NetworkEstimator
from gradatim.formulas.arrays import Array
from gradatim.settings import Task


class NetworkClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """A network that tells classes apart; ``hidden_widths=()`` is logistic regression.

    The arguments are those of `gradatim.Settings`. A name chooses a method, an object sets it too:
    ``optimizer="adam"`` or ``optimizer=gd.Adam(beta2=0.95)``. Besides:

    Args:
        validation: a share of the rows, a pair (X, y) of your own, or None. The default is None with "lbfgs".
        random_state: a seed, None, or a generator of NumPy's, from which a seed is drawn.
        callbacks: objects with ``on_epoch_end(progress)``; returning False stops the training.
        verbose: 1 prints a line per epoch.

    Attributes:
        model_: the `gradatim.Model`, to save and to open.
        classes_: (K,) labels in the order of `predict_proba`'s columns.
        network_, history_, settings_: of the model.
        n_features_in_, feature_names_in_: of X.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> classifier = NetworkClassifier(max_epochs=50, random_state=0).fit(X, y)
        >>> classifier.predict_proba(X[:2]).shape
        (2, 3)
        >>> classifier.network_.shapes()["W1"]
        (128, 4)
    """

    _task: Task = "classification"

    def _check_target(self, y: Any) -> None:
        super()._check_target(y)
        if isinstance(y, np.ndarray) and y.dtype.kind == "f":
            check_classification_targets(y)  # numbers with fractions are no classes, says scikit-learn in its own words

    @property
    def classes_(self) -> Array:
        """(K,) labels in the order of `predict_proba`'s columns."""
        check_is_fitted(self, "model_")
        return self.model_.classes_

    def predict_proba(self, X: Any) -> Array:
        """How probable each class is: (m, K), in the order of `classes_`; rows sum to 1."""
        return self._model(X).predict_proba(X)
