"""How the networks of a run are: what the doctor found in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.glass.doctor.examination import look_at_all, patient_of
from gradatim.glass.doctor.patient import Course, places
from gradatim.ladder.leaks import MOST_ROWS
from gradatim.ladder.tried import TriedRung
from gradatim.model import Model
from gradatim.model.ensemble import networks_of
from gradatim.report.facts import HealthFacts
from gradatim.tables.examples import Examples


def health_of_run(
    tried: Sequence[TriedRung], chosen: str, examples: Examples, development: Array | None = None
) -> HealthFacts:
    """What is wrong with the networks, and with the model that is kept.

    Args:
        tried: every rung. A network that lost is looked at too: it may have lost by what can be mended.
        chosen: the name of the rung that is kept.
        examples: rows with their target.
        development: places of those that trained or chose: test rows are not looked at.
    """
    rows = np.arange(examples.n_rows) if development is None else development
    seen = examples.take(rows[places(len(rows), MOST_ROWS)])
    findings = look_at_all((name, patient_of(model, seen, course)) for name, model, course in _networks(tried, chosen))
    return HealthFacts(findings.looked_for, tuple(findings))


def _networks(tried: Sequence[TriedRung], chosen: str) -> Iterator[tuple[str, Model, Course | None]]:
    for one in tried:
        if one.rung.is_network or one.rung.name == chosen:
            models, course = networks_of(one.model), _course_held_out(one)
            for k, model in enumerate(models, start=1):
                yield one.rung.title + (f", network {k}" if len(models) > 1 else ""), model, course


def _course_held_out(tried: TriedRung) -> Course | None:
    """That of the training on one holdout, where the model was trained once more: it had rows that can tell of it."""
    scored = tried.folds[0] if len(tried.folds) == 1 else None
    if not isinstance(scored, Model) or scored.training is None:
        return None
    training = scored.training
    return Course(training.history, training.best_epoch, training.stopped_because)
