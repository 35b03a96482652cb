"""What is rarely set, in two frozen objects: one about the network, one about the steps of its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from gradatim.errors import named, number
from gradatim.formulas.initializers import Initializer
from gradatim.formulas.schedules import Constant, Schedule, schedule
from gradatim.settings.checks import check, fill

Named = Any
"""A text that stands for what the preset has. Typed Any, so that resolved options are plain values to a checker."""

RATED = {
    "weight": "W[l]",
    "bias": "b[l]",
    "scale": "the factor of each input",
    "slope": "the share of each hidden unit's activation",
    "numbers": "embeddings of numbers",
    "categories": "embeddings of categories",
}
"""Kinds of parameters that may have a learning rate of their own."""


@dataclass(frozen=True)
class NetworkOptions:
    """What is rarely set about the network itself.

    Attributes:
        initializer: initial weights, by name (``"small_normal(10)"`` sets it too), or the object of that name.
            "standardized" looks at the training rows: every score begins with deviation 1.
        output_activation: of the last layer where numbers are predicted: "identity", or "relu", "softplus" or "exp" for
            what cannot be negative; the target is then scaled, not centred. "auto" takes the one that the loss is
            paired with. Classes have sigmoid or softmax, always.
        embed_numbers: each number x passes a tiny network of cosines first, and becomes four inputs, x among them. Not
            pixels, nor the numbers of sparse tables.
        scale: one learned factor per input, before the first layer; not for sparse tables.
        learned_slope: each hidden unit blends its activation with the identity, by a learned share.
        clip: predicted numbers stay within the range of the training rows.

    Source: Holzmüller et al. 2024 (RealMLP, arXiv 2407.04491), section 3.
    """

    initializer: str | Initializer = "preset"
    output_activation: str = "auto"
    embed_numbers: bool | Named = "preset"
    scale: bool | Named = "preset"
    learned_slope: bool | Named = "preset"
    clip: bool | Named = "preset"

    @classmethod
    def of(cls, given: Any, preset: Mapping[str, Any]) -> Self:
        """With the preset's values where nothing else was asked for.

        Raises:
            InputError: for what are no such options, and for values that none of them can have.
        """
        options: Self = _filled(cls, "network", given, preset)
        for name in ("embed_numbers", "scale", "learned_slope", "clip"):
            check(f"network: {name}", getattr(options, name), "True or False", lambda value: isinstance(value, bool))
        return options


@dataclass(frozen=True)
class DescentOptions:
    """What is rarely set about the steps.

    Attributes:
        dropout_schedule: how dropout changes over the steps; None keeps it.
        decay_schedule: the same for the decay of weights.
        rate_factors: factors on the learning rate by kind of parameter: weight, bias, scale, slope (of hidden units),
            numbers and categories (their embeddings). What is not named has 1. Their decay has the square of it.
        by_width: weights behind n inputs take steps of 1/√n of the rate, with an adaptive optimizer: then one rate
            suits networks of every width. Without, only layers of more than 1000 inputs are slowed down.
        drop_last: leave out the rows that would make a smaller last batch; the order is drawn anew in each epoch.
        clip_norm: gradients longer than this, over all parameters, are scaled down to it; None never.
        averaging: β of the running mean of parameters that predicts, mean ← β·mean + (1 - β)·parameters; None: none.

    Source: Holzmüller et al. 2024 (arXiv 2407.04491), section 3; factors by width: Jacot et al. 2018
        (arXiv 1806.07572), the "neural tangent" parametrization.
    """

    dropout_schedule: Schedule | Named | None = "preset"
    decay_schedule: Schedule | Named | None = "preset"
    rate_factors: Mapping[str, float] | Named = "preset"
    by_width: bool | Named = "preset"
    drop_last: bool | Named = "preset"
    clip_norm: float | None = None
    averaging: float | None = None

    @classmethod
    def of(cls, given: Any, preset: Mapping[str, Any]) -> Self:
        """With the preset's values where nothing else was asked for.

        Raises:
            InputError: for what are no such options, and for values that none of them can have.
        """
        options: Self = _filled(cls, "descent", given, preset)
        for name in ("by_width", "drop_last"):
            check(f"descent: {name}", getattr(options, name), "True or False", lambda value: isinstance(value, bool))
        for kind, factor in _rated(options.rate_factors).items():
            number("rate_factors", kind, factor)
        if options.clip_norm is not None:
            number("DescentOptions", "clip_norm", options.clip_norm, above=True)
        if options.averaging is not None:
            number("DescentOptions", "averaging", options.averaging, below=1)
        return replace(
            options,
            dropout_schedule=_schedule(options.dropout_schedule),
            decay_schedule=_schedule(options.decay_schedule),
            rate_factors=dict(options.rate_factors),
        )


def _rated(factors: Any) -> Mapping[str, Any]:
    check("descent: rate_factors", factors, 'a dictionary such as {"bias": 0.1}', lambda v: isinstance(v, Mapping))
    for kind in factors:
        named("descent: rate_factors", kind, RATED)
    return dict(factors)


def _schedule(chosen: Any) -> Schedule:
    return Constant() if chosen is None else schedule(chosen)


def _filled(kind: type[Any], who: str, given: Any, preset: Mapping[str, Any]) -> Any:
    """The options with the preset's values in place of "preset"."""
    options = kind() if isinstance(given, str) and given == "preset" else given
    check(who, options, f"{kind.__name__}(…)", lambda value: isinstance(value, kind))
    return replace(options, **{name: fill(getattr(options, name), value) for name, value in preset.items()})
