"""gradatim: the simplest neural network that your table needs, and every Z, A, dZ and dW of it.

``import gradatim as gd`` is quick: a name loads its module when it is first touched, so that a program that only
predicts never waits for what only training needs.

Example:
    >>> import gradatim as gd
    >>> net = gd.Network([2, 4, 1], activations=["tanh", "sigmoid"], loss="log_loss", seed=2)
    >>> net.L, net.n
    (2, (2, 4, 1))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradatim import errors, plot
    from gradatim.course import (
        Network,
        logistic_regression,
        logistic_regression_by_loop,
        two_layer_forward_by_loop,
    )
    from gradatim.estimators import NetworkClassifier, NetworkRegressor
    from gradatim.glass.gradient_check import check_gradients
    from gradatim.model import Model, load
    from gradatim.runs import Run, fit

__version__ = "0.1.0"

# Where each public name lives. A module stands here under its own name.
_HOME = {
    "Model": "gradatim.model",
    "Network": "gradatim.course",
    "NetworkClassifier": "gradatim.estimators",
    "NetworkRegressor": "gradatim.estimators",
    "Run": "gradatim.runs",
    "check_gradients": "gradatim.glass.gradient_check",
    "errors": "gradatim.errors",
    "fit": "gradatim.runs",
    "load": "gradatim.model",
    "logistic_regression": "gradatim.course",
    "logistic_regression_by_loop": "gradatim.course",
    "plot": "gradatim.plot",
    "two_layer_forward_by_loop": "gradatim.course",
}

# Spelt out, because type checkers read a literal list only; a test compares it with the table.
__all__ = [
    "Model",
    "Network",
    "NetworkClassifier",
    "NetworkRegressor",
    "Run",
    "check_gradients",
    "errors",
    "fit",
    "load",
    "logistic_regression",
    "logistic_regression_by_loop",
    "plot",
    "two_layer_forward_by_loop",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        from gradatim.errors import did_you_mean

        raise AttributeError(f"gradatim has no name {name!r}.{did_you_mean(name, _HOME)}")
    home = import_module(_HOME[name])
    found = home if home.__name__ == f"{__name__}.{name}" else getattr(home, name)
    globals()[name] = found  # the next look-up does not come here
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
