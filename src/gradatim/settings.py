"""What can be set before a training, what the presets decide, and the one place where both are checked.

Conventions
-----------
* The string ``"preset"`` leaves a value to the preset; ``None`` always means off.
* A name chooses a method (``"adam"``), an object sets it too (``Adam(beta2=0.95)``). Of activation, initializer and
  metric a model keeps the name alone, so that its file can be read back: an object must be the one of that name.
* `Settings` is frozen data. `Settings.resolved` fills in every ``"preset"`` and ``"auto"``: what was really used. The
  encoding alone is left, for the table's package stands above this one: `gradatim.model.train_model` fills it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from math import log2
from numbers import Integral, Real
from sys import float_info
from typing import Any, Literal

import numpy as np

from gradatim.engines import engine_name
from gradatim.errors import InputError, named
from gradatim.formulas.activations import Activation, activation
from gradatim.formulas.initializers import Initializer, initializer
from gradatim.formulas.losses import Loss, loss
from gradatim.formulas.metrics import METRICS, metric
from gradatim.formulas.optimizers import LBFGS, Optimizer, optimizer
from gradatim.formulas.penalties import L1, L2, Penalty
from gradatim.formulas.schedules import Constant, Schedule, schedule

Task = Literal["classification", "regression"]
Named = Any
"""A text that `Settings.resolved` replaces: "preset", "auto", or the name of a method. Typed Any, so that the settings
of a training are plain numbers and objects to a type checker."""

PLAIN: Mapping[str, Any] = {
    "hidden_widths": (128, 128),
    "activation": "relu",
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "schedule": "constant",
    "weight_decay": None,
    "dropout": None,
    "batch_size": "auto",
    "max_epochs": 200,
    "patience_epochs": 20,
    "initializer": "glorot",
}
"""The course's way: relu, Adam in mini-batches (Kingma & Ba 2015), early stopping.

