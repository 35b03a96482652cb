"""The notes in plain NumPy are right: against the engine, the complex step, the loop, and published numbers."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import gradatim as gd

SCRIPT = Path(__file__).parents[2] / "examples" / "the_notes.py"
EXACT = {"rtol": 1e-12, "atol": 1e-12}
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu"]
WIDTHS = [[3, 1], [2, 4, 1], [4, 5, 3, 1], [3, 6, 5, 4, 2]]


@pytest.fixture(scope="module")
def notes() -> ModuleType:
    """The script, imported by its path: examples are no package."""
    spec = importlib.util.spec_from_file_location("the_notes", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def small_case(n: list[int], seed: int, m: int = 7) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Random parameters of the widths n, X (n[0], m) and Y (n[L], m) of zeros and ones."""
    rng = np.random.default_rng(seed)
    parameters = {}
    for l in range(1, len(n)):
        parameters[f"W{l}"] = rng.normal(size=(n[l], n[l - 1]))
        parameters[f"b{l}"] = rng.normal(size=(n[l], 1))
    return parameters, rng.normal(size=(n[0], m)), (rng.random((n[-1], m)) < 0.5).astype(float)


def engine_network(n: list[int], activation: str, parameters: dict[str, np.ndarray]) -> gd.Network:
    L = len(n) - 1
    net = gd.Network(n, activations=[activation] * (L - 1) + ["sigmoid"], loss="log_loss", seed=0)
    for l in range(1, L + 1):
        net.W[l], net.b[l] = parameters[f"W{l}"], parameters[f"b{l}"]
    return net


# --- against gradatim's engine ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("n", WIDTHS, ids=str)
def test_deep_network_is_the_engine(notes, n, activation):
    """Forward, cost, every dZ, dW, db and one update: equal to gd.Network's."""
    parameters, X, Y = small_case(n, seed=len(n))
    net = engine_network(n, activation, parameters)
    AL, caches = notes.forward(X, parameters, activation)
    gradients = notes.backward(AL, Y, caches, activation)
    p = net.forward(X)
    d = net.backward(p, Y)
    assert notes.log_loss(AL, Y) == pytest.approx(net.cost(X, Y), rel=1e-12)
    for l in range(1, len(n)):
        _, _, Z, A = caches[l - 1]
        np.testing.assert_allclose(Z, p.Z[l], **EXACT)
        np.testing.assert_allclose(A, p.A[l], **EXACT)
        np.testing.assert_allclose(gradients[f"dZ{l}"], d.dZ[l], **EXACT)
        np.testing.assert_allclose(gradients[f"dW{l}"], d.dW[l], **EXACT)
        np.testing.assert_allclose(gradients[f"db{l}"], d.db[l], **EXACT)
    stepped = notes.update(parameters, gradients, 0.3)
    net.update(d, 0.3)
    assert set(stepped) == set(net.parameters())
    for name, block in net.parameters().items():
        np.testing.assert_allclose(stepped[name], block, **EXACT)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_shallow_network_is_the_engine(notes, activation):
    """The two-layer functions, written out in six equations, give what gd.Network gives."""
    parameters, X, Y = small_case([3, 5, 1], seed=11)
    net = engine_network([3, 5, 1], activation, parameters)
    cache = notes.shallow_forward(X, parameters, activation)
    gradients = notes.shallow_backward(X, Y, parameters, cache, activation)
    p = net.forward(X)
    d = net.backward(p, Y)
    for l in (1, 2):
        np.testing.assert_allclose(cache[f"Z{l}"], p.Z[l], **EXACT)
        np.testing.assert_allclose(cache[f"A{l}"], p.A[l], **EXACT)
        np.testing.assert_allclose(gradients[f"dW{l}"], d.dW[l], **EXACT)
        np.testing.assert_allclose(gradients[f"db{l}"], d.db[l], **EXACT)


