"""What can be set before a training, and what was really used.

Conventions
-----------
* The string ``"preset"`` leaves a value to the preset; ``None`` always means off.
* A name chooses a method (``"adam"``), an object sets it too (``Adam(beta2=0.95)``). Of activation, initializer and
  metric a model keeps the name alone, so that its file can be read back: an activation or initializer given as an
  object must be the one of that name.
* `Settings` is frozen data. `Settings.resolved` fills in every ``"preset"`` and ``"auto"``: what was really used. The
  encoding alone is left, for the table's package stands above this one: `gradatim.model.train_model` fills it in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradatim.engines import engine_name
from gradatim.errors import named
from gradatim.formulas.activations import Activation
from gradatim.formulas.losses import Loss
from gradatim.formulas.metrics import Metric, metric_for
from gradatim.formulas.optimizers import LBFGS, Optimizer
from gradatim.formulas.penalties import Penalty
from gradatim.formulas.schedules import Constant, Schedule, schedule
from gradatim.settings.checks import (
    ONLY_WITH_STEPS,
    RANGES,
    check,
    fill,
    methods,
    optimizer_for,
    patience_for,
    penalties_of,
    refuse_two_ends,
    sizes_for,
    widths_of,
)
from gradatim.settings.options import DescentOptions, NetworkOptions
from gradatim.settings.presets import PRESETS, VALIDATION_SHARE, Task, preset_for

Named = Any
"""A text that `Settings.resolved` replaces: "preset", "auto", or the name of a method. Typed Any, so that the settings
of a training are plain numbers and objects to a type checker."""


@dataclass(frozen=True)
class Settings:
    """All that one training is told. Nothing is checked before `resolved`, as scikit-learn wants it.

    Attributes:
        preset: "strong" (the default: RealMLP's recipe), "best" (five strong networks, whose mean predicts; only in
            estimators), or "plain" (the course's way). Without hidden layers all are plain.
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
        batch_size: rows per step; "auto" follows the number of training rows, None takes all at once.
        max_epochs: passes over the training rows, at most; "auto" has fewer of many rows. None where max_steps
            is given instead.
        max_steps: steps, at most: the training may end within an epoch, and the schedule runs over these steps.
        patience_epochs: stop after this many epochs without a better score on the validation rows; "wave" after a whole
            wave of the schedule "coslog" without one; None never.
        validation: share of the rows held out to choose the epoch, or None. With "lbfgs" no epoch is chosen: the
            default stands for None there, and all rows train.
        metric: what validation measures: a name; a function (y, predicted) → number, where greater is better; or what
            scikit-learn's make_scorer made. None takes the loss, as a regression with a loss of its own does by itself.
        class_weight: None, "balanced", or a dictionary label → weight: in training, and where the epoch is chosen.
        encoding: "auto", an `Encoding`, or None to take numbers as they are.
        network: what is rarely set about the network.
        members: networks that share their hidden layers; predictions are their mean.
        engine: a name in `gradatim.engines.ENGINES`; "auto" is the quickest there is.
        n_threads: threads of matrix products; None chooses.
        dtype: "float32" or "float64" of the computation.
        record: "epochs" or "steps" keeps the parameters after each, within bounds, so that the network of any of them
            can be had back; None keeps none.
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
    max_steps: int | None = None
    patience_epochs: int | Named | None = "preset"
    validation: float | None = VALIDATION_SHARE
    metric: str | Callable[..., float] | Metric | None = "preset"
    class_weight: str | Mapping[Any, float] | None = None
    encoding: Any = "auto"
    network: NetworkOptions | Named = "preset"
    descent: DescentOptions | Named = "preset"
    members: int = 1
    engine: str = "auto"
    n_threads: int | None = None
    dtype: str = "float32"
    record: str | None = None
    random_state: int | None = None

    def resolved(self, task: Task, *, output: str, rows: int) -> Settings:
        """These settings as a training uses them.

        Args:
            task: "classification" or "regression".
            output: activation of the output layer that the target asks for ("sigmoid", "softmax", "identity"): it
                decides what "log_loss" means.
            rows: training rows; batch size follows them.

        Returns:
            Settings without "preset" or "auto" (but for the encoding), names of methods as objects. With L-BFGS what
            only steps and epochs need is None.

        Raises:
            InputError: for an unknown name, a value out of its range, or two settings that contradict each other.

        Example:
            >>> settings = Settings("plain", learning_rate=0.01).resolved("regression", output="identity", rows=1000)
            >>> settings.learning_rate, settings.metric, settings.batch_size
            (0.01, 'rmse', 32)
        """
        preset = self.preset_for(task)
        filled = {name: fill(getattr(self, name), preset[name]) for name in preset if hasattr(self, name)}
        filled["network"] = NetworkOptions.of(self.network, preset["network"])
        filled["descent"] = DescentOptions.of(self.descent, preset["descent"])
        if self.max_steps is not None and self.max_epochs == "preset":
            filled["max_epochs"] = None
        settings = replace(self, **filled)
        judge = self.judge(task)
        settings = replace(
            settings,
            hidden_widths=widths_of(settings.hidden_widths),
            metric=None if judge is None else judge.name,
            engine=engine_name(settings.engine),
        )
        settings = replace(settings, **optimizer_for(self, settings))
        unused = ONLY_WITH_STEPS if isinstance(settings.optimizer, LBFGS) else {}
        for name, (must_be, holds) in RANGES.items():
            if name not in unused:
                check(name, getattr(settings, name), must_be, holds)
        settings = replace(settings, **methods(settings, output))
        if unused:  # whole-table products are BLAS's own business: there is nothing worth compiling for them
            quickest = "textbook" if self.engine == "auto" else settings.engine
            return replace(settings, dtype="float64", engine=quickest)
        refuse_two_ends(settings)
        steps = Constant() if settings.schedule is None else schedule(settings.schedule)
        patience = patience_for(steps, settings.patience_epochs, asked=self.patience_epochs)
        sizes: dict[str, Any] = sizes_for(settings, preset["auto"], rows)
        return replace(settings, schedule=steps, patience_epochs=patience, **sizes)

    def preset_for(self, task: Task) -> Mapping[str, Any]:
        """What stands for "preset" here: without hidden layers that of the plain one.

        Raises:
            InputError: for an unknown name.
        """
        widths = fill(self.hidden_widths, named("preset", self.preset, PRESETS)[task]["hidden_widths"])
        return preset_for(self.preset, task, hidden_layers=bool(widths_of(widths)))

    def judge(self, task: Task) -> Metric | None:
        """The metric that chooses the epoch, from its name, a function or a scorer; None where the loss does.

        A regression with a loss of its own is chosen by that loss, where no metric is named: epochs of a quantile's
        network must not be chosen by how well it meets the mean.

        Raises:
            InputError: for an unknown name, or one of another task.

        Example:
            >>> Settings().judge("regression").name
            'rmse'
        """
        preset = self.preset_for(task)
        said = getattr(self.loss, "name", self.loss)
        own_loss = task == "regression" and said not in ("preset", "squared_error", preset["loss"])
        chosen = fill(self.metric, None if own_loss else preset["metric"])
        return None if chosen is None else metric_for(chosen, task)

    @property
    def penalties(self) -> tuple[Penalty, ...]:
        """The penalty, or penalties, as a tuple."""
        return penalties_of(self.penalty)


def seed_of(random_state: int | None) -> int:
    """The seed of a training: the one given, or a new one for None.

    Raises:
        InputError: for what is no whole number of 0 or more.
    """
    check("random_state", random_state, *RANGES["random_state"])
    return int(np.random.SeedSequence().generate_state(1)[0]) if random_state is None else int(random_state)
