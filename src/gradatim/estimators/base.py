"""What classifier and regressor share: settings as arguments, fitting, and what is known afterwards.

scikit-learn's conventions: ``__init__`` stores and checks nothing; what training made ends in an underscore.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from numbers import Real
from os import PathLike
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
from gradatim.tables.conversion import refuse_lazy
from gradatim.training import Callback, History, Progress, TrainingResult, checked_callbacks
from gradatim.training.weights import checked_weights

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
        max_steps: Any = None,
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
        record: Any = None,
        warm_start: bool = False,
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
        self.max_steps = max_steps
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
        self.record = record
        self.warm_start = warm_start
        self.random_state = random_state
        self.callbacks = callbacks
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Train on a table.

        With ``warm_start=True`` a second call goes on from the first: same encoding, same layers, same seed, and the
        optimizer with all that it remembers. The best epoch is then the best of this call. Otherwise it begins anew.

        Ctrl-C ends the training, not the program, once there is an epoch to keep: the best one is kept, with a warning.

        Args:
            X: (m, n) array, sparse matrix, or dataframe of any library; missing values and categories are welcome.
            y: (m,) targets, none missing; (m, k) for several: numbers, or two classes each.
            sample_weight: (m,) how much each row counts, 0 or more.
            groups: (m,) rows of one group are held out together to choose the epoch, or train together.

        Returns:
            self, with `model_` and what is read from it.

        Raises:
            InputError: for settings, rows or targets that cannot be used.
            DivergedError: if loss, parameters or outputs are not finite before there is an epoch to keep.
        """
        start = getattr(self, "model_", None) if self.warm_start else None
        self._check_input(X, y, reset=start is None)
        own = self._own_validation()
        settings = self._settings()
        settings = settings if own is None else replace(settings, validation=None)
        return self._train(settings, X, y, weights=sample_weight, groups=groups, validation=own, start=start)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Self:
        """One epoch over these rows, on from where the last call, or `fit`, ended."""
        start = getattr(self, "model_", None)
        self._check_input(X, y, reset=start is None)
        an_epoch = replace(
            self._settings(), max_epochs=1, max_steps=None, patience_epochs=None, validation=None, schedule=None
        )
        return self._train(an_epoch, X, y, weights=sample_weight, start=start, classes=classes)

    def _check_input(self, X: Any, y: Any, *, reset: bool) -> None:
        _refuse_no_table(X)
        validate_data(self, X, y, reset=reset, skip_check_array=True)
        if self.n_features_in_ == 0:
            shape = np.shape(X)
            raise InputError(f"X must have columns. Got 0 feature(s) (shape={shape}) while a minimum of 1 is required.")
        self._check_target(y)

    def _own_validation(self) -> tuple[Any, Any] | None:
        """The rows of their own that choose the epoch, where there are such."""
        given = self.validation
        pair = isinstance(given, tuple | list) and len(given) == 2
        if not (pair or given is None or isinstance(given, Real)):
            got = f"{len(given)} things" if isinstance(given, tuple | list) else f"{given!r:.80}"
            raise InputError(
                f"validation must be a share between 0 and 1, a pair (X, y) of rows of your own, or None. Got {got}."
            )
        return (given[0], given[1]) if pair else None

    def _train(self, settings: Settings, X: Any, y: Any, weights: Any, **rest: Any) -> Self:
        callbacks = (*checked_callbacks(self.callbacks), *((Printer(),) if self.verbose else ()))
        if weights is not None:
            shape = y.shape if hasattr(y, "shape") else np.asarray(y).shape
            weights = checked_weights(weights, shape[0], "sample_weight")
        self.model_ = train_model(
            settings, X, y, task=self._task, target_name=_name_of(y), weights=weights, callbacks=callbacks, **rest
        )
        training = self.model_.training
        if training is not None and _is_unfinished(training, self.settings_):
            warnings.warn(training.message, ConvergenceWarning, stacklevel=3)
        return self

    def _check_target(self, y: Any) -> None:
        if isinstance(y, np.ndarray) and y.dtype.kind == "c":
            raise InputError("y must hold real numbers or labels. Complex data not supported.")
        if isinstance(y, np.ndarray) and y.ndim == 2 and y.shape[1] == 1:
            column = "A column-vector y was passed when a 1d array was expected: it is read as y.ravel()."
            warnings.warn(column, DataConversionWarning, stacklevel=4)

    def _settings(self) -> Settings:
        settings = Settings(**{name: getattr(self, name) for name in _FIELDS})
        if isinstance(self.random_state, np.random.RandomState):
            return replace(settings, random_state=int(self.random_state.randint(2**31)))
        if isinstance(self.random_state, np.random.Generator):
            return replace(settings, random_state=int(self.random_state.integers(2**31)))
        return settings

    def at(self, epoch: int | None = None, step: int | None = None) -> Model:
        """The model as it was after an epoch, or a step, of its training: with ``record="epochs"`` or ``"steps"``.

        Args:
            epoch: counted from 1; 0 is before the first.
            step: counted from 1, instead.

        Raises:
            InputError: if nothing was recorded, or there was no such epoch.
        """
        check_is_fitted(self, "model_")
        return self.model_.at(epoch=epoch, step=step)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model as one safetensors file, whole or not at all. `gradatim.load` reads it back as a `Model`.

        Raises:
            NotFittedError: before `fit`.
            InputError: if the folder does not exist, or `path` is one.
        """
        check_is_fitted(self, "model_")
        self.model_.save(path)

    def predict(self, X: Any) -> Array:
        """Labels, or numbers in the units of y: (m,); of several targets (m, k)."""
        return self._model(X).predict(X)

    def _model(self, X: Any) -> Model:
        check_is_fitted(self, "model_")
        # An array as wide as that of `fit`, neither with names: scikit-learn has nothing to check, and takes a while.
        as_fitted = type(X) is np.ndarray and X.ndim == 2 and X.shape[1] == self.n_features_in_
        if not as_fitted or hasattr(self, "feature_names_in_"):
            _refuse_no_table(X)
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
    def n_iter_(self) -> int:
        """How many epochs there were, of all calls that went on from one another; with L-BFGS iterations."""
        return len(self.history_)

    @property
    def settings_(self) -> Settings:
        """What was used: nothing left to a preset."""
        check_is_fitted(self, "model_")
        return self.model_.settings_

    def __str__(self) -> str:
        """The parameters as scikit-learn prints them, and the trained network below: layers, shapes, sizes."""
        return f"{self!r}\n\n{self.model_.summary()}" if hasattr(self, "model_") else repr(self)

    def _html_repr(self) -> str:
        """In a notebook: scikit-learn's box of parameters, and the trained network below it."""
        network = self.model_._repr_html_() if hasattr(self, "model_") else ""
        return str(super()._html_repr()) + network

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn's tools may expect."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        tags.non_deterministic = self.random_state is None
        return tags


