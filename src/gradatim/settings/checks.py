"""Whether settings can be: names, ranges, and what contradicts what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from numbers import Integral, Real
from sys import float_info
from typing import TYPE_CHECKING, Any

from gradatim.errors import InputError, did_you_mean
from gradatim.formulas.activations import activation
from gradatim.formulas.initializers import initializer
from gradatim.formulas.losses import Loss, loss
from gradatim.formulas.optimizers import LBFGS, optimizer
from gradatim.formulas.penalties import L1, L2, Penalty
from gradatim.settings.presets import VALIDATION_SHARE

if TYPE_CHECKING:
    from gradatim.settings.settings import Settings


def fill(value: Any, preset: Any) -> Any:
    """The value, or the preset's where it is left to that."""
    return preset if isinstance(value, str) and value == "preset" else value


def check(who: str, value: Any, must_be: str, holds: Callable[[Any], bool]) -> None:
    """Refuse a value that does not hold.

    Raises:
        InputError: who must be what.
    """
    if not holds(value):
        raise InputError(f"{who} must be {must_be}. Got {value!r}.")


def _whole(value: Any, low: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= low


def _number(value: Any, low: float, high: float = float_info.max) -> bool:
    """Whether low <= value < high; NaN and infinity are in no range."""
    return isinstance(value, Real) and not isinstance(value, bool) and bool(low <= value < high)  # type: ignore[operator]


def _has(value: Any, *attributes: str) -> bool:
    """Whether it is a name, to be looked up later, or an object with these attributes; a class is neither."""
    return isinstance(value, str) or (not isinstance(value, type) and all(hasattr(value, name) for name in attributes))


RANGES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "schedule": (
        'a name such as "cosine", an object such as Cosine(), or None',
        lambda v: v is None or _has(v, "factors"),
    ),
    "loss": (
        'a name such as "log_loss", or an object such as LogLoss(label_smoothing=0.1)',
        lambda v: _has(v, "name", "output", "value", "slope"),
    ),
    "learning_rate": ("a finite number above 0", lambda v: _number(v, 0) and v > 0),
    "weight_decay": ("a number of 0 or more, or None", lambda v: v is None or _number(v, 0)),
    "dropout": ("a number in [0, 1), or None", lambda v: v is None or _number(v, 0, 1)),
    "batch_size": ('a whole number of 1 or more, "auto", or None', lambda v: v in (None, "auto") or _whole(v, 1)),
    "max_epochs": ("a whole number of 1 or more", lambda v: v in (None, "auto") or _whole(v, 1)),
    "max_steps": ("a whole number of 1 or more, or None", lambda v: v is None or _whole(v, 1)),
    "patience_epochs": ('a whole number of 1 or more, "wave", or None', lambda v: v in (None, "wave") or _whole(v, 1)),
    "validation": ("a share between 0 and 1, or None", lambda v: v is None or (_number(v, 0, 1) and v > 0)),
    "class_weight": ('"balanced", a dictionary of weights by class, or None', lambda v: _is_class_weight(v)),
    "penalty": (
        "L1(…), L2(…), a tuple of them, or None",
        lambda v: all(isinstance(p, (L1, L2)) for p in penalties_of(v)),
    ),
    "members": ("a whole number of 1 or more", lambda v: _whole(v, 1)),
    "n_threads": ("a whole number of 1 or more, or None", lambda v: v is None or _whole(v, 1)),
    "dtype": ('"float32" or "float64"', lambda v: v in ("float32", "float64")),
    "record": ('"epochs", "steps" or None', lambda v: v in (None, "epochs", "steps")),
    "random_state": ("a whole number of 0 or more, or None", lambda v: v is None or _whole(v, 0)),
}
"""Who: what it must be, and whether it is."""


