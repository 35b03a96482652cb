"""The model file: one safetensors file with every tensor by name and one JSON string that says what they are.

Conventions
-----------
* Tensors: a block of parameters has its own name (``W1``, ``b1``, ``scale`` …) and shape; the encoder's stand under
  ``encoder.``.
* One metadata key, ``gradatim``, holds sorted JSON: format, library version, architecture, loss, encoder, target,
  settings. Several keys safetensors would write in no fixed order; with one, the same model gives the same bytes.
* An ensemble has format 2: what is said of each model stands in the list ``models``, and its tensors have its place
  in that list before their names: ``0.W1``.
* Nothing of the training but its settings is in the file: no times, no history, no rows. Same seed, same bytes.
* Loading runs no code from the file, and needs no scikit-learn. A file is an outsider's word: `tensor_file` bounds its
  sizes, `json_form` what it may say, `checks` what may come of it. What passes all three predicts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as tensors_of_bytes
from safetensors.numpy import save as bytes_of_tensors

import gradatim
from gradatim.errors import ExchangeError, InputError
from gradatim.exchange.checks import (
    FLOATS,
    MOST_MODELS,
    require,
    require_architecture,
    require_encoder_forms,
    require_ensemble,
    require_model,
    require_parameters,
    require_parts,
    require_vector,
)
from gradatim.exchange.json_form import from_json, parsed, to_json
from gradatim.exchange.tensor_file import TensorFile, Tensors, opened, require_sizes
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import LOSSES
from gradatim.model import Ensemble, Model
from gradatim.network import Architecture, Parameters
from gradatim.settings import Settings
from gradatim.tables.encoding import TableEncoder
from gradatim.tables.targets import target_from_json
from gradatim.whole_file import whole_file

MODEL, ENSEMBLE = 1, 2
"""Formats: what is written has the oldest that can say it, so that older versions read it. The last is the newest."""

IN_A_RUN = "model.safetensors"
"""The name of the model that is kept, in the folder of a run."""

MOST_SAID = 1000
"""Letters of an error message."""

KEY = "gradatim"
ENCODER = "encoder."


def save_model(model: Model | Ensemble, path: str | PathLike[str]) -> None:
    """Write a model, whole or not at all: a file of the same name is replaced only once the new one is complete.

    Args:
        model: any, or an ensemble.
        path: of the file; its folder must exist.

    Raises:
        InputError: if the folder does not exist, or `path` is one.
        ExchangeError: for a model that the file would not give back: one with NaN in it, or too large.
    """
    with whole_file(Path(path)) as file:
        file.write(model_bytes(model))


def model_bytes(model: Model | Ensemble) -> bytes:
    """The content of the model's file.

    Raises:
        ExchangeError: for a model that no file could give back: one that is damaged, or too large.
    """
    if isinstance(model, Ensemble):
        number, (description, tensors) = ENSEMBLE, _ensemble_apart(model)
    else:
        number, (description, tensors) = MODEL, _model_apart(model)
    description |= {"format": number, "version": gradatim.__version__}
    # safetensors writes an array that is not C-contiguous in the wrong order and says nothing.
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    text = json.dumps(description, sort_keys=True, allow_nan=False)
    parsed(text)
    content = bytes_of_tensors(tensors, {KEY: text})
    require_sizes("The model", len(content), content)
    for name, tensor in tensors_of_bytes(content).items():
        if not np.array_equal(tensor, tensors[name]):
            raise ExchangeError(f"Tensor {name} must read back as it was written. It did not: do not use this file.")
    return content


Apart = tuple[dict[str, Any], dict[str, Array]]
"""What is said of a model, and its tensors by name."""


def _ensemble_apart(ensemble: Ensemble) -> Apart:
    require_ensemble(ensemble)
    models = [_model_apart(model) for model in ensemble.models]
    tensors = {f"{number}.{name}": A for number, (_, those) in enumerate(models) for name, A in those.items()}
    return {"models": [said for said, _ in models], "settings": to_json(ensemble.settings_)}, tensors


def _model_apart(model: Model) -> Apart:
    require_model(model)
    parameters = Parameters(model.architecture, model.vector)
    tensors = {**parameters, **{ENCODER + name: tensor for name, tensor in model.encoder.tensors().items()}}
    description = {
        "architecture": to_json(model.architecture),
        "loss": to_json(model.loss),
        "encoder": model.encoder.to_json(),
        "target": model.target.to_json(),
        "settings": to_json(model.settings_),
    }
    return description, tensors


def load_model(path: str | PathLike[str]) -> Model | Ensemble:
    """Read a model file.

    Args:
        path: written by `save_model`, or the folder of a run: the model that it kept.

    Returns:
        A model that predicts as the saved one does; its history is empty.

    Raises:
        InputError: if there is no such file, or a folder without a model.
        ExchangeError: if it is damaged, no model of ours, or written by a later version.
    """
    place = Path(path)
    if place.is_dir():
        place /= IN_A_RUN
        if not place.exists():
            raise InputError(
                f"The model must be a file, or the folder of a run. Got {str(path)!r}, which holds no {IN_A_RUN}."
            )
    elif not place.exists():
        _point_at_a_run_cut_off(place)
    with opened(place) as file:
        try:
            return _whole(file)
        except (ExchangeError, InputError) as fault:
            raise ExchangeError(f"{place}: {_cut(fault)}") from fault
        # What no check foresaw: a part that is not there, or of another kind than its place asks for.
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as fault:
            said = f"it lacks {fault}" if isinstance(fault, KeyError) else repr(fault)
            raise ExchangeError(f"{place} must hold a whole model. It is damaged: {_cut(said)}.") from fault


def _point_at_a_run_cut_off(place: Path) -> None:
    """Refuse the folder of a run that is not there yet, and say what finishes it."""
    partial = place.with_name(f"{place.name}.partial")
    if partial.is_dir():
        raise InputError(
            f"A model file must exist, and be a file. Got nothing of that name at {str(place)!r}. "
            f"A run that was cut off stands in {partial}: the same gradatim fit with --resume finishes it."
        )


def _cut(fault: object) -> str:
    """A message, without the megabytes that a forged value may put in it."""
    text = str(fault)
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}…"


def _whole(file: TensorFile) -> Model | Ensemble:
    description = _description(file.metadata)
    if description["format"] == MODEL:
        return _model(description, file.tensors)
    said, parts = description["models"], file.tensors.parted()
    require(isinstance(said, list) and 0 < len(said) <= MOST_MODELS, "Models", f"1 to {MOST_MODELS:,}", said)
    names = [str(number) for number in range(len(said))]
    require(set(parts) == set(names), "Tensors", f"of models 0 to {len(said) - 1}", sorted(parts))
    settings = from_json(description["settings"], Settings)
    models = (_model(part, parts[name]) for name, part in zip(names, said, strict=True))
    ensemble = Ensemble(tuple(models), settings)
    require_ensemble(ensemble)
    return ensemble


def _model(description: dict[str, Any], tensors: Tensors) -> Model:
    """The largest part, the parameters, is read last: once all that is said about them is known to be right."""
    architecture = from_json(description["architecture"], Architecture)
    require_architecture(architecture)
    forms = {name: form for name, form in tensors.forms.items() if not name.startswith(ENCODER)}
    require_parameters(architecture, forms)
    encoder = _encoder(description["encoder"], tensors)
    target = target_from_json(description["target"])
    loss = from_json(description["loss"], tuple(LOSSES.values()))
    settings = from_json(description["settings"], Settings)
    require_parts(encoder, architecture, target, loss, settings)
    vector = _vector(architecture, tensors)
    require_vector(vector)
    return Model(encoder, architecture, vector, target, loss, settings)


def _encoder(facts: dict[str, Any], tensors: Tensors) -> TableEncoder:
    forms = {name.removeprefix(ENCODER): form for name, form in tensors.forms.items() if name.startswith(ENCODER)}
    require_encoder_forms(forms)
    encoder = TableEncoder.from_json(facts, {name: tensors.tensor(ENCODER + name) for name in forms})
    lengths = {name: tensor.shape for name, tensor in encoder.tensors().items()}
    found = {name: form.shape for name, form in forms.items()}
    require(found == lengths, "The encoder's tensors", f"of the lengths {lengths}", found)
    return encoder


def _vector(architecture: Architecture, tensors: Tensors) -> Array:
    """The blocks, one after another; filled one by one, so that memory holds them once."""
    vector = np.empty(architecture.size, dtype=FLOATS[tensors.forms[architecture.blocks[0].name].dtype])
    for block in architecture.blocks:
        vector[block.start : block.stop] = tensors.tensor(block.name).ravel()
    return vector


def _description(metadata: Mapping[str, str]) -> dict[str, Any]:
    """What the file says of itself, in a format that this version reads."""
    if KEY not in metadata:
        raise ExchangeError("It must be a model file of gradatim. Got a safetensors file of another kind.")
    description = parsed(metadata[KEY])
    number = description.get("format") if isinstance(description, dict) else None
    if not isinstance(description, dict) or not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ExchangeError("It must be the description of a model, with its format. It is damaged.")
    if number > ENSEMBLE:
        raise ExchangeError(
            f"It must have format {ENSEMBLE} or older. Got {number}, written by gradatim "
            f"{description.get('version')}: install that version or a later one."
        )
    return description
