"""Settings: presets filled in, values checked, contradictions named."""

import re
from dataclasses import replace

import numpy as np
import pytest

from gradatim.errors import InputError
from gradatim.formulas.activations import ACTIVATIONS, activation, leaky_relu
from gradatim.formulas.initializers import INITIALIZERS, initializer, small_normal
from gradatim.formulas.losses import CategoricalLogLoss, HalfSquaredError, Huber, LogLoss
from gradatim.formulas.metrics import METRICS
from gradatim.formulas.optimizers import LBFGS, Adam, AdamW
from gradatim.formulas.penalties import L2
from gradatim.formulas.schedules import Constant, Cosine
from gradatim.settings import PRESETS, NetworkOptions, Settings


def resolved(task="classification", output="sigmoid", rows=1000, **changes):
    return Settings(**{"preset": "plain"} | changes).resolved(task, output=output, rows=rows)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("task", "output"), [("classification", "sigmoid"), ("regression", "identity")])
def test_nothing_is_left_to_a_preset(preset, task, output):
    used = resolved(task, output, preset=preset)
    assert "preset" not in [value for name, value in vars(used).items() if name != "preset"]
    assert used.network.initializer != "preset"
    assert used == used.resolved(task, output=output, rows=1000), "resolving twice changes nothing"


def test_what_is_set_goes_before_the_preset():
    used = resolved(learning_rate=0.5, hidden_widths=[3, 2], optimizer=Adam(beta2=0.9), schedule="cosine")
    assert (used.learning_rate, used.hidden_widths, used.optimizer) == (0.5, (3, 2), Adam(beta2=0.9))
    assert used.schedule == Cosine()


def test_none_is_off():
    used = resolved(patience_epochs=None, batch_size=None, metric=None, weight_decay=None, dropout=None, rows=77)
    assert used.patience_epochs is used.metric is used.weight_decay is used.dropout is None
    assert used.batch_size == 77, "all rows at once"
    assert resolved(schedule=None).schedule == Constant()


def test_the_loss_follows_the_output():
    assert resolved().loss == LogLoss()
    assert resolved(output="softmax").loss == CategoricalLogLoss()
    assert resolved("regression", "identity", loss=Huber(2.0)).loss == Huber(2.0)


@pytest.mark.parametrize("rows", [1, 10, 1_000, 10_000, 10_000_000])
def test_the_batch_grows_with_the_rows_within_bounds(rows):
    assert 32 <= resolved(rows=rows).batch_size <= 256


def test_adamw_brings_its_decay_unless_one_is_set():
    assert resolved(optimizer=AdamW(weight_decay=0.3)).weight_decay == 0.3
    assert resolved(optimizer=AdamW(weight_decay=0.3), weight_decay=0.1).weight_decay == 0.1
    assert resolved(optimizer=AdamW(weight_decay=0.3), weight_decay=None).weight_decay is None


def test_lbfgs_is_float64_without_batches_or_patience():
    used = resolved(optimizer="lbfgs", penalty=L2(0.1))
    assert (used.dtype, used.batch_size, used.patience_epochs) == ("float64", None, None)
    assert isinstance(used.optimizer, LBFGS)
    assert used.penalties == (L2(0.1),)
    assert used == used.resolved("classification", output="sigmoid", rows=1000), "resolving twice changes nothing"


def test_lbfgs_holds_no_row_back_unasked():
    assert Settings().validation == 0.2
    assert resolved(optimizer="lbfgs").validation is None
    assert resolved(optimizer="lbfgs", validation=None).validation is None


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"learning_rate": 5}, "line search"),
        ({"schedule": "cosine"}, "line search"),
        ({"weight_decay": 0.1}, "use penalty=L2(…)"),
        ({"dropout": 0.1}, "use penalty=L2(…)"),
        ({"batch_size": 32}, "use adam"),
        ({"max_epochs": 3}, "use LBFGS(max_iterations=…)"),
        ({"patience_epochs": 2}, "use LBFGS(max_iterations=…, relative_tolerance=…)"),
        ({"validation": 0.3}, "all rows train"),
    ],
)
def test_lbfgs_refuses_what_has_no_effect(changes, cure):
    (name, value), *_ = changes.items()
    message = f"{name} must be None with the optimizer lbfgs, which takes no steps. Got {value!r}: "
    with pytest.raises(InputError, match=re.escape(message)) as refused:
        resolved(optimizer="lbfgs", **changes)
    assert cure in str(refused.value)
    assert getattr(resolved(optimizer="lbfgs", **{name: None}), name) is None


def test_what_is_off_is_off_with_lbfgs_too():
    used = resolved(optimizer="lbfgs", dropout=0, weight_decay=0.0, batch_size="auto")
    assert used == resolved(optimizer="lbfgs")


def test_a_share_may_be_a_number_of_numpy():
    assert resolved(validation=np.float32(0.2)).validation == np.float32(0.2)


