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
from gradatim.model import Ensemble, Model, train_ensemble, train_model
from gradatim.model.bagging import models_of
from gradatim.settings import DescentOptions, Settings, Task
from gradatim.tables.conversion import refuse_lazy
from gradatim.training import Callback, History, Progress, checked_callbacks
from gradatim.training.weights import checked_weights

_FIELDS = tuple(field.name for field in fields(Settings))


class NetworkEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """Arguments and fitting of `NetworkClassifier` and `NetworkRegressor`; see `gradatim.settings.Settings`."""

    _task: Task
    model_: Model | Ensemble

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
        descent: Any = "preset",
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
        self.descent = descent
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
            sample_weight: (m,) how much each row counts, 0 or more: in training, and where the epoch is chosen.
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
        settings = self._settings()
        descent = DescentOptions() if settings.descent == "preset" else settings.descent
        if isinstance(descent, DescentOptions):
            descent = replace(descent, dropout_schedule=None, decay_schedule=None)
        # Nobody knows how many epochs there will be: no schedule may run its whole course in one of them.
        an_epoch = replace(settings, max_epochs=1, max_steps=None, patience_epochs=None, validation=None)
        an_epoch = replace(an_epoch, schedule=None, descent=descent)
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
        callbacks = checked_callbacks(self.callbacks)
        if weights is not None:
            shape = y.shape if hasattr(y, "shape") else np.asarray(y).shape
            weights = checked_weights(weights, shape[0], "sample_weight")
        about = {"task": self._task, "target_name": name_of(y), "weights": weights, **rest}
        several = models_of(settings, self._task) > 1
        if (several and self.warm_start) or isinstance(rest.get("start"), Ensemble):
            raise InputError(
                "A training must go on from one network (warm_start, partial_fit). Got an ensemble, which the preset "
                '"best" trains: fit anew with warm_start=False, or take the preset "strong" from the beginning.'
            )
        if several:
            about.pop("start", None)
            _refuse_callbacks(callbacks)
            self.model_ = train_ensemble(settings, X, y, callbacks_of=self._printers, **about)
        else:
            self.model_ = train_model(settings, X, y, callbacks=(*callbacks, *self._printers()), **about)
        for message in _what_broke_off(self.model_, self.settings_):
            warnings.warn(message, ConvergenceWarning, stacklevel=3)
        return self

    def _printers(self, model: int | None = None) -> tuple[Callback, ...]:
        """A line per epoch, if there is to be one; of several models with the number of each."""
        return (Printer("" if model is None else f"model {model + 1}  "),) if self.verbose else ()

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
        """Write the model as one safetensors file, whole or not at all. `gradatim.load` reads it back as `model_` is.

        Raises:
            NotFittedError: before `fit`.
            InputError: if the folder does not exist, or `path` is one.
        """
        check_is_fitted(self, "model_")
        self.model_.save(path)

    def predict(self, X: Any) -> Array:
        """Labels, or numbers in the units of y: (m,); of several targets (m, k)."""
        return self._model(X).predict(X)

    def _model(self, X: Any) -> Model | Ensemble:
        check_is_fitted(self, "model_")
        # An array as wide as that of `fit`, neither with names: scikit-learn has nothing to check, and takes a while.
        as_fitted = type(X) is np.ndarray and X.ndim == 2 and X.shape[1] == self.n_features_in_
        if not as_fitted or hasattr(self, "feature_names_in_"):
            _refuse_no_table(X)
            validate_data(self, X, reset=False, skip_check_array=True)
        return self.model_

    @property
    def network_(self) -> Network:
        """The trained network, to open: W, b, Z, A and gradients. Of an ensemble ask ``model_.models``."""
        check_is_fitted(self, "model_")
        return self.model_.network_

    @property
    def history_(self) -> History:
        """A row per epoch; of an ensemble those of all its models."""
        check_is_fitted(self, "model_")
        return self.model_.history_

    @property
    def n_iter_(self) -> int:
        """How many epochs there were, of all calls that went on from one another; with L-BFGS iterations.

        Of an ensemble those of all its models.
        """
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
    if estimator.preset == "best":
        raise AttributeError("preset must be that of one network for partial_fit. Got best: use strong, or call fit.")
    if isinstance(estimator.optimizer, LBFGS) or str(estimator.optimizer) == "lbfgs":
        raise AttributeError("optimizer must take steps for partial_fit. Got lbfgs: use adam, or call fit.")
    return True


def name_of(y: Any) -> str | None:
    """What a target without a name of its own is called here; None where it brings one."""
    return None if hasattr(y, "columns") or getattr(y, "name", None) else "y"


def _refuse_callbacks(callbacks: Sequence[Callback]) -> None:
    if callbacks:
        raise InputError(
            f'callbacks must be none with the preset "best", whose models train side by side. Got {len(callbacks)}: '
            f"gradatim.train_ensemble takes callbacks for each of them."
        )


def _what_broke_off(model: Model | Ensemble, settings: Settings) -> list[str]:
    """A sentence for each training that ended without the parameters that were asked for.

    The epochs of a network that goes step by step may run out; L-BFGS has not arrived then.
    """
    models, said = (model.models, [model.message]) if isinstance(model, Ensemble) else ((model,), [])
    bad = {"diverged", "stalled", "interrupted", *(["max_epochs"] if isinstance(settings.optimizer, LBFGS) else [])}
    trainings = [one.training for one in models if one.training is not None]
    said += [training.message for training in trainings if training.stopped_because in bad]
    return [message for message in said if message]


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
    """A line per epoch, with `who` before it."""

    def __init__(self, who: str = "") -> None:
        self.who = who

    def on_epoch_end(self, progress: Progress, /) -> None:
        """Print the epoch's row of the history."""
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in progress.row.items() if name != "epoch")
        print(f"{self.who}epoch {progress.epoch}/{progress.max_epochs}  {numbers}", flush=True)
