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
    from gradatim.certainty import calibrated, prediction_intervals, prediction_sets, threshold
    from gradatim.course import (
        Network,
        logistic_regression,
        logistic_regression_by_loop,
        two_layer_forward_by_loop,
    )
    from gradatim.estimators import (
        LadderClassifier,
        LadderRegressor,
        NetworkClassifier,
        NetworkRegressor,
        QuantileRegressor,
    )
    from gradatim.formulas.losses import (
        AbsoluteError,
        CategoricalLogLoss,
        HalfSquaredError,
        Huber,
        LogLoss,
        Poisson,
        Quantile,
    )
    from gradatim.formulas.metrics import Metric
    from gradatim.formulas.optimizers import LBFGS, Adam, AdamW, GradientDescent, Momentum, Nesterov
    from gradatim.formulas.penalties import L1, L2
    from gradatim.formulas.schedules import Constant, Cosine, CosLog, Exponential, FlatCosine, Step, WarmUp
    from gradatim.glass.attribution import attribution
    from gradatim.glass.doctor import Doctor, examine
    from gradatim.glass.gradient_check import check_gradients
    from gradatim.glass.integrated_gradients import integrated_gradients
    from gradatim.glass.partial_dependence import partial_dependence
    from gradatim.glass.permutation import permutation_importance
    from gradatim.glass.trace import Trace, trace
    from gradatim.model import Ensemble, Model, load, train_ensemble, train_model
    from gradatim.report.report import Report
    from gradatim.runs import Run, evaluate, fit
    from gradatim.settings import DescentOptions, NetworkOptions, Settings
    from gradatim.tables import Encoding
    from gradatim.training import StopTraining
    from gradatim.trials.ranking import Trials
    from gradatim.trials.trying import try_values

__version__ = "0.1.0"

# Where each public name lives. A module stands here under its own name.
_HOME = {
    "L1": "gradatim.formulas.penalties",
    "L2": "gradatim.formulas.penalties",
    "LBFGS": "gradatim.formulas.optimizers",
    "AbsoluteError": "gradatim.formulas.losses",
    "Adam": "gradatim.formulas.optimizers",
    "AdamW": "gradatim.formulas.optimizers",
    "CategoricalLogLoss": "gradatim.formulas.losses",
    "Constant": "gradatim.formulas.schedules",
    "CosLog": "gradatim.formulas.schedules",
    "Cosine": "gradatim.formulas.schedules",
    "DescentOptions": "gradatim.settings",
    "Doctor": "gradatim.glass.doctor",
    "Encoding": "gradatim.tables",
    "Ensemble": "gradatim.model",
    "Exponential": "gradatim.formulas.schedules",
    "FlatCosine": "gradatim.formulas.schedules",
    "GradientDescent": "gradatim.formulas.optimizers",
    "HalfSquaredError": "gradatim.formulas.losses",
    "Huber": "gradatim.formulas.losses",
    "LadderClassifier": "gradatim.estimators",
    "LadderRegressor": "gradatim.estimators",
    "LogLoss": "gradatim.formulas.losses",
    "Metric": "gradatim.formulas.metrics",
    "Model": "gradatim.model",
    "Momentum": "gradatim.formulas.optimizers",
    "Nesterov": "gradatim.formulas.optimizers",
    "Network": "gradatim.course",
    "NetworkClassifier": "gradatim.estimators",
    "NetworkOptions": "gradatim.settings",
    "NetworkRegressor": "gradatim.estimators",
    "Poisson": "gradatim.formulas.losses",
    "Quantile": "gradatim.formulas.losses",
    "QuantileRegressor": "gradatim.estimators",
    "Report": "gradatim.report.report",
    "Run": "gradatim.runs",
    "Settings": "gradatim.settings",
    "Step": "gradatim.formulas.schedules",
    "StopTraining": "gradatim.training",
    "Trace": "gradatim.glass.trace",
    "Trials": "gradatim.trials.ranking",
    "WarmUp": "gradatim.formulas.schedules",
    "attribution": "gradatim.glass.attribution",
    "calibrated": "gradatim.certainty",
    "check_gradients": "gradatim.glass.gradient_check",
    "errors": "gradatim.errors",
    "evaluate": "gradatim.runs",
    "examine": "gradatim.glass.doctor",
    "fit": "gradatim.runs",
    "integrated_gradients": "gradatim.glass.integrated_gradients",
    "load": "gradatim.model",
    "logistic_regression": "gradatim.course",
    "logistic_regression_by_loop": "gradatim.course",
    "partial_dependence": "gradatim.glass.partial_dependence",
    "permutation_importance": "gradatim.glass.permutation",
    "plot": "gradatim.plot",
    "prediction_intervals": "gradatim.certainty",
    "prediction_sets": "gradatim.certainty",
    "threshold": "gradatim.certainty",
    "trace": "gradatim.glass.trace",
    "train_ensemble": "gradatim.model",
    "train_model": "gradatim.model",
    "try_values": "gradatim.trials.trying",
    "two_layer_forward_by_loop": "gradatim.course",
}

# Spelt out, because type checkers read a literal list only; a test compares it with the table.
__all__ = [
    "L1",
    "L2",
    "LBFGS",
    "AbsoluteError",
    "Adam",
    "AdamW",
    "CategoricalLogLoss",
    "Constant",
    "CosLog",
    "Cosine",
    "DescentOptions",
    "Doctor",
    "Encoding",
    "Ensemble",
    "Exponential",
    "FlatCosine",
    "GradientDescent",
    "HalfSquaredError",
    "Huber",
    "LadderClassifier",
    "LadderRegressor",
    "LogLoss",
    "Metric",
    "Model",
    "Momentum",
    "Nesterov",
    "Network",
    "NetworkClassifier",
    "NetworkOptions",
    "NetworkRegressor",
    "Poisson",
    "Quantile",
    "QuantileRegressor",
    "Report",
    "Run",
    "Settings",
    "Step",
    "StopTraining",
    "Trace",
    "Trials",
    "WarmUp",
    "attribution",
    "calibrated",
    "check_gradients",
    "errors",
    "evaluate",
    "examine",
    "fit",
    "integrated_gradients",
    "load",
    "logistic_regression",
    "logistic_regression_by_loop",
    "partial_dependence",
    "permutation_importance",
    "plot",
    "prediction_intervals",
    "prediction_sets",
    "threshold",
    "trace",
    "train_ensemble",
    "train_model",
    "try_values",
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
