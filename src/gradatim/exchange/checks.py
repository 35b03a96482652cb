"""What a model must be so that predicting with it never fails on a good table.

A file may say anything. These checks stand between what it says and a `Model` that people may rely on; the same
checks stand before saving, so that no file is written that could not be read. What constructors check themselves
(widths, rates, names of activations) is not repeated here.

Read from the end: `require_ensemble`, `require_model`, then its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, prod
from reprlib import Repr
from typing import Any

import numpy as np

from gradatim.engines import engine_name
from gradatim.errors import ExchangeError
from gradatim.exchange.tensor_file import MOST_BYTES, Form
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import Loss
from gradatim.model import Ensemble, Model
from gradatim.network import Architecture, CategoryEmbedding, Dense, NumericEmbedding, Scale
from gradatim.settings import Settings
from gradatim.settings.checks import RANGES, widths_of
from gradatim.tables.dates import ORDERS, is_zone
from gradatim.tables.encoding import TableEncoder
from gradatim.tables.encoding.columns import KINDS, Column
from gradatim.tables.encoding.levels import Category
from gradatim.tables.encoding.numeric import Numbers
from gradatim.tables.encoding.pixels import Pixels
from gradatim.tables.targets import ClassTarget, LabelTarget, NumberTarget, Target

MOST_NUMBERS = MOST_BYTES // 4
"""In one block of parameters."""

MOST_LAYERS = 1000
"""A summary takes time with their square."""

MOST_MODELS = 1000
"""In an ensemble. Each has a description of its own, with a table to read it by."""

MOST_LOOKED_UP = 2**26
"""Numbers in the table of one-hot rows, (levels + 1, columns) for each category: the levels come to a square."""

FLOATS = {"F32": np.float32, "F64": np.float64}
"""Types of parameters, by their names in the file."""

_short = Repr()
_short.maxstring = _short.maxother = _short.maxlong = 80


def require(holds: Any, who: str, must: str, got: Any) -> None:
    """Refuse what does not hold.

    Raises:
        ExchangeError: "who must be what. Got X.", X cut short where it is long.
    """
    if not holds:
        raise ExchangeError(f"{who} must be {must}. Got {_short.repr(got)}.")


# --- kinds of values --------------------------------------------------------------------------------------------------


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _all(values: Any, holds: Any) -> bool:
    return isinstance(values, tuple) and all(map(holds, values))


def _different(values: Sequence[Any]) -> bool:
    return len(set(values)) == len(values)


# --- tensors ----------------------------------------------------------------------------------------------------------


def require_parameters(architecture: Architecture, forms: Mapping[str, Form]) -> None:
    """Refuse tensors that are not the blocks of this architecture; nothing is read for it.

    Args:
        architecture: checked.
        forms: of the tensors, by name.

    Raises:
        ExchangeError: with the first wrong one.
    """
    expected = {block.name: block.shape for block in architecture.blocks}
    found = {name: form.shape for name, form in forms.items()}
    if found != expected:
        wrong = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))[0]
        raise ExchangeError(
            f"Tensor {_short.repr(wrong)[1:-1]} must have shape {expected.get(wrong, 'none')} in this architecture. "
            f"Got {found.get(wrong, 'none')}."
        )
    for name, shape in expected.items():
        sides = prod(max(side, 1) for side in shape)  # a side of 0 excuses no enormous other one
        require(sides <= MOST_NUMBERS, f"Tensor {name}", f"one of at most {MOST_NUMBERS:,} numbers", shape)
    dtypes = {form.dtype for form in forms.values()}
    if len(dtypes) != 1 or not dtypes <= set(FLOATS):
        raise ExchangeError(f"Parameters must all be float32 or all float64. Got {', '.join(sorted(dtypes))}.")


def require_encoder_forms(forms: Mapping[str, Form]) -> None:
    """Refuse tensors of an encoder that are no rank-1 float64 arrays; nothing is read for it."""
    for name, form in forms.items():
        require(form.dtype == "F64" and len(form.shape) == 1, f"Tensor encoder.{name}", "float64 of rank 1", form)


def require_vector(vector: Array) -> None:
    """Refuse parameters that no training leaves behind."""
    require(np.isfinite(vector).all(), "Parameters", "finite", "NaN or infinity among them")


def _require_column(who: str, tensor: Array, length: int) -> None:
    require(tensor.shape == (length,), who, f"({length},) numbers", tensor.shape)
    require(np.isfinite(tensor).all(), who, "finite", tensor)


# --- the encoder ------------------------------------------------------------------------------------------------------


def require_encoder(encoder: TableEncoder) -> None:
    """Refuse an encoder that could not encode every table with its columns.

    Raises:
        ExchangeError: with what is wrong.
    """
    columns: Any = encoder.columns
    require(_all(columns, _is_column), "The encoder's columns", "names, kinds and reasons", columns)
    require(_all(encoder.notes, _is_text), "The encoder's notes", "texts", encoder.notes)
    require(_all(encoder.strays, _is_text), "The encoder's strays", "texts", encoder.strays)
    require(isinstance(encoder.is_sparse, bool), "is_sparse", "true or false", encoder.is_sparse)
    _require_numbers(encoder.numbers)
    for category in (*encoder.categories, *encoder.embedded):
        _require_levels(category)
    for category in encoder.categories:
        _require_one_hot(category)
    _require_room((encoder,))
    if encoder.pixels is not None:
        _require_pixels(encoder.pixels)
    if encoder.is_sparse:
        _require_sparse(encoder)


def _require_room(encoders: Iterable[TableEncoder]) -> None:
    categories = [category for encoder in encoders for category in encoder.categories]
    looked_up = sum((len(category.levels) + 1) * category.columns for category in categories)
    require(looked_up <= MOST_LOOKED_UP, "One-hot levels", f"a table of at most {MOST_LOOKED_UP:,} numbers", looked_up)


def _is_column(value: Any) -> bool:
    texts = isinstance(value, Column) and _is_text(value.name) and _is_text(value.reason)
    return texts and value.kind in KINDS and value.first in ("", *ORDERS)


def _require_features(who: str, features: Any, parts: Iterable[str]) -> None:
    allowed = ("", *parts)
    orders = ("", *ORDERS)
    known = _all(features, lambda found: _is_text(found.raw) and found.part in allowed and found.first in orders)
    require(known, who, f"columns, or one of their parts {', '.join(parts)}", features)
    require(all(f.zone == "" or is_zone(f.zone) for f in features), who, "in time zones that are known", features)
    require(_different(features), who, "different from each other", features)


def _require_numbers(numbers: Numbers) -> None:
    k, marked = len(numbers.features), numbers.marked
    _require_features("The encoder's numbers", numbers.features, ("year", "hour"))
    in_order = _all(marked, _is_whole) and all(
        low < high for low, high in zip((-1, *marked), (*marked, k), strict=True)
    )
    require(in_order, "marked", f"places from 0 to {k - 1} in rising order", marked)
    for name in ("center", "scale", "mean"):
        _require_column(f"Tensor encoder.{name}", getattr(numbers, name), k)
    for name in ("mark_center", "mark_scale"):
        _require_column(f"Tensor encoder.{name}", getattr(numbers, name), len(marked))
    for clip in (numbers.clip, numbers.mark_clip):
        require(clip is None or (_is_number(clip) and clip > 0), "clips", "numbers above 0, or null", clip)


def _require_levels(category: Category) -> None:
    levels = category.levels
    _require_features("The encoder's categories", (category.feature,), ("month", "weekday"))
    require(_all(levels, _is_text), f"The levels of {category.feature.name!r}", "texts", levels)
    require(_different(levels), f"The levels of {category.feature.name!r}", "different from each other", levels)


def _require_one_hot(category: Category) -> None:
    for name in ("center", "scale"):
        _require_column(f"Tensor encoder.level_{name}", getattr(category, name), category.columns)


def _require_pixels(pixels: Pixels) -> None:
    shape: Any = pixels.image_shape
    sides = shape is None or (_all(shape, lambda side: _is_whole(side) and side > 0) and len(shape) == 3)
    require(sides, "image_shape", "height, width and channels", shape)
    _require_features("The encoder's pixels", pixels.features, ())
    in_range = _is_number(pixels.low) and _is_number(pixels.high) and pixels.low <= 0 <= pixels.high
    require(in_range, "pixel_range", "finite, from 0 or less to 0 or more", (pixels.low, pixels.high))


def _require_sparse(encoder: TableEncoder) -> None:
    numbers = encoder.numbers
    dense = bool(encoder.categories or encoder.embedded or encoder.pixels or numbers.marked)
    plain = not any(feature.part for feature in numbers.features)
    require(not dense and plain, "A sparse table", "of numbers without marks", encoder.to_json())


# --- the network ------------------------------------------------------------------------------------------------------


def require_architecture(architecture: Architecture) -> None:
    """Refuse what the constructors let pass: parts of another kind, more layers than anyone means.

    Raises:
        ExchangeError: with what is wrong.
    """
    front, layers = architecture.front, architecture.layers
    known = _all(front, lambda part: isinstance(part, NumericEmbedding | CategoryEmbedding | Scale))
    require(known, "The front", "embeddings and a scale", front)
    require(isinstance(layers, tuple) and len(layers) < MOST_LAYERS, "Layers", f"fewer than {MOST_LAYERS:,}", layers)
    for layer in architecture.dense:
        require(_is_text(layer.activation), "An activation", "a name", layer.activation)
        require(isinstance(layer.learned_slope, bool), "learned_slope", "true or false", layer.learned_slope)


def _require_fit_of_encoder(encoder: TableEncoder, architecture: Architecture) -> None:
    got = encoder.n_outputs
    require(got == architecture.inputs, "The encoder's columns", f"the network's {architecture.inputs} inputs", got)
    embeddings = [part.levels for part in architecture.front if isinstance(part, CategoryEmbedding)]
    levels = [encoder.levels] if encoder.levels else []
    require(levels == embeddings, "Levels of embedded categories", f"those of the network, {embeddings}", levels)
    straight = not architecture.front and architecture.members == 1
    require(straight or not encoder.is_sparse, "A sparse table", "read by a layer, not by a front", architecture.front)


# --- the target -------------------------------------------------------------------------------------------------------


def require_target(target: Target) -> None:
    """Refuse a target that could not turn outputs into labels or numbers.

    Raises:
        ExchangeError: with what is wrong.
    """
    require(_all(target.names, _is_text) and target.names, "The target's names", "texts", target.names)
    if isinstance(target, NumberTarget):
        _require_units(target)
        return
    columns = target.columns if isinstance(target, LabelTarget) else (target,)
    for column in columns:
        _require_classes(column)
    pairs = isinstance(target, ClassTarget) or all(len(column.classes) == 2 for column in columns)
    require(pairs, "Labels", "of two classes each", target.classes)


def _require_classes(target: ClassTarget) -> None:
    classes = target.classes
    kinds = {type(label) for label in classes} if isinstance(classes, tuple) else set()
    one_kind = len(kinds) == 1 and kinds <= {str, bool, int, float} and len(classes) > 1
    require(one_kind, "Classes", "two or more texts, numbers or booleans", classes)
    require(_different(classes), "Classes", "different from each other", classes)
    if kinds == {int}:
        fit = -(2**63) <= min(classes) and max(classes) < (2**63 if min(classes) < 0 else 2**64)  # type: ignore[operator]
        require(fit, "Classes", "whole numbers of 64 bits", classes)
    choices = (None, *classes) if len(classes) == 2 else (None,)
    fits = any(target.positive is choice or _same(target.positive, choice) for choice in choices)
    require(fits, "positive", f"one of {_short.repr(choices)}", target.positive)


def _same(first: Any, second: Any) -> bool:
    """1 is not True here: labels keep their type."""
    return type(first) is type(second) and bool(first == second)


def _require_units(target: NumberTarget) -> None:
    k = len(target.names)
    for name in ("mean", "std", "low", "high"):
        numbers = getattr(target, name)
        require(_all(numbers, _is_number) and len(numbers) == k, f"The target's {name}", f"{k} finite numbers", numbers)
    require(min(target.std) > 0, "The target's std", "above 0", target.std)
    rising = all(low <= high for low, high in zip(target.low, target.high, strict=True))
    require(rising, "The target's low and high", "in order", (target.low, target.high))
    require(isinstance(target.clip, bool), "The target's clip", "true or false", target.clip)


def _require_fit_of_target(target: Target, output: Dense, loss: Loss) -> None:
    require(target.outputs == output.units, "The target's outputs", f"the network's {output.units}", target.outputs)
    name = activation(output.activation).name
    if isinstance(target, NumberTarget):
        of_numbers = activation(output.activation).chain is None and loss.output not in ("sigmoid", "softmax")
        require(of_numbers, "Output and loss", "those of numbers", (name, loss.name))
    else:
        must = target.output
        require((name, loss.output) == (must, must), "Output and loss", f"of {must}", (name, loss.name))


# --- the settings -----------------------------------------------------------------------------------------------------


def require_settings(settings: Settings) -> None:
    """Refuse settings that no training has had. Predicting needs the engine; the rest is what a next training reads.

    Raises:
        ExchangeError: with what is wrong.
        InputError: for an engine that there is not.
    """
    engine_name(settings.engine)
    widths_of(settings.hidden_widths)
    for name, (must, holds) in RANGES.items():
        value = getattr(settings, name)
        require(value is None or holds(value), name, must, value)  # None: what L-BFGS has no use for


# --- the whole --------------------------------------------------------------------------------------------------------


def require_parts(
    encoder: TableEncoder, architecture: Architecture, target: Target, loss: Loss, settings: Settings
) -> None:
    """Refuse parts that are wrong by themselves, or do not fit together.

    Raises:
        ExchangeError: with what is wrong.
        InputError: for an engine that there is not.
    """
    require_architecture(architecture)
    require_encoder(encoder)
    require_target(target)
    _require_fit_of_encoder(encoder, architecture)
    _require_fit_of_target(target, architecture.output, loss)
    require_settings(settings)


def require_model(model: Model) -> None:
    """Refuse a model that a file could not give back.

    Raises:
        ExchangeError: with what is wrong.
        InputError: for an engine that there is not.
    """
    require_parts(model.encoder, model.architecture, model.target, model.loss, model.settings_)
    require_vector(model.vector)


def require_ensemble(ensemble: Ensemble) -> None:
    """Refuse what several models may not be together; each of them is looked at by `require_model`, or was when read.

    Raises:
        ExchangeError: with what is wrong.
        InputError: for an engine that there is not.
    """
    count = len(ensemble.models)
    require(count <= MOST_MODELS, "Models", f"at most {MOST_MODELS:,}", count)
    require_settings(ensemble.settings_)
    _require_room(model.encoder for model in ensemble.models)
