"""The checks at every front door, and the form of what they say."""

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import EngineUnavailableError, Error, InputError, MissingPackageError, number, whole
from gradatim.formulas.activations import activation
from gradatim.formulas.initializers import initializer
from gradatim.formulas.losses import loss
from gradatim.formulas.metrics import metric
from gradatim.formulas.optimizers import LBFGS, Adam, AdamW, Momentum, optimizer
from gradatim.formulas.penalties import L2, penalty
from gradatim.formulas.schedules import Cosine, Step, WarmUp, schedule
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding

DOORS = {
    "activation": activation,
    "initializer": initializer,
    "loss": lambda name: loss(name, "identity"),
    "metric": metric,
    "optimizer": optimizer,
    "penalty": lambda name: penalty(name, 0.1),
    "schedule": schedule,
}


@pytest.mark.parametrize("wrong", [5, None, ["adam"], {"name": "adam"}], ids=repr)
@pytest.mark.parametrize("door", DOORS)
def test_what_is_neither_a_name_nor_such_an_object_is_refused(door, wrong):
    with pytest.raises(InputError) as fault:
        DOORS[door](wrong)
    assert str(fault.value).startswith(f"{door} must be one of ")
    assert str(fault.value).endswith(f"Got {wrong!r}.")


@pytest.mark.parametrize(
    ("door", "made", "cure"),
    [
        ("loss", gd.Huber, r"Got the class Huber: make an object, Huber\(\)\."),
        ("optimizer", gd.Adam, r"Got the class Adam: make an object, Adam\(\)\."),
        ("schedule", Cosine, r"Got the class Cosine: make an object, Cosine\(\)\."),
        ("optimizer", gd.Huber, r"Got the class Huber\."),
        ("initializer", int, r"Got the class int\."),
    ],
)
def test_a_class_is_no_object(door, made, cure):
    with pytest.raises(InputError, match=f"{door} must be one of .*{cure}$"):
        DOORS[door](made)


@pytest.mark.parametrize("door", ["loss", "optimizer", "schedule"])
def test_an_object_of_another_kind_is_refused(door):
    with pytest.raises(InputError, match=rf"{door} must be one of .* Got L2\(strength=0\.1\)\."):
        DOORS[door](L2(0.1))


def test_a_network_says_so_too():
    X, Y = np.ones((2, 3)), np.array([[0, 1, 0]])
    with pytest.raises(InputError, match=r"loss must be one of .* Got 5\."):
        gd.Network([2, 1], loss=5)
    with pytest.raises(InputError, match=r"loss must be one of .* Got the class Huber: make an object, Huber\(\)\."):
        gd.Network([2, 1], loss=gd.Huber)
    for wrong in (5, gd.Adam):
        with pytest.raises(InputError, match="optimizer must be one of "):
            gd.Network([2, 1]).descend(X, Y, iterations=1, optimizer=wrong)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gd.Huber("a"), "Huber: delta must be a number above 0. Got 'a'."),
        (lambda: gd.Huber(float("nan")), "Huber: delta must be a number above 0. Got nan."),
        (lambda: gd.LogLoss(None), "LogLoss: label_smoothing must be a number in [0, 1). Got None."),
        (lambda: Adam(beta1="x"), "Adam: beta1 must be a number in [0, 1). Got 'x'."),
        (lambda: Momentum(True), "Momentum: momentum must be a number in [0, 1). Got True."),
        (lambda: AdamW(weight_decay=[1]), "AdamW: weight_decay must be a number, 0 or more. Got [1]."),
        (lambda: LBFGS(memory=2.5), "LBFGS: memory must be a whole number, 1 or more. Got 2.5."),
        (lambda: L2("a"), "L2: strength must be a number, 0 or more. Got 'a'."),
        (lambda: Step(factor=1j), "Step: factor must be a number above 0. Got 1j."),
        (lambda: WarmUp("a"), "WarmUp: epochs must be a number above 0. Got 'a'."),
        (lambda: WarmUp(5, then=5), "WarmUp: then must be a schedule object, as Cosine(). Got 5."),
        (lambda: Architecture(2.5), "Architecture: inputs must be a whole number, 0 or more. Got 2.5."),
        (lambda: Architecture(2, members=0), "Architecture: members must be a whole number, 1 or more. Got 0."),
        (lambda: Architecture(2, output=Dense("a")), "Dense: units must be a whole number, 1 or more. Got 'a'."),
        (lambda: Architecture(2, output=Dense(0)), "Dense: units must be a whole number, 1 or more. Got 0."),
        (lambda: Architecture(2, output=5), "Architecture: output must be a Dense layer. Got 5."),
        (lambda: Architecture(2, (), (5,)), "Architecture: layers must be Dense and Dropout layers. Got 5."),
        (
            lambda: Architecture(2, layers=(Dense(3), Dropout("a"))),
            "Dropout: rate must be a number in [0, 1). Got 'a'.",
        ),
        (
            lambda: Architecture(2, (NumericEmbedding(1.5),)),
            "NumericEmbedding: columns must be a whole number, 0 or more. Got 1.5.",
        ),
        (
            lambda: Architecture(2, (NumericEmbedding(1, frequencies=0),)),
            "NumericEmbedding: frequencies must be a whole number, 1 or more. Got 0.",
        ),
        (
            lambda: Architecture(2, (CategoryEmbedding((3, "a")),)),
            "CategoryEmbedding: levels must be a whole number, 1 or more. Got 'a'.",
        ),
    ],
)
def test_a_number_must_be_one(make, message):
    with pytest.raises(InputError) as fault:
        make()
    assert str(fault.value).startswith(message)


def test_numbers_of_numpy_are_numbers():
    assert Architecture(np.int64(2), output=Dense(np.int32(1))).size == 3
    assert Adam(beta1=np.float32(0.5)).beta1 == 0.5
    number("a", "b", np.float64(0.0))
    with pytest.raises(InputError, match=r"a: b must be a number in \(0, 2\)\. Got 2"):
        number("a", "b", 2, above=True, below=2)
    with pytest.raises(InputError, match=r"a: b must be a whole number, 0 or more\. Got -1"):
        whole("a", "b", -1, least=0)


def test_a_missing_package_is_no_missing_engine():
    assert issubclass(MissingPackageError, Error)
    assert not issubclass(MissingPackageError, EngineUnavailableError)
