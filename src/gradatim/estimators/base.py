"""What classifier and regressor share: settings as arguments, fitting, and what is known afterwards.

scikit-learn's conventions: ``__init__`` stores and checks nothing; what training made ends in an underscore.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from gradatim.course import Network
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import LBFGS
from gradatim.model import Model, train_model
from gradatim.settings import Settings, Task
from gradatim.training import Callback, History, Progress, TrainingResult, checked_callbacks

_FIELDS = tuple(field.name for field in fields(Settings))


class NetworkEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """Arguments and fitting of `NetworkClassifier` and `NetworkRegressor`; see `gradatim.settings.Settings`."""

    _task: Task

    def __init__(
        self,
        preset: str = "strong",
        *,
        hidden_widths: Any = "preset",
        activation: Any = "preset",
        optimizer: Any = "preset",
        learning_rate: Any = "preset",
        schedule: Any = "preset",
        loss: Any = "preset",
        weight_decay: Any = "preset",
        penalty: Any = None,
        dropout: Any = "preset",
        batch_size: Any = "preset",
        max_epochs: Any = "preset",
        patience_epochs: Any = "preset",
        validation: Any = 0.2,
        metric: Any = "preset",
        class_weight: Any = None,
        encoding: Any = "auto",
        network: Any = "preset",
        members: int = 1,
        engine: str = "auto",
        n_threads: int | None = None,
        dtype: str = "float32",
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
        verbose: int = 0,
    ) -> None:
        self.preset = preset
        self.hidden_widths = hidden_widths
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.loss = loss
        self.weight_decay = weight_decay
        self.penalty = penalty
        self.dropout = dropout
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.patience_epochs = patience_epochs
        self.validation = validation
        self.metric = metric
        self.class_weight = class_weight
        self.encoding = encoding
        self.network = network
        self.members = members
        self.engine = engine
        self.n_threads = n_threads
        self.dtype = dtype
        self.random_state = random_state
        self.callbacks = callbacks
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on a table.

        Args:
            X: (m, n) array, sparse matrix, or dataframe of any library; missing values and categories are welcome.
            y: (m,) targets, none missing.
            sample_weight: (m,) how much each row counts, 0 or more.

        Returns:
            self, with `model_` and what is read from it.

        Raises:
            InputError: for settings, rows or targets that cannot be used.
            DivergedError: if loss, parameters or outputs are not finite before there is an epoch to keep.
        """
        _refuse_rank_1(X)
        validate_data(self, X, y, skip_check_array=True)
        if self.n_features_in_ == 0:
            shape = np.shape(X)
            raise InputError(f"X must have columns. Got 0 feature(s) (shape={shape}) while a minimum of 1 is required.")
        self._check_target(y)
        own = self.validation if isinstance(self.validation, tuple) else None
        callbacks = (*checked_callbacks(self.callbacks), *((Printer(),) if self.verbose else ()))
        self.model_ = train_model(
            self._settings(), X, y, task=self._task, weights=sample_weight, validation=own, callbacks=callbacks
        )
        training = self.model_.training
        if training is not None and _is_unfinished(training, self.settings_):
            warnings.warn(training.message, ConvergenceWarning, stacklevel=2)
        return self

    def _check_target(self, y: Any) -> None:
        if isinstance(y, np.ndarray) and y.ndim == 2 and y.shape[1] == 1:
            column = "A column-vector y was passed when a 1d array was expected: it is read as y.ravel()."
            warnings.warn(column, DataConversionWarning, stacklevel=3)

    def _settings(self) -> Settings:
        settings = Settings(**{name: getattr(self, name) for name in _FIELDS})
        settings = replace(settings, validation=None) if isinstance(self.validation, tuple) else settings
        if isinstance(self.random_state, np.random.RandomState):
            return replace(settings, random_state=int(self.random_state.randint(2**31)))
        if isinstance(self.random_state, np.random.Generator):
            return replace(settings, random_state=int(self.random_state.integers(2**31)))
        return settings

    def predict(self, X: Any) -> Array:
        """Labels, or numbers in the units of y: (m,)."""
        return self._model(X).predict(X)

    def _model(self, X: Any) -> Model:
        check_is_fitted(self, "model_")
        _refuse_rank_1(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        return self.model_

    @property
    def network_(self) -> Network:
        """The trained network, to open: W, b, Z, A and gradients."""
        check_is_fitted(self, "model_")
        return self.model_.network_

    @property
    def history_(self) -> History:
        """A row per epoch."""
        check_is_fitted(self, "model_")
        return self.model_.history_

    @property
    def settings_(self) -> Settings:
        """What was used: nothing left to a preset."""
        check_is_fitted(self, "model_")
        return self.model_.settings_

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn's tools may expect."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.sparse = True
        tags.non_deterministic = self.random_state is None
        return tags


def _is_unfinished(training: TrainingResult, settings: Settings) -> bool:
    """Whether parameters are not what was asked for; the epochs of a network that goes step by step may run out."""
    reason = training.stopped_because
    return reason in ("diverged", "stalled") or (reason == "max_epochs" and isinstance(settings.optimizer, LBFGS))


def _refuse_rank_1(X: Any) -> None:
    if getattr(X, "ndim", 2) == 1:  # a NumPy array, or a pandas Series
        raise ShapeError(
            f"X must have rank 2, rows × columns. Got shape {X.shape}. Reshape your data: .reshape(-1, 1) for one "
            f"column, .reshape(1, -1) for one row."
        )


class Printer:
    """A line per epoch."""

    def on_epoch_end(self, progress: Progress, /) -> None:
        """Print the epoch's row of the history."""
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in progress.row.items() if name != "epoch")
        print(f"epoch {progress.epoch}/{progress.max_epochs}  {numbers}", flush=True)
