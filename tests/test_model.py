"""A model end to end: from a table of any kind to predictions that its network gives again."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from sklearn.linear_model import LinearRegression, LogisticRegression

from gradatim.engines import ENGINES, textbook
from gradatim.errors import DivergedError, InputError, ShapeError
from gradatim.formulas.losses import LogLoss
from gradatim.formulas.penalties import L2
from gradatim.model import NetworkOptions, Settings, load, train_model
from gradatim.settings import PRESETS
from gradatim.tables import read_table
from gradatim.tables.encoding import Encoding
from gradatim.tables.images import pixel_names
from gradatim.tables.table import Table

m = 120
rng = np.random.default_rng(7)
X = rng.standard_normal((m, 3))
yes_no = np.where(X[:, 0] + X[:, 1] * X[:, 2] + 0.3 * rng.standard_normal(m) > 0, "yes", "no")
species = np.array(["ant", "bee", "cat"])[np.argmax(X + 0.3 * rng.standard_normal((m, 3)), axis=1)]
prices = 1000 + 50 * (X[:, 0] - X[:, 1] ** 2)
mixed = pl.DataFrame(
    {
        "size": np.where(rng.uniform(size=m) < 0.1, np.nan, X[:, 0]),
        "colour": pl.Series(rng.choice(["red", "green", "blue"], m)).set(pl.Series(rng.uniform(size=m) < 0.1), None),
        "sold": rng.uniform(size=m) < 0.5,
    }
)
QUICK = {"max_epochs": 5, "random_state": 0}


def quick(table, y, **changes):
    arguments = {
        name: changes.pop(name) for name in list(changes) if name in ("task", "weights", "validation_rows", "positive")
    }
    usual = {"random_state": 0} if changes.get("optimizer") == "lbfgs" else QUICK
    return train_model(Settings(**usual | changes), table, y, **arguments)


# --- predictions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("y", [yes_no, species], ids=["two classes", "three classes"])
def test_the_network_gives_what_predict_proba_gives(preset, y):
    model = quick(mixed, y, preset=preset)
    A = model.network_.forward(model.encode(mixed)).output
    proba = model.predict_proba(mixed)
    expected = proba.T if len(model.classes_) > 2 else proba[:, 1:].T
    assert A == pytest.approx(expected, abs=1e-6)
    assert proba.dtype == np.float64
    assert proba.sum(axis=1) == pytest.approx(np.ones(m), abs=1e-12)
    assert (model.predict(mixed) == model.classes_[proba.argmax(axis=1)]).all()


@pytest.mark.parametrize("preset", PRESETS)
def test_the_network_gives_what_predict_gives_for_numbers(preset):
    model = quick(mixed, prices, preset=preset)
    A = model.network_.forward(model.encode(mixed)).output
    price = A[0] * model.target.std[0] + model.target.mean[0]
    within = np.clip(price, model.target.low[0], model.target.high[0]) if model.target.clip else price
    assert within == pytest.approx(model.predict(mixed), rel=1e-6)


def test_every_option_of_the_network_at_once():
    """Embedded categories, scale, learned slopes, dropout, members."""
    model = quick(
        mixed,
        species,
        encoding=Encoding(embed_above=2),
        network=NetworkOptions(scale=True, learned_slope=True, initializer="glorot"),
        dropout=0.2,
        members=3,
        activation="tanh",
        weight_decay=0.01,
        schedule="cosine",
        loss=LogLoss(label_smoothing=0.1),
    )
    assert model.encode(mixed).shape == (model.architecture.inputs + 1, m), "codes stand below X"
    A = model.network_.forward(model.encode(mixed)).output
    assert A.shape == (3, m)
    assert model.predict_proba(mixed) == pytest.approx(A.T, abs=1e-6)


def test_labels_keep_their_type_and_columns_their_order():
    for y in (np.array([0, 1, 1, 0] * 30), np.array([True, False] * 60), np.array(["b", "a"] * 60)):
        model = quick(X, y)
        assert set(model.predict(X).tolist()) <= set(y.tolist())
        assert model.classes_.tolist() == sorted(set(y.tolist()))


def test_the_positive_class_has_the_output():
    model = quick(X, yes_no, positive="no")
    A = model.network_.forward(model.encode(X)).output
    assert model.predict_proba(X)[:, model.classes_.tolist().index("no")] == pytest.approx(A[0], abs=1e-6)


def test_rows_may_come_in_any_order_and_with_further_columns():
    model = quick(mixed, prices)
    order = rng.permutation(m)
    wider = mixed[order].with_columns(pl.lit("?").alias("new")).select("new", "sold", "colour", "size")
    assert model.predict(wider) == pytest.approx(model.predict(mixed)[order], rel=1e-12)


def test_rows_may_be_named_by_where_they_are(tmp_path):
    model = quick(mixed, species)
    path = tmp_path / "rows.parquet"
    mixed.with_columns(target=pl.Series(species)).write_parquet(path)
    for source in (path, str(path)):
        assert np.array_equal(model.predict(source), model.predict(mixed))
        assert np.array_equal(model.predict_proba(source), model.predict_proba(mixed))
        assert np.array_equal(model.encode(source), model.encode(mixed)), "the target's column is left aside"
    concrete = read_table("sample:concrete", "strength")
    model = quick(concrete.drop(["strength"]), concrete.column("strength"), max_epochs=1)
    assert model.encode("sample:concrete").shape == (8, 1030)
    assert model.outputs("sample:concrete") == pytest.approx(model.outputs(concrete), rel=1e-12)
    with pytest.raises(InputError, match="Did you mean 'sample:concrete'"):
        model.predict("concrete")


def test_pictures_from_files_are_brought_to_the_size_of_training(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    dark, light = np.zeros((20, 12)), np.full((20, 12), 255.0)
    pictures = Table.from_any(np.repeat([dark, light], 10, axis=0).reshape(20, -1))
    pictures = replace(pictures, block_names=pixel_names((20, 12, 1)), image_shape=(20, 12, 1))
    model = quick(pictures, ["dark"] * 10 + ["light"] * 10, max_epochs=20)
    Image.new("L", (60, 100), 255).save(tmp_path / "wall.png")
    assert model.table_of(tmp_path / "wall.png").image_shape == (20, 12, 1)
    assert model.predict(tmp_path / "wall.png").tolist() == ["light"]


def test_many_rows_are_predicted_in_pieces(monkeypatch):
    model = quick(mixed, prices)
    whole = model.predict(mixed)
    monkeypatch.setattr("gradatim.model.model.NUMBERS_AT_ONCE", 7 * max(model.architecture.n))
    assert model.predict(mixed) == pytest.approx(whole, rel=1e-12)
    assert model.predict(mixed[:0]).shape == (0,)


def test_sparse_rows_predict_as_dense_ones():
    dense = (rng.uniform(size=(m, 6)) < 0.3) * rng.uniform(size=(m, 6))
    model = quick(sparse.csr_array(dense), yes_no)
    A = model.network_.forward(model.encode(sparse.csr_array(dense))).output
    assert model.predict_proba(sparse.csr_array(dense))[:, 1] == pytest.approx(A[0], abs=1e-6)


def test_several_numbers_are_predicted_together():
    Y = np.column_stack([prices, 3 * X[:, 2]])
    model = quick(X, Y, hidden_widths=(), optimizer="lbfgs", validation=None, encoding=None)
    assert model.predict(X) == pytest.approx(LinearRegression().fit(X, Y).predict(X), abs=1e-5)


# --- linear and constant models --------------------------------------------------------------------------------------

SOLVED = {"hidden_widths": (), "optimizer": "lbfgs", "validation": None, "encoding": None, "dtype": "float64"}


def test_no_hidden_layer_is_logistic_regression():
    model = quick(X, yes_no, **SOLVED, penalty=L2(1 / m))
    theirs = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12).fit(X, yes_no)
    assert model.network_.W[1] == pytest.approx(theirs.coef_, abs=1e-6)
    assert model.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)


def test_no_hidden_layer_is_least_squares():
    model = quick(X, prices, **SOLVED)
    coefficients = np.linalg.lstsq(np.column_stack([X, np.ones(m)]), prices, rcond=None)[0]
    assert model.predict(X) == pytest.approx(np.column_stack([X, np.ones(m)]) @ coefficients, abs=1e-5)
    assert model.network_.W[1].ravel() * model.target.std[0] == pytest.approx(coefficients[:3], abs=1e-5)


def nothing(table):
    table = Table.from_any(table)
    return table.drop(table.names)


@pytest.mark.parametrize("y", [yes_no, species], ids=["two classes", "three classes"])
def test_without_columns_a_network_learns_how_frequent_classes_are(y, tmp_path):
    model = quick(nothing(mixed), y, **{**SOLVED, "encoding": "auto"})
    frequencies = np.unique(y, return_counts=True)[1] / m
    assert model.architecture.inputs == 0
    assert model.predict_proba(mixed) == pytest.approx(np.tile(frequencies, (m, 1)), abs=1e-6)
    model.save(tmp_path / "constant.safetensors")
    assert np.array_equal(load(tmp_path / "constant.safetensors").predict_proba(mixed), model.predict_proba(mixed))
    A = model.network_.forward(model.encode(mixed)).output
    assert A.shape == (len(frequencies) if len(frequencies) > 2 else 1, m)


def test_without_columns_a_network_learns_the_mean():
    model = quick(nothing(mixed), prices, **{**SOLVED, "encoding": "auto"})
    assert model.predict(mixed) == pytest.approx(np.full(m, prices.mean()), rel=1e-9)


def test_lbfgs_trains_on_all_rows_unless_told_otherwise():
    line = {"hidden_widths": (), "optimizer": "lbfgs", "encoding": None}
    model = quick(X, prices, **line)
    assert model.rows == {"train": m, "validation": 0}
    assert model.predict(X) == pytest.approx(LinearRegression().fit(X, prices).predict(X), abs=1e-5)
    assert quick(X, prices, **line, validation_rows=np.arange(20)).rows == {"train": m - 20, "validation": 20}


# --- rows and weights ------------------------------------------------------------------------------------------------


def test_everything_is_fitted_on_training_rows_only():
    """Rows that choose the epoch may hold any numbers: encoding and scale of the target do not move."""
    held = np.arange(0, m, 4)
    wild, wild_prices = X.copy(), prices.copy()
    wild[held] *= 1000
    wild_prices[held] += 1e6
    tame = quick(X, prices, validation_rows=held, patience_epochs=None, max_epochs=2, metric=None)
    other = quick(wild, wild_prices, validation_rows=held, patience_epochs=None, max_epochs=2, metric=None)
    assert tame.target == other.target
    assert all(
        np.array_equal(a, b)
        for a, b in zip(tame.encoder.tensors().values(), other.encoder.tensors().values(), strict=True)
    )
    assert tame.history_["training_loss"].tolist() == other.history_["training_loss"].tolist()
    assert tame.rows == {"train": m - len(held), "validation": len(held)}


def test_validation_is_in_the_units_of_the_target():
    model = quick(X, prices, max_epochs=1, validation_rows=np.arange(30))
    errors = prices[:30] - model.predict(X[:30])
    assert model.history_["validation_rmse"][0] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-4)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "f1", "log_loss", "roc_auc"])
@pytest.mark.parametrize("y", [yes_no, species], ids=["two classes", "three classes"])
def test_every_metric_of_classes_chooses_epochs(metric, y):
    from gradatim.formulas.metrics import METRICS

    model = quick(X, y, metric=metric, validation_rows=np.arange(40), max_epochs=8)
    scores = model.history_[f"validation_{metric}"]
    best = scores.max() if METRICS[metric].greater_is_better else scores.min()
    assert scores[model.training.best_epoch - 1] == best
    codes = np.searchsorted(model.classes_.astype(str), y[:40])
    prediction = model.predict_proba(X[:40])
    prediction = prediction.argmax(axis=1) if METRICS[metric].needs == "labels" else prediction
    assert METRICS[metric].value(codes, prediction) == pytest.approx(best, rel=1e-5)


def test_the_loss_chooses_epochs_by_scores():
    """Probabilities of float32 round to 1 and know no more; beyond a score of about 17 the loss from A is infinite."""
    signs = np.where(np.arange(m) % 2, 1.0, -1.0)
    labels = np.where(signs > 0, "yes", "no")
    held = np.arange(30)
    labels[0] = "yes"  # in the middle of the other class
    wide = {"hidden_widths": (), "encoding": None, "optimizer": "gradient_descent", "learning_rate": 100.0}
    model = quick(40 * signs[:, None], labels, metric=None, validation_rows=held, max_epochs=3, **wide)
    Z = model.encode(40 * signs[:30, None]).T @ model.network_.W[1].T + model.network_.b[1].T
    y = (labels[:30] == "yes").astype(float)
    L = np.logaddexp(0, Z[:, 0]) - y * Z[:, 0]
    assert L.max() > 100
    losses = model.history_["validation_loss"]
    assert np.isfinite(losses).all()
    assert losses[model.training.best_epoch - 1] == pytest.approx(L.mean(), rel=1e-5)


def test_a_share_may_be_a_number_of_numpy():
    assert quick(X, prices, validation=np.float32(0.25), max_epochs=1).rows == {"train": 90, "validation": 30}


def test_rows_held_out_count_by_their_weights():
    weights = np.where(np.arange(m) < 15, 100.0, 1.0)
    model = quick(X, yes_no, metric=None, validation_rows=np.arange(30), max_epochs=1, weights=weights)
    p = model.predict_proba(X[:30])[np.arange(30), (yes_no[:30] == "yes").astype(int)]
    expected = (100 * -np.log(p[:15]).sum() - np.log(p[15:]).sum()) / (100 * 15 + 15)
    assert model.history_["validation_loss"][0] == pytest.approx(expected, rel=1e-5)


def test_rows_of_your_own_choose_the_epoch():
    model = train_model(Settings(**QUICK), X[:80], species[:80], validation=(X[80:], species[80:]))
    assert model.rows == {"train": 80, "validation": 40}
    given = quick(X, species, validation_rows=np.arange(80, m))
    assert given.history_["validation_log_loss"].tolist() == model.history_["validation_log_loss"].tolist()


def test_a_weight_of_two_is_a_row_twice():
    twice = np.vstack([X, X[:50]]), np.concatenate([prices, prices[:50]])
    weights = np.where(np.arange(m) < 50, 2.0, 1.0)
    weighted = quick(X, prices, **SOLVED, weights=weights)
    assert weighted.predict(X) == pytest.approx(quick(*twice, **SOLVED).predict(X), rel=1e-6)


def test_rows_of_weight_zero_do_not_train():
    weights = (np.arange(m) >= 60).astype(float)
    wild = np.where(weights > 0, prices, 1e9)
    model = quick(X, wild, weights=weights, validation=None, batch_size=4)
    assert model.rows["train"] == 60
    assert np.abs(model.predict(X)).max() < 1e5


@pytest.mark.parametrize("seed", range(6))
def test_rows_of_weight_zero_are_not_drawn_at_all(seed):
    """Of two rows that count one trains and one chooses, whatever the seed; groups and classes are those of the two."""
    weights = np.isin(np.arange(m), [5, 77]).astype(float)
    model = quick(X, prices, weights=weights, max_epochs=1, random_state=seed)
    assert model.rows == {"train": 1, "validation": 1}
    with pytest.raises(InputError, match="Rows of weight above 0 must be left to train on"):
        quick(X, prices, weights=weights, validation_rows=[5, 77])


def test_balanced_classes_weigh_the_same():
    rare = np.where(np.arange(m) < 20, "rare", "usual")
    model = quick(nothing(X), rare, **{**SOLVED, "encoding": "auto"}, class_weight="balanced")
    assert model.predict_proba(X)[0] == pytest.approx([0.5, 0.5], abs=1e-6)
    model = quick(nothing(X), rare, **{**SOLVED, "encoding": "auto"}, class_weight={"rare": 10.0})
    assert model.predict_proba(X)[0] == pytest.approx([200 / 300, 100 / 300], abs=1e-6)


def test_same_seed_same_model_and_the_seed_is_recorded(tmp_path):
    for name in ("a", "b"):
        quick(mixed, species, dropout=0.2).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    drawn = quick(mixed, species, random_state=None)
    again = quick(mixed, species, random_state=drawn.settings_.random_state)
    assert np.array_equal(again.vector, drawn.vector)


def test_settings_say_what_was_used():
    used = quick(mixed, species).settings_
    assert (used.engine, used.encoding) == ("fast", Encoding(clip=3.0, embed_above=8, dtype="float32"))
    solved = quick(X, prices, **SOLVED).settings_
    assert solved.encoding == Encoding(numbers="none", clip=None, embed_above=None, dtype="float64")
    again = [train_model(settings, X, prices) for settings in (solved, quick(X, prices).settings_)]
    assert np.array_equal(again[0].vector, quick(X, prices, **SOLVED).vector)
    assert np.array_equal(again[1].vector, quick(X, prices).vector)


@pytest.mark.parametrize("changes", [{}, {"hidden_widths": (), "optimizer": "lbfgs"}], ids=["steps", "lbfgs"])
def test_the_engine_that_is_asked_for_computes(changes, monkeypatch):
    calls = Counter()

    class Counting:
        def __getattr__(self, name):
            calls[name] += 1
            return getattr(textbook, name)

    monkeypatch.setitem(ENGINES, "counting", "counting_engine")
    monkeypatch.setitem(sys.modules, "counting_engine", Counting())
    model = quick(X, yes_no, engine="counting", metric=None, validation_rows=np.arange(20), **changes)
    assert model.settings_.engine == "counting"
    assert calls["predict"] == len(model.history_), "of the validation rows"
    assert calls["loss_and_gradients" if changes else "train"] >= len(model.history_)
    assert calls["unsupported"], "before it computes"
    before = calls["predict"]
    probabilities = model.predict_proba(X)
    assert calls["predict"] == before, "a model that is trained predicts by itself"
    textbooks = quick(X, yes_no, engine="textbook", metric=None, validation_rows=np.arange(20), **changes)
    assert np.array_equal(probabilities, textbooks.predict_proba(X))


# --- refused ---------------------------------------------------------------------------------------------------------


def test_what_cannot_be_trained_is_refused():
    with pytest.raises(ShapeError, match=r"y must have one value for each of the 120 rows of X\. Got 119"):
        quick(X, prices[1:])
    with pytest.raises(ShapeError, match=r"y must have one value for each of the 30 rows of X\. Got 29"):
        train_model(Settings(**QUICK), X, prices, validation=(X[:30], prices[:29]))
    with pytest.raises(ShapeError, match="weights must have shape"):
        quick(X, prices, weights=np.ones(3))
    with pytest.raises(InputError, match="weights must be finite, 0 or more"):
        quick(X, prices, weights=-np.ones(m))
    with pytest.raises(InputError, match="validation_rows must be some"):
        quick(X, prices, validation_rows=np.arange(m))
    with pytest.raises(InputError, match="class_weight must be None where numbers"):
        quick(X, prices, class_weight="balanced")
    with pytest.raises(InputError, match="class_weight must name classes"):
        quick(X, yes_no, class_weight={"maybe": 2.0})
    with pytest.raises(InputError, match="validation must be a share"):
        quick(X, prices, validation=2)


def test_a_metric_that_is_not_defined_on_the_rows_held_out_is_refused():
    with pytest.raises(InputError, match="Got r2 and 1 row"):
        quick(X[:6], prices[:6], metric="r2")
    one_class = np.flatnonzero(species == "ant")
    for metric in ("accuracy", "balanced_accuracy", "f1", "log_loss"):
        assert np.isfinite(quick(X, species, metric=metric, validation_rows=one_class[:5]).vector).all()
    with pytest.raises(InputError, match="Got roc_auc and 5 rows: it needs rows of every class"):
        quick(X, species, metric="roc_auc", validation_rows=one_class[:5])


@pytest.mark.parametrize("validation", [None, 0.2])
def test_parameters_beyond_all_bounds_are_no_model(validation):
    steps = {
        "optimizer": "gradient_descent",
        "batch_size": None,
        "dtype": "float64",
        "max_epochs": 1,
        "preset": "plain",
    }
    with pytest.raises(DivergedError, match=r"learning_rate=1e\+308 is too large"):
        quick(X, prices, validation=validation, learning_rate=1e308, **steps)


@pytest.mark.parametrize("seed", ["a", -1, 1.5, True])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(InputError, match="random_state must be a whole number of 0 or more, or None"):
        quick(X, prices, random_state=seed)


def test_probabilities_of_numbers_are_refused():
    model = quick(X, prices)
    with pytest.raises(InputError, match="use predict"):
        model.predict_proba(X)
    with pytest.raises(InputError, match=r"classes_ must be asked of a model of classes\. Got one of the number"):
        _ = model.classes_


# --- seen from outside -----------------------------------------------------------------------------------------------


def test_predicting_needs_no_scikit_learn(tmp_path):
    quick(mixed, species).save(tmp_path / "model.safetensors")
    mixed.write_parquet(tmp_path / "rows.parquet")
    program = (
        "import sys, polars, gradatim as gd;"
        "model = gd.load(sys.argv[1]); model.predict_proba(polars.read_parquet(sys.argv[2])); model.network_;"
        "print(sorted(name for name in sys.modules if name in ('sklearn', 'matplotlib', 'torch')))"
    )
    files = [str(tmp_path / name) for name in ("model.safetensors", "rows.parquet")]
    output = subprocess.run([sys.executable, "-c", program, *files], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"


def test_a_model_without_hidden_layers_stays_a_line_far_outside_its_rows():
    """From normal x, y = 3x + 1: the smooth clip would bend it (9.7 instead of 16 at x = 5)."""
    x = np.random.default_rng(0).normal(size=(400, 1))
    line = Settings(hidden_widths=(), optimizer="lbfgs", dtype="float64")
    predicted = train_model(line, x, 3 * x[:, 0] + 1).predict([[2.0], [5.0], [100.0]])
    np.testing.assert_allclose(predicted, [7, 16, 301], rtol=1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("row", [2, 17, 35])
def test_a_target_that_is_missing_is_named_by_the_callers_row(bad, row):
    y = np.arange(40.0)
    y[[row, 38]] = bad
    with pytest.raises(InputError, match=rf"in 2 of 40 rows, first in row {row} "):
        train_model(Settings(max_epochs=1), np.ones((40, 1)), y)
