"""What is rarely set: options of the network and of its descent."""

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import InputError
from gradatim.formulas.schedules import Constant, FlatCosine
from gradatim.network import CategoryEmbedding, NumericEmbedding, Scale
from gradatim.settings import PRESETS, DescentOptions, NetworkOptions, Settings, preset_for

RNG = np.random.default_rng(1)
X = RNG.normal(size=(60, 3))
QUICK = {"hidden_widths": (4,), "max_epochs": 2, "random_state": 0}


def resolved(**changes):
    return Settings(**changes).resolved("regression", output="identity", rows=1000)


def test_what_an_option_leaves_to_the_preset_the_preset_decides():
    strong, plain = resolved(network=NetworkOptions(scale=False)), resolved(preset="plain")
    assert (strong.network.scale, strong.network.embed_numbers, strong.network.initializer) == (
        False,
        True,
        "standardized",
    )
    assert (plain.network.scale, plain.network.embed_numbers, plain.network.initializer) == (False, False, "glorot")
    assert resolved(descent=DescentOptions(drop_last=False)).descent.decay_schedule == FlatCosine()
    assert resolved(descent=DescentOptions(decay_schedule=None)).descent.decay_schedule == Constant()


@pytest.mark.parametrize("preset", PRESETS)
def test_without_hidden_layers_every_preset_is_the_plain_one_from_zeros(preset):
    """Logistic regression stays logistic regression: nothing is learned before it, nothing clips what it says."""
    used = resolved(preset=preset, hidden_widths=())
    assert used.network == NetworkOptions("zeros", "identity", False, False, False, False)
    assert used.descent.rate_factors == {}
    assert used.learning_rate == preset_for("plain", "regression")["learning_rate"]


@pytest.mark.parametrize(
    ("rows", "epochs", "batch"),
    [(1, 96, 64), (10_000, 96, 64), (30_000, 55, 128), (40_000, 48, 128), (90_000, 32, 256), (10**6, 10, 512)],
)
def test_epochs_and_batches_follow_the_rows(rows, epochs, batch):
    """By hand: f = √(rows / 10,000) is 1, 1, 1.73, 2, 3 and 10; 96/f epochs, and the power of two nearest 64·f."""
    used = Settings().resolved("regression", output="identity", rows=rows)
    assert (used.max_epochs, used.batch_size) == (epochs, batch)


def test_a_number_of_epochs_goes_before_the_rule():
    assert resolved(max_epochs=7).max_epochs == 7
    assert resolved(max_steps=10).max_epochs is None
    assert resolved(preset="plain", max_epochs="auto").max_epochs == 200


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"descent": {"drop_last": True}}, r"descent must be DescentOptions\(…\). Got {'drop_last': True}."),
        ({"descent": DescentOptions(drop_last=1)}, "descent: drop_last must be True or False. Got 1."),
        ({"network": NetworkOptions(scale=None)}, "network: scale must be True or False. Got None."),
        ({"descent": DescentOptions(rate_factors={"biass": 1})}, "Did you mean 'bias'?"),
        ({"descent": DescentOptions(rate_factors={"bias": -1})}, "rate_factors: bias must be a number, 0 or more."),
        ({"descent": DescentOptions(rate_factors=2)}, "rate_factors must be a dictionary such as"),
        ({"descent": DescentOptions(clip_norm=0)}, "DescentOptions: clip_norm must be a number above 0. Got 0."),
        ({"descent": DescentOptions(averaging=1)}, r"averaging must be a number in \[0, 1\). Got 1."),
        ({"descent": DescentOptions(dropout_schedule="cosin")}, "Did you mean 'cosine'?"),
    ],
)
def test_what_cannot_be_is_refused(changes, said):
    with pytest.raises(InputError, match=said):
        resolved(**changes)


def test_the_front_is_what_the_options_say():
    table = {"x": X[:, 0], "y": X[:, 1], "city": [f"c{i % 12}" for i in range(60)], "sex": ["f", "m", "m"] * 20}
    import polars as pl

    def front(**options):
        model = gd.NetworkRegressor(**QUICK, network=NetworkOptions(**options)).fit(pl.DataFrame(table), X[:, 2])
        return model.model_.architecture.front

    assert front() == (NumericEmbedding(2), CategoryEmbedding((13,)), Scale())
    assert front(embed_numbers=False, scale=False) == (CategoryEmbedding((13,)),)


def test_clipped_numbers_stay_within_the_training_rows():
    far = 100 * X
    clipped = gd.NetworkRegressor(**QUICK).fit(X, X[:, 0])
    free = gd.NetworkRegressor(**QUICK, network=NetworkOptions(clip=False)).fit(X, X[:, 0])
    low, high = clipped.model_.target.low[0], clipped.model_.target.high[0]
    assert X[:, 0].min() <= low < high <= X[:, 0].max()
    expected = np.clip(free.predict(far), low, high)
    np.testing.assert_array_equal(clipped.predict(far), expected)
    assert (free.predict(far) != expected).any()


def test_gradients_are_clipped_and_parameters_averaged():
    """One step of gradient descent over all rows, from one start: a clipped one has the length rate · clip_norm."""
    step = {
        "preset": "plain",
        "optimizer": "gradient_descent",
        "learning_rate": 0.5,
        "max_steps": 1,
        "batch_size": None,
        "hidden_widths": (4,),
        "validation": None,
        "record": "epochs",
        "dtype": "float64",
        "random_state": 0,
    }

    def moved(**options):
        model = gd.NetworkRegressor(**step, descent=DescentOptions(**options)).fit(X, X[:, 0]).model_
        return model.at(epoch=1).vector - model.at(epoch=0).vector

    whole = moved()
    assert np.linalg.norm(moved(clip_norm=0.01)) == pytest.approx(0.005)
    np.testing.assert_allclose(moved(averaging=0.75), 0.25 * whole, rtol=1e-9)
