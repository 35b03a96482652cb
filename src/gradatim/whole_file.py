"""A file that is there whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from gradatim.errors import InputError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A new file to write into, which takes its name when the block ends without an error.

    A file of that name is replaced only then; after an error it is as it was, and nothing else is left.

    Args:
        path: the name it gets; its folder must exist.

    Yields:
        The open file, in the same folder. It has the rights of any new file: `tempfile` would let nobody but its owner
        read it.

    Raises:
        InputError: if there is no such folder, or a folder of that name.
        OSError: where the disk refuses.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with whole_file(Path(folder, "a.txt")) as file:
        ...         _ = file.write(b"alpha")
        ...     [(path.name, path.read_text()) for path in Path(folder).iterdir()]
        [('a.txt', 'alpha')]
    """
    if not path.parent.is_dir():
        raise InputError(f"The folder of the file to write must exist. Got {str(path.parent)!r}.")
    if path.is_dir():
        raise InputError(f"The file to write must not be a folder. Got {str(path)!r}: name a file in it.")
    partial = path.with_name(f".{token_hex(8)}.partial")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
