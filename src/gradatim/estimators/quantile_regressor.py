"""`QuantileRegressor`: one network, and an output for each quantile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils.validation import check_is_fitted

from gradatim.errors import InputError, ShapeError
from gradatim.estimators.regressor import NetworkRegressor
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import Quantile
from gradatim.tables.targets import columns_of


class QuantileRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """Several quantiles of a number at once: the numbers that a share q of all y lie below, given the columns.

    One network with an output for each quantile, over hidden layers that all share, trained with `Quantile` of all of
    them. To the network they are several targets, each of them y, so that all else (engines, model files, the network
    to open) is as usual. What comes out is sorted, for nothing keeps two outputs from crossing in some row.

    Args:
        quantiles: that rise, each in (0, 1).
        regressor: the `NetworkRegressor` to train, with any settings but the loss; None takes one with its defaults. It
            is cloned.

    Attributes:
        regressor_: the fitted one; its ``predict`` is not sorted.
        n_features_in_, feature_names_in_: of X.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> X = rng.uniform(size=(300, 1))
        >>> network = NetworkRegressor("plain", hidden_widths=(8,), max_epochs=5, random_state=0)
        >>> model = QuantileRegressor((0.1, 0.9), network).fit(X, X[:, 0] + rng.normal(size=300))
        >>> model.predict(X[:4]).shape
        (4, 2)

    Source: Koenker & Bassett 1978. Sorting: Chernozhukov, Fernández-Val & Galichon 2010 (arXiv 0704.3649), which never
    makes the estimate worse.
    """

    def __init__(
        self, quantiles: Sequence[float] = (0.05, 0.5, 0.95), regressor: NetworkRegressor | None = None
    ) -> None:
        self.quantiles = quantiles
        self.regressor = regressor

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Train on a table.

        Args:
            X: (m, n) as for `NetworkRegressor.fit`.
            y: (m,) numbers.
            sample_weight: (m,) how much each row counts.
            groups: (m,) rows of one group are held out together to choose the epoch, or train together.

        Raises:
            InputError: for quantiles outside (0, 1) or that do not rise, and settings, rows or targets that cannot be
                used.
            ShapeError: for several targets.
        """
        loss = Quantile(tuple(self.quantiles))
        regressor = NetworkRegressor() if self.regressor is None else clone(self.regressor)
        if not isinstance(regressor, NetworkRegressor):
            raise InputError(f"regressor must be a NetworkRegressor. Got {type(regressor).__name__}.")
        regressor.loss = loss
        own = regressor.validation
        if isinstance(own, tuple | list) and len(own) == 2:
            regressor.validation = (own[0], self._columns(own[1]))
        self.regressor_ = regressor.fit(X, self._columns(y), sample_weight=sample_weight, groups=groups)
        return self

    def predict(self, X: Any) -> Array:
        """The quantiles, rising: (m, k)."""
        check_is_fitted(self, "regressor_")
        said = self.regressor_.predict(X)
        return np.sort(said.reshape(len(said), -1), axis=1)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Minus the pinball loss, its mean over rows and quantiles: greater is better."""
        happened = self._columns(y).to_numpy().astype(np.float64)
        losses = Quantile(tuple(self.quantiles)).value(self.predict(X).T, happened.T)
        return -float(np.average(losses.mean(axis=0), weights=sample_weight))

    @property
    def n_features_in_(self) -> int:
        """How many columns X had."""
        check_is_fitted(self, "regressor_")
        return int(self.regressor_.n_features_in_)

    @property
    def feature_names_in_(self) -> Array:
        """(n,) what they were called.

        Raises:
            AttributeError: where they had no names.
        """
        check_is_fitted(self, "regressor_")
        return np.asarray(self.regressor_.feature_names_in_)

    def _columns(self, y: Any) -> pl.DataFrame:
        """The target once for each quantile, under names that say which."""
        columns = columns_of(y)
        if len(columns) > 1:
            raise ShapeError(f"y must have shape (m,): the quantiles of one number. Got {len(columns)} columns.")
        name = "y" if columns[0].name == "target" else columns[0].name
        return pl.DataFrame({f"{name}_q{float(q)}": columns[0] for q in self.quantiles})

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn's tools may expect: the input of the network's own."""
        tags = super().__sklearn_tags__()
        inner = get_tags(NetworkRegressor() if self.regressor is None else self.regressor)
        tags.input_tags, tags.non_deterministic = inner.input_tags, inner.non_deterministic
        return tags
