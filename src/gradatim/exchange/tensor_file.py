"""A safetensors file, opened with care: nothing of it is taken into memory before its sizes are known.

Layout of such a file: eight bytes that say how long the header is, the header in JSON (type, shape and place of each
tensor, and the texts under ``__metadata__``), the numbers. The library safetensors reads it, and sees to it that the
tensors fill the file without gap or overlap.

Source: https://github.com/huggingface/safetensors, section "Format".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError, safe_open

from gradatim.errors import ExchangeError, InputError
from gradatim.formulas.arrays import Array

MOST_BYTES = 2**30
"""Of a whole file: 260 million parameters in float32. A sparse file of terabytes takes no room on the sender's disk."""

MOST_HEADER_BYTES = 2**25
"""Of its header: names of some 300,000 columns. Parsed, a text takes up to twenty times its size in memory."""

HEADER_STARTS = 8


class Form(NamedTuple):
    """What the header says of a tensor.

    Attributes:
        dtype: as safetensors writes it: "F32", "F64", "I64" …
        shape: as NumPy has it.
    """

    dtype: str
    shape: tuple[int, ...]

    def __repr__(self) -> str:
        return f"{self.dtype} {self.shape}"


class TensorFile:
    """An open file: what it says of its tensors, and the tensors once they are asked for.

    Attributes:
        metadata: texts by name.
        tensors: all of them.
    """

    def __init__(self, file: Any) -> None:
        self.metadata: Mapping[str, str] = file.metadata() or {}
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        forms = {name: Form(str(part.get_dtype()), tuple(part.get_shape())) for name, part in slices.items()}
        self.tensors = Tensors(file, forms)


class Tensors:
    """Tensors of an open file, by name.

    Attributes:
        forms: type and shape of each.
    """

    def __init__(self, file: Any, forms: Mapping[str, Form], before: str = "") -> None:
        self._file, self.forms, self._before = file, forms, before

    def tensor(self, name: str) -> Array:
        """A copy of that tensor."""
        return self._file.get_tensor(self._before + name)

    def parted(self) -> dict[str, Tensors]:
        """By what stands before the first dot of their names; behind it they have their names."""
        parts: dict[str, dict[str, Form]] = {}
        for name, form in self.forms.items():
            before, _, rest = name.partition(".")
            parts.setdefault(before, {})[rest] = form
        return {before: Tensors(self._file, forms, f"{self._before}{before}.") for before, forms in parts.items()}


@contextmanager
def opened(path: Path) -> Iterator[TensorFile]:
    """Open a file of tensors for reading.

    Args:
        path: of a regular file, or a link to one. A pipe, at which reading would wait for ever, is none.

    Raises:
        InputError: if there is no such file.
        ExchangeError: if it is no safetensors file, damaged, or larger than any of ours.
        OSError: if it may not be read.
    """
    if not path.is_file():
        kind = "something else" if path.exists() else "nothing of that name"
        raise InputError(f"A model file must exist, and be a file. Got {kind} at {str(path)!r}.")
    with path.open("rb") as file:
        require_sizes(str(path), path.stat().st_size, file.read(HEADER_STARTS))
    try:
        with safe_open(path, framework="numpy") as file:
            yield TensorFile(file)
    except SafetensorError as fault:
        raise ExchangeError(
            f"{path} must be a model file of gradatim (safetensors). It cannot be read: {fault}."
        ) from fault


def require_sizes(who: str, size: int, start: bytes) -> None:
    """Refuse a file that is too large to be read, before anything is read.

    Args:
        who: the file's name.
        size: of the whole file, in bytes.
        start: its first bytes: eight, or all that there are; more do no harm.

    Raises:
        ExchangeError: with what it is and what it may be.
    """
    header = int.from_bytes(start[:HEADER_STARTS], "little")
    if size >= HEADER_STARTS and not 2 <= header <= size - HEADER_STARTS:
        raise ExchangeError(
            f"{who} must be a model file of gradatim (safetensors). "
            f"Got {size:,} bytes that announce a header of {header:,}: it is damaged, or a file of another kind."
        )
    for what, got, most in (("", size, MOST_BYTES), (" in its header", header, MOST_HEADER_BYTES)):
        if got > most:
            raise ExchangeError(f"{who} must have at most {most:,} bytes{what} to be a model file. Got {got:,}.")
