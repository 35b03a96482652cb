"""Optimizers: two steps worked by hand, PyTorch's steps, and all of them down two hills."""

import numpy as np
import pytest
from scipy.optimize import minimize

from gradatim.errors import InputError
from gradatim.formulas.optimizers import (
    LBFGS,
    OPTIMIZERS,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    optimizer,
)

STEPPING = [name for name in OPTIMIZERS if name != "lbfgs"]


def walk(rule, vector, gradients, rate, **more):
    """The vectors after each of the given gradients."""
    moments = tuple(np.zeros_like(vector) for _ in rule.moments)
    path = []
    for t, gradient in enumerate(gradients, start=1):
        vector, moments = rule.step(vector, np.asarray(gradient, vector.dtype), moments, t, rate, **more)
        path.append(vector)
    return path


# Two steps from θ = 1 with gradients 1 and 2 and rate 0.1.
BY_HAND = {
    # 1 - 0.1·1; - 0.1·2
    "gradient_descent": (GradientDescent(), [0.9, 0.7]),
    # v = 0.1, then 0.9·0.1 + 0.1·2 = 0.29
    "momentum": (Momentum(0.9), [0.99, 0.961]),
    # 0.9·0.1 + 0.1·1 = 0.19, then 0.9·0.29 + 0.1·2 = 0.461
    "nesterov": (Nesterov(0.9), [0.981, 0.9349]),
    # β1 = β2 = 1/2. m̂ = 1, v̂ = 1. Then m = (0.5 + 2)/2 = 1.25, m̂ = 1.25/0.75 = 5/3; v = (0.5 + 4)/2 = 2.25, v̂ = 3.
    "adam": (Adam(0.5, 0.5, 1e-300), [0.9, 0.9 - 0.1 * (5 / 3) / 3**0.5]),
    "adamw": (AdamW(0.5, 0.5, 1e-300), [0.9, 0.9 - 0.1 * (5 / 3) / 3**0.5]),
}


@pytest.mark.parametrize("name", STEPPING)
def test_two_steps_by_hand(name):
    rule, expected = BY_HAND[name]
    np.testing.assert_allclose(np.ravel(walk(rule, np.ones(1), [[1.0], [2.0]], 0.1)), expected, rtol=1e-15)


def test_epsilon_stands_behind_the_root_of_the_corrected_mean_square():
    """With ε = 1 and gradient 1 the first step is rate/(1 + 1).

    Behind the uncorrected root it would be rate/(1 + 1/√0.001), under the root rate/√2.
    """
    assert walk(Adam(epsilon=1.0), np.zeros(1), [[1.0]], 0.1)[0] == pytest.approx(-0.05, rel=1e-12)
    assert walk(Adam(epsilon=1.0), np.zeros(1), [[1.0]], 0.1, epsilon_factor=3.0)[0] == pytest.approx(-0.025, rel=1e-12)


@pytest.mark.parametrize("name", STEPPING)
def test_rates_per_parameter(name):
    """A (P,) rate and ε factor are P walks by themselves."""
    rule = BY_HAND[name][0] if name[:4] != "adam" else OPTIMIZERS[name](epsilon=0.1)
    gradients = np.random.default_rng(0).normal(size=(5, 3))
    rates, factors = np.array([0.1, 0.01, 0.0]), np.array([1.0, 5.0, 2.0])
    together = walk(rule, np.ones(3), gradients, rates, epsilon_factor=factors)[-1]
    for k in range(3):
        alone = walk(rule, np.ones(1), gradients[:, k : k + 1], rates[k], epsilon_factor=factors[k])[-1]
        np.testing.assert_allclose(together[k], alone[0], rtol=1e-14)
    assert together[2] == 1.0


@pytest.mark.parametrize("name", STEPPING)
def test_nothing_is_written_in_place_and_float32_stays(name):
    rule = optimizer(name)
    vector, gradient = np.ones(2, np.float32), np.full(2, 3.0, np.float32)
    moments = tuple(np.zeros(2, np.float32) for _ in rule.moments)
    for array in (vector, gradient, *moments):
        array.flags.writeable = False
    new, new_moments = rule.step(vector, gradient, moments, 1, 0.1)
    assert new.dtype == np.float32
    assert len(new_moments) == len(rule.moments)
    assert all(moment.dtype == np.float32 for moment in new_moments)


@pytest.mark.parametrize("library", ["array_api_strict", "torch", "jax.numpy"])
@pytest.mark.parametrize("name", STEPPING)
def test_the_same_lines_on_other_arrays(name, library):
    xp = pytest.importorskip(library)
    rule = optimizer(name)
    vector, moments = xp.ones(2, dtype=xp.float32), tuple(xp.zeros(2, dtype=xp.float32) for _ in rule.moments)
    gradients = [[1.0, -2.0], [0.5, 3.0], [-1.0, 0.0]]
    for t, gradient in enumerate(gradients, start=1):
        vector, moments = rule.step(vector, xp.asarray(gradient, dtype=xp.float32), moments, t, 0.1)
    assert vector.dtype == xp.float32
    np.testing.assert_allclose(np.asarray(vector), walk(rule, np.ones(2), gradients, 0.1)[-1], rtol=1e-5)


