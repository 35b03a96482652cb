"""What the default promises: a network opened, saved and gone on with is the network that predicts.

Every kind of table and target has one model of ``preset="strong"`` with all of its parts: embedded numbers and
categories, scales, learned slopes, dropout, the clip.
"""

from functools import cache

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from gradatim.estimators import NetworkClassifier, NetworkRegressor
from gradatim.model import Settings, load, train_model
from gradatim.network import CategoryEmbedding, NumericEmbedding, Scale
from gradatim.settings import DescentOptions
from gradatim.tables import Table

m = 120
rng = np.random.default_rng(7)
X = rng.standard_normal((m, 3))
towns = [f"town {k}" for k in rng.permutation(np.arange(m) % 12)]
houses = pl.DataFrame(
    {
        "size": np.where(rng.uniform(size=m) < 0.1, np.nan, X[:, 0]),
        "age": X[:, 1],
        "sold": X[:, 2] > 0,
        "colour": rng.choice(["red", "green", "blue"], m),
        "town": towns,
    }
)
yes_no = np.where(X[:, 0] + X[:, 1] * X[:, 2] > 0, "yes", "no")
species = np.array(["ant", "bee", "cat"])[np.argmax(X, axis=1)]
prices = 1000 + 50 * (X[:, 0] - X[:, 1] ** 2)
words = sparse.csr_array(np.where(rng.uniform(size=(m, 40)) < 0.1, rng.uniform(size=(m, 40)), 0.0))
names = tuple(f"pixel_{y}_{x}_0" for y in range(4) for x in range(4))
block = rng.integers(0, 256, (m, 16)).astype(np.uint8)
pictures = Table(pl.DataFrame(), block, names, m, image_shape=(4, 4, 1))

CASES = {
    "two classes": (houses, yes_no, {}),
    "three classes": (houses, species, {}),
    "numbers": (houses, prices, {}),
    "two numbers": (houses, np.column_stack([prices, X[:, 2]]), {}),
    "labels": (houses, np.column_stack([X[:, 0] > 0, X[:, 1] > 0]), {}),
    "pictures": (pictures, np.where(block[:, 0] > 127, "light", "dark"), {}),
    "sparse": (words, species, {}),
    "members, classes": (houses, species, {"members": 2}),
    "members, numbers": (houses, prices, {"members": 2}),
}
EVERY = pytest.mark.parametrize("name", CASES)


@cache
def model_of(name):
    table, y, changes = CASES[name]
    usual = {"hidden_widths": (16, 8), "max_epochs": 20, "random_state": 0}
    return train_model(Settings(**usual | changes), table, y)


@EVERY
def test_the_default_is_strong_and_nothing_is_left_of_it(name):
    settings = model_of(name).settings_
    assert (settings.preset, settings.activation) == ("strong", "mish" if "numbers" in name else "selu")
    options = settings.network
    assert (options.embed_numbers, options.scale, options.learned_slope, options.clip) == (True,) * 4
    assert all(layer.learned_slope for layer in model_of(name).architecture.layers if hasattr(layer, "learned_slope"))


@EVERY
def test_the_opened_network_gives_what_is_predicted(name):
    table = CASES[name][0]
    model = model_of(name)
    A = model.network_.forward(model.encode(table)).output
    if model.task == "regression":
        mean, std, low, high = (
            np.array(getattr(model.target, fact))[:, None] for fact in ("mean", "std", "low", "high")
        )
        expected = np.clip(A * std + mean, low, high)
        np.testing.assert_allclose(np.atleast_2d(model.predict(table).T), expected, rtol=1e-5, atol=1e-4)
        return
    P = model.predict_proba(table)
    several = name == "labels"
    np.testing.assert_allclose(A, P.T if several or A.shape[0] > 1 else P[:, 1:].T, atol=1e-6)
    if several:
        assert np.array_equal(model.predict(table), A.T > 0.5)
    else:
        assert P.sum(axis=1) == pytest.approx(np.ones(m), abs=1e-12)
        labels = model.classes_[P.argmax(axis=1)]
        assert np.array_equal(model.predict(table), labels)
        assert set(labels) <= set(CASES[name][1])


