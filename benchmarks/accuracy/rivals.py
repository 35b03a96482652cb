"""The rivals with their defaults: trees by their own categories and missing values, RealMLP with those it needs.

Nothing of gradatim is imported here: a rival may live in an environment of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import polars as pl

from benchmarks.accuracy.fitting import Predict


def lightgbm(X: pl.DataFrame, y: np.ndarray, task: str, seed: int, threads: int) -> Predict:
    """Ke et al. 2017."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    boosting = LGBMClassifier if task == "classification" else LGBMRegressor
    return _fitted(boosting(random_state=seed, n_jobs=threads, verbose=-1), X, y, task)


def xgboost(X: pl.DataFrame, y: np.ndarray, task: str, seed: int, threads: int) -> Predict:
    """Chen & Guestrin 2016."""
    from xgboost import XGBClassifier, XGBRegressor

    boosting = XGBClassifier if task == "classification" else XGBRegressor
    return _fitted(boosting(random_state=seed, n_jobs=threads, enable_categorical=True), X, y, task)


def catboost(X: pl.DataFrame, y: np.ndarray, task: str, seed: int, threads: int) -> Predict:
    """Prokhorenkova et al. 2018."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    boosting = CatBoostClassifier if task == "classification" else CatBoostRegressor
    model = boosting(random_seed=seed, thread_count=threads, verbose=False, allow_writing_files=False)
    columns = Columns.of(X)
    model.fit(columns.texts(X), y, cat_features=list(columns.levels))
    predict = model.predict_proba if task == "classification" else model.predict
    return lambda X: predict(columns.texts(X))


def realmlp(X: pl.DataFrame, y: np.ndarray, task: str, seed: int, threads: int) -> Predict:
    """Holzmüller, Grinsztajn & Steinwart 2024: trained for the log loss, as that is what we compare."""
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    common = {"device": "cpu", "random_state": seed, "n_threads": threads}
    if task == "classification":
        model: Any = RealMLP_TD_Classifier(use_ls=False, val_metric_name="cross_entropy", **common)
    else:
        model = RealMLP_TD_Regressor(**common)
    columns = Columns.of(X)
    model.fit(columns.imputed(X), y)
    predict = model.predict_proba if task == "classification" else model.predict
    return lambda X: predict(columns.imputed(X))


def _fitted(model: Any, X: pl.DataFrame, y: np.ndarray, task: str) -> Predict:
    columns = Columns.of(X)
    model.fit(columns.categories(X), y)
    predict = model.predict_proba if task == "classification" else model.predict
    return lambda X: predict(columns.categories(X))


@dataclass(frozen=True)
class Columns:
    """What the training rows say of the columns. In pandas they are called c0, c1, …: LightGBM refuses some names.

    Attributes:
        names: in pandas, by the name in the table.
        means: of numbers, dates among them, without the missing ones; 0 where all are.
        gaps: numbers of which some are missing.
        levels: of the others, sorted.
    """

    names: dict[str, str]
    means: dict[str, float]
    gaps: tuple[str, ...]
    levels: dict[str, list[str]]

    @classmethod
    def of(cls, X: pl.DataFrame) -> Self:
        names = {name: f"c{place}" for place, name in enumerate(X.columns)}
        means: dict[str, float] = {}
        gaps: list[str] = []
        levels: dict[str, list[str]] = {}
        for column in map(_read, X):
            name = names[column.name]
            if column.dtype == pl.String:
                levels[name] = column.drop_nulls().unique().sort().to_list()
            else:
                mean: Any = column.fill_nan(None).mean()
                means[name] = mean or 0.0
                gaps += [name] if column.is_nan().any() else []
        return cls(names, means, tuple(gaps), levels)

    def categories(self, X: pl.DataFrame) -> pd.DataFrame:
        """Texts as categories: a level that was not there in training is missing, too."""
        found = self._series(X)
        return pd.DataFrame(
            {
                name: _categorical(values, self.levels[name]) if name in self.levels else values
                for name, values in found.items()
            }
        )

    def texts(self, X: pl.DataFrame) -> pd.DataFrame:
        """Texts as they are, and the word missing."""
        found = self._series(X)
        return pd.DataFrame(
            {
                name: ["missing" if value is None else value for value in values] if name in self.levels else values
                for name, values in found.items()
            }
        )

    def imputed(self, X: pl.DataFrame) -> pd.DataFrame:
        """Missing numbers by their means, with a category that says where they were; levels by their numbers."""
        frame = self.categories(X)
        columns = {name: frame[name].fillna(mean) for name, mean in self.means.items()}
        # scikit-learn, which pytabkit asks to check the frame, makes floats of categories: no texts, then.
        for name, levels in self.levels.items():
            columns[name] = pd.Categorical.from_codes(frame[name].cat.codes, categories=range(len(levels)))
        for name in self.gaps:
            columns[f"{name}_missing"] = pd.Categorical(frame[name].isna().astype(int), categories=[0, 1])
        return pd.DataFrame(columns)

    def _series(self, X: pl.DataFrame) -> dict[str, Any]:
        """Numbers as arrays with NaN, texts as lists with None."""
        columns = {self.names[column.name]: column for column in map(_read, X)}
        return {
            name: column.to_list() if column.dtype == pl.String else column.to_numpy()
            for name, column in columns.items()
        }


def _categorical(values: list[str | None], levels: list[str]) -> pd.Categorical:
    """Values that are no level are missing."""
    return pd.Categorical.from_codes(pd.Index(levels).get_indexer(values), categories=levels)


def _read(column: pl.Series) -> pl.Series:
    """As numbers with NaN, dates among them, or as texts."""
    if column.dtype.is_temporal():
        column = column.to_physical()
    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_null(float("nan"))
    return column.cast(pl.String)
