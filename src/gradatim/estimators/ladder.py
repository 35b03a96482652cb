"""`LadderClassifier` and `LadderRegressor`: the simplest model that does, as one estimator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from os import PathLike
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Tags, get_tags
from sklearn.utils.validation import check_is_fitted

from gradatim.errors import InputError
from gradatim.estimators.base import NetworkEstimator, name_of
from gradatim.estimators.classifier import NetworkClassifier
from gradatim.estimators.regressor import NetworkRegressor
from gradatim.formulas.arrays import Array
from gradatim.ladder.building import ladder_over
from gradatim.ladder.climb import Climb
from gradatim.ladder.rungs import BEST, OF_THE_BEST, SOLVER, UNASKED, climbed_with
from gradatim.ladder.splits import FEWEST_ROWS, split_rows
from gradatim.ladder.tried import TriedRung
from gradatim.ladder.verdict import require_choice
from gradatim.ladder.yardstick import yardsticks_named
from gradatim.settings import Settings, Task, seed_of
from gradatim.tables.examples import Examples
from gradatim.training.weights import checked_weights


class LadderEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """Arguments and fitting of `LadderClassifier` and `LadderRegressor`."""

    _task: Task
    _network: type[NetworkEstimator]

    def __init__(
        self,
        preset: str = "strong",
        *,
        rungs: str | Iterable[str] = UNASKED,
        choose: str = "simplest",
        metric: Any = "preset",
        folds: int | str | None = "auto",
        hidden_widths: Any = "preset",
        activation: Any = "preset",
        learning_rate: Any = "preset",
        max_epochs: Any = "preset",
        encoding: Any = "auto",
        yardstick: Any = False,
        n_threads: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.preset = preset
        self.rungs = rungs
        self.choose = choose
        self.metric = metric
        self.folds = folds
        self.hidden_widths = hidden_widths
        self.activation = activation
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.encoding = encoding
        self.yardstick = yardstick
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Climb the ladder on a table, and keep one rung. No row is kept to test on: hold some back yourself.

        Args:
            X: (m, n) array, sparse matrix, or dataframe of any library, five rows or more; missing values and
                categories are welcome.
            y: (m,) targets, none missing; (m, k) for several: numbers, or two classes each.
            sample_weight: (m,) how much each row counts in training, 0 or more.
            groups: (m,) rows of one group are held out together, or train together.

        Returns:
            self, with `rungs_`, `verdict_`, `best_estimator_` and `model_`.

        Raises:
            InputError: for settings, rows or targets that cannot be used.
            DivergedError: if no rung, or not the one that is to be kept, has an epoch whose numbers are finite.
        """
        network = self._of_network()
        network._check_input(X, y, reset=True)
        yardsticks, (preset, rungs) = yardsticks_named(self.yardstick), climbed_with(self.preset, self.rungs)
        settings = network._settings()
        settings = replace(settings, preset=preset, random_state=seed_of(settings.random_state))
        examples = _examples(X, y, sample_weight, groups)
        labels = examples.y if self._task == "classification" else None
        split = split_rows(examples.n_rows, labels, test=0.0, seed=settings.random_state or 0, groups=examples.groups)
        ladder, _ = ladder_over(examples, split, settings, rungs, task=self._task, folds=self.folds)
        require_choice(self.choose, [rung.name for rung in ladder.rungs])
        climb = Climb.of(ladder, self.choose, yardsticks=yardsticks)
        self.rungs_, self.verdict_, self.yardsticks_ = climb.tried, climb.verdict, climb.aside.yardsticks
        self.best_estimator_ = self._estimator_of(climb.kept, network)
        self.model_ = climb.kept.model
        self.n_features_in_ = network.n_features_in_
        if hasattr(network, "feature_names_in_"):
            self.feature_names_in_ = network.feature_names_in_
        return self

    def _of_network(self) -> NetworkEstimator:
        """The estimator of the networks, before their widths are known."""
        names = (
            *("preset", "metric", "hidden_widths", "activation", "learning_rate", "max_epochs", "encoding"),
            *("n_threads", "random_state"),
        )
        return self._network(**{name: getattr(self, name) for name in names})

    def _estimator_of(self, kept: TriedRung, network: NetworkEstimator) -> NetworkEstimator:
        """The estimator that would train the rung that is kept, holding its model."""
        used: Settings = kept.model.settings_
        if kept.rung.is_network:
            preset = BEST if kept.rung.is_ensemble and used.preset == OF_THE_BEST else used.preset
            network.set_params(preset=preset, hidden_widths=used.hidden_widths)
        else:
            network.set_params(
                **{"preset": "plain", "hidden_widths": (), "optimizer": SOLVER, "penalty": used.penalty},
                **dict.fromkeys(("activation", "learning_rate", "max_epochs"), "preset"),
                validation=None,
            )
        network.model_ = kept.model
        return network

    def predict(self, X: Any) -> Array:
        """Labels, or numbers in the units of y, by the rung that is kept: (m,); of several targets (m, k)."""
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.predict(X)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model that is kept as one safetensors file. `gradatim.load` reads it back as `model_` is."""
        check_is_fitted(self, "best_estimator_")
        self.best_estimator_.save(path)

    def __str__(self) -> str:
        """The parameters, and the verdict below."""
        return f"{self!r}\n\n{self.verdict_}" if hasattr(self, "verdict_") else repr(self)

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn's tools may expect: the input and targets of the networks."""
        tags = super().__sklearn_tags__()
        inner = get_tags(self._of_network())
        tags.input_tags, tags.non_deterministic = inner.input_tags, inner.non_deterministic
        tags.target_tags.multi_output = True
        return tags