@pytest.mark.parametrize("name", ["two classes", "three classes", "numbers"])
def test_the_network_is_what_its_formulas_say(name):
    """Written out from the parameters: cosines, scales, layers that blend their activation with the identity."""
    table = CASES[name][0]
    model = model_of(name)
    θ, architecture = model.network_.parameters(), model.architecture
    encoded = model.encoder.encode(table)
    x, codes = np.asarray(encoded.X, dtype=np.float64).T, encoded.codes
    embedded = architecture.front[0].columns
    rows = []
    for j in range(embedded):
        wave = np.cos(2 * np.pi * np.outer(θ["frequency"][j], x[j]) + θ["phase"][j][:, None])
        rows += [θ["V"][j] @ wave + θ["c"][j][:, None], x[j : j + 1]]
    A = np.vstack([*rows, x[embedded:], θ["E1"][codes[:, 0]].T]) * θ["scale"]
    for l in (1, 2):
        Z = θ[f"W{l}"] @ A + θ[f"b{l}"]
        if name == "numbers":
            g = Z * np.tanh(np.log1p(np.exp(Z)))
        else:
            g = 1.0507009873554805 * np.where(Z > 0, Z, 1.6732632423543772 * np.expm1(Z))
        α = θ[f"slope{l}"]
        A = (1 - α) * Z + α * g
    Z = θ["W3"] @ A + θ["b3"]
    if name == "two classes":
        expected = 1 / (1 + np.exp(-Z))
    else:
        expected = Z if name == "numbers" else np.exp(Z) / np.exp(Z).sum(axis=0)
    np.testing.assert_allclose(model.network_.forward(model.encode(table)).output, expected, rtol=1e-9, atol=1e-12)


def test_what_stands_in_front_follows_the_columns():
    """Two numbers are embedded as four inputs each, twelve towns as eight, three colours as they are.

    Pixels are scaled, not embedded; a sparse table has nothing in front.
    """
    front = model_of("numbers").architecture.front
    assert [type(part) for part in front] == [NumericEmbedding, CategoryEmbedding, Scale]
    assert front[0].columns == 2
    assert front[1].levels == (12 + 1,), "and one for towns that nobody has seen"
    assert [type(part) for part in model_of("pictures").architecture.front] == [Scale]
    assert model_of("sparse").architecture.front == ()


@EVERY
def test_saved_and_loaded_it_predicts_the_same_bytes(name, tmp_path):
    table = CASES[name][0]
    model = model_of(name)
    model.save(tmp_path / "m.safetensors")
    again = load(tmp_path / "m.safetensors")
    assert again.outputs(table).tobytes() == model.outputs(table).tobytes()
    assert again.predict(table).tolist() == model.predict(table).tolist()
    assert (again.architecture, again.target, again.settings_.network) == (
        *(model.architecture, model.target, model.settings_.network),
    )


@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
def test_calls_of_partial_fit_run_through_no_schedule(kind):
    """Six calls are six epochs at a constant rate, with a constant decay: no call runs through a whole schedule."""
    target = species if kind is NetworkClassifier else prices
    still = DescentOptions(dropout_schedule=None, decay_schedule=None)
    same = {"hidden_widths": (8,), "dropout": None, "batch_size": None, "validation": None, "random_state": 0}
    six = kind(**same, max_epochs=6, schedule=None, descent=still).fit(X, target)
    parts = kind(**same)
    for _ in range(6):
        parts.partial_fit(X, target)
    assert parts.model_.vector.tobytes() == six.model_.vector.tobytes()
    assert parts.settings_.descent.rate_factors == six.settings_.descent.rate_factors != {}


@pytest.mark.parametrize("going_on", ["partial_fit", "warm_start"])
def test_predictions_stay_within_all_rows_that_have_trained(going_on):
    """The first rows reach from 0 to 1, the later ones from -2 to 3: so do the predictions then."""
    x = np.linspace(-2, 3, 200).reshape(-1, 1)
    first = (x[:, 0] >= 0) & (x[:, 0] <= 1)
    model = NetworkRegressor(hidden_widths=(8,), max_epochs=20, validation=None, warm_start=True, random_state=0)
    goes_on = model.partial_fit if going_on == "partial_fit" else model.fit
    goes_on(x[first], x[first, 0])
    assert (model.model_.target.low[0], model.model_.target.high[0]) == (x[first].min(), x[first].max())
    mean, std = model.model_.target.mean, model.model_.target.std
    goes_on(x, x[:, 0])
    target = model.model_.target
    assert (target.low, target.high, target.mean, target.std) == ((-2.0,), (3.0,), mean, std)
    goes_on(x[first], x[first, 0])
    assert (model.model_.target.low, model.model_.target.high) == ((-2.0,), (3.0,)), "what was seen stays seen"
