"""How the kernels of this engine become machine code.

Conventions
-----------
* `kernel` is for functions that other kernels call: they are compiled into their caller. `entry` is for the few that
  Python calls: those are kept on disk, so that only the first training of an installation waits for the compiler.
* Numba looks at the file of an entry alone to see whether what it kept is still right. The mark of all sources of this
  package goes into the key as well, or a change in a file that an entry calls would go unnoticed.
* Kernels hold no lock of the interpreter (``nogil``), divide as NumPy does, and may fuse a product with a sum
  (``contract``); a `reordering_kernel` may add in another order, too. Nothing else about floating-point numbers is
  relaxed, so that NaN and infinity stay what they are.
* With ``NUMBA_DISABLE_JIT=1`` all of it runs as ordinary Python, for debuggers and for coverage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import llvmlite.binding
import numba

Function = TypeVar("Function", bound=Callable[..., Any])

COMPILES = not numba.config.DISABLE_JIT
"""False where kernels run as ordinary Python."""

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}

_SOURCES = sorted(Path(__file__).parent.glob("*.py"))
MARK = sha256(b"".join(source.read_bytes() for source in _SOURCES)).hexdigest()
"""Of the sources of this package."""


INNER: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
"""No wrapper for Python, no counting of references: a kernel allocates nothing and gives no array back."""


def part(function: Function) -> Function:
    """A piece of an entry that stands by itself for readers only: it is written into its caller before compilation.

    The compiler works on all that a function calls once more for each function around it, so that four levels cost four
    times the seconds. And what gives a matrix back has no other way: kernels count no references.
    """
    return numba.njit(inline="always", **OPTIONS)(function)


def kernel(function: Function) -> Function:
    """A function that other kernels call. To call it from Python is to lose the process."""
    return _inner(function, INNER)


def reordering_kernel(function: Function) -> Function:
    """A kernel whose sums the compiler may take in any order, and so in vectors; NaN and infinity stay."""
    return _inner(function, {**INNER, "fastmath": OPTIONS["fastmath"] | {"reassoc"}})


def _inner(function: Function, options: dict[str, Any]) -> Function:
    made = numba.njit(**options)(function)
    if COMPILES:
        made.compile = _plainly(made.compile)
    return made


def _plainly(compiles: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Optimize a kernel by itself only a little: it is done again, and in full, within the entry that it ends up in.

    The setting is the process's, but whoever compiles a kernel holds Numba's lock, so that nobody else compiles by it.
    """

    def compile_(signature: Any) -> Any:
        level = numba.config.OPT
        numba.config.OPT = type(level)(min(level, 1))
        try:
            return compiles(signature)
        finally:
            numba.config.OPT = level

    return compile_


def entry(function: Function) -> Function:
    """A function that Python calls; its machine code is kept on disk, where there is a place to keep it.

    The function must have `MARK` among the variables that it closes over: they are part of the key.
    """
    try:
        return numba.njit(cache=True, _nrt=False, **OPTIONS)(function)
    except RuntimeError:  # neither the package's folder nor the user's can be written
        return numba.njit(**OPTIONS)(function)


@contextmanager
def announced(function: Any, dtype: Any) -> Iterator[None]:
    """Around a call of an entry: a line on standard error where it must be compiled first.

    A note beside the machine code tells the next process that there is nothing to wait for. Numba itself cannot be
    asked before it has begun.
    """
    if not COMPILES or dtype in _READY:
        yield
        return
    note = _note(function, dtype)
    waits = note is None or not note.exists()
    if waits:
        once = "once for this installation" if note else "as no folder that could keep it may be written to"
        sys.stderr.write(f"gradatim: compiling the fast engine for {dtype}: some 15 seconds, {once}.\n")
        sys.stderr.flush()
    yield
    _READY.add(dtype)
    if waits and note is not None:
        try:
            note.touch()
        except OSError:
            return


_READY: set[Any] = set()


def _note(function: Any, dtype: Any) -> Path | None:
    """Where the note lies, by all that the machine code depends on; None where nothing is kept on disk."""
    folder = function.stats.cache_path
    if folder is None:
        return None
    depends_on = f"{MARK} {numba.__version__} {llvmlite.binding.get_host_cpu_name()} {dtype}"
    return Path(folder) / f"{function.__name__}-{sha256(depends_on.encode()).hexdigest()[:16]}.compiled"
