"""Models of which everything is known: they say what they are told to."""

from __future__ import annotations

import numpy as np


class Told:
    """A model of classes whose rows are its answers: (m, K) probabilities."""

    def __init__(self, *labels):
        self.classes_ = np.array(labels)

    def predict_proba(self, rows):
        return np.asarray(rows, dtype=float)

    def predict(self, rows):
        return self.classes_[self.predict_proba(rows).argmax(axis=1)]


class Said:
    """A model of numbers whose rows are its answers."""

    def __init__(self, column=0):
        self.column = column

    def predict(self, rows):
        return np.asarray(rows, dtype=float)[:, self.column]


def simplex(rng, m, K, sharpness=1.0):
    """Random probabilities (m, K); the sharper, the surer."""
    scores = sharpness * rng.normal(size=(m, K))
    P = np.exp(scores - scores.max(axis=1, keepdims=True))
    return P / P.sum(axis=1, keepdims=True)


def drawn(rng, P):
    """A class for each row, with these probabilities: (m,) codes."""
    return (rng.random((len(P), 1)) > P.cumsum(axis=1)).sum(axis=1).clip(max=P.shape[1] - 1)
