"""Small networks of every kind, with rows on their way through them; and one that is worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gradatim as gd
from gradatim.formulas.losses import Huber, Poisson
from gradatim.glass.trace import trace
from gradatim.model import train_model
from tests.glass.trace.tables import NUMBERS, THREE, TWO, M, mixed_table, pictures, settings

COUNTS = np.arange(M) % 5

CASES = {
    "plain, three classes": (settings(), mixed_table, THREE),
    "plain, tanh, two classes": (settings(activation="tanh"), mixed_table, TWO),
    "strong, three classes": (settings("strong"), mixed_table, THREE),
    "strong, numbers": (settings("strong", hidden_widths=(4,)), mixed_table, NUMBERS),
    "members, three classes": (settings("strong", hidden_widths=(4,), members=3), mixed_table, THREE),
    "members, numbers": (settings(members=2), mixed_table, NUMBERS),
    "no hidden layer, two classes": (settings(hidden_widths=()), mixed_table, TWO),
    "no hidden layer, members": (settings(hidden_widths=(), members=2), mixed_table, NUMBERS),
    "pixels": (settings(hidden_widths=(3,)), pictures, TWO),
    "several labels": (settings(), mixed_table, np.stack([np.arange(M) % 2, np.arange(M) // 20], axis=1)),
    "counts": (settings(loss=Poisson()), mixed_table, COUNTS * 1.0),
    "huber": (settings(loss=Huber(0.5)), mixed_table, NUMBERS),
    "squared error behind a softplus": (
        settings(network=gd.NetworkOptions(output_activation="softplus")),
        mixed_table,
        COUNTS * 1.0,
    ),
}


@pytest.fixture(scope="module", params=CASES, ids=str)
def traced(request):
    """Three rows through a small network of each kind, of members the last; and the table."""
    chosen, table, y = CASES[request.param]
    rows = table()
    model = train_model(chosen, rows, y, task="regression" if y.dtype == np.float64 else "classification")
    return trace(model, rows, y, row=[17, 2, 30], member=model.architecture.members), rows


@pytest.fixture(scope="module")
def by_hand():
    """Two inputs as they are, two tanh units, one output: weights in tenths.

    The row is x = 1, y = 2; the target 0.5, whose mean is 0 and whose deviation is 1.
    Z[1] = (0.1·1 + 0.2·2 + 0.1, -0.3·1 + 0.4·2 + 0) = (0.6, 0.5); A[1] = tanh of them = (0.5370, 0.4621)
    Z[2] = 0.5·0.53705 - 0.6·0.46212 + 0.2 = 0.19125 = A[2]; dZ[2] = 0.19125 - 0.5 = -0.30875
    L = ½ 0.30875² = 0.04766; dW[2] = -0.30875·A[1] = (-0.16581, -0.14268)
    dA[1] = (0.5, -0.6)·-0.30875 = (-0.15437, 0.18525)
    dZ[1] = dA[1]·(1 - A[1]²) = (-0.15437·0.71158, 0.18525·0.78645) = (-0.10985, 0.14569)
    dW[1] = dZ[1] (1, 2) = ((-0.10985, -0.21970), (0.14569, 0.29138)).
    """
    table, y = {"x": [1.0, -1.0], "y": [2.0, 0.0]}, [1.0, -1.0]
    chosen = settings(hidden_widths=(2,), activation="tanh", encoding=None, dtype="float64", learning_rate=0.1)
    model = train_model(replace(chosen, validation=None, patience_epochs=None), table, y, task="regression")
    vector = np.array([0.1, 0.2, -0.3, 0.4, 0.1, 0.0, 0.5, -0.6, 0.2])
    return trace(replace(model, vector=vector), {"x": [1.0], "y": [2.0], "target": [0.5]})