def takes_steps(estimator: NetworkEstimator) -> bool:
    """Whether there is a `partial_fit`.

    Raises:
        AttributeError: if there is none, as scikit-learn asks for it.
    """
    if isinstance(estimator.optimizer, LBFGS) or str(estimator.optimizer) == "lbfgs":
        raise AttributeError("optimizer must take steps for partial_fit. Got lbfgs: use adam, or call fit.")
    return True


def _name_of(y: Any) -> str | None:
    """What a target without a name of its own is called here; None where it brings one."""
    return None if hasattr(y, "columns") or getattr(y, "name", None) else "y"


def _is_unfinished(training: TrainingResult, settings: Settings) -> bool:
    """Whether parameters are not what was asked for; the epochs of a network that goes step by step may run out."""
    reason = training.stopped_because
    return reason in ("diverged", "stalled", "interrupted") or (
        reason == "max_epochs" and isinstance(settings.optimizer, LBFGS)
    )


def _refuse_no_table(X: Any) -> None:
    refuse_lazy(X, "X")
    if isinstance(X, Mapping) or (isinstance(X, list) and X and isinstance(X[0], Mapping)):
        raise InputError(
            f"X must be an array, a sparse matrix or a dataframe. Got a {type(X).__name__}: pandas.DataFrame(X) and "
            f"polars.DataFrame(X) make one."
        )
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