def test_steps_equal_pytorch():
    """SGD without our (1-β) needs our rate times (1-β); Adam and AdamW need nothing."""
    torch = pytest.importorskip("torch", reason="PyTorch comes with the extra [oracles]")
    rate, decay = 0.05, 0.1
    pairs = [
        (GradientDescent(), lambda p: torch.optim.SGD(p, lr=rate)),
        (Momentum(0.9), lambda p: torch.optim.SGD(p, lr=rate * (1 - 0.9), momentum=0.9)),
        (Nesterov(0.8), lambda p: torch.optim.SGD(p, lr=rate * (1 - 0.8), momentum=0.8, nesterov=True)),
        (Adam(0.9, 0.95, 1e-3), lambda p: torch.optim.Adam(p, lr=rate, betas=(0.9, 0.95), eps=1e-3)),
        (AdamW(weight_decay=decay), lambda p: torch.optim.AdamW(p, lr=rate, weight_decay=decay)),
    ]
    assert {rule.name for rule, _ in pairs} == set(STEPPING)
    gradients = np.random.default_rng(1).normal(size=(20, 4)) * [1, 10, 0.01, 1e-6]
    for rule, make in pairs:
        theirs = torch.nn.Parameter(torch.ones(4, dtype=torch.float64))
        judge = make([theirs])
        vector, moments = np.ones(4), tuple(np.zeros(4) for _ in rule.moments)
        for t, gradient in enumerate(gradients, start=1):
            theirs.grad = torch.tensor(gradient)
            judge.step()
            vector = (1 - rate * rule.weight_decay) * vector  # the engine's share
            vector, moments = rule.step(vector, gradient, moments, t, rate)
            np.testing.assert_allclose(vector, theirs.detach().numpy(), rtol=1e-12, err_msg=f"{rule}, step {t}")


# ---- down two hills: a bowl 25 times steeper in one direction, and Rosenbrock's bent valley


def bowl(x):
    steepness = np.array([1.0, 25.0])
    return 0.5 * steepness @ (x - 1) ** 2, steepness * (x - 1)


def rosenbrock(x):
    a, b = x
    value = (1 - a) ** 2 + 100 * (b - a * a) ** 2
    return value, np.array([-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)])


HILLS = {"bowl": (bowl, [-1.0, 3.0]), "rosenbrock": (rosenbrock, [-1.2, 1.0])}

# Rate and steps of each optimizer on the bowl, and in the valley. A new optimizer is a new row.
RATES = {
    "gradient_descent": ((0.07, 300), (0.0015, 40_000)),
    "momentum": ((0.1, 400), (0.003, 20_000)),
    "nesterov": ((0.1, 400), (0.003, 20_000)),
    "adam": ((0.05, 1500), (0.02, 10_000)),
    "adamw": ((0.05, 1500), (0.02, 10_000)),
}


@pytest.mark.parametrize("hill", HILLS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_arrives_at_the_bottom(name, hill):
    """Both have their bottom at (1, 1)."""
    f, start = HILLS[hill]
    rule, x = optimizer(name), np.array(start)
    if isinstance(rule, LBFGS):
        x = minimize(f, x, jac=True, method="L-BFGS-B", options=rule.options).x
    else:
        rate, steps = RATES[name][list(HILLS).index(hill)]
        moments = tuple(np.zeros(2) for _ in rule.moments)
        for t in range(1, steps + 1):
            x, moments = rule.step(x, f(x)[1], moments, t, rate)
    np.testing.assert_allclose(x, [1, 1], atol=1e-5)


def test_on_the_bowl_each_goes_as_fast_as_theory_says():
    """Curvatures 1 and κ = 25, best settings of each (Polyak 1964).

    Gradient descent with rate 2/(1 + κ) leaves (κ-1)/(κ+1) = 12/13 of the distance in each step. Momentum with
    β = ((√κ-1)/(√κ+1))² = 4/9 and our rate · (1-β) = 4/(1 + √κ)² = 1/9 leaves some k (2/3)^k, (√κ-1)/(√κ+1) = 2/3, of
    it after k steps.
    """
    start = np.array([-1.0, 3.0])
    left = {}
    for rule, rate in ((GradientDescent(), 2 / 26), (Momentum(4 / 9), 1 / 5)):
        x, moments = start, tuple(np.zeros(2) for _ in rule.moments)
        for t in range(1, 61):
            x, moments = rule.step(x, bowl(x)[1], moments, t, rate)
        left[rule.name] = np.linalg.norm(x - 1) / np.linalg.norm(start - 1)
    assert left["gradient_descent"] == pytest.approx((12 / 13) ** 60, rel=1e-9)
    assert (2 / 3) ** 60 / 10 < left["momentum"] < 120 * (2 / 3) ** 60


# ---- names and settings


def test_names():
    assert optimizer("adam") == Adam()
    assert optimizer(Adam(0.8)) == Adam(0.8)
    assert [optimizer(name).name for name in OPTIMIZERS] == list(OPTIMIZERS)
    assert {name: optimizer(name).weight_decay for name in OPTIMIZERS} == {
        **dict.fromkeys(OPTIMIZERS, 0.0),
        "adamw": 0.01,
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizer("adma"), r"Got 'adma'\. Did you mean 'adam"),
        (lambda: Momentum(1.0), r"Momentum: momentum must be a number in \[0, 1\)\. Got 1\.0"),
        (lambda: Nesterov(-0.1), r"Nesterov: momentum .* Got -0\.1"),
        (lambda: Adam(beta2=1.0), r"Adam: beta2 .* Got 1\.0"),
        (lambda: Adam(epsilon=0.0), r"Adam: epsilon must be a number above 0\. Got 0\.0"),
        (lambda: AdamW(beta1=2.0), r"AdamW: beta1 .* Got 2\.0"),
        (lambda: AdamW(weight_decay=-1.0), r"AdamW: weight_decay must be a number, 0 or more\. Got -1\.0"),
        (lambda: LBFGS(memory=0), r"LBFGS: memory must be a whole number, 1 or more\. Got 0"),
        (lambda: LBFGS(newton_steps=-1), r"LBFGS: newton_steps must be a whole number, 0 or more\. Got -1"),
    ],
)
def test_wrong_settings(make, message):
    with pytest.raises(InputError, match=message):
        make()
