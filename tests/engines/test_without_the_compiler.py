"""With ``NUMBA_DISABLE_JIT=1`` every kernel runs as ordinary Python, where a debugger and a count of lines may follow.

The agreement of such kernels is tested by all other tests of the fast engine, run once more that way. Here it is
tested that they reach every kernel there is.
"""

import ast
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from gradatim.formulas.losses import LogLoss
from gradatim.formulas.optimizers import OPTIMIZERS
from gradatim.network import Architecture, Dense
from tests.agreement.random_trainings import run
from tests.engines.epochs import fast, training
from tests.networks import CASES, draw

compiling = import_module("gradatim.engines.fast.compiling")

PACKAGE = Path(compiling.__file__).parent
DECORATORS = {"kernel", "part", "entry", "_helper", "_float64"}
"""What marks a function that is compiled."""


def is_kernel(function):
    """Whether a function of the sources is one that is compiled, and has no other form for ordinary Python."""
    marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in function.decorator_list]
    compiled = any(isinstance(mark, ast.Name) and mark.id in DECORATORS for mark in marks)
    return compiled and not function.name.startswith("_compiled_")


def kernels():
    """(file, name) of every kernel, and of every form that stands in for one in ordinary Python."""
    found = set()
    for source in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (is_kernel(node) or node.name.startswith("_plain_")):
                found.add((source.name, node.name))
    return found | {("descent.py", name) for name in ("train", "loss_gradient")}


def test_the_kernels_are_found():
    """The tester tested: a look through the sources that finds nothing would be content with anything."""
    found = kernels()
    assert {("matrices.py", "_plain_scores"), ("descent.py", "adam"), ("mathematics.py", "tanh")} <= found
    assert len(found) > 60


@pytest.mark.skipif(compiling.COMPILES, reason="NUMBA_DISABLE_JIT is not set")
def test_every_kernel_is_walked_through():
    walked = set()

    def see(frame, event, argument):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(PACKAGE)):
            walked.add((Path(code.co_filename).name, code.co_name))

    sys.setprofile(see)
    try:
        for example in CASES.values():
            for dtype in (np.float32, np.float64):
                vector = example.vector.astype(dtype)
                fast.loss_and_gradients(example.problem, vector, example.data, dropout=draw(example))
                fast.predict(example.problem.architecture, vector, example.data)
        for name in OPTIMIZERS.keys() - {"lbfgs"}:
            run(fast, training(optimizer=OPTIMIZERS[name]()))
        line = training(Architecture(3, layers=(Dense(2, "relu(0)"),), output=Dense(1, "sigmoid")), LogLoss())
        run(fast, replace(line, data=replace(line.data, X=sparse.csr_array(line.data.X))))
    finally:
        sys.setprofile(None)
    assert kernels() - walked == set()
