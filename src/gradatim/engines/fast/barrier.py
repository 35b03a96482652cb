"""Where threads wait for one another: a few instructions where all are on their way, a yield where one is late.

The threads are Python's own, which hold no lock inside a kernel. So there is no pool that a fork would break, none that
aborts when two trainings enter it at once, and none to be installed.

Source: sense-reversing barriers, Mellor-Crummey & Scott 1991, section 3.1.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from gradatim.engines.fast.compiling import COMPILES, kernel
from gradatim.engines.fast.matrices import Array

COUNT, TURN, GIVEN_UP = 0, 8, 16
"""Places in a barrier's memory, a line of the cache apart."""

PATIENCE = 4000
"""Looks at the barrier before the processor is offered to others."""


def barrier() -> np.ndarray[Any, np.dtype[np.int64]]:
    """A barrier that nobody waits at."""
    return np.zeros(3 * TURN, dtype=np.int64)


def give_up(memory: Array) -> None:
    """Let all go who wait, now and later: one of them will never come."""
    memory[GIVEN_UP] = 1


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.gep(make_array(signature.args[0])(context, builder, arguments[0]).data, [arguments[1]])


@intrinsic
def _read(context: Any, memory: Any, place: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_place(context, builder, signature, arguments), "acquire", 8)

    return types.int64(memory, types.intp), build


@intrinsic
def _write(context: Any, memory: Any, place: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store_atomic(arguments[2], _place(context, builder, signature, arguments), "release", 8)
        return context.get_dummy_value()

    return types.void(memory, types.intp, types.int64), build


@intrinsic
def _add(context: Any, memory: Any, place: Any, value: Any) -> Any:
    """Adds, and gives what was there before."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.atomic_rmw("add", _place(context, builder, signature, arguments), arguments[2], "acq_rel")

    return types.int64(memory, types.intp, types.int64), build


@intrinsic
def _yield(context: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(32), []), YIELD)
        builder.call(function, ())
        return context.get_dummy_value()

    return types.void(), build


YIELD = "SwitchToThread" if sys.platform == "win32" else "sched_yield"
"""The system's own word for it. The one for Windows has not been tried."""


@kernel
def _compiled_meet(memory: Array, threads: int) -> None:
    if threads == 1:
        return
    if _read(memory, GIVEN_UP) != 0:
        return
    turn = _read(memory, TURN)
    if _add(memory, COUNT, 1) == threads - 1:
        _write(memory, COUNT, 0)
        _write(memory, TURN, turn + 1)
        return
    looks = 0
    while _read(memory, TURN) == turn:
        looks += 1
        if looks > PATIENCE:
            if _read(memory, GIVEN_UP) != 0:
                return
            _yield()


def _plain_meet(memory: Any, threads: int) -> None:
    """For one thread: ordinary Python has none that run at once."""
    time.sleep(0)


meet = _compiled_meet if COMPILES else _plain_meet
"""(memory, threads): go on when so many have come."""