def _examples(X: Any, y: Any, weights: Any, groups: Any) -> Examples:
    """Rows that count; those of weight 0 take no part."""
    if weights is not None:
        rows = y.shape[0] if hasattr(y, "shape") else np.asarray(y).shape[0]
        weights = checked_weights(weights, rows, "sample_weight")
    examples = Examples.of(X, y, weights, groups=groups, name=name_of(y))
    if examples.weights is not None and not examples.weights.all():
        examples = examples.take(np.flatnonzero(examples.weights))
    if examples.n_rows < FEWEST_ROWS:
        raise InputError(
            f"X must have {FEWEST_ROWS} rows that count or more, to train on some and choose by others. "
            f"Got n_samples = {examples.n_rows}."
        )
    return examples


class LadderClassifier(ClassifierMixin, LadderEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """The simplest model that tells classes apart as well as any: constant, logistic regression, shallow, deep.

    Every rung is scored on the same rows, held out in turn or once; `verdict_` says what was kept and why. It is then
    trained once more on all rows, but for a linear model after one holdout.

    Args:
        preset: of the networks: "strong" or "plain". "best" is "strong" with the rung ensemble above those that are
            named.
        rungs: some of constant, linear, shallow, deep and, if asked for, ensemble: five of the deep networks, which
            predict by their mean, and take five times as long.
        choose: "simplest" (within one standard error of the best), "best", or a rung's name.
        metric: by which epochs and rungs are chosen.
        folds: in how many parts of the rows rungs are compared; 1 or None is one holdout; "auto" is 5 for fewer than
            3,000 rows, else one holdout.
        hidden_widths: of the deep network; the shallow one has the first of them.
        activation: of the hidden layers.
        learning_rate: of the networks.
        max_epochs: of the networks.
        encoding: as of `NetworkClassifier`.
        yardstick: True measures the tree ensembles that are installed beside the rungs; or names, such as
            "histogram_boosting,lightgbm". They are told of in `verdict_`, and never chosen.
        n_threads: of the networks; None chooses.
        random_state: a seed, None, or a generator of NumPy's, from which a seed is drawn.

    Attributes:
        rungs_: every rung that was tried, the simplest first, with its score.
        verdict_: which one is kept, and why; ``str(verdict_)`` says it.
        best_estimator_: a `NetworkClassifier` that holds the model, with the settings that would train its rung again
            on all rows; for the constant rung those of the linear one, and for an ensemble of plain networks those of
            one of them.
        model_: the `gradatim.Model` or `gradatim.Ensemble` that is kept.
        yardsticks_: tree ensembles that were measured.
        classes_: (K,) labels in the order of `predict_proba`'s columns; of several targets a list of two labels each.
        n_features_in_, feature_names_in_: of X.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> ladder = LadderClassifier("plain", rungs="constant,linear", random_state=0).fit(X, y)
        >>> ladder.verdict_.chosen, [tried.rung.name for tried in ladder.rungs_]
        ('linear', ['constant', 'linear'])
        >>> ladder.predict_proba(X[:2]).shape
        (2, 3)
    """

    _task: Task = "classification"
    _network = NetworkClassifier

    @property
    def classes_(self) -> Any:
        """(K,) labels in the order of `predict_proba`'s columns; of several targets a list of two labels each."""
        check_is_fitted(self, "model_")
        return self.model_.classes_

    def predict_proba(self, X: Any) -> Array:
        """How probable each class is: (m, K), in the order of `classes_`; of several targets (m, k)."""
        check_is_fitted(self, "best_estimator_")
        return np.asarray(self.best_estimator_.predict_proba(X))

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn's tools may expect."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class LadderRegressor(RegressorMixin, LadderEstimator):  # type: ignore[misc]  # scikit-learn carries no types
    """The simplest model that predicts numbers as well as any: constant, linear regression, shallow, deep.

    Arguments and attributes are those of `LadderClassifier`; `best_estimator_` is a `NetworkRegressor`.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(60, 2))
        >>> ladder = LadderRegressor("plain", rungs="constant,linear", random_state=0).fit(X, X @ [3.0, -1.0] + 2)
        >>> ladder.verdict_.chosen, ladder.predict([[1.0, 1.0]]).round(1)
        ('linear', array([4.]))
    """

    _task: Task = "regression"
    _network = NetworkRegressor
