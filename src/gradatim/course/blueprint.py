"""From widths and names to an architecture: what ``Network([2, 4, 1], ["tanh", "sigmoid"])`` asks for, checked.

Conventions
-----------
* widths are n[0] … n[L], so there is one activation fewer than widths: the input has none.
* Activations left out are relu, and at the output what belongs to the loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral

from gradatim.errors import InputError
from gradatim.formulas.activations import activation
from gradatim.formulas.initializers import STANDARDIZED, Initializer
from gradatim.formulas.initializers import initializer as named_initializer
from gradatim.formulas.losses import LOSSES, Loss
from gradatim.formulas.losses import loss as named_loss
from gradatim.network import Architecture, Dense

LARGEST_SEED = 2**32 - 1
"""What NumPy's RandomState takes."""


def drawn_without_rows(initializer: str | Initializer) -> Initializer:
    """The initializer of that name; a network that has no rows yet refuses the one that looks at them.

    Raises:
        InputError: for that one, and for an unknown name.
    """
    chosen = named_initializer(initializer)
    if chosen.name == STANDARDIZED:
        raise InputError(
            f"initializer must be one that needs no rows. Got {STANDARDIZED!r}, which looks at the training rows: take "
            f"he or glorot."
        )
    return chosen


def stack(widths: Sequence[int], activations: Sequence[str] | None, loss: str | Loss) -> Architecture:
    """A stack of dense layers.

    Args:
        widths: n[0] … n[L].
        activations: names of g[1] … g[L], or None.
        loss: by name or as an object; tells the output where activations are None.

    Raises:
        InputError: for a width or a name that makes no sense.

    Example:
        >>> stack([2, 3, 1], None, "log_loss").dense
        (Dense(units=3, activation='relu', ...), Dense(units=1, activation='sigmoid', ...))
    """
    n = _checked_widths(widths)
    L = len(n) - 1
    if activations is None:
        activations = ["relu"] * (L - 1) + [_own_output(loss)]
    elif isinstance(activations, str) or not isinstance(activations, Iterable) or len(list(activations)) != L:
        raise InputError(
            f"Network: activations must be {L} names, one for each of the layers 1 to {L} (the input has none). "
            f"Got {activations!r}."
        )
    layers = [Dense(units, name) for units, name in zip(n[1:], activations, strict=True)]
    if n[-1] == 1 and activation(layers[-1].activation).chain is not None:
        raise InputError(
            f"Network: {layers[-1].activation} at the output must have 2 units or more, one per class. Got 1, which "
            "would always say 1. For two classes take one unit with sigmoid."
        )
    return Architecture(n[0], layers=tuple(layers[:-1]), output=layers[-1])


def as_seed(seed: int) -> int:
    """A seed that NumPy's generators take, or an error.

    Raises:
        InputError: for anything else.

    Example:
        >>> as_seed(-1)
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: Network: seed must be a whole number from 0 to 4294967295. Got -1. ...
    """
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= seed <= LARGEST_SEED:
        raise InputError(
            f"Network: seed must be a whole number from 0 to {LARGEST_SEED}. Got {seed!r}. "
            "The same seed draws the same weights: take any, 1 for one."
        )
    return int(seed)


def _checked_widths(widths: Sequence[int]) -> list[int]:
    must = "Network: widths must be whole numbers n[0], …, n[L] in a list, as [2, 4, 1]"
    if isinstance(widths, str) or not isinstance(widths, Iterable):
        raise InputError(f"{must}. Got {widths!r}.")
    n = list(widths)
    for width in n:
        if isinstance(width, bool) or not isinstance(width, Integral):
            raise InputError(f"{must}. Got {width!r} in {n}: a layer has no part of a unit.")
    if len(n) < 2:
        raise InputError(f"Network: widths must be n[0], …, n[L] with at least inputs and outputs. Got {n}.")
    return [int(width) for width in n]


def _own_output(loss: str | Loss) -> str:
    """The output activation that belongs to a loss; of the log losses, that of the one that was named."""
    fitted = named_loss(loss, "sigmoid")  # refuses what is no loss
    if isinstance(loss, str):
        return LOSSES[loss].output if loss in LOSSES else fitted.output
    return loss.output
