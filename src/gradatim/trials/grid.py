"""What is tried: every combination of the values that were named.

Conventions
-----------
* A model without hidden layers is the linear rung of the ladder: solved, not stepped to. Learning rate, activation and
  epochs say nothing about it, so it is one candidate, whatever else is varied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from gradatim.errors import InputError
from gradatim.ladder.rungs import RUNGS, Rung
from gradatim.settings import Settings
from gradatim.settings.checks import widths_of

LEARNING_RATES = (0.03, 0.01, 0.003, 0.001)
"""Tried where no values are named at all: the setting that matters most, around the presets' own."""


@dataclass(frozen=True)
class Candidate:
    """Values that are tried together. None leaves one to the preset.

    Attributes:
        hidden: units of each hidden layer; () is the linear model.
        learning_rate: of the steps.
        activation: of the hidden layers.
        epochs: at most.
    """

    hidden: tuple[int, ...]
    learning_rate: float | None = None
    activation: str | None = None
    epochs: int | None = None

    @property
    def rung(self) -> Rung:
        """The rung of the ladder that such a model stands on."""
        return RUNGS[("linear", "shallow", "deep")[min(len(self.hidden), 2)]]

    def settings(self, common: Settings) -> Settings:
        """The common settings with these values."""
        named = {"learning_rate": self.learning_rate, "activation": self.activation, "max_epochs": self.epochs}
        given: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
        return replace(common, hidden_widths=self.hidden, **given)

    @property
    def arguments(self) -> dict[str, Any]:
        """What `gradatim.fit` is told to train this candidate, and to keep it.

        Example:
            >>> Candidate((20,), learning_rate=0.01).arguments
            {'rungs': 'constant,linear,shallow', 'choose': 'shallow', 'hidden': (20,), 'learning_rate': 0.01}
        """
        names = list(RUNGS)
        rungs = names[: names.index(self.rung.name) + 1]
        kept: dict[str, Any] = {"rungs": ",".join(rungs), "choose": self.rung.name}
        if not self.hidden:
            return kept
        named = {
            "hidden": self.hidden,
            "learning_rate": self.learning_rate,
            "activation": self.activation,
            "epochs": self.epochs,
        }
        return {**kept, **{name: value for name, value in named.items() if value is not None}}


@dataclass(frozen=True)
class Values:
    """The values of each setting, one or more; () leaves it to the preset.

    Attributes:
        learning_rate: of the steps.
        hidden: units of each hidden layer.
        activation: of the hidden layers.
        epochs: at most.
    """

    learning_rate: tuple[float, ...] = ()
    hidden: tuple[tuple[int, ...], ...] = ()
    activation: tuple[str, ...] = ()
    epochs: tuple[int, ...] = ()

    @classmethod
    def of(cls, learning_rate: Any, hidden: Any, activation: Any, epochs: Any) -> Values:
        """Values as people give them: one, several, or None.

        Raises:
            InputError: for an empty list of values, or widths that are none.

        Example:
            >>> Values.of(0.1, [(20, 7), 5], "relu", None)
            Values(learning_rate=(0.1,), hidden=((20, 7), (5,)), activation=('relu',), epochs=())
            >>> Values.of(None, None, None, None).learning_rate
            (0.03, 0.01, 0.003, 0.001)
        """
        if learning_rate is None and hidden is None and activation is None and epochs is None:
            return cls(learning_rate=LEARNING_RATES)
        return cls(
            _several("learning_rate", learning_rate),
            tuple(map(widths_of, _several("hidden", _lists_of_widths(hidden)))),
            _several("activation", activation),
            _several("epochs", epochs),
        )

    def settings(self, common: Settings) -> Settings:
        """The common settings with the first value of each: by these the table is understood."""
        named = {
            "learning_rate": self.learning_rate,
            "hidden_widths": self.hidden,
            "activation": self.activation,
            "max_epochs": self.epochs,
        }
        given: dict[str, Any] = {name: values[0] for name, values in named.items() if values}
        return replace(common, **given)

    def candidates(self, widths: tuple[int, ...]) -> tuple[Candidate, ...]:
        """Every combination, none twice.

        Args:
            widths: of the hidden layers where none are named.
        """
        combinations = product(
            self.hidden or (widths,), self.learning_rate or (None,), self.activation or (None,), self.epochs or (None,)
        )
        found = (Candidate(*values) if values[0] else Candidate(()) for values in combinations)
        return tuple(dict.fromkeys(found))


def _several(name: str, values: Any) -> tuple[Any, ...]:
    if values is None:
        return ()
    if isinstance(values, str) or not isinstance(values, Iterable):
        return (values,)
    several = tuple(dict.fromkeys(tuple(value) if isinstance(value, list) else value for value in values))
    if not several:
        raise InputError(f"{name} must be one value or more. Got none.")
    return several


def _lists_of_widths(hidden: Any) -> Any:
    """(20, 7) is two layers, as everywhere, and not two candidates; [(20, 7), (5,)] is two."""
    one = (
        isinstance(hidden, Sequence)
        and not isinstance(hidden, str)
        and not any(isinstance(widths, Iterable) for widths in hidden)
    )
    return (tuple(hidden),) if one else hidden
