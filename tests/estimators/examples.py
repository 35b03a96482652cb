"""Tables and settings that tests of estimators share."""

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

X, y = load_iris(return_X_y=True)
LABELS = np.column_stack([y > 0, y > 1]).astype(int)
"""Of each row two labels: is it no setosa, is it a virginica."""

QUICK = {"preset": "plain", "max_epochs": 15, "hidden_widths": (8,), "random_state": 0, "learning_rate": 0.01}
"""Few epochs at a constant rate, and nothing in front of the first layer."""

SOLVED = {"hidden_widths": (), "optimizer": "lbfgs", "validation": None, "encoding": None, "dtype": "float64"}
"""One optimum, found to the last digits: that of linear and logistic regression."""

FULL_BATCH = {
    **{"preset": "plain", "hidden_widths": (8,), "learning_rate": 0.01},
    **{"batch_size": None, "validation": None, "random_state": 0},
}
"""Nothing is drawn after the first parameters: no order of rows, no rows held out."""


def ten_columns(X, y):
    return X[:, :10], y


RAW_TABLES = {
    "wine": load_wine(return_X_y=True),
    "breast cancer, 30 columns": load_breast_cancer(return_X_y=True),
    "breast cancer, 10 columns": ten_columns(*load_breast_cancer(return_X_y=True)),
    "diabetes": load_diabetes(return_X_y=True),
    "iris": (X, y),
}


def goods(m=120, form=pd.DataFrame):
    """A frame of text and numbers, both with gaps, and whether each is dear: large, or red."""
    rng = np.random.default_rng(0)
    size = np.where(rng.random(m) < 0.1, np.nan, rng.normal(size=m))
    colour = rng.choice(np.array(["red", "blue", None], dtype=object), m)
    dear = (np.nan_to_num(size) > 0) | (colour == "red")
    frame = form({"size": size, "colour": colour.tolist(), "noise": rng.normal(size=m)})
    return frame, np.where(dear, "dear", "cheap")
