"""The rungs, from the simplest to the most able: constant, linear, shallow, deep, and an ensemble if asked for.

The first four are ordinary `Model`s, so each saves, loads and opens like any other:

* constant: a network without inputs. Its biases alone are trained: the most likely answer whatever the row says.
* linear: a network without hidden layers, which is logistic or linear regression, solved to the end by L-BFGS,
  with the L2 penalty that suits the validation rows.
* shallow: one hidden layer (L = 2).
* deep: two hidden layers or more (L ≥ 3).
* ensemble: five networks, each the deep one on other rows, which predict by their mean (`gradatim.model.bagging`). It
  takes five times as long as the deep one, so nobody gets it unasked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gradatim.errors import InputError, did_you_mean
from gradatim.formulas.optimizers import LBFGS
from gradatim.formulas.penalties import L2
from gradatim.settings import Settings

PENALTIES = (100.0, 10.0, 1.0, 0.1, 0.01)
"""The linear model's ½·weight·Σw², beside the sum of the losses, the strongest first."""

SOLVER = LBFGS(gradient_tolerance=1e-5, relative_tolerance=3e-6)
"""To the digits that a score can show: the rest moves it by some thousandths of its standard error, and would take most
of the time. Up to 1000 parameters Newton's method goes on to the gradient's tolerance."""


@dataclass(frozen=True)
class Rung:
    """A step of the ladder.

    Attributes:
        name: as in ``rungs=`` and ``--rungs``.
        title: as in a sentence.
        reads_columns: False for the constant rung.
        hidden_layers: how many hidden layers it has: none, one, or two and more. An ensemble has all there are, one at
            least.
        is_ensemble: whether it is several networks.
    """

    name: str
    title: str
    reads_columns: bool
    hidden_layers: Literal[0, 1, 2]
    is_ensemble: bool = False

    @property
    def is_network(self) -> bool:
        """Whether it has hidden layers, and so epochs; an ensemble has those of several."""
        return self.hidden_layers > 0

    def candidates(self, settings: Settings, widths: tuple[int, ...], rows: int) -> tuple[Settings, ...]:
        """What to train, in order; the best on the validation rows stands for the rung.

        Args:
            settings: of the whole ladder.
            widths: of the hidden layers of the deep rung; the shallow one has the first.
            rows: how many rows it trains on.

        Returns:
            A network, and each of an ensemble, has one candidate, with this rung's widths. The validation rows choose
            the epoch of a network. The linear model is solved to the end, and the validation rows choose its penalty
            instead, or the network would be measured with an advantage. Strength 1/rows is that of scikit-learn's
            LogisticRegression(C=1) and Ridge(alpha=1).
        """
        if self.is_network:
            shallow = self.hidden_layers == 1 and not self.is_ensemble
            return (replace(settings, hidden_widths=widths[:1] if shallow else widths),)
        solved = Settings(
            preset="plain",
            hidden_widths=(),
            optimizer=SOLVER,
            validation=None,
            encoding=settings.encoding,
            random_state=settings.random_state,
            n_threads=settings.n_threads,
        )
        if not self.reads_columns:
            return (replace(solved, encoding="auto"),)  # kinds of columns are none of its business
        return tuple(replace(solved, penalty=L2(weight / rows)) for weight in PENALTIES)


RUNGS = {
    rung.name: rung
    for rung in (
        Rung("constant", "constant model", reads_columns=False, hidden_layers=0),
        Rung("linear", "linear model", reads_columns=True, hidden_layers=0),
        Rung("shallow", "shallow network", reads_columns=True, hidden_layers=1),
        Rung("deep", "deep network", reads_columns=True, hidden_layers=2),
        Rung("ensemble", "ensemble of networks", reads_columns=True, hidden_layers=1, is_ensemble=True),
    )
}
"""By name, the simplest first."""

UNASKED = tuple(name for name, rung in RUNGS.items() if not rung.is_ensemble)
"""The rungs that are climbed where none are named."""

BEST, OF_THE_BEST = "best", "strong"
"""The preset of an ensemble, and that of its networks."""


def rungs_named(names: str | Iterable[str]) -> tuple[Rung, ...]:
    """Rungs by name, the simplest first whatever the order of the names.

    Args:
        names: ``"linear,deep"`` or ``("linear", "deep")``.

    Raises:
        InputError: for an unknown name, or none at all.

    Example:
        >>> [rung.name for rung in rungs_named("deep,linear")]
        ['linear', 'deep']
    """
    wanted = [name.strip() for name in (names.split(",") if isinstance(names, str) else names)]
    for name in wanted:
        if name not in RUNGS:
            raise InputError(f"rungs must be some of {', '.join(RUNGS)}. Got {name!r}.{did_you_mean(name, RUNGS)}")
    if not wanted:
        raise InputError(f"rungs must name at least one of {', '.join(RUNGS)}. Got none.")
    return tuple(rung for name, rung in RUNGS.items() if name in wanted)


def climbed_with(preset: str, names: str | Iterable[str]) -> tuple[str, tuple[Rung, ...]]:
    """The preset of each network, and the rungs: "best" is "strong", with the ensemble above the rungs that are named.

    Raises:
        InputError: for an unknown name, or none at all.

    Example:
        >>> preset, rungs = climbed_with("best", "linear,deep")
        >>> preset, [rung.name for rung in rungs]
        ('strong', ['linear', 'deep', 'ensemble'])
    """
    rungs = rungs_named(names)
    if preset != BEST:
        return preset, rungs
    return OF_THE_BEST, rungs_named([*(rung.name for rung in rungs), "ensemble"])


def rungs_for(widths: tuple[int, ...], rungs: Sequence[Rung]) -> tuple[tuple[Rung, ...], tuple[str, ...]]:
    """The rungs that hidden layers of these widths can build: one layer is no deep network, and none no network.

    Args:
        widths: of the hidden layers.
        rungs: that are to be tried.

    Returns:
        The rungs that are left, and a sentence for each that is left out.

    Raises:
        InputError: where no rung is left.
    """
    left = tuple(rung for rung in rungs if rung.hidden_layers <= len(widths))
    has, verb = _layers(len(widths)), "is" if len(widths) == 1 else "are"
    notes = tuple(
        f"The {rung.title} is left out: it needs {_layers(rung.hidden_layers)} or more, and there {verb} {has}."
        for rung in rungs
        if rung not in left
    )
    if not left:
        raise InputError(f"rungs must hold one that {has} can build. Got {', '.join(rung.name for rung in rungs)}.")
    return left, notes


def _layers(count: int) -> str:
    return "1 hidden layer" if count == 1 else f"{count} hidden layers"
