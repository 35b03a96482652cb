"""How tree ensembles do on the same rows: a yardstick to hold the rungs against, and never a rung.

It is not chosen and not saved. It says what this table would give to another kind of model, each with its own defaults.

Conventions
-----------
* Each is trained on the training rows of the ladder, fold by fold, and scored on the same rows by the same metric.
  Nothing is chosen on the rows that score it: beside it a network, whose epoch is, stands a little too well.
* Columns are raw: numbers as they are, missing ones as NaN; categories as whole numbers, missing and unseen ones as
  NaN. A category of more levels than the model takes, and all of CatBoost's, are read as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.errors import InputError, did_you_mean
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric
from gradatim.ladder.footing import Footing
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.scoring import pooled_score
from gradatim.ladder.verdict import Score, Standing, gain, plus_minus
from gradatim.model.outcomes import observed
from gradatim.tables import ClassTarget, Encoding, NumberTarget, TableEncoder
from gradatim.tables.encoding.numeric import number_matrix
from gradatim.tables.table import Table
from gradatim.tables.targets import Target

MOST_LEVELS = 254
"""Of a category, for a histogram of 255 bins, one of which is for what is missing."""

MOST_CELLS = 50_000_000
"""Of a sparse table that is made dense."""


@dataclass(frozen=True)
class Yardstick:
    """A tree ensemble, measured on the rows of the ladder.

    Attributes:
        name: as in ``yardstick=``.
        title: as in a sentence.
        score: over the rows that score the rungs.
        seconds: that its trainings took.
    """

    name: str
    title: str
    score: Score
    seconds: float

    def against(self, kept: Standing, metric: Metric) -> str:
        """The score beside that of the rung that is kept, in a sentence."""
        by, error = gain(metric, self.score, kept.score), self.score.against(kept.score)
        said = f"{self.title} scored {plus_minus(self.score.value, self.score.standard_error)} {metric.name}: "
        if not abs(by) > error:
            return said + f"no different from what was kept (by {plus_minus(by, error)})."
        ending = "; a tree ensemble suits this table" if by > 0 else ""
        how = "better" if by > 0 else "worse"
        return said + f"{how} than what was kept by {plus_minus(abs(by), error)}{ending}."


@dataclass(frozen=True)
class _Kind:
    """Where a library keeps its classifier and its regressor."""

    title: str
    module: str
    classifier: str
    regressor: str


HISTOGRAM = "histogram_boosting"

KINDS = {
    HISTOGRAM: _Kind(
        "Histogram boosting", "sklearn.ensemble", "HistGradientBoostingClassifier", "HistGradientBoostingRegressor"
    ),
    "lightgbm": _Kind("LightGBM", "lightgbm", "LGBMClassifier", "LGBMRegressor"),
    "xgboost": _Kind("XGBoost", "xgboost", "XGBClassifier", "XGBRegressor"),
    "catboost": _Kind("CatBoost", "catboost", "CatBoostClassifier", "CatBoostRegressor"),
}


def yardsticks_named(names: bool | str | Iterable[str] | None) -> tuple[str, ...]:
    """Yardsticks by name.

    Args:
        names: ``"histogram_boosting,lightgbm"`` or a list; True for all that are installed, of which scikit-learn's
            histogram boosting always is; False or None for none.

    Raises:
        InputError: for an unknown name, and a library that is not installed.

    Example:
        >>> yardsticks_named("histogram_boosting"), yardsticks_named(False)
        (('histogram_boosting',), ())
    """
    if names is None or isinstance(names, bool):
        return tuple(name for name in KINDS if _is_installed(name)) if names else ()
    wanted = [name.strip() for name in (names.split(",") if isinstance(names, str) else names)]
    for name in wanted:
        if name not in KINDS:
            raise InputError(f"yardstick must be some of {', '.join(KINDS)}. Got {name!r}.{did_you_mean(name, KINDS)}")
        if not _is_installed(name):
            raise InputError(f"yardstick must name a library that is installed. Got {name!r}: pip install {name}.")
    return tuple(dict.fromkeys(wanted))


def _is_installed(name: str) -> bool:
    return find_spec(KINDS[name].module.split(".")[0]) is not None


def measure(ladder: Ladder, names: Iterable[str]) -> tuple[Yardstick, ...]:
    """Train and score tree ensembles on the rows of a ladder.

    Args:
        ladder: whose folds, or holdout, and metric are taken.
        names: of `KINDS`.

    Raises:
        InputError: for a sparse table that is too large to be made dense.
    """
    names = tuple(names)
    raw = [_raw(footing) for footing in ladder.footings] if names else []  # a copy of the table
    found = []
    for name in names:
        started = perf_counter()
        pairs = zip(ladder.footings, raw, strict=True)
        score = pooled_score(
            [_outcome(name, footing, columns, ladder.metric) for footing, columns in pairs], ladder.metric
        )
        found.append(Yardstick(name, KINDS[name].title, score, perf_counter() - started))
    return tuple(found)


@dataclass(frozen=True)
class _Said:
    """What a tree ensemble says about rows, beside what happened in them, as the metric takes the two."""

    target: Target
    observed: Array
    said: Array

    def predicted(self, metric: Metric) -> Array:
        return self.said


def _outcome(name: str, footing: Footing, columns: _Columns, metric: Metric) -> _Said:
    """Train on the training rows, and ask for those held out."""
    examples, train, target = footing.examples, footing.roles.train, footing.target
    weights = None if examples.weights is None else examples.weights[train]
    targets = observed(target, examples.y[train]).reshape(len(train), -1).T
    if isinstance(target, NumberTarget):
        fitted = [_fitted(name, footing, columns, y, weights, regress=True) for y in targets]
        said = [np.asarray(model.predict(columns.held_out), dtype=np.float64) for model in fitted]
    else:
        classes = len(target.classes) if isinstance(target, ClassTarget) else 2
        said = [_probabilities(name, footing, columns, y, weights, classes) for y in targets]
    happened = observed(target, examples.y[footing.roles.held_out])
    return _Said(target, happened, _as_asked(target, metric, said))


def _as_asked(target: Target, metric: Metric, said: list[Array]) -> Array:
    """Values; or probabilities by code, or the codes of the most probable, as `gradatim.model.outcomes` has them."""
    if isinstance(target, NumberTarget):
        return said[0] if len(said) == 1 else np.stack(said, axis=1)
    if isinstance(target, ClassTarget):
        return said[0] if metric.needs == "probabilities" else said[0].argmax(axis=1)
    true = np.stack([each[:, 1] for each in said], axis=1)
    return true if metric.needs == "probabilities" else (true > 0.5).astype(np.intp)


def _probabilities(
    name: str, footing: Footing, columns: _Columns, y: Array, weights: Array | None, classes: int
) -> Array:
    """(m, classes) by code; 0 for a class that no training row has."""
    seen, codes = np.unique(y, return_inverse=True)
    probabilities = np.zeros((len(columns.held_out), classes))
    if len(seen) == 1:
        probabilities[:, seen[0]] = 1.0
        return probabilities
    model = _fitted(name, footing, columns, codes, weights, regress=False)
    probabilities[:, seen] = model.predict_proba(columns.held_out)
    return probabilities


def _fitted(name: str, footing: Footing, columns: _Columns, y: Array, weights: Array | None, *, regress: bool) -> Any:
    """With its defaults, the ladder's seed, no word on standard output, and told which columns are categories."""
    kind, seed = KINDS[name], footing.settings.random_state or 0
    are_categories = columns.levels > 0
    arguments: dict[str, dict[str, Any]] = {
        HISTOGRAM: {"categorical_features": are_categories, "random_state": seed},
        "lightgbm": {"random_state": seed, "verbose": -1},
        "xgboost": {
            "random_state": seed,
            "enable_categorical": True,
            "feature_types": ["c" if category else "q" for category in are_categories],
        },
        "catboost": {"random_seed": seed, "verbose": False, "allow_writing_files": False},
    }
    model = getattr(import_module(kind.module), kind.regressor if regress else kind.classifier)(**arguments[name])
    told = {"categorical_feature": np.flatnonzero(are_categories).tolist()} if name == "lightgbm" else {}
    return model.fit(columns.train, y, sample_weight=weights, **told)