def test_logistic_regression_is_a_network_of_one_layer(notes):
    """Cost and gradients of w (n, 1) are those of W[1] = w.T."""
    parameters, X, Y = small_case([4, 1], seed=3)
    net = engine_network([4, 1], "tanh", parameters)
    J, dw, db = notes.logistic(parameters["W1"].T, parameters["b1"].item(), X, Y)
    d = net.backward(net.forward(X), Y)
    assert pytest.approx(net.cost(X, Y), rel=1e-12) == J
    np.testing.assert_allclose(dw.T, d.dW[1], **EXACT)
    assert db == pytest.approx(d.db[1].item(), rel=1e-12)


def test_loops_of_gradatim_are_those_of_the_notes(notes):
    """The loops of gd, its vectorized lines and the script's: one result."""
    parameters, X, Y = small_case([4, 1], seed=17)
    w, b = parameters["W1"].T, parameters["b1"].item()
    J, dw, db = notes.logistic_by_loop(w, b, X, Y)
    for theirs in (gd.logistic_regression_by_loop, gd.logistic_regression):
        for expected, actual in zip((dw, db, J), theirs(w, b, X, Y), strict=True):
            np.testing.assert_allclose(actual, expected, **EXACT)
    parameters, X, _ = small_case([3, 5, 2], seed=18)
    cache = notes.shallow_forward(X, parameters, "tanh")
    by_loop = gd.two_layer_forward_by_loop(parameters, X, ("tanh", "sigmoid"))
    for name, matrix in zip(("Z1", "A1", "Z2", "A2"), by_loop, strict=True):
        np.testing.assert_allclose(matrix, cache[name], **EXACT)


def test_training_walks_the_engine_s_way(notes):
    """Twenty costs of the flower, step for step, equal to gd.Network.descend's."""
    X, Y = notes.flower()
    parameters, costs = notes.train(X, Y, [2, 4, 1], "tanh", 1.2, 20, np.random.RandomState(2), 0.01)
    net = gd.Network([2, 4, 1], activations=["tanh", "sigmoid"], loss="log_loss", initializer="small_normal", seed=2)
    theirs = net.descend(X, Y, learning_rate=1.2, iterations=20, record_every=1)
    np.testing.assert_allclose(costs, theirs[:20], rtol=1e-12)
    for name, block in net.parameters().items():
        np.testing.assert_allclose(parameters[name], block, **EXACT)


# --- by themselves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_the_complex_step_s(notes, activation):
    """∂J/∂θ = Im J(θ + ih)/h, without any backward pass. The kink of relu is nowhere near these numbers."""
    parameters, X, Y = small_case([3, 4, 1], seed=5)
    AL, caches = notes.forward(X, parameters, activation)
    gradients = notes.backward(AL, Y, caches, activation)

    def cost(moved: dict[str, np.ndarray]) -> complex:
        A, _ = notes.forward(X, moved, activation)
        return np.sum(-(Y * np.log(A) + (1 - Y) * np.log(1 - A))) / Y.shape[1]

    for name, block in parameters.items():
        slopes = np.zeros(block.shape)
        for index in np.ndindex(block.shape):
            moved = {key: value.astype(complex) for key, value in parameters.items()}
            moved[name][index] += 1e-30j
            slopes[index] = cost(moved).imag / 1e-30
        np.testing.assert_allclose(gradients["d" + name], slopes, rtol=1e-10, atol=1e-13)


def test_loops_over_examples_equal_the_vectorized_lines(notes):
    parameters, X, Y = small_case([3, 1], seed=8, m=25)
    w, b = parameters["W1"].T, parameters["b1"].item()
    for by_loop, vectorized in zip(notes.logistic_by_loop(w, b, X, Y), notes.logistic(w, b, X, Y), strict=True):
        np.testing.assert_allclose(by_loop, vectorized, **EXACT)
    parameters, X, _ = small_case([3, 5, 2], seed=9, m=25)
    for activation in ACTIVATIONS:
        A2 = notes.shallow_forward(X, parameters, activation)["A2"]
        np.testing.assert_allclose(notes.shallow_forward_by_loop(X, parameters, activation), A2, **EXACT)


