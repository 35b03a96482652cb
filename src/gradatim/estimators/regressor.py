"""`NetworkRegressor`."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from gradatim.errors import InputError
from gradatim.estimators.base import NetworkEstimator, takes_steps
from gradatim.settings import Task
from gradatim.tables.targets import columns_of, words_for


class NetworkRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """A network that predicts numbers; ``hidden_widths=()`` is linear regression. It scales the target itself.

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
        network_, history_, settings_: of the model.
        n_iter_: epochs trained, as MLP has it.
        n_features_in_, feature_names_in_: of X.

    Example:
        >>> import numpy as np
        >>> X = np.linspace(-1, 1, 50).reshape(-1, 1)
        >>> line = NetworkRegressor(hidden_widths=(), optimizer="lbfgs", validation=None, encoding=None)
        >>> line.fit(X, 2 * X[:, 0] + 1).predict([[0.0], [0.5]]).round(4)
        array([1., 2.])
    """

    _task: Task = "regression"

    def _check_target(self, y: Any) -> None:
        super()._check_target(y)
        for column in columns_of(y):
            if not column.dtype.is_numeric():
                raise InputError(
                    f"y must hold numbers for NetworkRegressor. Got {words_for(column.dtype)}: NetworkClassifier "
                    f"predicts classes."
                )

    @available_if(takes_steps)  # type: ignore[untyped-decorator]  # scikit-learn carries no types
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One epoch over these rows, on from where the last call, or `fit`, ended; the optimizer remembers.

        The rows of the first call decide what stays: kinds of columns, centres and scales, and the scale of y. Nothing
        is held out, and the rate is held constant: that of ``preset="plain"`` is meant to be. What is clipped stays
        within the range of all y so far.

        Args:
            X: (m, n) as for `fit`.
            y: (m,) numbers.
            sample_weight: (m,) how much each row counts.

        Raises:
            InputError: for another table than the first call told of.
            AttributeError: with "lbfgs", which takes no steps.
        """
        return self._partial_fit(X, y, sample_weight)
