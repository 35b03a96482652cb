"""The checker is tested as what it checks: right gradients raise no alarm, and each slip is called by its name."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradatim as gd
from gradatim.formulas.activations import ACTIVATIONS
from gradatim.formulas.losses import HalfSquaredError
from gradatim.glass import slips
from tests.networks import CASES

M = 7


def problem(widths=(3, 4, 5, 1), activations=("tanh", "sigmoid", "sigmoid"), seed=0, loss="log_loss"):
    """A network with biases that are not 0, so that no mistake hides behind a zero."""
    rng = np.random.default_rng(seed)
    net = gd.Network(list(widths), activations=list(activations), loss=loss, seed=seed)
    for l in range(1, net.L + 1):
        net.b[l] = rng.normal(size=(widths[l], 1))
    X = rng.normal(size=(widths[0], M))
    Y = rng.integers(0, 2, size=(widths[-1], M)) if loss == "log_loss" else rng.normal(size=(widths[-1], M))
    return net, X, Y


FOREIGN = {"sigmoid": lambda A: A * (1 - A), "relu": lambda A: (A >= 0) * 1.0, "1-A": lambda A: 1 - A}
"""Slopes that do not belong to tanh, from its A (which has the sign of Z)."""


def course_backward(net, X, Y, slip=""):
    """The backward pass of the course's assignments by hand, with one slip in it."""
    p = net.forward(X)
    m = X.shape[1]
    yours = {}
    dZ = Y - p.A[net.L] if slip == "sign" else p.A[net.L] - Y
    if slip == "slope twice":
        dZ = dZ * p.A[net.L] * (1 - p.A[net.L])
    for l in range(net.L, 0, -1):
        if l < net.L:
            dA = net.W[l + 1].T @ dZ
            slope = net.g[l].slope(p.Z[l], p.A[l])
            if slip.startswith("slope of ") and (slip.endswith("everywhere") or slip.endswith(f"in {l}")):
                slope = FOREIGN[slip.split()[2]](p.A[l])
            if slip == "slope at A":
                slope = net.g[l].slope(p.A[l], net.g[l].value(p.A[l]))
            dZ = dA if slip in ("no slope", f"no slope in {l}") else dA * slope
        A_prev = p.A[l - 1]
        yours[f"dZ{l}"] = dZ
        yours[f"dW{l}"] = dZ @ A_prev.T / m
        yours[f"db{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
    return yours, p


# --- right gradients -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [name for name, g in ACTIVATIONS.items() if g.chain is None])
def test_right_gradients_raise_no_alarm(hidden):
    net, X, Y = problem(activations=(hidden, hidden, "sigmoid"))
    yours, _ = course_backward(net, X, Y)
    report = gd.check_gradients(net, X, Y, yours=yours)
    assert report.ok, str(report)
    assert report
    assert max(block.complex_step for block in report.blocks) < 1e-12
    assert max(block.central for block in report.blocks) < 1e-6


@given(seed=st.integers(0, 10_000), widths=st.lists(st.integers(1, 4), min_size=2, max_size=4))
def test_no_false_alarm_on_any_small_network(seed, widths):
    net, X, Y = problem(widths, ["tanh"] * (len(widths) - 2) + ["sigmoid"], seed)
    yours, _ = course_backward(net, X, Y)
    report = gd.check_gradients(net, X, Y, yours=yours)
    assert report.ok, str(report)


# A network takes the categorical loss behind softmax, and its cost holds no penalties. (Dropout is off in it.)
ENGINE_ONLY = ("log loss behind softmax", "penalties")


@pytest.mark.parametrize("name", [name for name in CASES if name not in ENGINE_ONLY])
def test_every_layer_kind_and_loss_is_checked(name):
    """Embeddings, scales, slopes and members too: any network that the engine runs."""
    p, data = CASES[name].problem, CASES[name].data
    net = gd.Network.from_architecture(p.architecture, CASES[name].vector, p.loss)
    X = data.X.T if data.codes is None else np.vstack([data.X.T, data.codes.T])
    report = gd.check_gradients(net, X, data.Y.T)
    assert report.ok, str(report)
    assert [block.name for block in report.blocks] == [block.name for block in p.architecture.blocks]


def test_no_alarm_at_the_optimum_where_gradients_are_rounding():
    """Least squares solved exactly, with targets around a million."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 50)), 1e6 + 1e5 * rng.normal(size=(1, 50))
    θ = np.linalg.lstsq(np.vstack([X, np.ones((1, 50))]).T, Y.T, rcond=None)[0]
    net = gd.Network.from_parameters({"W1": θ[:3].T, "b1": θ[3:]}, activations=["identity"], loss="squared_error")
    dZ = net.forward(X).A[1] - Y
    yours = {"dW1": np.mean(dZ * X, axis=1).reshape(1, 3), "db1": np.mean(dZ, axis=1, keepdims=True)}
    report = gd.check_gradients(net, X, Y, yours=yours)
    assert report.ok, str(report)
    assert not any(block.at_a_corner for block in report.blocks), str(report)


def test_no_alarm_where_a_constant_has_converged():
    """Without inputs the network is a constant, 3/5 here, and its gradient is rounding."""
    net, X, Y = gd.Network([0, 1]), np.zeros((0, 5)), np.array([[1, 0, 1, 1, 0]])
    net.descend(X, Y, learning_rate=1.0, iterations=200)
    assert net.forward(X).A[1] == pytest.approx(np.full((1, 5), 0.6))
    report = gd.check_gradients(net, X, Y)
    assert report.ok, str(report)
    assert not any(block.at_a_corner for block in report.blocks), str(report)


def test_float32_gradients_are_judged_as_float32():
    net, X, Y = problem()
    yours = {name: value.astype(np.float32) for name, value in course_backward(net, X, Y)[0].items()}
    assert gd.check_gradients(net, X, Y, yours=yours).ok


# --- wrong gradients -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dW1", "db2", "dZ1", "dW3"])
def test_an_error_of_one_in_a_thousand_is_noticed(name):
    net, X, Y = problem()
    yours, _ = course_backward(net, X, Y)
    report = gd.check_gradients(net, X, Y, yours={name: 1.001 * yours[name]})
    assert not report.ok
    assert report.yours[0].slips == ("It is 1.001 times the right one.",)


@pytest.mark.parametrize("factor", [0.999, 1.001])
def test_an_error_of_one_in_a_thousand_in_a_single_number_is_noticed_and_placed(factor):
    net, X, Y = problem()
    yours = course_backward(net, X, Y)[0]["dW2"].copy()
    i, j = np.unravel_index(np.argmax(np.abs(yours)), yours.shape)
    yours[i, j] *= factor
    report = gd.check_gradients(net, X, Y, yours={"dW2": yours})
    assert f"It differs most at [{i}, {j}]" in report.yours[0].slips[0]


def test_a_slope_wrong_by_one_in_a_thousand_fails_the_backward_pass_itself(monkeypatch):
    """The checker judges our own backward pass too: here its tanh is given a wrong slope."""
    wrong = dataclasses.replace(ACTIVATIONS["tanh"], slope=lambda Z, A: 1.001 * (1 - A * A))
    monkeypatch.setitem(ACTIVATIONS, "tanh", wrong)
    net, X, Y = problem()
    report = gd.check_gradients(net, X, Y)
    assert not report.ok
    assert not report
    assert {block.name: block.ok for block in report.blocks} == {
        "W1": False, "b1": False, "W2": True, "b2": True, "W3": True, "b3": True,
    }  # fmt: skip
    assert "WRONG" in str(report)
    assert all(block.central > 1e-4 for block in report.blocks if not block.ok)


SLIPS = {
    "sign": "The sign is flipped",
    "no slope": "g'(Z) is forgotten",
    "no slope in 1": "g'(Z[1]) is forgotten",
    "no slope in 2": "g'(Z[2]) is forgotten",
    "slope at A": "g' is taken at A",
    "slope twice": "g'(Z) is applied twice at the output",
    "slope of sigmoid in 1": "The slope of sigmoid stands in layer 1 where the slope of tanh belongs",
    "slope of 1-A in 1": "1 - A stands in layer 1 where the slope of tanh belongs",
    "slope of relu in 1": "The slope of relu stands in layer 1 where the slope of tanh belongs",
}


@pytest.mark.parametrize(("slip", "says"), SLIPS.items())
def test_slips_in_dZ_are_named_wherever_they_spread(slip, says):
    net, X, Y = problem()
    right, _ = course_backward(net, X, Y)
    yours, _ = course_backward(net, X, Y, slip)
    report = gd.check_gradients(net, X, Y, yours=yours)
    changed = {name for name in yours if not np.allclose(yours[name], right[name], rtol=1e-6)}
    assert {judgement.name for judgement in report.yours if not judgement.ok} == changed
    # Where only the deepest layer is reached, "in every hidden layer" and "in this one" are the same numbers.
    for judgement in report.yours:
        said = judgement.slips[0] if judgement.slips else says
        assert said.startswith(says) or (slip == "no slope" and said.startswith("g'(Z[2]) is forgotten")), said


def sentences(name, value, **settings):
    net, X, Y = problem(**settings)
    report = gd.check_gradients(net, X, Y, yours={name: value(net, X, Y)})
    assert not report.ok
    return " ".join(report.yours[0].slips)


def parts(net, X, Y, l):
    yours, p = course_backward(net, X, Y)
    return yours[f"dZ{l}"], p.A[l - 1]


def missing_1_over_m(net, X, Y):
    dZ, A_prev = parts(net, X, Y, 2)
    return dZ @ A_prev.T


def divided_twice(net, X, Y):
    return missing_1_over_m(net, X, Y) / M**2


def star_in_dW(net, X, Y):
    dZ, A_prev = parts(net, X, Y, 3)
    return dZ * A_prev / M


def transposed(net, X, Y):
    dZ, A_prev = parts(net, X, Y, 2)
    return A_prev @ dZ.T / M


def wrong_A(net, X, Y):
    dZ, p = course_backward(net, X, Y)[0]["dZ2"], net.forward(X)
    return dZ @ p.A[2].T / M


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("dW2", missing_1_over_m, "The 1/m of the mean is missing: it is m times too large."),
        ("dW2", divided_twice, "It is divided by m twice"),
        ("dW2", lambda *a: -missing_1_over_m(*a), "The sign is flipped, and the 1/m of the mean is missing."),
        ("dW2", lambda *a: 2 * missing_1_over_m(*a) / M, "It is twice the right one"),
        ("dW3", star_in_dW, "entry by entry where a matrix product belongs: dW[3] = dZ[3] @ A[2].T / m."),
        ("dW2", transposed, "it is the transpose"),
        ("dW2", wrong_A, "A[2] stands where A[1] belongs"),
        ("dZ2", lambda *a: parts(*a, 2)[0] / M, "It is divided by m already"),
        ("db2", lambda *a: np.sum(parts(*a, 2)[0]) / M, "np.sum without axis=1 adds up units as well"),
        ("db2", lambda *a: np.full((5, 1), np.sum(parts(*a, 2)[0]) / M), "np.sum without axis=1 adds up units as well"),
        ("db2", lambda *a: np.sum(parts(*a, 2)[0]), "np.sum without axis=1 adds up units as well"),
        ("db2", lambda *a: np.sum(parts(*a, 2)[0], keepdims=True) / M, "np.sum without axis=1 adds up units as well"),
        ("db2", lambda *a: np.array([[123.0]]), "Got shape (1, 1). np.sum without axis=1 adds up units as well"),
        ("db3", lambda *a: np.sum(parts(*a, 3)[0]) / M, "np.sum without axis=1, keepdims=True gives a single number"),
        ("db2", lambda *a: np.sum(parts(*a, 2)[0], axis=1) / M, "a rank-1 array: keepdims=True keeps it a column"),
        ("db2", lambda *a: np.sum(parts(*a, 2)[0], axis=0) / M, "axis=0 adds up the units"),
        ("db2", lambda *a: np.sum(parts(*a, 2)[0], axis=0, keepdims=True) / M, "axis=0 adds up the units"),
        ("db2", lambda *a: parts(*a, 2)[0] / M, "The sum over the examples is missing"),
        ("dW1", lambda *a: np.ones((2, 2)), "dW1 must have the shape of W[1], (4, 3). Got shape (2, 2)."),
        ("dW1", lambda *a: np.zeros((4, 3)), "It is 0 everywhere"),
        ("dW1", lambda *a: np.full((4, 3), np.nan), "dW1 must hold finite numbers"),
        ("dW1", lambda *a: "three", "dW1 must be an array of numbers. Got str."),
    ],
)  # fmt: skip
def test_slips_in_one_gradient_are_named(name, value, says):
    assert says in sentences(name, value)


def test_two_slips_at_once_are_both_named():
    found = sentences("db2", lambda *a: np.sum(parts(*a, 2)[0], axis=1))
    assert "keepdims=True" in found
    assert "1/m" in found


def test_the_transpose_of_a_square_gradient_is_seen_by_its_numbers():
    found = sentences("dW2", transposed, widths=(3, 4, 4, 1))
    assert "It is the transpose" in found


def test_a_product_in_place_of_the_transpose_below_is_named():
    """W[2] @ dZ[2] has the right shape if W[2] is square."""

    def W_without_transpose(net, X, Y):
        p = net.forward(X)
        return (net.W[2] @ parts(net, X, Y, 2)[0]) * net.g[1].slope(p.Z[1], p.A[1])

    found = sentences("dZ1", W_without_transpose, widths=(3, 4, 4, 1))
    assert "W without its transpose" in found


def test_star_for_the_product_below_is_named_where_it_broadcasts():
    """With n[1] = n[2] = m, ``W.T * dZ`` runs without an error, and is wrong."""

    def star(net, X, Y):
        p = net.forward(X)
        return (net.W[2].T * parts(net, X, Y, 2)[0]) * net.g[1].slope(p.Z[1], p.A[1])

    found = sentences("dZ1", star, widths=(3, M, M, 1))
    assert "`*` multiplies entry by entry where a matrix product belongs: dA[l-1] = W[l].T @ dZ[l]." in found


def test_the_first_wrong_gradient_of_the_backward_pass_comes_first():
    net, X, Y = problem()
    yours = {name: value * 1.01 for name, value in course_backward(net, X, Y)[0].items()}
    names = [judgement.name for judgement in gd.check_gradients(net, X, Y, yours=dict(sorted(yours.items()))).yours]
    assert names == ["dZ3", "dW3", "db3", "dZ2", "dW2", "db2", "dZ1", "dW1", "db1"]


def test_the_slope_of_another_activation_is_named_where_layers_are_alike():
    """Tanh in both hidden layers, and sigmoid's slope in both: the deepest is named alone, the other with it."""
    net, X, Y = problem(activations=("tanh", "tanh", "sigmoid"))
    report = gd.check_gradients(net, X, Y, yours=course_backward(net, X, Y, "slope of sigmoid everywhere")[0])
    said = {judgement.name: judgement.slips[0] for judgement in report.yours if not judgement.ok}
    assert set(said) == {"dZ2", "dW2", "db2", "dZ1", "dW1", "db1"}
    assert said["dZ2"].startswith(
        "The slope of sigmoid stands in layer 2 where the slope of tanh belongs: dZ[2] = dA[2] * (1 - A[2]**2)."
    )
    assert said["dW1"].startswith("The slope of sigmoid stands in layer 1 and layer 2 where")


def test_a_backward_pass_is_judged_by_its_blocks():
    net, X, Y = problem()
    d = net.backward(net.forward(X), Y)
    report = gd.check_gradients(net, X, Y, yours=d)
    assert report.ok
    assert [judgement.name for judgement in report.yours] == ["dW3", "db3", "dW2", "db2", "dW1", "db1"]
    stale = net.backward(net.forward(X[:, ::-1]), Y)
    assert not gd.check_gradients(net, X, Y, yours=stale).ok


def test_gradients_without_names_are_refused():
    net, X, Y = problem()
    with pytest.raises(gd.errors.InputError, match=r"yours must be a dictionary.*Got list"):
        gd.check_gradients(net, X, Y, yours=[np.zeros((4, 3))])


def test_a_wrong_gradient_is_judged_where_the_output_is_saturated():
    """There dA[L] is infinite, and so is what some slips would give: no warning, and the sign is still seen."""
    net = gd.Network.from_parameters({"W1": np.array([[1000.0]]), "b1": np.zeros((1, 1))})
    X, Y = np.array([[1.0, -1.0, 0.5]]), np.array([[0, 0, 1]])
    right = net.backward(net.forward(X), Y).dW[1]
    report = gd.check_gradients(net, X, Y, yours={"dW1": -right, "db1": 7 * right})
    assert report.yours[0].slips[0].startswith("The sign is flipped")
    assert report.yours[1].slips == ("It is 7 times the right one.",)


def test_an_unknown_name_is_refused_with_a_guess():
    net, X, Y = problem()
    with pytest.raises(gd.errors.InputError, match="Did you mean 'dW1'"):
        gd.check_gradients(net, X, Y, yours={"DW1": np.zeros((4, 3))})


def test_the_right_rules_written_out_give_the_engine_s_gradients():
    """The slips are told from these rules, so the rules must be right themselves."""
    net, X, Y = problem()
    p = net.forward(X)
    d = net.backward(p, Y)
    for name, value in slips.backward(net, p, d).items():
        letter, l = name[:2], int(name[2:])
        assert np.allclose(value, getattr(d, letter)[l], rtol=1e-12, atol=0), name


# --- corners, choices, foreign losses --------------------------------------------------------------------------------


def test_a_corner_is_explained_and_no_alarm():
    """With X = 0 and no biases every z[1] is 0: the central difference takes the middle of relu's two slopes."""
    net = gd.Network([2, 3, 1], activations=["relu", "sigmoid"], seed=1)
    report = gd.check_gradients(net, np.zeros((2, 4)), np.array([[0, 1, 1, 1]]))
    assert report.ok
    assert [block.name for block in report.blocks if block.at_a_corner] == ["b1"]
    assert "corner" in str(report)


def test_large_blocks_are_sampled():
    net = gd.Network([50, 30, 1], activations=["tanh", "sigmoid"], seed=1)
    X, Y = np.random.default_rng(0).normal(size=(50, 5)), np.array([[0, 1, 0, 1, 1]])
    assert [block.checked for block in gd.check_gradients(net, X, Y, at_most=20).blocks] == [20, 20, 20, 1]


@dataclasses.dataclass(frozen=True)
class RealOnly(HalfSquaredError):
    """A loss that refuses complex numbers, as one of a reader's own may."""

    name: ClassVar[str] = "real_only"

    def value_from_scores(self, Z, Y):
        if np.iscomplexobj(Z):
            raise TypeError("real numbers only")
        return super().value_from_scores(Z, Y)


def test_without_complex_numbers_the_central_difference_decides():
    net, X, Y = problem((2, 3, 1), ("tanh", "identity"), loss=RealOnly())
    report = gd.check_gradients(net, X, Y)
    assert report.ok
    assert {block.complex_step for block in report.blocks} == {None}
    assert "not possible" in str(report)
