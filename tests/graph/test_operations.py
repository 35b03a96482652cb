"""Every operation of the table against the complex step, at random shapes."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

from gradatim import graph
from gradatim.errors import InputError, ShapeError
from gradatim.graph import OPERATIONS, gradients, variable
from gradatim.graph.number_by_number import NUMBER_BY_NUMBER
from tests.graph.expressions import EXPRESSIONS, values_of
from tests.numeric_slopes import assert_gradient

pairs = mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4).map(lambda drawn: drawn.input_shapes)
shapes = array_shapes(min_dims=1, max_dims=3, max_side=4)
seeds = st.integers(0, 2**32 - 1)

ONE_INPUT = {
    "negative": lambda a: -a,
    "exp": graph.exp,
    "log": graph.log,
    "sin": graph.sin,
    "cos": graph.cos,
    "tanh": graph.tanh,
    "sigmoid": lambda a: graph.sigmoid(a - 1.05),
    "softplus": lambda a: graph.softplus(a - 1.05),
    "relu": lambda a: graph.relu(a - 1.05),
}
TWO_INPUTS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "maximum": graph.maximum,
    "where": lambda a, b: graph.where(a > b, a * a, b),
}


def check(calculate, *input_shapes, seed=0):
    """The gradient of a random weighting of calculate(inputs…), by graph and by complex step.

    The weights are random, because a plain sum would not tell y from y transposed. Inputs lie in (0.3, 1.8), where
    every operation is smooth.
    """
    rng = np.random.default_rng(seed)
    ends = np.cumsum([prod(shape) for shape in input_shapes])
    x = rng.uniform(0.3, 1.8, ends[-1])
    weights = []

    def evaluate(vector):
        inputs = [
            variable(part.reshape(shape)) for part, shape in zip(np.split(vector, ends[:-1]), input_shapes, strict=True)
        ]
        y = calculate(*inputs)
        if not weights:
            weights.append(rng.standard_normal(y.shape))
        return inputs, (y * weights[0]).sum()

    inputs, J = evaluate(x)
    J.backward()
    assert [a.grad.shape for a in inputs] == list(input_shapes)
    assert_gradient(np.concatenate([a.grad.ravel() for a in inputs]), lambda v: evaluate(v)[1].value, x)


@pytest.mark.parametrize("name", ONE_INPUT)
@given(shape=array_shapes(min_dims=0, max_dims=3, max_side=4), seed=seeds)
def test_operations_on_one_input(name, shape, seed):
    check(ONE_INPUT[name], shape, seed=seed)


@pytest.mark.parametrize("name", TWO_INPUTS)
@given(shapes=pairs, seed=seeds)
def test_operations_on_two_inputs_of_any_shapes_that_broadcast(name, shapes, seed):
    check(TWO_INPUTS[name], *shapes, seed=seed)


@pytest.mark.parametrize("name", TWO_INPUTS)
def test_a_number_and_a_column_beside_a_matrix(name):
    """The two broadcasts of the course: a scalar, and b[l] (n, 1) added to W A (n, m)."""
    for others in [(), (1,), (3, 1), (1, 4), (4,)]:
        check(TWO_INPUTS[name], (3, 4), others)
        check(TWO_INPUTS[name], others, (3, 4))


@pytest.mark.parametrize("name", [*ONE_INPUT, *TWO_INPUTS])
def test_an_error_of_one_in_a_thousand_in_any_formula_is_noticed(name, monkeypatch):
    """The tests above, tested: each derivative of the table in turn is made a little too large."""
    right = OPERATIONS[name]
    expression = ONE_INPUT.get(name) or TWO_INPUTS[name]
    for i in range(len(right.back)):
        back = list(right.back)
        back[i] = lambda *known, formula=right.back[i], **settings: 1.001 * formula(*known, **settings)
        for table in (OPERATIONS, NUMBER_BY_NUMBER):
            monkeypatch.setitem(table, name, replace(right, back=tuple(back)))
        with pytest.raises(AssertionError, match="Not equal to tolerance"):
            check(expression, *[(3, 4)] * len(right.back))


@given(
    stacks=mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3).map(lambda drawn: drawn.input_shapes),
    sides=st.tuples(*[st.integers(1, 4)] * 3),
    seed=seeds,
)
def test_matmul_of_matrices_and_of_stacks_that_broadcast(stacks, sides, seed):
    n, k, m = sides
    check(lambda A, B: A @ B, (*stacks[0], n, k), (*stacks[1], k, m), seed=seed)


@pytest.mark.parametrize("reduce", [graph.sum, graph.mean, graph.max, graph.logsumexp])
@given(shape=shapes, keepdims=st.booleans(), seed=seeds, data=st.data())
def test_reductions_over_any_axes(reduce, shape, keepdims, seed, data):
    axes = st.integers(-len(shape), len(shape) - 1)
    several = st.sets(st.integers(0, len(shape) - 1)).map(tuple)
    axis = data.draw(st.none() | axes | several)
    check(lambda a: reduce(a, axis, keepdims), shape, seed=seed)


@given(shape=shapes, seed=seeds, data=st.data())
def test_transpose_in_any_order(shape, seed, data):
    order = data.draw(st.permutations(range(len(shape))))
    check(lambda a: a.T, shape, seed=seed)
    check(lambda a: a.transpose(order), shape, seed=seed)
    check(lambda a: a.transpose([i - len(shape) for i in order]), shape, seed=seed)


@given(shape=shapes, seed=seeds)
def test_reshape(shape, seed):
    check(lambda a: a.reshape(-1), shape, seed=seed)
    check(lambda a: a.reshape(1, *shape[::-1]), shape, seed=seed)
    check(lambda a: a.reshape(shape[::-1]), shape, seed=seed)


INDICES = {
    "a number": 1,
    "from the end": -1,
    "a slice": slice(1, None, 2),
    "backwards": slice(None, None, -1),
    "numbers and slices": (slice(None), 2),
    "ellipsis": (..., 0),
    "a new axis": (slice(None), None, 1),
    "rows that repeat": np.array([0, 2, 2, 2, 1]),
    "a table of rows": np.array([[0, 2], [2, 2]]),
    "pairs that repeat": (np.array([0, 1, 1]), np.array([3, 0, 0])),
    "a list": [2, 0, 2],
    "booleans": np.array([True, False, True]),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_indexing(index):
    check(lambda a: a[index], (3, 4))
    check(lambda a: a[index] * a[index], (3, 4))


@given(
    lengths=st.lists(st.integers(0, 3), min_size=1, max_size=4).filter(any),
    other=st.integers(1, 3),
    axis=st.sampled_from([0, 1, -1, -2]),
    seed=seeds,
)
def test_concatenate_any_number_of_parts(lengths, other, axis, seed):
    part_shapes = [(n, other) if axis in (0, -2) else (other, n) for n in lengths]
    check(lambda *parts: graph.concatenate(parts, axis), *part_shapes, seed=seed)


@given(shape=shapes, seed=seeds)
def test_the_operations_that_derivatives_are_made_of(shape, seed):
    index = np.random.default_rng(seed).integers(0, 5, shape[0])
    check(lambda a: OPERATIONS["broadcast"](a, shape=(2, *shape)), shape, seed=seed)
    check(lambda a: OPERATIONS["scatter"](a, index=index, shape=(5, *shape[1:])), shape, seed=seed)


def test_no_operation_of_the_table_is_left_out():
    elsewhere = {
        "matmul",
        "transpose",
        "sum",
        "mean",
        "max",
        "logsumexp",
        "broadcast",
        "reshape",
        "index",
        "scatter",
        "concatenate",
    }
    assert set(OPERATIONS) == {*ONE_INPUT, *TWO_INPUTS, *elsewhere}


@pytest.mark.parametrize("name", [*ONE_INPUT, *TWO_INPUTS])
def test_second_derivatives(name):
    """The Hessian by differentiating the derivative, against the complex step through the derivative."""
    expression = ONE_INPUT.get(name) or TWO_INPUTS[name]
    count = 1 if name in ONE_INPUT else 2
    x = np.random.default_rng(7).uniform(0.3, 1.8, 3 * count)

    def slope(v, i):
        a = variable(v)
        J = (expression(*[a[3 * k : 3 * k + 3] for k in range(count)]) ** 2).sum()
        return a, gradients(J, [a])[0][i]

    for i in range(x.size):
        a, ith = slope(x, i)
        ith.backward()
        assert_gradient(a.grad, lambda v, i=i: slope(v, i)[1].value, x)


@pytest.mark.parametrize("name", OPERATIONS)
def test_second_derivatives_of_every_operation(name):
    """The derivative along a random direction, differentiated again, against the complex step through it."""
    expression, shapes = EXPRESSIONS[name]
    x = np.concatenate([value.ravel() for value in values_of(shapes)])
    ends = np.cumsum([prod(shape) for shape in shapes])
    direction = np.random.default_rng(2).standard_normal(x.size)

    def slope_along(v):
        theta = variable(v)
        parts = [theta[end - prod(shape) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)]
        y = expression(*parts)
        weights = np.random.default_rng(3).standard_normal(y.shape)
        (slope,) = gradients((weights * y * y).sum(), [theta])
        return theta, (slope * direction).sum()

    theta, along = slope_along(x)
    along.backward()
    assert_gradient(theta.grad, lambda v: slope_along(v)[1].value, x)


def test_curvature_along_a_line():
    """Log loss of one neuron is convex along any line, squared error is not: worked by hand for z = wx, x = y = 1.

    Log loss log(1 + e^-w) has curvature σ(1 − σ) > 0. Half squared error ½(σ − 1)² has slope (σ − 1)s with
    s = σ(1 − σ), so curvature s² + (σ − 1)s(1 − 2σ), which at σ = ¼ is (3/16)² − (3/4)(3/16)(1/2) = −9/256.
    """
    w = variable(-np.log(3.0))  # σ = 1/4

    def curvature(J):
        return gradients(gradients(J, [w])[0], [w])[0].value

    assert curvature(graph.softplus(-w)) == pytest.approx(3 / 16, rel=1e-14)
    assert curvature(0.5 * (graph.sigmoid(w) - 1) ** 2) == pytest.approx(-9 / 256, rel=1e-13)


def test_second_derivatives_through_matrices():
    """v·H·v of a small network's loss, twice through the graph, against the complex step through the derivative."""
    rng = np.random.default_rng(3)
    X, direction = rng.standard_normal((2, 3)), rng.standard_normal(10)
    codes = np.array([0, 1, 1])
    x = rng.standard_normal(10)

    def slope_along(v):
        theta = variable(v)
        W, E, b = theta[:4].reshape(2, 2), theta[4:8].reshape(2, 2), theta[8:].reshape(2, 1)
        Z = W @ graph.concatenate([X[:1], E[codes].T[:1]]) + b
        J = (graph.tanh(Z).mean(axis=0, keepdims=True) ** 3).sum()
        (dJ,) = gradients(J, [theta])
        return theta, (dJ * direction).sum()

    theta, along = slope_along(x)
    along.backward()
    assert_gradient(theta.grad, lambda v: slope_along(v)[1].value, x)