def test_bias_is_a_weight_of_an_input_that_is_one(notes):
    """With x₀ = 1 and w₀ = b: the same J and dw, and dw₀ is db."""
    parameters, X, Y = small_case([3, 1], seed=12)
    w, b = parameters["W1"].T, parameters["b1"].item()
    J, dw, db = notes.logistic(w, b, X, Y)
    folded = notes.logistic(np.vstack([[[b]], w]), 0.0, np.vstack([np.ones((1, 7)), X]), Y)
    assert folded[0] == pytest.approx(J, rel=1e-12)
    np.testing.assert_allclose(folded[1], np.vstack([[[db]], dw]), **EXACT)


def test_shallow_equals_deep_with_two_layers(notes):
    parameters, X, Y = small_case([3, 5, 1], seed=21)
    cache = notes.shallow_forward(X, parameters, "relu")
    AL, caches = notes.forward(X, parameters, "relu")
    np.testing.assert_allclose(cache["A2"], AL, **EXACT)
    deep = notes.backward(AL, Y, caches, "relu")
    for name, gradient in notes.shallow_backward(X, Y, parameters, cache, "relu").items():
        np.testing.assert_allclose(gradient, deep[name], **EXACT)


def test_graph_by_hand(notes):
    """J = 3(5 + 3·2) = 33; dJ/da = 3, dJ/db = 3c = 6, dJ/dc = 3b = 9. Nudging agrees."""
    J, d = notes.graph_by_hand(5, 3, 2)
    assert (J, d) == (33, {"a": 3, "b": 6, "c": 9, "u": 3, "v": 3})
    h = 1e-3
    for name, (a, b, c) in {"a": (5 + h, 3, 2), "b": (5, 3 + h, 2), "c": (5, 3, 2 + h)}.items():
        assert (notes.graph_by_hand(a, b, c)[0] - J) / h == pytest.approx(d[name], rel=1e-9)


def test_slopes_at_zero_and_one_half(notes):
    """By hand: σ'(0) = 1/4, tanh'(0) = 1; relu's slope at the kink is 1, because the notes say z >= 0."""
    slopes = {name: slope(0.0, g(0.0)) for name, (g, slope) in notes.ACTIVATIONS.items()}
    assert slopes == {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0, "leaky_relu": 1.0}
    assert notes.ACTIVATIONS["leaky_relu"][1](-2.0, -0.02) == 0.01


def test_images_become_columns_one_image_each(notes):
    images = np.arange(2 * 2 * 3 * 3, dtype=np.uint8).reshape(2, 2, 3, 3)
    X = notes.image_columns(images)
    assert X.shape == (18, 2)
    np.testing.assert_array_equal(X[:, 1] * 255, np.arange(18, 36))
    np.testing.assert_array_equal(X[:, 0].reshape(2, 3, 3) * 255, images[0])


@pytest.mark.parametrize("start", [0.0, 0.5])
def test_equal_units_stay_equal(notes, start):
    """Hidden units that start equal are equal after 50 steps; random ones are not."""
    X, Y = notes.flower(m=40)
    randomly = notes.initialize([2, 3, 1], np.random.RandomState(0))
    parameters = {name: np.full(block.shape, start) for name, block in randomly.items()}
    for _ in range(50):
        for blocks in (parameters, randomly):
            cache = notes.shallow_forward(X, blocks)
            blocks.update(notes.update(blocks, notes.shallow_backward(X, Y, blocks, cache), 0.5))
    W1 = parameters["W1"]
    np.testing.assert_allclose(W1, W1[:1] * np.ones((3, 1)), rtol=0, atol=1e-15)
    assert np.ptp(randomly["W1"], axis=0).max() > 0.01


