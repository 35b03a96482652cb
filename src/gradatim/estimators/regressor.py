"""`NetworkRegressor`."""

from __future__ import annotations

from sklearn.base import RegressorMixin

from gradatim.estimators.base import NetworkEstimator
from gradatim.settings import Task


class NetworkRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """A network that predicts numbers; ``hidden_widths=()`` is linear regression. It scales the target itself.

    The arguments are those of `gradatim.Settings`. A name chooses a method, an object sets it too:
    ``optimizer="adam"`` or ``optimizer=gd.Adam(beta2=0.95)``. Besides:

    Args:
        validation: a share of the rows, a pair (X, y) of your own, or None. The default is None with "lbfgs".
        random_state: a seed, None, or a generator of NumPy's, from which a seed is drawn.
        callbacks: objects with ``on_epoch_end(progress)``; returning False stops the training.
        verbose: 1 prints a line per epoch.

    Attributes:
        model_: the `gradatim.Model`, to save and to open.
        network_, history_, settings_: of the model.
        n_features_in_, feature_names_in_: of X.

    Example:
        >>> import numpy as np
        >>> X = np.linspace(-1, 1, 50).reshape(-1, 1)
        >>> line = NetworkRegressor(hidden_widths=(), optimizer="lbfgs", validation=None, encoding=None)
        >>> line.fit(X, 2 * X[:, 0] + 1).predict([[0.0], [0.5]]).round(4)
        array([1., 2.])
    """

    _task: Task = "regression"
