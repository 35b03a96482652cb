"""From a table to a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import expm1, log
from typing import Any

import numpy as np

from gradatim.engines import engine, engine_for
from gradatim.engines.contract import Problem, State
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.initializers import STANDARDIZED, initializer
from gradatim.formulas.metrics import Metric
from gradatim.model.architecture import architecture_for
from gradatim.model.judging import validation_by
from gradatim.model.model import Model
from gradatim.model.preparation import PreparedTable, classes_of, number_target, prepare, roles_of
from gradatim.network import Architecture, Parameters
from gradatim.settings import Settings, Task, preset_for, seed_of
from gradatim.tables import Encoding, NumberTarget
from gradatim.tables.examples import Examples
from gradatim.tables.targets import Target
from gradatim.training import Callback, Checkpoint, fit_parameters, initial_vector, seconds_per_step, standardized

SCORE_OF_ONE = {"relu": 1.0, "softplus": log(expm1(1.0)), "exp": 0.0}
"""z with g(z) = 1: the mean of a target that is scaled, but not centred. Such a network begins there."""


def train_model(
    settings: Settings,
    table: Any,
    y: Any,
    *,
    task: str = "auto",
    target_name: str | None = None,
    positive: Any = None,
    weights: Any = None,
    groups: Any = None,
    validation_rows: Any = None,
    validation: tuple[Any, Any] | None = None,
    classes: Any = None,
    start: Model | None = None,
    callbacks: Sequence[Callback] = (),
) -> Model:
    """Train one network on a table.

    Encoding and the scale of numbers are fitted on the training rows only.

    Args:
        settings: what to train and how; `Settings()` leaves all to the preset.
        table: (m rows) anything that `Table.from_any` takes; without columns it gives a constant model.
        y: (m,) labels or numbers; (m, k) for several targets: numbers, or two classes each. None missing.
        task: "classification", "regression", or "auto" to go by the values of y.
        target_name: name of what is predicted; y's own, or "target", without.
        positive: of two classes, the one whose probability the network gives; the last one if None.
        weights: (m,) how much each row counts, 0 or more; None counts each once.
        groups: (m,) rows of one group are held out together, or not at all; None draws rows freely.
        validation_rows: indices of the rows that choose the epoch; all others train. Goes before `settings.validation`.
        validation: rows and targets of their own to choose the epoch by. Goes before both.
        classes: all labels, where y may lack some; of several targets the two of each. None takes those of y.
        start: a model to go on from: its encoding, parameters, seed, and what its optimizer remembers; None begins
            anew. The seed stays, so that of the same rows the same ones are held out.
        callbacks: called after each epoch.

    Returns:
        The model, with the parameters of the best epoch.

    Raises:
        InputError: for settings, rows or targets that cannot be used; `ShapeError` where lengths differ.
        DivergedError: if loss, parameters or outputs are not finite before there is an epoch to keep.
        EngineUnavailableError: if the engine cannot run this network or its optimizer.

    Example:
        >>> X = np.arange(40.0).reshape(-1, 1)
        >>> line = Settings(hidden_widths=(), optimizer="lbfgs")
        >>> model = train_model(line, X, 3 * X[:, 0] + 1)
        >>> model.predict([[50.0]]).round(3)
        array([151.])
    """
    examples = Examples.of(table, y, weights, groups=groups, name=target_name)
    own = None if validation is None else Examples.of(*validation)
    seed = seed_of(settings.random_state if start is None else start.settings_.random_state)
    rng = np.random.default_rng(seed)

    known = classes_of(examples, task, positive, classes, constants=True) if start is None else start.target
    known = None if isinstance(known, NumberTarget) else known
    used = resolved(settings, known, examples.n_rows)
    share, given = (used.validation, validation_rows) if own is None else (None, None)
    roles = roles_of(examples, known, share, given, rng)
    # The settings say which rows train, and those how large a batch is.
    used = replace(resolved(settings, known, len(roles.train)), random_state=seed)
    target = known or _number_target(examples, roles.train, used, start)
    encoding = used.encoding if start is None else start.encoder
    prepared = prepare(
        examples, roles, target, encoding, dtype=used.dtype, class_weight=used.class_weight, validation=own
    )
    metric = settings.judge("regression" if known is None else "classification")
    if start is None:
        return train_prepared(prepared, used, rng, metric=metric, callbacks=callbacks)
    _refuse_another_network(start, architecture_for(used, prepared.encoder, target))
    state = _state_of(start, used)
    rng = np.random.default_rng([seed, state.step if isinstance(state, State) else 0])  # not the same order once more
    model = train_prepared(prepared, used, rng, metric=metric, start=state, callbacks=callbacks)
    if model.training is None or start.training is None:
        return model
    return replace(model, training=model.training.after(start.training))


def train_prepared(
    prepared: PreparedTable,
    settings: Settings,
    rng: np.random.Generator,
    *,
    metric: Metric | None = None,
    start: State | Array | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: Checkpoint | None = None,
    keeps_outputs: bool = False,
) -> Model:
    """Train one network on a table that is numbers already: several trainings may share them.

    Args:
        prepared: rows as numbers, and which of them are for what.
        settings: resolved, by `resolved`, for this table.
        rng: draws the parameters to begin with, the order of rows and the dropout.
        metric: chooses the epoch where rows are held out; None takes the loss.
        start: (P,) parameters to begin with, or a state to go on from; None draws the parameters.
        callbacks: called after each epoch.
        checkpoint: where the training is kept, so that it can go on after it was killed; None keeps nothing.
        keeps_outputs: whether the model's training has the outputs of every epoch on the rows held out.

    Raises:
        InputError: if `start` belongs to another network than these settings describe.
        DivergedError: if loss, parameters or outputs are not finite before there is an epoch to keep.
        EngineUnavailableError: if the engine cannot run this network or its optimizer.
    """
    problem = _problem(prepared, settings)
    name, notice = engine_for(problem, settings.engine)
    settings = replace(settings, engine=name)
    drawn = _drawn(prepared, problem.architecture, settings, rng) if start is None else start
    result = fit_parameters(
        problem,
        drawn,
        prepared.data,
        prepared.roles.train,
        settings,
        rng,
        engine(name),
        validation_by(metric, prepared, keeps_outputs=keeps_outputs),
        callbacks,
        checkpoint,
    )
    if notice:
        result = replace(result, message=f"{result.message} {notice}")
    return Model(
        prepared.encoder,
        problem.architecture,
        result.vector,
        prepared.target,
        settings.loss,
        settings,
        result,
        prepared.roles.counts,
    )


def pace_of(
    prepared: PreparedTable, settings: Settings, metric: Metric | None = None, *, watch: float = 0.25
) -> tuple[float, float]:
    """How many seconds a step of such a training takes, and an epoch beside its steps; see `seconds_per_step`."""
    problem = _problem(prepared, settings)
    start = _drawn(prepared, problem.architecture, settings, np.random.default_rng(0))
    judge, (name, _) = validation_by(metric, prepared), engine_for(problem, settings.engine)
    return seconds_per_step(
        problem, start, prepared.data, prepared.roles.train, settings, engine(name), judge, watch=watch
    )


def _problem(prepared: PreparedTable, settings: Settings) -> Problem:
    architecture = architecture_for(settings, prepared.encoder, prepared.target)
    descent = settings.descent
    return Problem(
        architecture, settings.loss, settings.penalties, settings.optimizer, descent.clip_norm, descent.averaging
    )


def _drawn(prepared: PreparedTable, architecture: Architecture, settings: Settings, rng: np.random.Generator) -> Array:
    """The parameters to begin with."""
    how = initializer(settings.network.initializer)
    vector = initial_vector(architecture, how, rng)
    if how.name == STANDARDIZED:
        vector = standardized(architecture, vector, prepared.data, prepared.roles.train, rng)
    score = SCORE_OF_ONE.get(architecture.output.activation)
    if score:  # a relu that begins at 0 is silent for half of the rows, and may stay so for all
        bias = f"b{architecture.L}"
        Parameters(architecture, vector)[bias] = np.full(architecture.block[bias].shape, score)
    return vector


def resolved(settings: Settings, classes: Target | None, rows: int) -> Settings:
    """The settings as a training uses them, with nothing left to "preset" or "auto".

    Args:
        settings: any.
        classes: the target where classes are predicted, None for numbers.
        rows: training rows.
    """
    task: Task = "regression" if classes is None else "classification"
    used = settings.resolved(task, output="identity" if classes is None else classes.output, rows=rows)
    return replace(used, encoding=encoding_for(used, task, linear=not used.hidden_widths))


def encoding_for(settings: Settings, task: Task, *, linear: bool, dtype: str | None = None) -> Encoding:
    """The encoding in front of such a network, with nothing left to "auto".

    Args:
        settings: of the network.
        task: "classification" or "regression".
        linear: whether a model without hidden layers reads it.
        dtype: of the numbers; None takes that of the settings.
    """
    above = preset_for(settings.preset, task, hidden_layers=not linear)["embed_above"]
    return Encoding.of(settings.encoding, dtype or settings.dtype, linear=linear, embed_above=above)


def _number_target(examples: Examples, rows: Array, settings: Settings, start: Model | None) -> NumberTarget:
    """Scaled by these training rows; where a training goes on by those it began with, in the range of both."""
    if start is None:
        return number_target(examples, rows, settings.network)
    assert isinstance(start.target, NumberTarget)
    return start.target.widened(examples.y[rows])


def _refuse_another_network(start: Model, wanted: Architecture) -> None:
    """Refuse to go on with parameters that have no place in the network that the settings ask for."""
    if [(block.name, block.shape) for block in wanted.blocks] != [
        (block.name, block.shape) for block in start.architecture.blocks
    ]:
        raise InputError(
            f"The network must stay as it is where a training goes on (warm_start, partial_fit): widths "
            f"n={start.architecture.n}, {start.parameter_count:,} parameters. Got settings for n={wanted.n}, "
            f"{wanted.size:,} parameters. Set hidden_widths, network and members as they were, or begin anew with "
            f"warm_start=False."
        )


def _state_of(start: Model, settings: Settings) -> State | Array:
    """What a training goes on from: all that the optimizer remembers, where the same one goes on."""
    state = None if start.training is None else start.training.state
    if state is None or type(start.settings_.optimizer) is not type(settings.optimizer):
        return start.vector
    return state
