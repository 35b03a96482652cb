"""From a table to a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.engines import engine
from gradatim.engines.contract import Problem
from gradatim.formulas.initializers import initializer
from gradatim.model.architecture import architecture_for, output_for
from gradatim.model.judging import validation_by
from gradatim.model.model import Model
from gradatim.model.preparation import LabelledRows, number_target, prepare
from gradatim.settings import Settings, seed_of
from gradatim.tables import ClassTarget, Encoding
from gradatim.training import Callback, fit_parameters, initial_vector


def train_model(
    settings: Settings,
    table: Any,
    y: Any,
    *,
    task: str = "auto",
    target_name: str = "target",
    positive: Any = None,
    weights: Any = None,
    validation_rows: Any = None,
    validation: tuple[Any, Any] | None = None,
    start: Any = None,
    callbacks: Sequence[Callback] = (),
) -> Model:
    """Train one network on a table.

    Encoding and the scale of numbers are fitted on the training rows only.

    Args:
        settings: what to train and how; `Settings()` leaves all to the preset.
        table: (m rows) anything that `Table.from_any` takes; without columns it gives a constant model.
        y: (m,) labels or numbers, (m, k) numbers; none missing.
        task: "classification", "regression", or "auto" to go by the values of y.
        target_name: name of what is predicted.
        positive: of two classes, the one whose probability the network gives; the last one if None.
        weights: (m,) how much each row counts, 0 or more; None counts each once.
        validation_rows: indices of the rows that choose the epoch; all others train. Goes before `settings.validation`.
        validation: rows and targets of their own to choose the epoch by. Goes before both.
        start: (P,) parameters to begin with, of a model with the same encoding and layers; None draws them.
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
    examples = LabelledRows.of(table, y, weights)
    own = None if validation is None else LabelledRows.of(validation[0], validation[1])
    seed = seed_of(settings.random_state)
    rng = np.random.default_rng(seed)

    classes = examples.classes(task, target_name, positive)
    used = _resolved(settings, classes, examples.table.n_rows)
    share, given = (used.validation, validation_rows) if own is None else (None, None)
    roles = examples.roles(classes, share, given, rng)
    target = classes or number_target(examples, roles, target_name)
    # The settings say which rows train, and those how large a batch is.
    used = replace(_resolved(settings, classes, len(roles.train)), random_state=seed)
    prepared = prepare(examples, roles, target, used, own)

    architecture = architecture_for(used, prepared.encoder, target)
    problem = Problem(architecture, used.loss, used.penalties, used.optimizer)
    if start is None:
        start = initial_vector(architecture, initializer(used.network.initializer), rng)
    computes = engine(used.engine)
    judge = validation_by(used.metric, problem, prepared, computes)
    result = fit_parameters(problem, start, prepared.data, prepared.roles.train, used, rng, computes, judge, callbacks)
    return Model(prepared.encoder, architecture, result.vector, target, used.loss, used, result, prepared.roles.counts)


def _resolved(settings: Settings, classes: ClassTarget | None, rows: int) -> Settings:
    """The settings as this training uses them, with nothing left to "preset" or "auto"."""
    if classes is None:
        used = settings.resolved("regression", output="identity", rows=rows)
    else:
        used = settings.resolved("classification", output=output_for(classes), rows=rows)
    return replace(used, encoding=Encoding.of(used.encoding, used.dtype, linear=not used.hidden_widths))
