"""Our presets: the table goes in as it is, all else is the default."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import polars as pl

import gradatim as gd
from benchmarks.accuracy.fitting import Predict


def _fitted(preset: str, X: pl.DataFrame, y: np.ndarray, task: str, seed: int, threads: int) -> Predict:
    network = gd.NetworkClassifier if task == "classification" else gd.NetworkRegressor
    model: Any = network(preset, random_state=seed, n_threads=threads).fit(X, y)
    predict: Predict = model.predict_proba if task == "classification" else model.predict
    return predict


plain = partial(_fitted, "plain")
strong = partial(_fitted, "strong")
best = partial(_fitted, "best")
