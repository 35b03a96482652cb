"""Tables and runs that the tests of the report share."""

from __future__ import annotations

import numpy as np

import gradatim as gd

QUICK = {"preset": "plain", "epochs": 3, "folds": 1, "rungs": "constant,linear,shallow"}

HOSTILE = "<script>alert('x')</script>"
"""A column's name that would run, were it not escaped."""

MATHS = "$\\frac{$_\x07"
"""One that matplotlib would take for mathematics, with a character that XML has no form for."""


def table_with_holes(m=300, seed=0):
    """Two classes: a number that says much, one with gaps, categories, a column that says nothing, hostile names."""
    rng = np.random.default_rng(seed)
    signal, city = rng.normal(size=m), rng.choice(["<b>Rome</b>", "Oslo", "日本"], m)
    y = signal + (city == "Oslo") + 0.5 * rng.normal(size=m) > 0
    return {
        HOSTILE: signal,
        MATHS: np.where(rng.random(m) < 0.2, np.nan, signal + rng.normal(size=m)).tolist(),
        "city": city.tolist(),
        "noise": rng.normal(size=m),
        "same": np.ones(m),
        "bought": np.where(y, "_yes & more", "<no>").tolist(),
    }


def run_with_holes(**arguments):
    return gd.fit(table_with_holes(), "bought", **{**QUICK, **arguments})
