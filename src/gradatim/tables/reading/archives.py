"""Arrays in files: .npz, .npy and .h5.

Conventions
-----------
* Arrays are told by their names: X, x, data, images … are inputs, y, label, target … are targets; ``train`` or
  ``test`` in a name says which part it is. So x_train, X_train and the course's train_set_x are one and the same.
* The part for training is the table; a part for tests is its `held_out`.
* Inputs of rank 3 and 4 are pictures; of rank 2 columns x1, x2, …. The target's column is called label.
* Names of the classes (class_names, list_classes) turn 0, 1, … into words, in their order: of two, the last is
  positive.
* Nothing is unpickled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from gradatim.errors import InputError, MissingPackageError
from gradatim.tables.conversion import as_series, column_names, in_doubles
from gradatim.tables.images import image_rows, pixel_names
from gradatim.tables.reading.compression import refuse_a_bomb, refuse_a_zip_bomb
from gradatim.tables.table import Table

TARGET = "label"
_INPUTS = {"x", "data", "images", "image", "features", "inputs"}
_TARGETS = {"y", "label", "labels", "target", "targets"}
_CLASSES = {"classes", "class_names", "list_classes", "target_names", "label_names"}
_TRAIN, _TEST = {"train", "training"}, {"test", "testing"}


def read_npz(path: Path, content: bytes | None = None) -> Table:
    """Read named arrays of NumPy.

    Args:
        path: of the file; names it in messages.
        content: of the file; None reads it.

    Raises:
        InputError: if it is no such file, or no array is the input.
    """
    refuse_a_zip_bomb(path, content)
    return table_of_arrays(_load(path, content), path)


def read_npy(path: Path, content: bytes | None = None) -> Table:
    """Read one array of NumPy: columns (m, n), or pictures (m, height, width[, channels]), without a target.

    Args:
        path: of the file; names it in messages.
        content: of the file; None reads it.

    Raises:
        InputError: if it is no such file.
    """
    return _part(_load(path, content), None, None, path)


def _load(path: Path, content: bytes | None) -> Any:
    try:
        with path.open("rb") if content is None else BytesIO(content) as file:
            loaded = np.load(file, allow_pickle=False)
            return loaded if isinstance(loaded, np.ndarray) else {name: loaded[name] for name in loaded.files}
    except Exception as fault:  # a damaged header raises whatever Python's own parser does
        if "allow_pickle" in str(fault) and "Object arrays" in str(fault):
            raise InputError(
                f"{path} must hold plain numbers or texts. Got Python objects, which run code when loaded: "
                f"save them with another dtype."
            ) from fault
        raise InputError(f"{path} must be a file of NumPy arrays. Got something else, or a damaged one.") from fault


def read_h5(path: Path, content: bytes | None = None) -> Table:
    """Read named arrays of an HDF5 file, as the course's cat pictures come.

    Args:
        path: of the file; names it in messages.
        content: of the file; None reads it.

    Raises:
        InputError: if it is no such file, or no array is the input.
        MissingPackageError: without h5py.
    """
    try:
        import h5py
    except ImportError as fault:
        raise MissingPackageError("A .h5 file needs h5py. Got none: pip install 'gradatim[images]'") from fault
    packed = path.stat().st_size if content is None else len(content)
    try:
        with h5py.File(path if content is None else BytesIO(content), "r") as file:
            found = {_text(name): file[name] for name in file if isinstance(file[name], h5py.Dataset)}
            refuse_a_bomb(path, packed, sum(int(array.nbytes) for array in found.values()))
            if any(array.dtype.kind == "O" for array in found.values()):
                _refuse_endless_heaps(path, path.read_bytes() if content is None else content)
            arrays = {name: array[()] for name, array in found.items()}
    except InputError:
        raise
    except Exception as fault:
        raise InputError(f"{path} must be an HDF5 file. Got something else, or a damaged one.") from fault
    return table_of_arrays(arrays, path)


def _text(name: str | bytes) -> str:
    """Names that are no UTF-8 come as bytes."""
    return name if isinstance(name, str) else name.decode("utf-8", "replace")


def _refuse_endless_heaps(path: Path, content: bytes) -> None:
    """Refuse a heap of texts whose free space has no size: HDF5's library would look for its end for ever.

    Source: HDF5 file format specification 3.0, section III.E, global heap.
    """
    at = content.find(b"GCOL\1")
    while at >= 0:
        place, end = at + 16, min(at + int.from_bytes(content[at + 8 : at + 16], "little"), len(content))
        while place + 16 <= end:
            index = int.from_bytes(content[place : place + 2], "little")
            size = int.from_bytes(content[place + 8 : place + 16], "little")
            if index == 0 and size < 16:
                raise InputError(f"{path} must be an HDF5 file. Got a damaged one: a heap of texts has no end.")
            place += size if index == 0 else 16 + -(-size // 8) * 8
        at = content.find(b"GCOL\1", at + 1)


def table_of_arrays(arrays: Mapping[str, Any], path: Path) -> Table:
    """The table that named arrays make up.

    Raises:
        InputError: if no array is the input, or inputs and targets differ in number.
    """
    if isinstance(arrays, np.ndarray):
        return _part(arrays, None, None, path)
    found = {_role(name): name for name in arrays}
    classes = next((arrays[name] for name in arrays if name.lower() in _CLASSES), None)
    parts = [part for part in ("train", "", "test") if ("x", part) in found]
    if not parts and len(arrays) == 1:
        return _part(next(iter(arrays.values())), None, None, path)
    if not parts:
        got = ", ".join(list(arrays)[:12]) or "no arrays"
        raise InputError(f"{path} must hold an array of inputs, named X, X_train or alike. Got {got}.")
    tables = [_part(arrays[found["x", part]], _get(arrays, found.get(("y", part))), classes, path) for part in parts]
    held_out = tables[-1] if len(tables) > 1 and parts[-1] == "test" else None
    return replace(tables[0], held_out=held_out)


def _get(arrays: Mapping[str, Any], name: str | None) -> Any:
    return None if name is None else arrays[name]


def _role(name: str) -> tuple[str, str]:
    """("x" | "y" | "", "train" | "test" | "") of an array, by its name."""
    words = set(name.lower().replace("-", "_").split("_"))
    kind = "x" if words & _INPUTS else "y" if words & _TARGETS else ""
    if words - _INPUTS - _TARGETS - _TRAIN - _TEST - {"set", ""}:
        return "", name  # another word in it: something else
    return kind, "train" if words & _TRAIN else "test" if words & _TEST else ""


def _part(X: Any, y: Any, classes: Any, path: Path) -> Table:
    X = in_doubles(np.asarray(X))
    if X.dtype.kind not in "buif":
        raise InputError(f"{path} must hold numbers. Got an array of {X.dtype}.")
    if X.ndim not in (1, 2, 3, 4):
        raise InputError(f"{path} must hold columns (m, n) or pictures (m, height, width, channels). Got {X.shape}.")
    image_shape = None
    if X.ndim > 2:
        height, width, channels = (*X.shape[1:], 1)[:3]
        image_shape = (int(height), int(width), int(channels))
        X = image_rows(X)
    elif X.ndim == 1:
        X = X[:, None]
    names = column_names(X.shape[1]) if image_shape is None else pixel_names(image_shape)
    if y is None:
        return Table(pl.DataFrame(), X, names, image_shape=image_shape)
    label = _label(np.asarray(y), classes, len(X), path)
    return Table(pl.DataFrame([label]), X, names, image_shape=image_shape, target_name=TARGET)


def _label(y: np.ndarray, classes: Any, m: int, path: Path) -> pl.Series:
    if y.dtype.kind not in "buifOSU":
        raise InputError(f"{path} must hold targets that are numbers or texts. Got an array of {y.dtype}.")
    y = y.ravel() if y.ndim == 2 and 1 in y.shape else y  # (1, m) is the course's row, (m, 1) a column
    if y.ndim != 1 or len(y) != m:
        columns = " The examples seem to lie in columns: save the transpose, X.T." if y.ndim == 1 else ""
        raise InputError(f"{path} must hold one target for each of the {m} rows. Got shape {y.shape}.{columns}")
    if classes is not None and np.asarray(classes).dtype.kind not in "buifOSU":
        raise InputError(f"{path} must hold names of classes that are texts. Got {np.asarray(classes).dtype}.")
    words = [word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in np.ravel(classes)]
    K = len(words)
    if classes is None or y.dtype.kind not in "ui" or words == [str(k) for k in range(K)] or len(set(words)) < K:
        return as_series(y.astype(np.int64) if y.dtype.kind in "ui" else y, TARGET).rename(TARGET)
    if y.size and not 0 <= int(y.min()) <= int(y.max()) < K:
        raise InputError(
            f"{path} must hold targets from 0 to {K - 1}, as it names {K} classes. Got {y.min()} to {y.max()}."
        )
    return pl.Series(TARGET, np.array(words, dtype=object)[y].tolist(), dtype=pl.Enum(words))