# Errors


@pytest.mark.parametrize("name", TWO_INPUTS)
def test_shapes_that_do_not_broadcast_are_named(name):
    settings = {"condition": np.array(True)} if name == "where" else {}
    with pytest.raises(ShapeError, match=rf"{name}: shapes must be equal .* Got \(3, 4\) and \(5, 4\). NumPy says"):
        OPERATIONS[name](variable(np.ones((3, 4))), variable(np.ones((5, 4))), **settings)


def test_matmul_names_both_shapes_and_a_cure():
    W, A = variable(np.ones((4, 3))), variable(np.ones((5, 2)))
    with pytest.raises(ShapeError, match=r"as many columns as B has rows. Got A \(4, 3\) and B \(5, 2\).*use \.T"):
        W @ A


def test_matmul_refuses_rank_one_with_the_reshape_that_mends_it():
    W, x = variable(np.ones((4, 3))), np.ones(3)
    with pytest.raises(ShapeError, match=r"B must be a matrix.*\(3,\).*use B\.reshape\(3, 1\)"):
        W @ x
    with pytest.raises(ShapeError, match=r"A must be a matrix.*\(3,\).*use A\.reshape\(1, 3\)"):
        x @ W.T
    assert (W @ x.reshape(-1, 1)).shape == (4, 1)
    assert (x.reshape(1, -1) @ W.T).shape == (1, 4)


