"""Six small trainings must go the way they went before: a refactoring changes no number.

The curves in `curves.json` are our own, so they prove no formula (the agreement tests do that). They show which change
moved a training. After a change that means to move one, write them anew and say why in the commit:

    python -m tests.golden.test_curves
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.engines.contract import Plan
from gradatim.formulas.losses import CategoricalLogLoss, Huber, LogLoss
from gradatim.formulas.optimizers import Adam, GradientDescent, Momentum, Nesterov
from gradatim.formulas.penalties import L2
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding, Scale
from tests.networks import case

CURVES = Path(__file__).with_name("curves.json")
ROWS, EPOCHS, BATCH = 60, 20, 16


def trainings():
    """Name, network, loss and how it is trained."""
    binary, three = Dense(1, "sigmoid"), Dense(3, "softmax")
    hidden = (Dense(6, "relu"), Dropout(0.2), Dense(4, "tanh"))
    front = (NumericEmbedding(2, frequencies=4), CategoryEmbedding((3, 5), width=2), Scale())
    slopes = (Dense(5, "selu", learned_slope=True),)
    return {
        "logistic regression": (Architecture(4, output=binary), LogLoss(), {"optimizer": GradientDescent()}),
        "shallow": (Architecture(4, layers=(Dense(5, "tanh"),), output=binary), LogLoss(), {"optimizer": Momentum()}),
        "deep with dropout": (Architecture(4, layers=hidden, output=binary), LogLoss(0.1), {"optimizer": Adam()}),
        "classes by members": (
            Architecture(4, layers=hidden, output=three, members=3),
            CategoricalLogLoss(),
            {"optimizer": Adam(beta2=0.95), "clip_norm": 0.5, "averaging": 0.9},
        ),
        "embeddings": (
            Architecture(4, front, slopes, three),
            CategoricalLogLoss(0.1),
            {"optimizer": Adam(), "penalties": (L2(0.01),)},
        ),
        "regression": (
            Architecture(4, layers=(Dense(6, "mish"),), output=Dense(2, "identity")),
            Huber(),
            {"optimizer": Nesterov()},
        ),
    }


def curve(name):
    """The mean loss of each epoch, and J at the end."""
    architecture, loss, how = trainings()[name]
    example = case(architecture, loss, m=ROWS, **how)
    rng = np.random.default_rng(1)
    steps = -(-ROWS // BATCH)
    plan = Plan(np.arange(ROWS), ROWS, BATCH, [0.02] * steps, [0.01] * steps, [1.0] * steps, dropout_key=7)
    state = textbook.initial_state(example.problem, example.vector)
    losses = []
    for _ in range(EPOCHS):
        plan = replace(plan, order=rng.permutation(ROWS))
        state, loss_sum, bad_step = textbook.train(example.problem, state, example.data, plan, 0, steps)
        assert bad_step is None
        losses.append(loss_sum / ROWS)
    return [*losses, textbook.evaluate(example.problem, state.vector, example.data)]


@pytest.mark.parametrize("name", trainings())
def test_training_goes_the_way_it_went(name):
    expected = json.loads(CURVES.read_text(encoding="utf-8"))[name]
    # Another processor adds in another order; 60 rows over 80 steps spread that to some 1e-12 at most.
    np.testing.assert_allclose(curve(name), expected, rtol=1e-9)


def test_every_training_learns():
    """A curve that does not fall would hold nothing fast."""
    for name, losses in json.loads(CURVES.read_text(encoding="utf-8")).items():
        assert losses[-1] < losses[0], name


if __name__ == "__main__":
    CURVES.write_text(json.dumps({name: curve(name) for name in trainings()}, indent=1) + "\n", encoding="utf-8")