def penalties_of(value: Any) -> tuple[Penalty, ...]:
    """One penalty, several or none, as a tuple."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _is_class_weight(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_number(weight, 0) for weight in value.values())
    return value is None or value == "balanced"


def widths_of(value: Any) -> tuple[int, ...]:
    """Units of each hidden layer as a tuple; a number alone is one layer.

    Raises:
        InputError: for anything else.
    """
    widths = value if isinstance(value, Iterable) else (value,)
    if isinstance(value, str) or not all(_whole(width, 1) for width in widths):
        raise InputError(
            f"hidden_widths must be whole numbers of 1 or more, such as (64, 64), or () for none. Got {value!r}."
        )
    return tuple(int(width) for width in widths)


def _kept_name(who: str, method: Any, look_up: Callable[[str], Any], *formulas: str) -> str:
    """The name of a method, which is all that a model keeps of it.

    Args:
        who: as in `Settings`.
        method: a name or an object.
        look_up: gives the object of a name.
        formulas: attributes in which the object must be that of its name.

    Raises:
        InputError: for an unknown name, and for an object that the name would not bring back.
    """
    if isinstance(method, str):
        return str(look_up(method).name)
    name = getattr(method, "name", None)
    with suppress(InputError):
        if isinstance(name, str) and all(
            _made_of(getattr(method, formula, None)) == _made_of(getattr(look_up(name), formula))
            for formula in formulas
        ):
            return name
    raise InputError(
        f"{who} must be a name, or the object that has this name in gradatim: models keep names only, so that their "
        f"files can be read back. Got {repr(method) if name is None else f'another {name!r}'}."
    )


def _made_of(formula: Any) -> Any:
    """What a formula is compared by: one with a parameter is made anew for each name, so by function and parameter."""
    return (formula.func, formula.args, formula.keywords) if isinstance(formula, partial) else formula


def methods(settings: Settings, output: str) -> dict[str, Any]:
    """What names and objects stand for; the functions called say what they know where a name is unknown."""
    start = _kept_name("initializer", settings.network.initializer, initializer, "draw")
    fitting, output = _loss_and_output(settings.loss, settings.network.output_activation, output)
    return {
        "loss": fitting,
        "activation": _kept_name("activation", settings.activation, activation, "value", "slope", "chain"),
        "network": replace(settings.network, initializer=start, output_activation=output),
    }


OUTPUTS_OF_NUMBERS = ("identity", "relu", "softplus", "exp")


def _loss_and_output(name: str | Loss, wanted: str, output: str) -> tuple[Loss, str]:
    """The loss, and the activation of the last layer.

    Raises:
        InputError: where they, or the task, do not go together.
    """
    chosen = loss(name, output)
    numbers = output == "identity"
    if chosen.output != output and not (numbers and chosen.output == "exp"):
        raise InputError(
            f"loss must belong to an output layer with {output}. Got {chosen.name}, which belongs to {chosen.output}: "
            f"classes take log_loss, numbers half_squared_error, absolute_error, huber, quantile or poisson."
        )
    if wanted in ("auto", chosen.output):
        return chosen, chosen.output
    known = OUTPUTS_OF_NUMBERS if numbers and chosen.output == "identity" else (chosen.output,)
    if wanted not in known:
        raise InputError(
            f"output_activation must be one of {', '.join(known)} with the loss {chosen.name}. Got {wanted!r}."
            f"{did_you_mean(wanted, known)}"
        )
    return chosen, wanted


def refuse_two_ends(settings: Settings) -> None:
    """Refuse a training that is told both how many epochs and how many steps, or neither.

    Raises:
        InputError: in both cases.
    """
    if (settings.max_epochs is None) == (settings.max_steps is None):
        raise InputError(
            f"max_epochs or max_steps must be given, and one of them alone. "
            f"Got {settings.max_epochs} and {settings.max_steps}."
        )


def patience_for(schedule: Any, patience: Any, *, asked: Any) -> Any:
    """The patience, where it is to wait for waves and the schedule has none: without, unless it was asked for.

    Raises:
        InputError: then.
    """
    if patience != "wave" or hasattr(schedule, "valleys"):
        return patience
    if asked == "wave":
        raise InputError(
            f'patience_epochs must be a number of epochs, or None, with the schedule {schedule.name}. Got "wave": of '
            f"all schedules coslog alone comes in waves."
        )
    return None


def sizes_for(settings: Settings, rules: Mapping[str, Any], rows: int) -> dict[str, int | None]:
    """Batch size and epochs, where they are left to a rule of the preset: "auto".

    Args:
        settings: filled in.
        rules: the preset's, by the name of the setting.
        rows: training rows.
    """
    sizes = {name: getattr(settings, name) for name in rules}
    found = {name: rules[name](rows) if value == "auto" else value for name, value in sizes.items()}
    return {**found, "batch_size": rows if found["batch_size"] is None else found["batch_size"]}


ONLY_WITH_STEPS: dict[str, tuple[tuple[Any, ...], str]] = {
    "learning_rate": ((), "its line search finds how far to go"),
    "schedule": ((), "its line search finds how far to go"),
    "weight_decay": ((0,), "use penalty=L2(…)"),
    "dropout": ((0,), "use penalty=L2(…)"),
    "batch_size": (("auto",), "use adam"),
    "max_epochs": ((), "use LBFGS(max_iterations=…)"),
    "max_steps": ((), "use LBFGS(max_iterations=…)"),
    "patience_epochs": ((), "use LBFGS(max_iterations=…, relative_tolerance=…)"),
    "validation": ((VALIDATION_SHARE,), "all rows train, and the last iteration is kept"),
}
"""What L-BFGS has no use for: what passes for None there, and what there is instead."""


def optimizer_for(asked: Settings, settings: Settings) -> dict[str, Any]:
    """The optimizer as an object, and the settings that depend on it.

    Args:
        asked: as they were given.
        settings: filled in.

    Raises:
        InputError: for what is set, but without effect on L-BFGS. Its default of validation counts as not set.
    """
    check(
        "optimizer",
        settings.optimizer,
        'a name such as "adam", or an object such as Adam(beta2=0.95)',
        lambda value: isinstance(value, LBFGS) or _has(value, "step", "moments", "weight_decay"),
    )
    chosen = optimizer(settings.optimizer)
    if not isinstance(chosen, LBFGS):
        brings_its_own = isinstance(asked.weight_decay, str) and chosen.weight_decay
        return {"optimizer": chosen, "weight_decay": chosen.weight_decay if brings_its_own else settings.weight_decay}
    for name, (off, instead) in ONLY_WITH_STEPS.items():
        value = getattr(asked, name)
        if value not in (None, "preset", *off):
            raise InputError(
                f"{name} must be None with the optimizer lbfgs, which takes no steps. Got {value!r}: {instead}."
            )
    return {"optimizer": chosen, **dict.fromkeys(ONLY_WITH_STEPS)}
