"""The model file: one safetensors file with every tensor by name and one JSON string that says what they are.

Conventions
-----------
* Tensors: a block of parameters has its own name (``W1``, ``b1``, ``scale`` …) and shape; the encoder's stand under
  ``encoder.``.
* One metadata key, ``gradatim``, holds sorted JSON: format, library version, architecture, loss, encoder, target,
  settings. Several keys safetensors would write in no fixed order; with one, the same model gives the same bytes.
* Nothing of the training but its settings is in the file: no times, no history. Same seed, same bytes.
* Loading runs no code from the file, and needs no scikit-learn.
"""

from __future__ import annotations

import json
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load as tensors_of_bytes
from safetensors.numpy import save as bytes_of_tensors

import gradatim
from gradatim.errors import ExchangeError, InputError
from gradatim.exchange.json_form import from_json, to_json
from gradatim.whole_file import whole_file
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import LOSSES
from gradatim.model import Model
from gradatim.network import Architecture, Parameters
from gradatim.settings import Settings
from gradatim.tables.encoding import TableEncoder
from gradatim.tables.targets import target_from_json

FORMAT = 1
"""Raised when an older version could not read what a newer one writes."""

IN_A_RUN = "model.safetensors"
"""The name of the model that is kept, in the folder of a run."""

KEY = "gradatim"
ENCODER = "encoder."


def save_model(model: Model, path: str | PathLike[str]) -> None:
    """Write a model, whole or not at all: a file of the same name is replaced only once the new one is complete.

    Args:
        model: any.
        path: of the file; its folder must exist.

    Raises:
        InputError: if the folder does not exist, or `path` is one.
        ExchangeError: if what was written does not read back as it was.
    """
    with whole_file(Path(path)) as file:
        file.write(model_bytes(model))


def model_bytes(model: Model) -> bytes:
    """The content of the model's file."""
    parameters = Parameters(model.architecture, model.vector)
    tensors = {**parameters, **{ENCODER + name: tensor for name, tensor in model.encoder.tensors().items()}}
    # safetensors writes an array that is not C-contiguous in the wrong order and says nothing.
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    description = {
        "format": FORMAT,
        "version": gradatim.__version__,
        "architecture": to_json(model.architecture),
        "loss": to_json(model.loss),
        "encoder": model.encoder.to_json(),
        "target": model.target.to_json(),
        "settings": to_json(model.settings_),
    }
    content = bytes_of_tensors(tensors, {KEY: json.dumps(description, sort_keys=True, allow_nan=False)})
    for name, tensor in tensors_of_bytes(content).items():
        if not np.array_equal(tensor, tensors[name], equal_nan=tensor.dtype.kind == "f"):
            raise ExchangeError(f"Tensor {name} must read back as it was written. It did not: do not use this file.")
    return content


def load_model(path: str | PathLike[str]) -> Model:
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
        if not place.is_file():
            raise InputError(
                f"The model must be a file, or the folder of a run. Got {str(path)!r}, which holds no {IN_A_RUN}."
            )
    if not place.is_file():
        raise InputError(f"A model file must exist. Got {str(place)!r}.")
    try:
        with safe_open(place, framework="numpy") as file:
            description = _description(place, file.metadata())
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    except SafetensorError as fault:
        raise ExchangeError(
            f"{place} must be a model file of gradatim (safetensors). It cannot be read: {fault}."
        ) from fault
    try:
        return _model(description, tensors)
    except ExchangeError as fault:
        raise ExchangeError(f"{place}: {fault}") from fault
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as fault:
        raise ExchangeError(f"{place} must hold a whole model. It is damaged: {fault!r}.") from fault


def _description(place: Path, metadata: dict[str, str] | None) -> dict[str, Any]:
    if KEY not in (metadata or {}):
        raise ExchangeError(f"{place} must be a model file of gradatim. Got a safetensors file of another kind.")
    description = None
    with suppress(ValueError, RecursionError):
        description = json.loads((metadata or {})[KEY])
    if not isinstance(description, dict) or not isinstance(description.get("format"), int):
        raise ExchangeError(f"{place} must describe its model. It is damaged: the description is not readable JSON.")
    if description["format"] > FORMAT:
        raise ExchangeError(
            f"{place} must have format {FORMAT} or older. Got {description['format']}, written by gradatim "
            f"{description.get('version')}: install that version or a later one."
        )
    return description


def _model(description: dict[str, Any], tensors: dict[str, Array]) -> Model:
    architecture = from_json(description["architecture"], Architecture)
    encoder_tensors = {
        name.removeprefix(ENCODER): tensors.pop(name) for name in list(tensors) if name.startswith(ENCODER)
    }
    return Model(
        encoder=TableEncoder.from_json(description["encoder"], encoder_tensors),
        architecture=architecture,
        vector=_vector(architecture, tensors),
        target=target_from_json(description["target"]),
        loss=from_json(description["loss"], tuple(LOSSES.values())),
        settings_=from_json(description["settings"], Settings),
    )


def _vector(architecture: Architecture, tensors: dict[str, Array]) -> Array:
    """The blocks, one after another. Shapes are compared first: a forged size is refused before memory is asked for."""
    expected = {block.name: block.shape for block in architecture.blocks}
    found = {name: tensor.shape for name, tensor in tensors.items()}
    if found != expected:
        wrong = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))[0]
        raise ExchangeError(
            f"Tensor {wrong} must have shape {expected.get(wrong, 'none')} in this architecture. "
            f"Got {found.get(wrong, 'none')}."
        )
    dtypes = {tensor.dtype for tensor in tensors.values()}
    if len(dtypes) != 1 or not dtypes <= {np.dtype(np.float32), np.dtype(np.float64)}:
        raise ExchangeError(
            f"Parameters must all be float32 or all float64. Got {', '.join(sorted(map(str, dtypes)))}."
        )
    return np.concatenate([tensors[block.name].ravel() for block in architecture.blocks])
