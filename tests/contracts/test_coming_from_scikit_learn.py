"""The page for those who come from scikit-learn leaves nothing out: each name of its MLP has a row of its own."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

PAGE = Path(__file__).parents[2] / "docs" / "coming_from_scikit_learn.md"
ESTIMATORS = [MLPClassifier, MLPRegressor]


def rows(heading):
    """The names in the first column of the tables under a heading, and the whole first cell."""
    section = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    cells = re.findall(r"^\| *(`[^|]*?) *\|", section[1], re.MULTILINE)
    return {name: cell for cell in cells for name in re.findall(r"`(\w+)", cell)}


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_parameter_has_a_row_with_its_default(estimator):
    said = rows("Parameters")
    for name, parameter in list(inspect.signature(estimator.__init__).parameters.items())[1:]:
        value = parameter.default
        default = f'"{value}"' if isinstance(value, str) else repr(value)
        assert f"`{name}={default}`" in said[name]


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_every_fitted_attribute_has_a_row(estimator, early_stopping):
    X, y = np.arange(60.0).reshape(-1, 1) / 60, np.arange(60) % 2
    quick = {"hidden_layer_sizes": (2,), "max_iter": 1000, "tol": 1.0, "n_iter_no_change": 1}
    fitted = estimator(early_stopping=early_stopping, **quick)
    fitted.fit(X, y)
    names = {name for name in vars(fitted) if name.endswith("_") and not name.startswith("_")}
    documented = re.findall(r"^    (\w+_) :", inspect.getdoc(estimator).replace("\n", "\n    "), re.MULTILINE)
    assert {"coefs_", "loss_curve_"} <= names
    assert names | set(documented) <= set(rows("Fitted attributes"))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_method_has_a_row(estimator):
    methods = {name for name in dir(estimator) if not name.startswith("_") and callable(getattr(estimator, name))}
    assert {"fit", "partial_fit"} <= methods
    assert methods <= set(rows("Methods"))
