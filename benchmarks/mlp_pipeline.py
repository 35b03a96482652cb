"""The rival: scikit-learn's MLP in the usual pipeline, scored on the test rows of ``gradatim fit``.

    python -m benchmarks.mlp_pipeline TABLE.parquet --target COLUMN --task classification|regression [--seed 0]

The pipeline has medians for missing numbers with an indicator, standardized numbers, one-hot categories, and
MLPClassifier or MLPRegressor with its defaults; numbers to predict are standardized, too. It trains on the training
*and* validation rows of gradatim, as it needs none to choose by. Prints its scores as JSON.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, log_loss, r2_score, root_mean_squared_error
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.sources import labelled, split_of


def scores(train: pl.DataFrame, test: pl.DataFrame, target: str, task: str, seed: int) -> dict[str, float]:
    """The pipeline's scores on the test rows, and how many epochs it took."""
    frame = plain(train.drop(target))
    network = MLPClassifier if task == "classification" else MLPRegressor
    model = pipeline(frame, task, network(random_state=seed))
    y, y_test = (np.asarray(part[target].to_list()) for part in (train, test))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 200 epochs are its default, enough or not
        model.fit(frame, y)
    X_test = plain(test.drop(target))
    predicted = model.predict(X_test)
    if task == "regression":
        return {
            "rmse": root_mean_squared_error(y_test, predicted),
            "r2": r2_score(y_test, predicted),
            "epochs": model.regressor_[-1].n_iter_,
        }
    return {
        "log_loss": log_loss(y_test, model.predict_proba(X_test), labels=model[-1].classes_),
        "accuracy": accuracy_score(y_test, predicted),
        "epochs": model[-1].n_iter_,
    }


def pipeline(frame: pl.DataFrame, task: str, estimator: Any) -> Any:
    """The preparation, then the estimator; numbers to predict are standardized for it."""
    model = make_pipeline(preparation(frame), estimator)
    return TransformedTargetRegressor(model, transformer=StandardScaler()) if task == "regression" else model


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """A table as scikit-learn wants it: numbers with NaN, texts with the word missing, dates as numbers."""
    columns = []
    for column in frame.get_columns():
        if column.dtype.is_temporal():
            column = column.to_physical()
        if column.dtype.is_numeric():
            columns.append(column.cast(pl.Float64).fill_null(float("nan")))
        else:
            columns.append(column.cast(pl.String).fill_null("missing"))
    return pl.DataFrame(columns)


def preparation(frame: pl.DataFrame) -> ColumnTransformer:
    """Numbers imputed, marked and standardized; categories one-hot, the hundred most frequent levels."""
    numbers: Pipeline = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    categories = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=100, sparse_output=False)
    is_number = {name: dtype.is_numeric() for name, dtype in frame.schema.items()}
    return ColumnTransformer(
        [
            ("numbers", numbers, [name for name, number in is_number.items() if number]),
            ("categories", categories, [name for name, number in is_number.items() if not number]),
        ]
    )


def main(tokens: list[str] | None = None) -> None:
    """Read, train, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--target", required=True)
    parser.add_argument("--task", required=True, choices=("classification", "regression"))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(tokens)
    frame = labelled(pl.read_parquet(asked.table), asked.target)
    split = split_of(frame[asked.target], asked.task, asked.seed)
    print(json.dumps(scores(frame[split.development], frame[split.test], asked.target, asked.task, asked.seed)))


if __name__ == "__main__":
    main()