def test_layers_without_a_bend_are_one_layer(notes, monkeypatch):
    """With g(z) = z the scores of two layers are those of W = W2 W1 and b = W2 b1 + b2."""
    monkeypatch.setitem(notes.ACTIVATIONS, "identity", (lambda z: z, lambda z, a: np.ones_like(z)))
    parameters, X, _ = small_case([3, 5, 1], seed=31)
    W1, b1, W2, b2 = parameters.values()
    np.testing.assert_allclose(
        notes.shallow_forward(X, parameters, "identity")["Z2"], (W2 @ W1) @ X + (W2 @ b1 + b2), **EXACT
    )


def test_check_dimensions_notices_a_wrong_shape(notes):
    """The tester tested: db summed over everything, a classic, does not pass."""
    n = [2, 3, 1]
    parameters, X, Y = small_case(n, seed=1)
    AL, caches = notes.forward(X, parameters, "relu")
    gradients = notes.backward(AL, Y, caches, "relu")
    notes.check_dimensions(n, 7, parameters, caches, gradients)
    gradients["db1"] = np.sum(gradients["dZ1"]) / 7
    with pytest.raises(AssertionError):
        notes.check_dimensions(n, 7, parameters, caches, gradients)


# --- against published numbers ----------------------------------------------------------------------------------------


def test_flower_is_the_course_s(notes):
    """The first point and the means of the data set that the course's planar exercise draws with seed 1."""
    X, Y = notes.flower()
    np.testing.assert_allclose(X[:, 0], [1.20444229, 3.57611415], atol=5e-9)
    np.testing.assert_allclose(X.mean(axis=1), [-0.04334591, 0.06856587], atol=5e-9)
    assert Y.sum() == 200


def test_flower_costs_are_the_published_ones(notes):
    """Four tanh units from seed 2 at rate 1.2: 0.693048 at 0 and 0.288083 at 1000 iterations."""
    X, Y = notes.flower()
    _, costs = notes.train(X, Y, [2, 4, 1], "tanh", 1.2, 1001, np.random.RandomState(2), 0.01)
    assert f"{costs[0]:.6f}" == "0.693048"
    assert f"{costs[1000]:.6f}" == "0.288083"


def test_one_neuron_ends_where_the_published_optimum_is(notes):
    """The unregularized optimum on the flower: w = (0.02809, -0.20318), b = 0.01556, 47 % right."""
    X, Y = notes.flower()
    w, b, costs = notes.logistic_descent(X, Y, learning_rate=0.5, iterations=300)
    np.testing.assert_allclose(w[:, 0], [0.02809092, -0.20318475], atol=1e-6)
    assert b == pytest.approx(0.01555503, abs=1e-6)
    assert notes.accuracy(notes.sigmoid(w.T @ X + b), Y) == 0.47
    assert all(later <= earlier + 1e-15 for earlier, later in pairwise(costs))


def test_zeros_and_random_weights_end_at_the_same_optimum(notes):
    """Logistic regression has one valley: far starts on the flower meet at the published optimum."""
    X, Y = notes.flower()
    for initializer in ("zeros", "small_normal(3)"):
        net = gd.Network([2, 1], activations=["sigmoid"], initializer=initializer, seed=4)
        net.descend(X, Y, learning_rate=0.5, iterations=500)
        np.testing.assert_allclose(net.W[1], [[0.02809092, -0.20318475]], atol=1e-7)
        assert net.b[1].item() == pytest.approx(0.01555503, abs=1e-7)


# --- as a script ------------------------------------------------------------------------------------------------------


def test_it_is_short():
    """One sitting: fewer than 250 lines."""
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) < 250


def test_it_needs_nothing_but_numpy():
    imports = [line for line in SCRIPT.read_text(encoding="utf-8").splitlines() if line.startswith(("import", "from"))]
    assert imports == ["import numpy as np"]


def test_it_runs_as_a_script_and_tells_its_story():
    done = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert 5 <= len(lines) <= 10
    assert "J = 33, dJ/da = 3, dJ/db = 6, dJ/dc = 9." in lines[0]
    assert "47.0% right" in lines[1]
    assert "0.693147 → 0.693147 → 0.693147" in lines[2]
    assert "0.693048 → 0.288083 → 0.222644, 90.5% right" in lines[3]