Initial weights are Glorot & Bengio's (2010): on 25 tables they did better than He's (2015), since outputs begin smaller
(root mean squared error 4 % lower, log loss 1 %).
"""

PRESETS: dict[str, dict[Task, Mapping[str, Any]]] = {
    "plain": {
        "classification": {**PLAIN, "loss": "log_loss", "metric": "log_loss"},
        "regression": {**PLAIN, "loss": "half_squared_error", "metric": "rmse"},
    },
}
"""By name and task: what stands for ``"preset"`` in `Settings`."""

PRESETS["strong"] = PRESETS["plain"]  # until the strong recipe is there: the one place


@dataclass(frozen=True)
class NetworkOptions:
    """What is rarely set about the network itself.

    Attributes:
        initializer: initial weights, by name (``"small_normal(10)"`` sets it too), or the object of that name.
        scale: one learned factor per input, before the first layer.
        learned_slope: each hidden unit blends its activation with the identity, by a learned share.
    """

    initializer: str | Initializer = "preset"
    scale: bool = False
    learned_slope: bool = False


@dataclass(frozen=True)
class Settings:
    """All that one training is told. Nothing is checked before `resolved`, as scikit-learn wants it.

    Attributes:
        preset: "strong" (the default), or "plain" (the course's way).
        hidden_widths: units of each hidden layer; () is logistic or linear regression.
        activation: of the hidden layers, by name (``"leaky_relu(0.2)"`` sets it too), or the object of that name.
        optimizer: a name or an object; "lbfgs" solves in float64 over all rows at once, for small and linear networks.
            Without steps and epochs, it refuses what is set about them.
        learning_rate: base rate of a step.
        schedule: how the rate changes over the steps; None keeps it constant.
        loss: a name or an object; a loss of another task is refused.
        weight_decay: decoupled decay of the weights: θ ← θ·(1 - rate·decay) before each step.
        penalty: `L1(strength)`, `L2(strength)` or several, added to the mean loss J, over weights only.
        dropout: share of hidden activations dropped in training.
        batch_size: rows per step; "auto" follows the number of rows, None takes all rows at once.
        max_epochs: passes over the training rows, at most.
        patience_epochs: stop after this many epochs without a better score on the validation rows; None never.
        validation: share of the rows held out to choose the epoch, or None. With "lbfgs" no epoch is chosen: the
            default stands for None there, and all rows train.
        metric: what validation measures; None takes the loss.
        class_weight: None, "balanced", or a dictionary label → weight.
        encoding: "auto", an `Encoding`, or None to take numbers as they are.
        network: what is rarely set about the network.
        members: networks that share their hidden layers; predictions are their mean.
        engine: a name in `gradatim.engines.ENGINES`; "auto" is the quickest there is.
        n_threads: threads of matrix products; None chooses.
        dtype: "float32" or "float64" of the computation.
        random_state: seed; None draws one and `resolved` records it.
    """

    preset: str = "strong"
    hidden_widths: tuple[int, ...] | Named = "preset"
    activation: str | Activation = "preset"
    optimizer: Optimizer | LBFGS | Named = "preset"
    learning_rate: float | Named = "preset"
    schedule: Schedule | Named = "preset"
    loss: Loss | Named = "preset"
    weight_decay: float | Named | None = "preset"
    penalty: Penalty | tuple[Penalty, ...] | None = None
    dropout: float | Named | None = "preset"
    batch_size: int | Named | None = "preset"
    max_epochs: int | Named = "preset"
    patience_epochs: int | Named | None = "preset"
    validation: float | None = 0.2
    metric: str | None = "preset"
    class_weight: str | Mapping[Any, float] | None = None
    encoding: Any = "auto"
    network: NetworkOptions | Named = "preset"
    members: int = 1
    engine: str = "auto"
    n_threads: int | None = None
    dtype: str = "float32"
    random_state: int | None = None

    def resolved(self, task: Task, *, output: str, rows: int) -> Settings:
        """These settings as a training uses them.

        Args:
            task: "classification" or "regression".
            output: activation of the output layer ("sigmoid", "softmax", "identity"): it decides what "log_loss" means.
            rows: training rows; batch size follows them.

        Returns:
            Settings without "preset" or "auto" (but for the encoding), names of methods as objects. With L-BFGS what
            only steps and epochs need is None.

        Raises:
            InputError: for an unknown name, a value out of its range, or two settings that contradict each other.

        Example:
            >>> settings = Settings(learning_rate=0.01).resolved("regression", output="identity", rows=1000)
            >>> settings.learning_rate, settings.metric, settings.batch_size
            (0.01, 'rmse', 32)
        """
        preset = named("preset", self.preset, PRESETS)[task]
        options = _fill(self.network, NetworkOptions())
        _check("network", options, "NetworkOptions(…)", lambda value: isinstance(value, NetworkOptions))
        # Without hidden layers every start ends at the same optimum; zeros, the notes' start, get there the same way.
        initial = preset["initializer"] if len(_widths(_fill(self.hidden_widths, preset["hidden_widths"]))) else "zeros"
        network = replace(options, initializer=_fill(options.initializer, initial))
        filled = {name: _fill(getattr(self, name), preset[name]) for name in preset if name != "initializer"}
        settings = replace(self, **filled, network=network)
        settings = replace(
            settings,
            hidden_widths=_widths(settings.hidden_widths),
            metric=_metric(settings.metric, task),
            engine=engine_name(settings.engine),
        )
        settings = _optimized(self, settings)
        unused = _ONLY_WITH_STEPS if isinstance(settings.optimizer, LBFGS) else {}
        for name, (must_be, holds) in _RANGES.items():
            if name not in unused:
                _check(name, getattr(settings, name), must_be, holds)
        settings = replace(settings, **_methods(settings, output))
        if unused:
            return replace(settings, dtype="float64")
        steps = Constant() if settings.schedule is None else schedule(settings.schedule)
        return replace(settings, schedule=steps, batch_size=_batch_size(settings.batch_size, rows))

    @property
    def penalties(self) -> tuple[Penalty, ...]:
        """The penalty, or penalties, as a tuple."""
        return _penalties(self.penalty)


def _fill(value: Any, preset: Any) -> Any:
    return preset if isinstance(value, str) and value == "preset" else value


def _check(who: str, value: Any, must_be: str, holds: Callable[[Any], bool]) -> None:
    if not holds(value):
        raise InputError(f"{who} must be {must_be}. Got {value!r}.")


def _whole(value: Any, low: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= low


def _number(value: Any, low: float, high: float = float_info.max) -> bool:
    """Whether low <= value < high; NaN and infinity are in no range."""
    return isinstance(value, Real) and not isinstance(value, bool) and bool(low <= value < high)  # type: ignore[operator]


def _has(value: Any, *attributes: str) -> bool:
    """Whether it is a name, to be looked up later, or an object with these attributes; a class is neither."""
    return isinstance(value, str) or (not isinstance(value, type) and all(hasattr(value, name) for name in attributes))


_RANGES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "schedule": (
        'a name such as "cosine", an object such as Cosine(), or None',
        lambda v: v is None or _has(v, "factors"),
    ),
    "loss": (
        'a name such as "log_loss", or an object such as LogLoss(label_smoothing=0.1)',
        lambda v: _has(v, "name", "output", "value", "slope"),
    ),
    "learning_rate": ("a finite number above 0", lambda v: _number(v, 0) and v > 0),
    "weight_decay": ("a number of 0 or more, or None", lambda v: v is None or _number(v, 0)),
    "dropout": ("a number in [0, 1), or None", lambda v: v is None or _number(v, 0, 1)),
    "batch_size": ('a whole number of 1 or more, "auto", or None', lambda v: v in (None, "auto") or _whole(v, 1)),
    "max_epochs": ("a whole number of 1 or more", lambda v: _whole(v, 1)),
    "patience_epochs": ("a whole number of 1 or more, or None", lambda v: v is None or _whole(v, 1)),
    "validation": ("a share between 0 and 1, or None", lambda v: v is None or (_number(v, 0, 1) and v > 0)),
    "class_weight": ('"balanced", a dictionary of weights by class, or None', lambda v: _is_class_weight(v)),
    "penalty": (
        "L1(…), L2(…), a tuple of them, or None",
        lambda v: all(isinstance(p, (L1, L2)) for p in _penalties(v)),
    ),
    "members": ("a whole number of 1 or more", lambda v: _whole(v, 1)),
    "n_threads": ("a whole number of 1 or more, or None", lambda v: v is None or _whole(v, 1)),
    "dtype": ('"float32" or "float64"', lambda v: v in ("float32", "float64")),
    "random_state": ("a whole number of 0 or more, or None", lambda v: v is None or _whole(v, 0)),
}
"""Who: what it must be, and whether it is."""


def seed_of(random_state: int | None) -> int:
    """The seed of a training: the one given, or a new one for None.

    Raises:
        InputError: for what is no whole number of 0 or more.
    """
    _check("random_state", random_state, *_RANGES["random_state"])
    return int(np.random.SeedSequence().generate_state(1)[0]) if random_state is None else int(random_state)


def _penalties(value: Any) -> tuple[Penalty, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _is_class_weight(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_number(weight, 0) for weight in value.values())
    return value is None or value == "balanced"


def _widths(value: Any) -> tuple[int, ...]:
    widths = value if isinstance(value, Iterable) else (value,)
    if isinstance(value, str) or not all(_whole(width, 1) for width in widths):
        raise InputError(
            f"hidden_widths must be whole numbers of 1 or more, such as (64, 64), or () for none. Got {value!r}."
        )
    return tuple(int(width) for width in widths)


def _metric(name: Any, task: Task) -> str | None:
    if name is None:
        return None
    name = _kept_name("metric", name, metric, "value")
    return named(
        f"metric of a {task}", name, {known: entry for known, entry in METRICS.items() if entry.task == task}
    ).name


def _kept_name(who: str, method: Any, look_up: Callable[[str], Any], *formulas: str) -> str:
    """The name of a method, which is all that a model keeps of it.

    Args:
        who: as in `Settings`.
        method: a name or an object.
        look_up: gives the object of a name.
        formulas: attributes in which the object must be that of its name.

    Raises:
        InputError: for an unknown name, and for an object that the name would not bring back.
    """
    if isinstance(method, str):
        return str(look_up(method).name)
    name = getattr(method, "name", None)
    with suppress(InputError):
        if isinstance(name, str) and all(
            _made_of(getattr(method, formula, None)) == _made_of(getattr(look_up(name), formula))
            for formula in formulas
        ):
            return name
    raise InputError(
        f"{who} must be a name, or the object that has this name in gradatim: models keep names only, so that their "
        f"files can be read back. Got {repr(method) if name is None else f'another {name!r}'}."
    )


def _made_of(formula: Any) -> Any:
    """What a formula is compared by: one with a parameter is made anew for each name, so by function and parameter."""
    return (formula.func, formula.args, formula.keywords) if isinstance(formula, partial) else formula


def _methods(settings: Settings, output: str) -> dict[str, Any]:
    """What names and objects stand for; the functions called say what they know where a name is unknown."""
    start = _kept_name("initializer", settings.network.initializer, initializer, "draw")
    return {
        "loss": _fitting_loss(settings.loss, output),
        "activation": _kept_name("activation", settings.activation, activation, "value", "slope", "chain"),
        "network": replace(settings.network, initializer=start),
    }


def _fitting_loss(name: str | Loss, output: str) -> Loss:
    chosen = loss(name, output)
    if chosen.output != output:
        raise InputError(
            f"loss must belong to an output layer with {output}. Got {chosen.name}, which belongs to {chosen.output}: "
            f"classes take log_loss, numbers half_squared_error, absolute_error or huber."
        )
    return chosen


def _batch_size(value: Any, rows: int) -> int:
    """A power of two near rows / 32, from 32 to 256: small tables keep enough steps an epoch, large ones are quick."""
    if value is None:
        return rows
    if value == "auto":
        return int(2 ** min(max(round(log2(max(rows, 1) / 32)), 5), 8))
    return int(value)


_ONLY_WITH_STEPS: dict[str, tuple[tuple[Any, ...], str]] = {
    "learning_rate": ((), "its line search finds how far to go"),
    "schedule": ((), "its line search finds how far to go"),
    "weight_decay": ((0,), "use penalty=L2(…)"),
    "dropout": ((0,), "use penalty=L2(…)"),
    "batch_size": (("auto",), "use adam"),
    "max_epochs": ((), "use LBFGS(max_iterations=…)"),
    "patience_epochs": ((), "use LBFGS(max_iterations=…, relative_tolerance=…)"),
    "validation": ((Settings.validation,), "all rows train, and the last iteration is kept"),
}
"""What L-BFGS has no use for: what passes for None there, and what there is instead."""


def _optimized(asked: Settings, settings: Settings) -> Settings:
    """With the optimizer as an object, and the settings that depend on it.

    Args:
        asked: as they were given.
        settings: filled in.

    Raises:
        InputError: for what is set, but without effect on L-BFGS. Its default of validation counts as not set.
    """
    _check(
        "optimizer",
        settings.optimizer,
        'a name such as "adam", or an object such as Adam(beta2=0.95)',
        lambda value: isinstance(value, LBFGS) or _has(value, "step", "moments", "weight_decay"),
    )
    chosen = optimizer(settings.optimizer)
    if not isinstance(chosen, LBFGS):
        brings_its_own = isinstance(asked.weight_decay, str) and chosen.weight_decay
        decay = chosen.weight_decay if brings_its_own else settings.weight_decay
        return replace(settings, optimizer=chosen, weight_decay=decay)
    for name, (off, instead) in _ONLY_WITH_STEPS.items():
        value = getattr(asked, name)
        if value not in (None, "preset", *off):
            raise InputError(
                f"{name} must be None with the optimizer lbfgs, which takes no steps. Got {value!r}: {instead}."
            )
    unset: dict[str, Any] = dict.fromkeys(_ONLY_WITH_STEPS)
    return replace(settings, optimizer=chosen, **unset)
