"""``gradatim evaluate``: the metrics of rows whose target is known."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.model import train_model
from gradatim.settings import Settings
from gradatim.tables import read_table


def test_evaluate_says_how_to_name_codes(cli, picture_run):
    y = np.repeat([0, 1], 20)
    np.savez("codes.npz", X=picture_run, y=y)
    np.savez("named.npz", X=picture_run, y=y, class_names=["dark", "light"])
    assert "Got 0, 1. The classes have names" in cli("evaluate", "run", "codes.npz")[2]
    assert json.loads(cli("evaluate", "run", "named.npz", "--json")[1])["test"]["accuracy"] == 1.0


def test_evaluate_agrees_with_scikit_learn(cli, iris_run):
    from sklearn.datasets import load_iris
    from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

    status, out, _ = cli("evaluate", iris_run, "sample:iris", "--json")
    found = json.loads(out)
    y = load_iris().target
    probabilities = gd.load(iris_run / "model.safetensors").predict_proba(read_table("sample:iris"))
    assert status == 0
    assert (found["task"], found["target"], found["rows"]) == ("classification", "species", 150)
    assert found["test"]["accuracy"] == pytest.approx(accuracy_score(y, probabilities.argmax(axis=1)))
    assert found["test"]["log_loss"] == pytest.approx(log_loss(y, probabilities))
    assert found["test"]["roc_auc"] == pytest.approx(roc_auc_score(y, probabilities, multi_class="ovr"))
    status, out, _ = cli("evaluate", iris_run, "sample:iris")
    assert out.startswith("species: 150 rows\naccuracy ")


def test_evaluate_measures_a_model_of_several_numbers(cli, own_folder):
    x = np.linspace(-1, 1, 20)
    settings = Settings(hidden_widths=(), optimizer="lbfgs", validation=None, encoding=None)
    train_model(settings, {"x": x}, np.column_stack([x, 1 - x]), target_name="y").save("two.safetensors")
    pl.DataFrame({"x": x, "y_1": x + 0.5, "y_2": 1 - x}).write_csv("rows.csv")
    status, out, _ = cli("evaluate", "two.safetensors", "rows.csv")
    assert status == 0
    assert out.startswith("y_1, y_2: 20 rows\nrmse  0.2500\n")


def test_evaluate_says_which_class_is_positive(cli, own_folder):
    table = pl.DataFrame({"x": np.arange(60.0), "y": ["no", "yes"] * 30})
    gd.fit(table, "y", rungs="constant", positive="no", out="run")
    table[:1].write_csv("one.csv")
    table.write_csv("all.csv")
    assert cli("evaluate", "run", "all.csv")[1].startswith("y: 60 rows, 'no' counts as positive\naccuracy ")
    assert cli("evaluate", "run", "one.csv")[1].startswith("y: 1 row, 'no' counts as positive\n")
    assert json.loads(cli("evaluate", "run", "all.csv", "--json")[1])["positive"] == "no"
