"""The papers behind the methods that models used: what ``gradatim cite`` prints, and the end of the report.

What has a ``source`` of its own says it here; the rest stands in `ELSEWHERE`, with the words of the docstrings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any

from gradatim.formulas.activations import activation
from gradatim.formulas.initializers import initializer
from gradatim.formulas.metrics import METRICS
from gradatim.formulas.optimizers import LBFGS
from gradatim.glass.attribution import SOURCE as GRADIENTS
from gradatim.model import Ensemble, Model, load
from gradatim.network import CategoryEmbedding, NumericEmbedding, Scale
from gradatim.report.facts import Paper
from gradatim.run_folder import RUNGS

REALMLP = "Holzmüller, Grinsztajn & Steinwart 2024 (arXiv 2407.04491)"

FRONT: dict[type, tuple[str, str]] = {
    NumericEmbedding: ("embedding of numbers", f"{REALMLP}, appendix A; Gorishniy et al. 2022 (arXiv 2203.05556)"),
    CategoryEmbedding: ("embedding of categories", "Guo & Berkhahn 2016 (arXiv 1604.06737)"),
    Scale: ("scale of each input", f"{REALMLP}, section 3"),
}
"""What may stand before the first layer."""

ELSEWHERE = {
    "back-propagation": "Rumelhart, Hinton & Williams 1986 (Learning representations by back-propagating errors)",
    "dropout": "Srivastava et al. 2014 (Dropout), JMLR 15",
    "decoupled weight decay": "Loshchilov & Hutter 2019 (arXiv 1711.05101)",
    "learned slopes": f"{REALMLP}, section 3",
    "members": "Gorishniy, Kotelnikov & Babenko 2025 (arXiv 2410.24210), TabM-mini",
    "robust scale and smooth clip": f"{REALMLP}, section 3",
    "rates by width": "Jacot, Gabriel & Hongler 2018 (arXiv 1806.07572)",
    "one standard error": "Breiman, Friedman, Olshen & Stone 1984 (Classification and regression trees), section 3.4.3",
    "permutation": "Breiman 2001 (Random forests), section 10",
    "gradient times input": GRADIENTS,
    "intervals": "Lei et al. 2018 (arXiv 1604.04173), section 2.2: split-conformal",
}
"""Sources of what is no entry of a table."""

OF_THE_RUN: tuple[Paper, ...] = (
    Paper("choice of a rung", "one standard error", ELSEWHERE["one standard error"]),
    Paper("importance of columns", "permutation", ELSEWHERE["permutation"]),
    Paper("importance of columns", "gradient times input", ELSEWHERE["gradient times input"]),
)
"""What every run uses beside its models."""

INTERVALS = Paper("intervals", "split-conformal", ELSEWHERE["intervals"])


def papers_of(models: Iterable[Model]) -> tuple[Paper, ...]:
    """The papers behind these models, each once, in the order in which a training meets them.

    Args:
        models: trained, or read from files.

    Example:
        >>> from gradatim.model import Settings, train_model
        >>> model = train_model(Settings("plain", hidden_widths=(), max_epochs=1), [[0.0], [1.0], [2.0]], [0, 1, 2.5])
        >>> [(paper.role, paper.method) for paper in papers_of([model])][:3]
        [('encoding', 'robust scale and smooth clip'), ('initial weights', 'zeros'), ('gradient', 'back-propagation')]
    """
    order = (
        *("encoding", "front", "initial weights", "gradient", "activation", "loss", "penalty", "regularization"),
        *("optimizer", "schedule", "metric"),
    )
    found = dict.fromkeys(paper for model in models for paper in _papers(model))
    return tuple(sorted(found, key=lambda paper: order.index(paper.role)))


def papers_behind(path: str | PathLike[str]) -> tuple[Paper, ...]:
    """The papers behind a model file, or behind every rung of a run.

    Args:
        path: of a ``.safetensors`` file, or of the folder of a run.

    Raises:
        InputError: if there is neither.
        ExchangeError: if a file is damaged.
    """
    rungs = sorted((Path(path) / RUNGS).glob("*.safetensors"))
    found = [load(file) for file in (path, *rungs)]
    models = [model for one in found for model in (one.models if isinstance(one, Ensemble) else [one])]
    return papers_of(models) + (OF_THE_RUN[:1] if rungs else ())


def _papers(model: Model) -> Iterator[Paper]:
    settings, architecture = model.settings_, model.architecture
    if model.encoder.encoding.numbers == "robust" and model.encoder.reads_columns:
        yield _elsewhere("encoding", "robust scale and smooth clip")
    for part in architecture.front:
        yield Paper("front", *FRONT[type(part)])
    if architecture.members > 1:
        yield _elsewhere("front", "members")
    first = initializer(settings.network.initializer)
    yield Paper("initial weights", first.name, first.source)
    yield _elsewhere("gradient", "back-propagation")
    for name in dict.fromkeys(layer.activation for layer in architecture.dense):
        yield Paper("activation", name, activation(name).source)
    if any(layer.learned_slope for layer in architecture.dense):
        yield _elsewhere("activation", "learned slopes")
    yield Paper("loss", model.loss.name, model.loss.source)
    for penalty in settings.penalties:
        yield Paper("penalty", type(penalty).__name__, penalty.source)
    if any(architecture.dropout):
        yield _elsewhere("regularization", "dropout")
    yield from _papers_of_steps(settings)
    if settings.metric in METRICS:
        yield Paper("metric", str(settings.metric), METRICS[str(settings.metric)].source)


def _papers_of_steps(settings: Any) -> Iterator[Paper]:
    yield Paper("optimizer", settings.optimizer.name, settings.optimizer.source)
    if isinstance(settings.optimizer, LBFGS):
        return
    yield Paper("schedule", settings.schedule.name, settings.schedule.source)
    if settings.weight_decay:
        yield _elsewhere("regularization", "decoupled weight decay")
    if settings.descent.by_width:
        yield _elsewhere("optimizer", "rates by width")


def _elsewhere(role: str, method: str) -> Paper:
    return Paper(role, method, ELSEWHERE[method])
