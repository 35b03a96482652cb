"""What the fast engine has no kernel for: said in a sentence, and left to the textbook engine."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from scipy import sparse

from gradatim.engines import engine_for
from gradatim.engines.contract import Plan, Problem
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.activations import ACTIVATIONS, Activation
from gradatim.formulas.losses import HalfSquaredError, Huber, LogLoss
from gradatim.formulas.optimizers import LBFGS, Adam
from gradatim.network import Architecture, CategoryEmbedding, Dense, Scale
from tests.engines.epochs import LINE, fast
from tests.networks import CASES


class MyDescent:
    """A rule of one's own: half of each step."""

    name, moments, weight_decay = "mine", (), 0.0
    formula = source = "my own"

    def step(self, vector, gradient, moments, t, rate, epsilon_factor=1.0):
        return vector - 0.5 * rate * gradient, ()


@dataclass(frozen=True)
class MyHuber(Huber):
    """Another loss by an inherited name: a kernel chosen by its name would compute Huber's."""

    def slope_from_scores(self, Z, Y):
        return 2 * super().slope_from_scores(Z, Y)


class MyAdam(Adam):
    """Adam, but for its steps."""

    def step(self, vector, gradient, moments, t, rate, epsilon_factor=1.0):
        return vector, moments


@dataclass(frozen=True)
class MyPenalty:
    """R = 0."""

    strength: float = 1.0
    name: ClassVar[str] = "l2"

    def value(self, W):
        return 0 * W.sum()

    def slope(self, W):
        return 0 * W


REFUSED = {
    "an optimizer": (Problem(LINE, HalfSquaredError(), optimizer=MyDescent()), "optimizer"),
    "a kind of Adam": (Problem(LINE, HalfSquaredError(), optimizer=MyAdam()), "optimizer"),
    "a loss by a known name": (Problem(LINE, MyHuber(), optimizer=Adam()), "loss"),
    "a penalty by a known name": (Problem(LINE, Huber(), (MyPenalty(),), Adam()), "penalty"),
    "a scale before an embedding": (
        Problem(Architecture(2, (Scale(), CategoryEmbedding((3,))), output=Dense(1)), Huber(), optimizer=Adam()),
        "front",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_there_is_no_kernel_for_goes_to_the_textbook_engine_and_says_so(what):
    problem, word = REFUSED[what]
    why = fast.unsupported(problem)
    assert word in why
    name, notice = engine_for(problem, "fast")
    assert name == "textbook"
    assert why in notice
    assert engine_for(problem, "textbook") == ("textbook", "")


def test_an_activation_of_ones_own_goes_to_the_textbook_engine(monkeypatch):
    square = Activation("square", lambda Z: Z * Z, lambda Z, A: 2 * Z, "a = z²", "my own")
    monkeypatch.setitem(ACTIVATIONS, "square", square)
    problem = Problem(Architecture(2, layers=(Dense(3, "square"),), output=Dense(1)), LogLoss(), optimizer=Adam())
    assert "'square'" in fast.unsupported(problem)
    assert engine_for(problem)[0] == "textbook"


def test_lbfgs_asks_for_gradients_not_for_steps():
    problem = Problem(LINE, HalfSquaredError(), optimizer=LBFGS())
    assert "step by step" in fast.unsupported(problem)
    assert engine_for(problem, "fast") == ("fast", "")


def test_what_there_are_kernels_for_is_not_refused():
    for name, example in CASES.items():
        assert fast.unsupported(replace(example.problem, optimizer=Adam())) is None, name
        assert engine_for(replace(example.problem, optimizer=Adam()), "fast") == ("fast", "")


def test_what_does_not_fit_is_refused():
    example = CASES["everything at once"]
    problem, vector, data = example.problem, example.vector, example.data
    with pytest.raises(ShapeError, match=r"X must be \(m, 3\)"):
        fast.loss_and_gradients(problem, vector, replace(data, X=data.X[:, :2]))
    with pytest.raises(ShapeError, match="codes must have 2 columns"):
        fast.loss_and_gradients(problem, vector, replace(data, codes=None))
    with pytest.raises(ShapeError, match="Y must have 3 columns"):
        fast.loss_and_gradients(problem, vector, replace(data, Y=data.Y[:, :1]))
    with pytest.raises(InputError, match="targets Y"):
        fast.loss_and_gradients(problem, vector, replace(data, Y=None))
    with pytest.raises(InputError, match=r"\.toarray\(\)"):
        fast.loss_and_gradients(problem, vector, replace(data, X=sparse.csr_array(data.X)))


@pytest.mark.parametrize("settings_of_its_own", [{"loss": MyHuber()}, {"optimizer": MyDescent()}])
def test_an_estimator_tells_which_engine_computed_it(settings_of_its_own):
    from gradatim.estimators import NetworkRegressor

    X = np.random.default_rng(0).normal(size=(40, 2))
    y = X @ [1.0, -2.0]
    common = {"hidden_widths": (4,), "max_epochs": 3, "random_state": 0}
    model = NetworkRegressor(**common, **settings_of_its_own).fit(X, y)
    assert "The textbook engine computed it" in model.model_.training.message
    assert "textbook engine" not in NetworkRegressor(**common).fit(X, y).model_.training.message


def test_what_lies_outside_the_table_is_refused_not_read():
    example = CASES["category embedding"]
    problem, vector, data = example.problem, example.vector, example.data
    for rows in (np.array([0, 6]), np.array([-7]), np.array([6])):
        with pytest.raises(InputError, match="0 to 5"):
            fast.loss_and_gradients(problem, vector, data, rows)
    for name, rows in (("Y", data.Y[:3]), ("codes", data.codes[:3]), ("weights", np.ones(3))):
        with pytest.raises(ShapeError, match=f"{name} must have 6 rows"):
            fast.loss_and_gradients(problem, vector, replace(data, **{name: rows}))
    for code in (-1, 3):
        codes = data.codes.copy()
        codes[2, 0] = code
        with pytest.raises(InputError, match=r"codes must be 0 to \[2, 3\]"):
            fast.loss_and_gradients(problem, vector, replace(data, codes=codes))
    stepping = replace(problem, optimizer=Adam())
    plan = Plan(slice(2, None), 6, 3, [0.1] * 2, [0.0] * 2, [1.0] * 2)
    with pytest.raises(InputError, match="order must name 6 rows"):
        fast.train(stepping, fast.initial_state(stepping, vector), data, plan, 0, 2)