@dataclass(frozen=True)
class _Columns:
    """Raw columns.

    Attributes:
        train: (k, n) of the rows that train, NaN where missing.
        held_out: (m, n) of those held out.
        levels: (n,) how many levels a column has that is to be read as a category; 0 for numbers.
    """

    train: Array
    held_out: Array
    levels: Array


def _raw(footing: Footing) -> _Columns:
    """Kinds of columns, and levels, are those of the training rows, as for the rungs."""
    examples, train, held_out = footing.examples, footing.roles.train, footing.roles.held_out
    assert held_out is not None
    given = footing.settings.encoding
    kinds = given.kinds if isinstance(given, Encoding) else None
    encoding = Encoding(numbers="none", clip=None, embed_above=0, dtype="float64", kinds=kinds)
    encoder = TableEncoder.fit(examples.table, train, encoding)
    table = encoder.checked(examples.table).take(np.concatenate([train, held_out]))
    numbers = _numbers(table, encoder)
    levels = np.array([len(category.levels) for category in encoder.embedded], dtype=int)
    levels[levels > MOST_LEVELS] = 0
    codes = [np.where((code := category.codes(table)) > 0, code - 1.0, np.nan) for category in encoder.embedded]
    X = np.column_stack([numbers, *codes])
    levels = np.concatenate([np.zeros(numbers.shape[1], dtype=int), levels])
    return _Columns(X[: len(train)], X[len(train) :], levels)


def _numbers(table: Table, encoder: TableEncoder) -> Array:
    """Numbers and pixels, NaN where missing or infinite."""
    if table.is_sparse:
        if table.n_rows * len(encoder.inputs) > MOST_CELLS:
            raise InputError(
                f"yardstick must be off for a sparse table of so many cells, which trees need dense. Got "
                f"{table.n_rows:,} rows × {len(encoder.inputs):,} columns."
            )
        return np.asarray(table.matrix(encoder.inputs), dtype=np.float64)
    parts = [number_matrix(table, encoder.numbers.features)]
    if encoder.pixels is not None:
        parts.append(encoder.encode_checked(table).X[:, -encoder.pixels.columns :])
    X = np.hstack(parts)
    return np.where(np.isfinite(X), X, np.nan)
