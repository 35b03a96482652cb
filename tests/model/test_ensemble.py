"""Several models that answer by their mean."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from gradatim.errors import InputError
from gradatim.model import Ensemble, Settings, train_ensemble, train_model
from gradatim.predictions import predicted
from gradatim.runs import evaluate
from gradatim.tables import table_of

rng = np.random.default_rng(4)
X = rng.normal(size=(60, 3))
number = 3 * X[:, 0] + rng.normal(size=60) + 10
two = np.where(X[:, 1] > 0, "yes", "no")
three = np.digitize(X[:, 2], [-0.5, 0.5])


def settings(**changes):
    return Settings(**{"preset": "plain", "hidden_widths": (4,), "max_epochs": 3, "random_state": 1} | changes)


def ensemble(y, **rest):
    return train_ensemble(settings(), X, y, models=3, **rest)


@pytest.mark.parametrize("y", [two, three], ids=["two", "three"])
def test_probabilities_are_the_mean_of_the_models(y):
    of_three = ensemble(y)
    P = np.mean([model.predict_proba(X) for model in of_three.models], axis=0)
    assert of_three.predict_proba(X) == pytest.approx(P, abs=1e-15)
    assert np.array_equal(of_three.predict(X), of_three.classes_[of_three.predict_proba(X).argmax(axis=1)])
    assert list(of_three.classes_) == sorted(set(y))
    assert of_three.task == "classification"


@pytest.mark.parametrize("y", [number, np.stack([number, -number], axis=1)], ids=["one", "several"])
def test_numbers_are_the_mean_of_the_models_each_in_the_units_of_its_rows(y):
    of_three = ensemble(y)
    assert len({model.target.mean for model in of_three.models}) == 3
    expected = np.mean([model.predict(X) for model in of_three.models], axis=0)
    assert of_three.predict(X) == pytest.approx(expected, rel=1e-14)
    assert of_three.target.decode(of_three.outputs(X)).reshape(y.shape) == pytest.approx(expected, rel=1e-14)
    assert (of_three.target.low, of_three.target.high) == (
        tuple(y.reshape(60, -1).min(axis=0)),
        tuple(y.reshape(60, -1).max(axis=0)),
    )
    assert of_three.task == "regression"


def test_labels_of_several_targets_follow_the_mean():
    Y = np.stack([two == "yes", three == 1], axis=1)
    of_three = ensemble(Y)
    P = np.mean([model.predict_proba(X) for model in of_three.models], axis=0)
    assert of_three.predict_proba(X) == pytest.approx(P, abs=1e-15)
    assert np.array_equal(of_three.predict(X), P > 0.5)


def test_the_mean_errs_less_than_the_models_do_on_average_by_as_much_as_they_disagree():
    """Krogh & Vedelsby 1995, equation 6: an identity, on any rows."""
    of_three = ensemble(number)
    said = np.stack([model.predict(X) for model in of_three.models])
    mean = of_three.predict(X)
    disagreement = np.mean((said - mean) ** 2)
    assert disagreement > 0
    assert np.mean((mean - number) ** 2) == pytest.approx(np.mean((said - number) ** 2) - disagreement)


@pytest.mark.parametrize("y", [number, two, three], ids=["number", "two", "three"])
def test_out_of_fold_each_row_is_asked_of_the_model_that_held_it_out(y):
    whole = train_ensemble(settings(), X, y, models=5)
    said = whole.outputs_out_of_fold(X)
    for row in range(len(X)):
        (model,) = [model for model, held in zip(whole.models, whole.held_out, strict=True) if row in held]
        expected = model.predict(X[[row]]) if y is number else model.outputs(X[[row]])[0]
        assert said[row] == pytest.approx(expected)


def test_out_of_fold_a_row_that_all_trained_on_is_not_answered_and_one_held_out_twice_has_the_mean():
    some = train_ensemble(settings(), X, number, models=2)
    assert np.array_equal(
        np.isnan(some.outputs_out_of_fold(X)[:, 0]), ~np.isin(range(60), np.concatenate(some.held_out))
    )
    twice = train_ensemble(settings(), X, number, models=10)
    row = 7
    asked = [
        model.predict(X[[row]])[0] for model, held in zip(twice.models, twice.held_out, strict=True) if row in held
    ]
    assert len(asked) == 2
    assert twice.outputs_out_of_fold(X)[row, 0] == pytest.approx(np.mean(asked))


def test_out_of_fold_needs_the_rows_of_training(tmp_path):
    of_three = ensemble(number)
    with pytest.raises(InputError, match=r"rows must be those of training, 60 or more\. Got 10\."):
        train_ensemble(settings(), X, number, models=5).outputs_out_of_fold(X[:10])
    of_three.save(tmp_path / "m")
    for without in (Ensemble(of_three.models, of_three.settings_), ensemble(number, validation=(X, number))):
        with pytest.raises(InputError, match="must be asked of an ensemble that was trained just now, and held rows"):
            without.outputs_out_of_fold(X)


def test_what_one_network_has_is_asked_of_one():
    of_three = ensemble(two)
    with pytest.raises(InputError, match=r"an ensemble of 3: open models\[0\]\.network_"):
        of_three.network_  # noqa: B018
    with pytest.raises(InputError, match=r"ask models\[0\]\.at\(epoch=…\)"):
        of_three.at(epoch=1)
    with pytest.raises(InputError, match="predict_proba must be asked of a model of classes"):
        ensemble(number).predict_proba(X)
    with pytest.raises(InputError, match="classes_ must be asked of a model of classes"):
        ensemble(number).classes_  # noqa: B018


def test_models_that_have_no_mean_are_refused():
    model = train_model(settings(), X, two)
    for other, message in {
        train_model(settings(), X, number): "models must predict the same",
        train_model(settings(), X, three): "models must predict the same",
        train_model(settings(), X[:, :2], two): "models must read the same columns",
    }.items():
        with pytest.raises(InputError, match=f"{message}. Got another in model 2 than in the first"):
            Ensemble((model, other), model.settings_)
    with pytest.raises(InputError, match=r"models must be one or more\. Got none"):
        Ensemble((), model.settings_)


def test_models_of_ones_own_choice_make_an_ensemble():
    models = tuple(train_model(settings(activation=name), X, two) for name in ("relu", "tanh"))
    both = Ensemble(models, models[0].settings_)
    expected = (models[0].predict_proba(X) + models[1].predict_proba(X)) / 2
    assert both.predict_proba(X) == pytest.approx(expected, abs=1e-15)


def test_the_history_has_the_epochs_of_all_models():
    of_three = ensemble(two)
    assert of_three.history_["model"].tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert of_three.history_["epoch"].tolist() == [1, 2, 3] * 3
    assert of_three.history_["training_loss"][3] == of_three.models[1].history_["training_loss"][0]


def test_the_summary_counts_the_models_and_draws_the_first():
    of_three = ensemble(two)
    said = of_three.summary()
    assert "by the mean of 3" in said
    assert f"3, together {3 * of_three.models[0].parameter_count} parameters" in said
    assert said == str(of_three)
    assert repr(of_three).startswith("Ensemble(3 × Model(Classification of 'target' into 2 classes")
    assert "<table" in of_three._repr_html_()


def test_a_table_with_predictions_and_metrics_are_to_be_had_of_an_ensemble(tmp_path):
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": two})
    of_three = train_ensemble(settings(), frame.drop("kind"), frame["kind"], models=3)
    table, notes = predicted(of_three, frame)
    assert table.columns == ["a", "b", "kind", "kind_predicted", "p_no", "p_yes"]
    assert table["p_yes"].to_numpy() == pytest.approx(of_three.predict_proba(frame)[:, 1])
    assert notes == ("Not predicted from: 'kind' (the target).",)
    of_three.save(tmp_path / "m")
    frame.write_csv(tmp_path / "rows.csv")
    for found in (evaluate(of_three, frame), evaluate(tmp_path / "m", tmp_path / "rows.csv")):
        assert found["test"]["accuracy"] == np.mean(of_three.predict(frame) == two)
        assert (found["target"], found["positive"]) == ("kind", "yes")


def test_numbers_are_measured_in_their_own_units():
    frame = pl.DataFrame({"a": X[:, 0], "y": number})
    of_three = train_ensemble(settings(), frame.drop("y"), frame["y"], models=3)
    rmse = np.sqrt(np.mean((of_three.predict(frame) - number) ** 2))
    assert evaluate(of_three, frame)["test"]["rmse"] == pytest.approx(rmse)


def test_a_file_is_read_once_for_all_models(tmp_path, monkeypatch):
    frame = pl.DataFrame(X, schema=["a", "b", "c"])
    of_three = train_ensemble(settings(), frame, number, models=3)
    frame.write_csv(tmp_path / "rows.csv")
    read = []

    def reading(rows, **rest):
        read.append(rows)
        return table_of(rows, **rest)

    monkeypatch.setattr("gradatim.model.model.table_of", reading)
    assert of_three.predict(tmp_path / "rows.csv") == pytest.approx(of_three.predict(frame))
    assert len([rows for rows in read if isinstance(rows, Path)]) == 1
