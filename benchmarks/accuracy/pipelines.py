"""What scikit-learn has, in the pipeline of `benchmarks.mlp_pipeline`."""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.accuracy.fitting import Predict
from benchmarks.mlp_pipeline import pipeline, plain


def sklearn_mlp(X: pl.DataFrame, y: np.ndarray, task: str, seed: int, threads: int) -> Predict:
    """The multilayer perceptron: one hidden layer of 100, 200 epochs, no validation."""
    network = MLPClassifier if task == "classification" else MLPRegressor
    return _fitted(network(random_state=seed), X, y, task)


def linear(X: pl.DataFrame, y: np.ndarray, task: str, seed: int, threads: int) -> Predict:
    """Logistic regression, or ridge regression, with a penalty of 1."""
    # 100 steps, the default, often do not reach the optimum, and then it is no longer what it is called.
    return _fitted(LogisticRegression(max_iter=1_000) if task == "classification" else Ridge(), X, y, task)


def _fitted(estimator: object, X: pl.DataFrame, y: np.ndarray, task: str) -> Predict:
    X = plain(X)
    model = pipeline(X, task, estimator).fit(X, y)
    predict = model.predict_proba if task == "classification" else model.predict
    return lambda X: predict(plain(X))
