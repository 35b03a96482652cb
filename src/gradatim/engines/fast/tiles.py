"""Products that read their matrices as they lie: a tile of the result stays in registers while its terms pass.

BLAS first copies pieces of both matrices into an order of its own. Where rows have thousands of inputs and a layer few
units, as with pictures, that is half of the work, and these kernels are quicker; for small and for wide products BLAS
is. `scores` and `weight_gradient` choose.

Conventions
-----------
* A tile is `HEIGHT` rows of dW, and as wide as `WIDTH` vectors of the processor: as many sums as it has registers for.
* Rows that a tile has too many are the last row once more: the same numbers are written twice. Columns too many are
  those of the tile before, and keep what is there.
* Only where the processor has AVX-512, for which the bounds below were measured; elsewhere all products are BLAS's.

Source: Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication", section 6.1, on registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from gradatim.engines.fast import matrices
from gradatim.engines.fast.compiling import COMPILES, kernel
from gradatim.engines.fast.matrices import Array

BYTES = 64
"""Of a vector."""

HEIGHT, WIDTH = 5, 4
"""20 sums in 32 registers: the others hold the terms."""

DEPTH = 256
"""Rows in one pass over dW: a strip of so many rows of A stays in the nearest caches."""

LONGEST = 2048
"""Numbers of a row in one pass of `dots`: the pieces of all rows of W stay in the processor's own cache."""

WORTH_TILES = 1_000_000
"""Terms of a product, m n k: below that OpenBLAS has kernels that copy nothing, either."""

LONG, FEW = 512, 256
"""Numbers in a row from which on `dots` of at most so few units are quicker than BLAS."""

MOST_TWICE = 8
"""At most one in so many columns of dW is computed twice, where the last strip overlaps the one before."""

_INDEX, _FLAG, _BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8).as_pointer()


def lanes(dtype: Any) -> int:
    """Numbers in a vector."""
    return BYTES * 8 // int(dtype.bitwidth)


def _spread(builder: Any, number: Any, count: int) -> Any:
    """The vector that has this number in all lanes."""
    kind = ir.VectorType(number.type, count)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), number, _INDEX(0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), places)


def _load(builder: Any, address: Any, kind: Any, size: int) -> Any:
    return builder.load(builder.bitcast(address, kind.as_pointer()), align=size)


def _place(builder: Any, data: Any, row: Any, stride: Any, column: Any) -> Any:
    return builder.gep(data, [builder.add(builder.mul(row, stride), column)])


def _rows(builder: Any, start: Any, stride: Any, left: Any, count: int) -> list[Any]:
    """Where `count` rows begin; of those behind the last, the last one's."""
    last = builder.sub(left, _INDEX(1))
    numbers = [builder.select(builder.icmp_signed("<", _INDEX(i), left), _INDEX(i), last) for i in range(count)]
    return [builder.gep(start, [builder.mul(i, stride)]) for i in numbers]


def _sums(builder: Any, first: list[list[Any]], count: Any, step: int, terms: Callable[[Any], Any]) -> list[list[Any]]:
    """first[i][j] + Σ x[i] y[j] over 0, step … < count; `terms` gives the vectors x and y at such a place."""
    kind = first[0][0].type
    name = f"llvm.fma.v{kind.count}f{32 if isinstance(kind.element, ir.FloatType) else 64}"
    fma = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * 3), name)
    before, loop = builder.block, builder.append_basic_block("terms")
    builder.branch(loop)
    builder.position_at_end(loop)
    at = builder.phi(_INDEX)
    sums = [[builder.phi(kind) for _ in row] for row in first]
    xs, ys = terms(at)
    new = [[builder.call(fma, (x, y, z)) for y, z in zip(ys, r, strict=True)] for x, r in zip(xs, sums, strict=True)]
    following = builder.add(at, _INDEX(step))
    at.add_incoming(_INDEX(0), before)
    at.add_incoming(following, loop)
    for i, row in enumerate(sums):
        for j, total in enumerate(row):
            total.add_incoming(first[i][j], before)
            total.add_incoming(new[i][j], loop)
    done = builder.append_basic_block("done")
    builder.cbranch(builder.icmp_signed("<", following, count), loop, done)
    builder.position_at_end(done)
    return new


