"""Matrices that are pieces of one long vector, and their products.

Conventions
-----------
* Rows first: examples are rows here, A is (m, n). Z = A_prev Wᵀ + b, dW = dZᵀ A_prev, dA_prev = dZ W, with W as it
  stands in the vector, (n[l], n[l-1]).
* A product is one call of the BLAS that SciPy carries, by the door through which Numba's own ``np.dot`` goes. That one
  cannot add to what is there, and checks at every call what is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from gradatim.engines.fast.compiling import COMPILES, kernel

Array = np.ndarray[Any, Any]

_CHAR, _SIZE, _POINTER = ir.IntType(8), ir.IntType(64), ir.IntType(8).as_pointer()
_GEMM = ir.FunctionType(
    ir.IntType(32),
    [_CHAR, _CHAR, _CHAR, _SIZE, _SIZE, _SIZE, _POINTER, _POINTER, _SIZE, _POINTER, _SIZE, _POINTER, _POINTER, _SIZE],
)
_KINDS = {types.float32: "s", types.float64: "d"}


@intrinsic
def _matrix(context: Any, vector: Any, start: Any, rows: Any, columns: Any) -> Any:
    """A view without a reference to count: it costs nothing, and lives no longer than the vector."""
    result = types.Array(vector.dtype, 2, "C")

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = make_array(signature.args[0])(context, builder, arguments[0])
        data = builder.gep(source.data, [arguments[1]])
        view = make_array(result)(context, builder)
        itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(result.dtype)))
        rows, columns = arguments[2], arguments[3]
        populate_array(view, data, [rows, columns], [builder.mul(columns, itemsize), itemsize], itemsize, None)
        return view._getvalue()

    return result(vector, types.intp, types.intp, types.intp), build


@intrinsic
def _piece(context: Any, vector: Any, start: Any, count: Any) -> Any:
    """The same for a piece of a vector."""
    result = types.Array(vector.dtype, 1, "C")

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = make_array(signature.args[0])(context, builder, arguments[0])
        view = make_array(result)(context, builder)
        itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(result.dtype)))
        populate_array(view, builder.gep(source.data, [arguments[1]]), [arguments[2]], [itemsize], itemsize, None)
        return view._getvalue()

    return result(vector, types.intp, types.intp), build


@intrinsic
def _flat(context: Any, A: Any) -> Any:
    """All numbers of a matrix, one row behind the other."""
    result = types.Array(A.dtype, 1, "C")

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = make_array(signature.args[0])(context, builder, arguments[0])
        view = make_array(result)(context, builder)
        itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(result.dtype)))
        rows, columns = cgutils.unpack_tuple(builder, source.shape, 2)
        populate_array(view, source.data, [builder.mul(rows, columns)], [itemsize], itemsize, None)
        return view._getvalue()

    return result(A), build


@intrinsic
def _prefetch(context: Any, vector: Any, place: Any) -> Any:
    """Ask for the line of the cache at this place."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), _POINTER)
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [_POINTER, flag, flag, flag])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, (address, flag(0), flag(3), flag(1)))
        return context.get_dummy_value()

    return types.void(vector, types.intp), build


@intrinsic
def _gemm(
    context: Any, trans_a: Any, trans_b: Any, m: Any, n: Any, k: Any, a: Any, lda: Any, b: Any, ldb: Any, β: Any, c: Any
) -> Any:
    """C ← op(A) op(B) + βC in the order of columns, as BLAS has it; C has m rows there."""
    signature = types.void(
        types.uint8, types.uint8, types.intp, types.intp, types.intp, a, types.intp, b, types.intp, c.dtype, c
    )

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        trans_a, trans_b, m, n, k, a, lda, b, ldb, β, c = arguments
        dtype = signature.args[10].dtype
        number = context.get_data_type(dtype)

        def pointer(value: Any, place: int) -> Any:
            return builder.bitcast(make_array(signature.args[place])(context, builder, value).data, _POINTER)

        def slot(value: Any) -> Any:
            return builder.bitcast(cgutils.alloca_once_value(builder, value), _POINTER)

        function = cgutils.get_or_insert_function(builder.module, _GEMM, "numba_xxgemm")
        kind = ir.Constant(_CHAR, ord(_KINDS[dtype]))
        builder.call(
            function,
            (
                kind,
                trans_a,
                trans_b,
                m,
                n,
                k,
                slot(ir.Constant(number, 1.0)),
                pointer(a, 5),
                lda,
                pointer(b, 7),
                ldb,
                slot(β),
                pointer(c, 10),
                m,
            ),
        )
        return context.get_dummy_value()

    return signature, build


N, T = np.uint8(ord("N")), np.uint8(ord("T"))


@kernel
def _compiled_scores(A: Array, W: Array, Z: Array) -> None:
    _gemm(T, N, W.shape[0], A.shape[0], A.shape[1], W, A.shape[1], A, A.shape[1], Z.dtype.type(0), Z)


@kernel
def _compiled_weight_gradient(dZ: Array, A: Array, dW: Array, β: float) -> None:
    _gemm(N, T, A.shape[1], dZ.shape[1], A.shape[0], A, A.shape[1], dZ, dZ.shape[1], dW.dtype.type(β), dW)


@kernel
def _compiled_input_gradient(dZ: Array, W: Array, dA: Array) -> None:
    _gemm(N, N, W.shape[1], dZ.shape[0], W.shape[0], W, W.shape[1], dZ, dZ.shape[1], dA.dtype.type(0), dA)


def _plain_matrix(vector: Array, start: int, rows: int, columns: int) -> Array:
    return vector[start : start + rows * columns].reshape(rows, columns)


def _plain_scores(A: Array, W: Array, Z: Array) -> None:
    np.matmul(A, W.T, out=Z)


def _plain_weight_gradient(dZ: Array, A: Array, dW: Array, β: float) -> None:
    dW[...] = dZ.T @ A + (β * dW if β else 0)


def _plain_input_gradient(dZ: Array, W: Array, dA: Array) -> None:
    np.matmul(dZ, W, out=dA)


@kernel
def _compiled_prefetch(vector: Array, place: int) -> None:
    _prefetch(vector, place)


def _plain_prefetch(vector: Array, place: int) -> None:
    pass


prefetch = _compiled_prefetch if COMPILES else _plain_prefetch
"""(vector, place): ask for the line of the cache that holds this number."""


def _plain_piece(vector: Array, start: int, count: int) -> Array:
    return vector[start : start + count]


piece: Callable[[Array, int, int], Array] = _piece if COMPILES else _plain_piece
"""(vector, start, count) → count numbers from `start` on, without a copy. A loop over them begins at 0, where the
compiler knows that no index is below 0: otherwise it counts each from the end, as Python does, and one at a time."""


def _plain_flat(A: Array) -> Array:
    return A.reshape(-1)


flat: Callable[[Array], Array] = _flat if COMPILES else _plain_flat
"""(A) → its numbers, one row behind the other, without a copy: one loop is shorter to compile than two."""

matrix: Callable[[Array, int, int, int], Array] = _matrix if COMPILES else _plain_matrix
"""(vector, start, rows, columns) → the numbers from `start` on as a matrix, without a copy."""

scores = _compiled_scores if COMPILES else _plain_scores
"""(A, W, Z): Z ← A Wᵀ."""

weight_gradient = _compiled_weight_gradient if COMPILES else _plain_weight_gradient
"""(dZ, A, dW, β): dW ← dZᵀ A + β dW."""

input_gradient = _compiled_input_gradient if COMPILES else _plain_input_gradient
"""(dZ, W, dA): dA ← dZ W."""
