"""The same lines on other array libraries give NumPy's numbers."""

from dataclasses import replace

import numpy as np
import pytest

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Plan
from gradatim.formulas.optimizers import Adam
from tests.array_libraries import LIBRARIES
from tests.networks import CASES, draw


def _moved(data, make):
    """The table in another library's arrays."""
    optional = {name: getattr(data, name) for name in ("codes", "Y", "weights")}
    return Data(make(data.X), **{name: None if a is None else make(a) for name, a in optional.items()})


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", CASES)
def test_loss_and_gradients(name, library):
    make, back = LIBRARIES[library]()
    case = CASES[name]
    masks = draw(case)
    J, gradient = textbook.loss_and_gradients(case.problem, case.vector, case.data, dropout=masks)
    J2, gradient2 = textbook.loss_and_gradients(case.problem, make(case.vector), _moved(case.data, make), dropout=masks)
    assert type(gradient2).__module__.split(".")[0] != "numpy"
    assert float(J2) == pytest.approx(float(J), rel=1e-12)
    np.testing.assert_allclose(back(gradient2), gradient, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_epoch_and_a_prediction(library):
    make, back = LIBRARIES[library]()
    case = CASES["everything at once"]
    problem = replace(case.problem, optimizer=Adam(), clip_norm=0.5, averaging=0.9)
    plan = Plan(np.array([3, 1, 0, 5, 2, 4]), 6, 2, [0.1, 0.05, 0.02], [0.1] * 3, [1.0] * 3)
    data = _moved(case.data, make)
    expected, *_ = textbook.train(problem, textbook.initial_state(problem, case.vector), case.data, plan, 0, 3)
    actual, *_ = textbook.train(problem, textbook.initial_state(problem, make(case.vector)), data, plan, 0, 3)
    np.testing.assert_allclose(back(actual.vector), expected.vector, rtol=1e-10)
    np.testing.assert_allclose(back(actual.averaged), expected.averaged, rtol=1e-10)
    said = textbook.predict(problem.architecture, make(case.vector), data)
    np.testing.assert_allclose(back(said), textbook.predict(problem.architecture, case.vector, case.data), rtol=1e-12)