def _prefetch(builder: Any, address: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [_BYTE, _FLAG, _FLAG, _FLAG])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    builder.call(function, (builder.bitcast(address, _BYTE), _FLAG(0), _FLAG(3), _FLAG(1)))


@intrinsic
def _strip(context: Any, dZ: Any, A: Any, dW: Any, i: Any, j: Any, q: Any, count: Any, adds: Any, skip: Any) -> Any:
    """dW[i:, j:] ← Σ dZ[q, i:] A[q, j:] over `count` of q, on top of what is there if it `adds`.

    A tile of it; the first `skip` columns keep what is there.
    """
    p = types.intp
    result = types.void(dZ, A, dW, p, p, p, p, types.boolean, p)

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        dZ, A, dW = (make_array(signature.args[k])(context, builder, arguments[k]) for k in range(3))
        i, j, q, count, adds, skip = arguments[3:]
        dtype = signature.args[0].dtype
        size, L = dtype.bitwidth // 8, lanes(dtype)
        kind = ir.VectorType(context.get_data_type(dtype), L)
        units, width = cgutils.unpack_tuple(builder, dW.shape, 2)
        left = builder.sub(units, i)
        xs = _rows(builder, _place(builder, dZ.data, q, units, i), _INDEX(1), left, HEIGHT)
        ys = _place(builder, A.data, q, width, j)
        zs = _rows(builder, _place(builder, dW.data, i, width, j), width, left, HEIGHT)

        def vectors(address: Any) -> list[Any]:
            return [_load(builder, builder.gep(address, [_INDEX(v * L)]), kind, size) for v in range(WIDTH)]

        def terms(at: Any) -> Any:
            x = builder.mul(at, units)
            y = builder.gep(ys, [builder.mul(at, width)])
            for v in range(WIDTH, 2 * WIDTH):  # the strip to the right is the next
                _prefetch(builder, builder.gep(y, [_INDEX(v * L)]))
            return [_spread(builder, builder.load(builder.gep(r, [x])), L) for r in xs], vectors(y)

        zero, kept = ir.Constant(kind, [0.0] * L), _spread(builder, adds, L)
        first = [[builder.select(kept, old, zero) for old in vectors(z)] for z in zs]
        sums = _sums(builder, first, count, 1, terms)
        old = [vectors(z) for z in zs]
        for v in range(WIDTH):
            columns = ir.Constant(ir.VectorType(_INDEX, L), list(range(v * L, v * L + L)))
            stays = builder.icmp_signed("<", columns, _spread(builder, skip, L))
            for z, before, total in zip(zs, old, sums, strict=True):
                address = builder.bitcast(builder.gep(z, [_INDEX(v * L)]), kind.as_pointer())
                builder.store(builder.select(stays, before[v], total[v]), address, align=size)
        return context.get_dummy_value()

    return result, build