@pytest.mark.parametrize(
    ("mistake", "match"),
    [
        (lambda a: a.reshape(4, 4), r"reshape: .*equally many numbers.*\(2, 3\), shape=\(4, 4\)"),
        (lambda a: a.sum(axis=2), r"sum: .*axis.*\(2, 3\), axis=2"),
        (lambda a: a.mean(axis=-3), r"mean: .*axis.*\(2, 3\), axis=-3"),
        (lambda a: a.transpose((0, 0)), r"transpose: .*\(2, 3\), axes=\(0, 0\)"),
        (lambda a: a.transpose((0, 1, 2)), r"transpose: .*\(2, 3\), axes=\(0, 1, 2\)"),
        (lambda a: graph.concatenate([a, a.T]), r"concatenate: .*\(2, 3\) and \(3, 2\), axis=0"),
    ],
)
def test_other_misfits_are_named(mistake, match):
    with pytest.raises(ShapeError, match=match):
        mistake(variable(np.ones((2, 3))))


def test_numpys_functions_and_indices_that_are_variables_are_refused():
    a = variable([1.0, 2.0])
    for mistake in (lambda: np.sum(a), lambda: np.mean(a, axis=0), lambda: a[a], lambda: graph.where(a, a, 0)):
        with pytest.raises(InputError, match=r"Got a Variable, which would lose its history"):
            mistake()


def test_concatenating_nothing_is_refused():
    with pytest.raises(InputError, match="one or more"):
        graph.concatenate([])


def test_a_row_that_is_not_there_is_numpys_own_error():
    with pytest.raises(IndexError, match="out of bounds"):
        variable([1.0, 2.0])[2]
