"""What the model looks at: shuffled columns are those of the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.inspection import permutation_importance

import gradatim as gd
from gradatim.formulas.metrics import METRICS
from gradatim.model import Settings, train_model
from gradatim.report import importance
from gradatim.report.importance import importance_facts
from tests.report.tables import HOSTILE, run_with_holes


@pytest.fixture
def mixed():
    """Numbers, gaps, a category with a few levels, one that is embedded, and dates of three parts."""
    rng = np.random.default_rng(2)
    m = 150
    x = rng.normal(size=m)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, m), unit="D")
    frame = pd.DataFrame(
        {
            "x": x,
            "holes": np.where(rng.random(m) < 0.3, np.nan, x + rng.normal(size=m)),
            "sex": rng.choice(["f", "m"], m),
            "city": rng.choice([f"city {k}" for k in range(12)], m),
            "when": days,
        }
    )
    return frame, x + (frame["sex"] == "f") + days.month / 6


def test_shuffling_what_is_encoded_is_shuffling_the_table(mixed):
    """scikit-learn shuffles the dataframe, and the model reads it anew; the same seed gives the same numbers."""
    frame, y = mixed
    settings = Settings("strong", hidden_widths=(8,), max_epochs=5, random_state=0)
    model = train_model(settings, frame, y, task="regression")
    facts = importance_facts(model, [model.encoder.encode(frame)], pl.Series(y), METRICS["rmse"])
    found = {column.name: column.loss for column in facts.columns}
    assert set(found) == set(frame.columns)

    class Reader:
        def fit(self):
            raise NotImplementedError

    def score(_, shuffled, truth):
        return -np.sqrt(np.mean((model.predict(shuffled) - truth) ** 2))

    order = sorted(found, key=[c.name for c in sorted(facts.columns, key=lambda c: -c.share)].index)
    expected = permutation_importance(
        Reader(), frame[order], np.asarray(y), scoring=score, n_repeats=facts.repeats, random_state=0
    )
    for name, mean in zip(order, expected.importances_mean, strict=True):
        assert found[name] == pytest.approx(mean, rel=2e-3, abs=2e-4)


def test_what_says_much_matters_and_noise_does_not():
    facts = run_with_holes().report().facts.importance
    by_name = {column.name: column for column in facts.columns}
    assert facts.columns[0].name == HOSTILE
    assert by_name[HOSTILE].loss > 0.1 > by_name["noise"].loss
    assert by_name[HOSTILE].share > by_name["noise"].share
    assert sum(column.share for column in facts.columns) == pytest.approx(1, abs=1e-3)
    assert "same" not in by_name  # a constant is left out of the network


def test_work_is_bounded(monkeypatch):
    """Repeats go first, then columns, then rows."""
    run = run_with_holes()
    test = run.evidence.test
    each = max(run.model.parameter_count, 1000)
    monkeypatch.setattr(importance, "PRODUCTS", each * test.n_rows * 4 * 2)
    encoded = run.model.encoder.encode(test.table)
    facts = importance_facts(run.model, [encoded], test.y, METRICS["log_loss"])
    assert (facts.repeats, facts.rows) == (2, test.n_rows)
    monkeypatch.setattr(importance, "FEWEST_ROWS", 10)
    monkeypatch.setattr(importance, "PRODUCTS", each * 20 * 4 * 2)
    assert importance_facts(run.model, [encoded], test.y, METRICS["log_loss"]).rows == 20


def test_pictures_have_a_picture():
    run = gd.fit("sample:digits", rungs="linear", folds=1)
    facts = run.report().facts
    assert facts.importance.columns == ()
    assert (facts.importance.picture.width, facts.importance.picture.height) == (8, 8)
    assert (facts.weights.width, facts.weights.height) == (8 * 9 - 1, 2 * 9 - 1)  # ten classes, eight in a row
    assert facts.worst.rows[0].picture is not None
    assert facts.worst.columns == ()