def test_the_engine_is_named():
    assert resolved().engine == "fast"
    assert resolved(optimizer="lbfgs").engine == "textbook"
    assert resolved(engine="textbook").engine == "textbook"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"preset": "plan"}, "preset must be one of strong, plain, best. Got 'plan'. Did you mean 'plain'?"),
        ({"activation": "rleu"}, "Did you mean 'relu'?"),
        ({"optimizer": "adamm"}, "Did you mean 'adam'?"),
        ({"schedule": "cosinus"}, "Did you mean 'cosine'?"),
        ({"loss": "logloss"}, "Did you mean 'log_loss'?"),
        ({"metric": "acuracy"}, "Did you mean 'accuracy'?"),
        ({"metric": "rmse"}, "metric of a classification must be one of accuracy"),
        ({"network": NetworkOptions(initializer="hee")}, "Did you mean 'he'?"),
        ({"network": {"initializer": "he"}}, "network must be NetworkOptions(…). Got {'initializer': 'he'}."),
        ({"hidden_widths": (3, 0)}, "hidden_widths must be whole numbers of 1 or more"),
        ({"hidden_widths": "64,64"}, "hidden_widths must be whole numbers of 1 or more"),
        ({"learning_rate": 0}, "learning_rate must be a finite number above 0. Got 0."),
        ({"learning_rate": float("nan")}, "learning_rate must be a finite number above 0. Got nan."),
        ({"learning_rate": float("inf")}, "learning_rate must be a finite number above 0. Got inf."),
        ({"learning_rate": 10**400}, "learning_rate must be a finite number above 0. Got 1000"),
        (
            {"optimizer": None},
            'optimizer must be a name such as "adam", or an object such as Adam(beta2=0.95). Got None.',
        ),
        ({"optimizer": Adam}, 'optimizer must be a name such as "adam", or an object'),
        ({"loss": None}, 'loss must be a name such as "log_loss", or an object such as LogLoss(label_smoothing=0.1).'),
        ({"schedule": 5}, 'schedule must be a name such as "cosine", an object such as Cosine(), or None. Got 5.'),
        ({"dropout": 1.5}, "dropout must be a number in [0, 1), or None. Got 1.5."),
        ({"weight_decay": -1}, "weight_decay must be a number of 0 or more, or None. Got -1."),
        ({"batch_size": 0}, "batch_size must be a whole number of 1 or more"),
        ({"max_epochs": 2.5}, "max_epochs must be a whole number of 1 or more. Got 2.5."),
        ({"patience_epochs": 0}, 'patience_epochs must be a whole number of 1 or more, "wave", or None. Got 0.'),
        ({"validation": 1.0}, "validation must be a share between 0 and 1, or None. Got 1.0."),
        ({"class_weight": "balance"}, "class_weight must be"),
        ({"penalty": 0.1}, "penalty must be"),
        ({"members": 0}, "members must be"),
        ({"engine": "textbok"}, "engine must be one of auto, fast, textbook. Got 'textbok'. Did you mean 'textbook'?"),
        ({"engine": ["textbook"]}, "engine must be one of auto, fast, textbook. Got ['textbook']."),
        ({"activation": 5}, "activation must be a name, or the object that has this name in gradatim"),
        ({"n_threads": 0}, "n_threads must be"),
        ({"dtype": "float16"}, 'dtype must be "float32" or "float64". Got \'float16\'.'),
        ({"random_state": -1}, "random_state must be"),
        ({"loss": "half_squared_error"}, "loss must belong to an output layer with sigmoid."),
        ({"optimizer": "lbfgs", "dtype": "float16"}, "dtype must be"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changes, message):
    with pytest.raises(InputError, match=re.escape(message)):
        resolved(**changes)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_every_activation_can_be_named(name):
    assert resolved(activation=name).activation == name


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "leaky_relu(0.2)", "relu(0)", "linear"])
def test_an_activation_may_be_the_object_of_its_name(name):
    assert (
        resolved(activation=activation(name)).activation
        == activation(name).name
        == resolved(activation=name).activation
    )


def test_a_parameter_is_kept_in_the_name():
    assert resolved(activation=leaky_relu(0.2)).activation == "leaky_relu(0.2)"
    used = resolved(network=NetworkOptions(initializer=small_normal(10)))
    assert used.network.initializer == initializer("small_normal(10)").name


def no_slope(Z, A):
    return 0 * Z


def half(rng, shape, fan_in, fan_out):
    return np.full(shape, 0.5)


relu, glorot, accuracy = ACTIVATIONS["relu"], INITIALIZERS["glorot"], METRICS["accuracy"]


@pytest.mark.parametrize(
    ("changes", "got"),
    [
        ({"activation": replace(relu, value=np.tanh)}, "Got another 'relu'."),
        ({"activation": replace(relu, slope=no_slope)}, "Got another 'relu'."),
        ({"activation": replace(relu, chain=no_slope)}, "Got another 'relu'."),
        ({"activation": replace(relu, name="mine")}, "Got another 'mine'."),
        ({"activation": replace(leaky_relu(0.2), name="leaky_relu(0.3)")}, "Got another 'leaky_relu(0.3)'."),
        ({"network": NetworkOptions(initializer=replace(glorot, draw=half))}, "Got another 'glorot'."),
    ],
)
def test_an_object_that_its_name_would_not_bring_back_is_refused(changes, got):
    with pytest.raises(InputError, match="models keep names only, so that their files can be read back") as refused:
        resolved(**changes)
    assert got in str(refused.value)


@pytest.mark.parametrize("loss", ["half_squared_error", "squared_error", HalfSquaredError()])
def test_the_loss_of_the_preset_is_no_loss_of_ones_own_however_it_is_said(loss):
    assert Settings(loss=loss).judge("regression").name == "rmse"
    assert Settings(loss=Huber()).judge("regression") is None