@intrinsic
def _dots(context: Any, A: Any, W: Any, Z: Any, i: Any, j: Any, q: Any, count: Any, adds: Any) -> Any:
    """Z[i:, j:] ← Σ A[i, q] W[j, q] over `count` of q, whole vectors of them; a tile of `HEIGHT` × `WIDTH` numbers."""
    p = types.intp
    result = types.void(A, W, Z, p, p, p, p, types.boolean)

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        A, W, Z = (make_array(signature.args[k])(context, builder, arguments[k]) for k in range(3))
        i, j, q, count, adds = arguments[3:]
        dtype = signature.args[0].dtype
        size, L = dtype.bitwidth // 8, lanes(dtype)
        number = context.get_data_type(dtype)
        kind = ir.VectorType(number, L)
        (m, n), inputs = cgutils.unpack_tuple(builder, Z.shape, 2), cgutils.unpack_tuple(builder, A.shape, 2)[1]

        xs = _rows(builder, _place(builder, A.data, i, inputs, q), inputs, builder.sub(m, i), HEIGHT)
        ys = _rows(builder, _place(builder, W.data, j, inputs, q), inputs, builder.sub(n, j), WIDTH)

        def terms(at: Any) -> Any:
            return tuple([_load(builder, builder.gep(r, [at]), kind, size) for r in rows] for rows in (xs, ys))

        zero = ir.Constant(kind, [0.0] * L)
        sums = _sums(builder, [[zero] * WIDTH for _ in xs], count, L, terms)
        whole = ir.FunctionType(number, [number, kind])
        add = cgutils.get_or_insert_function(builder.module, whole, f"llvm.vector.reduce.fadd.v{L}f{dtype.bitwidth}")
        zs = _rows(builder, _place(builder, Z.data, i, n, j), n, builder.sub(m, i), HEIGHT)
        places = [z for row in zs for z in _rows(builder, row, _INDEX(1), builder.sub(n, j), WIDTH)]
        old = [builder.select(adds, builder.load(z), number(0.0)) for z in places]
        totals = [total for row in sums for total in row]
        for z, before, total in zip(places, old, totals, strict=True):
            builder.store(builder.call(add, (before, total), fastmath=("reassoc",)), z)
        return context.get_dummy_value()

    return result, build


@kernel
def _compiled_strips(dZ: Array, A: Array, dW: Array, adds: bool) -> None:
    """The gradient of the weights: dW ← dZᵀ A, or added to dW."""
    (n, inputs), m = dW.shape, dZ.shape[0]
    width = WIDTH * (BYTES // dW.itemsize)
    for q in range(0, m, DEPTH):
        terms = min(DEPTH, m - q)
        for column in range(0, inputs, width):
            j = min(column, inputs - width)
            for i in range(0, n, HEIGHT):
                _strip(dZ, A, dW, i, j, q, terms, adds or q > 0, column - j)


@kernel
def _compiled_dots(A: Array, W: Array, Z: Array) -> None:
    """Z ← A Wᵀ, of rows with a vector of numbers or more."""
    (m, n), count, L = Z.shape, A.shape[1], BYTES // A.itemsize
    whole = count // L * L
    for q in range(0, whole, LONGEST):
        for i in range(0, m, HEIGHT):
            for j in range(0, n, WIDTH):
                _dots(A, W, Z, i, j, q, min(LONGEST, whole - q), q > 0)
    for i in range(m):
        for q in range(whole, count):
            for j in range(n):
                Z[i, j] += A[i, q] * W[j, q]


@kernel
def _compiled_scores(A: Array, W: Array, Z: Array) -> None:
    (m, n), count = Z.shape, A.shape[1]
    if m * n * count > WORTH_TILES and count >= LONG and n <= FEW:
        _compiled_dots(A, W, Z)
    else:
        matrices.scores(A, W, Z)


@kernel
def _compiled_weight_gradient(dZ: Array, A: Array, dW: Array, β: float) -> None:
    (n, inputs), m = dW.shape, dZ.shape[0]
    width = WIDTH * (BYTES // dW.itemsize)
    if m * n * inputs > WORTH_TILES and width <= inputs >= MOST_TWICE * (-inputs % width):
        _compiled_strips(dZ, A, dW, β != 0)
    else:
        matrices.weight_gradient(dZ, A, dW, β)


USABLE: bool = COMPILES and llvmlite.binding.get_host_cpu_features().get("avx512f", False)
"""Whether there are tiles here."""

scores = _compiled_scores if USABLE else matrices.scores
"""(A, W, Z): Z ← A Wᵀ."""

weight_gradient = _compiled_weight_gradient if USABLE else matrices.weight_gradient
"""(dZ, A, dW, β): dW ← dZᵀ A + β dW, where β is 0 or 1."""
