"""The conditions that are looked for, and who looks.

`CONDITIONS` has them all: to add one is to add an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradatim.course import Network
from gradatim.engines.contract import Data, Problem
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.optimizers import GradientDescent
from gradatim.glass.doctor.answers import class_never_predicted, constant_level
from gradatim.glass.doctor.diagnosis import Diagnosis, Findings
from gradatim.glass.doctor.gradients import exploding_gradients, vanishing_gradients
from gradatim.glass.doctor.inputs import duplicated_columns, leaking_columns, unscaled_inputs
from gradatim.glass.doctor.learning import overfitting, rate_too_large, rate_too_small
from gradatim.glass.doctor.patient import FEWEST_ROWS, Course, Origin, Patient, most_rows, places, sampled
from gradatim.glass.doctor.units import dead_units, saturated_units, symmetric_units
from gradatim.model import Ensemble, Model
from gradatim.model.ensemble import networks_of
from gradatim.tables import ClassTarget
from gradatim.tables.examples import Examples, examples_of
from gradatim.tables.targets import label_text
from gradatim.training.history import History
from gradatim.training.weights import class_weights


@dataclass(frozen=True)
class Condition:
    """Something that can be wrong.

    Attributes:
        name: as a diagnosis has it.
        look: gives a diagnosis for each place where it is found.
        needs: what must be known of the patient: some of `KNOWN`.
        early: whether it is a fault in the first epochs already. A loss at the level of a constant is none then.
    """

    name: str
    look: Callable[[Patient], Iterator[Diagnosis]]
    needs: tuple[str, ...]
    early: bool = False


KNOWN: dict[str, Callable[[Patient], bool]] = {
    "rows": lambda patient: patient.data is not None and patient.data.m >= FEWEST_ROWS,
    "columns": lambda patient: patient.architecture.inputs + patient.architecture.code_columns > 0,
    "classes": lambda patient: patient.predicts_classes,
    "epochs": lambda patient: patient.course is not None and len(patient.course.history) > 0 and not patient.is_solved,
    "held out": lambda patient: patient.course is not None and "validation_loss" in patient.course.history.names,
    "rate": lambda patient: patient.learning_rate is not None,
    "table": lambda patient: patient.origin is not None,
    "raw columns": lambda patient: patient.origin is not None or patient.settings is None,
}
"""What a condition may need, and whether it is there."""

CONDITIONS: tuple[Condition, ...] = (
    Condition("dead units", dead_units, ("rows",), early=True),
    Condition("saturated units", saturated_units, ("rows",), early=True),
    Condition("symmetric units", symmetric_units, (), early=True),
    Condition("vanishing gradients", vanishing_gradients, ("rows",), early=True),
    Condition("exploding gradients", exploding_gradients, ("rows",), early=True),
    Condition("learning rate too large", rate_too_large, ("epochs",), early=True),
    Condition("learning rate too small", rate_too_small, ("epochs", "rate", "rows")),
    Condition("loss of a constant", constant_level, ("rows", "columns")),
    Condition("overfitting", overfitting, ("epochs", "held out")),
    Condition("class never predicted", class_never_predicted, ("rows", "columns", "classes")),
    Condition("unscaled inputs", unscaled_inputs, ("rows", "columns"), early=True),
    Condition("duplicated columns", duplicated_columns, ("rows", "raw columns")),
    Condition("leaking columns", leaking_columns, ("rows", "table")),
)
"""Everything that is looked for."""

OF_THE_TABLE = tuple(one for one in CONDITIONS if {"table", "raw columns"} & set(one.needs))
OF_THE_NETWORK = tuple(one for one in CONDITIONS if one not in OF_THE_TABLE)


def examine(
    model: Model | Ensemble | Network,
    rows: Any = None,
    target: Any = None,
    *,
    costs: Any = None,
    learning_rate: float | None = None,
) -> Findings:
    """Look for what is wrong with a network, its training, or its columns.

    Args:
        model: a fitted model; of an ensemble every network is examined. Or a `gradatim.Network`.
        rows: the training rows, best: as for `Model.table_of`, with the target among the columns where `target` is
            None. Of a `gradatim.Network` X, (n[0], m). None looks at weights and history alone.
        target: (m,) labels or numbers; of a `gradatim.Network` Y, (n[L], m).
        costs: of a `gradatim.Network`, what `descend` returned. A model has its history, if it was trained just now.
        learning_rate: of a `gradatim.Network`, that of `descend`. A model knows its own.

    Returns:
        The findings: a list, which prints itself, and says what could be looked for by what there was.

    Raises:
        InputError: for anything but a network, and rows that do not fit it.

    Example:
        >>> X = np.random.default_rng(0).normal(size=(2, 100))
        >>> Y = (X[:1] * X[1:] > 0).astype(float)
        >>> net = Network([2, 4, 1], activations=["tanh", "sigmoid"], initializer="zeros")
        >>> costs = net.descend(X, Y, learning_rate=1.0, iterations=100, record_every=10)
        >>> findings = examine(net, X, Y, costs=costs, learning_rate=1.0)
        >>> findings.names
        ('symmetric units', 'loss of a constant', 'class never predicted')
        >>> print(findings[0].evidence)
        Its 4 units are 1 different one: the others have the same weights before and behind them, so every step keeps
        them equal. All of these weights are 0.
    """
    if isinstance(model, Network):
        return look_at(_course_network(model, rows, target, costs, learning_rate))
    if not isinstance(model, Model | Ensemble):
        raise InputError(
            f"examine: model must be a Model, an Ensemble or a Network. Got {type(model).__name__}: of an estimator "
            "take estimator.model_, of a run take run.model."
        )
    examples = None
    if rows is not None:
        table = model.table_of(rows) if isinstance(model, Model) else model.models[0].table_of(rows)
        named = model.target.names
        examples = examples_of(table, named) if target is None else Examples.of(table, target, name=named[0])
    models = networks_of(model)
    if len(models) == 1:
        return look_at(patient_of(models[0], examples))
    return look_at_all((f"network {k}", patient_of(one, examples)) for k, one in enumerate(models, start=1))


def look_at(patient: Patient, conditions: Iterable[Condition] = CONDITIONS) -> Findings:
    """Look for conditions, as far as what is known of the patient goes."""
    asked = [one for one in conditions if all(KNOWN[need](patient) for need in one.needs)]
    with np.errstate(all="ignore"):  # weights that went astray overflow here as well; the evidence says so
        return Findings([found for one in asked for found in one.look(patient)], [one.name for one in asked])


def look_at_all(networks: Iterable[tuple[str, Patient]]) -> Findings:
    """Look at several networks of one table: each is told of by its name, and the table once."""
    seen: list[Findings] = []
    for name, patient in networks:
        if not seen:
            seen.append(look_at(patient, OF_THE_TABLE))
        found = look_at(patient, OF_THE_NETWORK)
        seen.append(Findings((replace(one, network=name) for one in found), found.looked_for))
    return Findings.together(seen)


def patient_of(model: Model, examples: Examples | None = None, course: Course | None = None) -> Patient:
    """A model as it is examined.

    Args:
        model: one network.
        examples: rows with their target, not encoded yet; None without.
        course: of its training; the model's own without.
    """
    settings = model.settings_
    if course is None and model.training is not None:
        training = model.training
        course = Course(training.history, training.best_epoch, training.stopped_because)
    data = None if examples is None else _encoded(model, examples)
    return Patient(
        problem_of(model),
        np.asarray(model.vector, dtype=np.float64),
        data,
        course,
        settings,
        settings.learning_rate,
        tuple(output.name for output in model.encoder.outputs),
        _class_names(model),
        None if examples is None else Origin(examples, model.encoder.columns),
    )


def problem_of(model: Model) -> Problem:
    """What the model's training made small, and by which rule."""
    settings = model.settings_
    descent = settings.descent
    return Problem(
        model.architecture, model.loss, settings.penalties, settings.optimizer, descent.clip_norm, descent.averaging
    )


