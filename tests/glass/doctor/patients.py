"""Networks that the tests of the doctor share: trained quickly, some well and some ill."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from gradatim.model import Settings, train_model
from gradatim.tables.examples import examples_of


def trained(sample="concrete", **settings):
    """A model of a sample, the course's way, and the examples that it was trained on."""
    examples = examples_of(f"sample:{sample}")
    chosen = Settings("plain", **{"random_state": 0, "n_threads": 1, "engine": "textbook", **settings})
    return train_model(chosen, examples.table, examples.y, target_name=examples.target), examples


def found(sample="concrete", **settings):
    """What is wrong with such a model."""
    model, examples = trained(sample, **settings)
    return gd.examine(model, examples.table, examples.y)


def named(findings, name):
    """The diagnoses of this name; there must be one."""
    chosen = [one for one in findings if one.name == name]
    assert chosen, findings
    return chosen


def blobs(m=200, n=4, seed=0):
    """Columns X (n, m) and Y (1, m): the side of a plane."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, m))
    return X, (X[:1] + X[1:2] > 0).astype(float)