def _encoded(model: Model, examples: Examples) -> Data:
    some = examples.take(places(examples.n_rows, most_rows(model.architecture.inputs)))
    encoded = model.encoder.encode(model.table_of(some.table))
    return sampled(Data(encoded.X, encoded.codes, model.target.encode(some.y), _weights(model, some)))


def _weights(model: Model, examples: Examples) -> Array | None:
    """Of the rows as they counted in training: times those of their classes."""
    asked, target = model.settings_.class_weight, model.target
    if asked is None or not isinstance(target, ClassTarget):
        return examples.weights
    codes = target.codes(examples.y)
    weights = class_weights(asked, target.classes, codes)[codes]
    return weights if examples.weights is None else weights * examples.weights


def _class_names(model: Model) -> tuple[str, ...]:
    target = model.target
    if not isinstance(target, ClassTarget):
        return ()
    if target.positive is None:
        return tuple(label_text(label) for label in target.classes)
    return tuple(label_text(label) for label in sorted(target.classes, key=lambda label: label == target.positive))


def _course_network(net: Network, X: Any, Y: Any, costs: Any, learning_rate: float | None) -> Patient:
    if (X is None) != (Y is None):
        raise InputError("examine: a Network needs X and Y, or none of both. Got one of them.")
    data = None
    if X is not None:
        inputs = net.architecture.inputs
        net.cost(X, Y)  # who must be what is said there
        X, Y = X if hasattr(X, "tocsr") else np.asarray(X), np.asarray(Y, dtype=np.float64)
        codes = X[inputs:].T.astype(np.int32) if net.architecture.code_columns else None
        data = sampled(Data(X[:inputs].T, codes, Y.reshape(net.n[-1], -1).T))
    course = None
    if costs is not None:
        iterations: Sequence[int] = getattr(costs, "iterations", range(len(costs)))
        rows = ({"epoch": float(k), "training_loss": float(c)} for k, c in zip(iterations, costs, strict=True))
        course = Course(History(tuple(rows)), unit="iteration")
    problem = Problem(net.architecture, net.loss, optimizer=GradientDescent())
    return Patient(problem, net.vector, data, course, None, learning_rate)
