"""What is kept of the compiler's work: on disk, by the sources that it was made of, and not at all where none can be.

Processes of their own train a network of one unit. Before the first of them `descent.train` is compiled and kept.
"""

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from gradatim.engines.contract import Data, Plan, Problem
from gradatim.formulas.losses import HalfSquaredError
from gradatim.formulas.optimizers import Adam
from gradatim.network import Architecture, Dense

numba = pytest.importorskip("numba", reason="Numba is not installed")
from gradatim.engines import fast  # noqa: E402
from gradatim.engines.fast import compiling, descent  # noqa: E402

pytestmark = pytest.mark.skipif(not compiling.COMPILES, reason="nothing is compiled")

PROBLEM = Problem(Architecture(1, output=Dense(1, "identity")), HalfSquaredError(), optimizer=Adam())


def train_a_line():
    """Ten steps of y = 2x, and the loss before the last of them."""
    x = np.linspace(-1, 1, 20, dtype=np.float32)[:, None]
    plan = Plan(slice(None), 20, 2, [0.1] * 10, [0.0] * 10, [1.0] * 10)
    state = fast.initial_state(PROBLEM, np.zeros(2, dtype=np.float32))
    return fast.train(PROBLEM, state, Data(x, Y=2 * x), plan, 0, 10)


def of_another_process(before="", **environment):
    """Compilations, what came from the disk, whether the numbers are ours, and what is told, by another process."""
    script = f"""
import sys
{before}
from tests.engines.test_compiling import descent, train_a_line
state, loss_sum, bad = train_a_line()
stats = descent.train.stats
print(sum(stats.cache_misses.values()), sum(stats.cache_hits.values()), state.vector.tobytes().hex())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    misses, hits, vector = done.stdout.split()
    state, *_ = train_a_line()
    return int(misses), int(hits), vector == state.vector.tobytes().hex(), done.stderr


def test_a_second_process_does_not_compile():
    train_a_line()
    assert of_another_process() == (0, 1, True, "")


def test_a_function_for_which_there_is_no_place_on_disk_is_compiled_each_time(monkeypatch):
    """Neither the folder of the package nor that of the user can be written."""
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    with pytest.raises(RuntimeError, match="no locator"):
        numba.njit(cache=True)(lambda x: x)
    twice = compiling.entry(lambda x: 2 * x)
    assert twice(21) == 42
    assert sum(twice.stats.cache_hits.values()) == 0


@pytest.mark.slow
def test_training_without_a_place_on_disk():
    """Some 20 seconds: all is compiled, as often as a process begins."""
    nowhere = "import numba.core.caching; numba.core.caching.CacheImpl._locator_classes = []"
    *numbers, told = of_another_process(nowhere)
    assert numbers[1:] == [0, True]
    assert "compiling the fast engine for float32" in told


@pytest.mark.slow
def test_where_the_package_cannot_be_written_the_users_folder_keeps_it(tmp_path):
    """Some 20 seconds for the first process; the second reads what the first has kept."""
    no_package = """
import numba.core.caching as caching
caching.InTreeCacheLocator.from_function = classmethod(lambda cls, function, path: None)
"""
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "LOCALAPPDATA": str(tmp_path)}
    *numbers, told = of_another_process(no_package, **home)
    assert numbers == [1, 0, True]
    assert "compiling the fast engine for float32" in told
    assert list(tmp_path.rglob("*.nbi"))
    assert of_another_process(no_package, **home) == (0, 1, True, "")


def test_a_folder_for_machine_code_that_is_a_file_is_passed_over(tmp_path):
    """``NUMBA_CACHE_DIR`` names a place that cannot be made: the package's own folder is taken."""
    (tmp_path / "file").write_text("not a folder")
    train_a_line()
    assert of_another_process(NUMBA_CACHE_DIR=str(tmp_path / "file" / "cache")) == (0, 1, True, "")


# --- when it is compiled anew ----------------------------------------------------------------------------------------


def key_of(entry):
    """What the machine code for float32 is filed under."""
    train_a_line()
    signature = next(s for s in descent.train.signatures if "float32" in str(s))
    return entry._cache._index_key(signature, entry.targetctx.codegen())


@pytest.mark.parametrize("make", [descent._train, descent._loss_gradient])
def test_the_mark_of_the_sources_is_part_of_the_key(make):
    assert key_of(make("one mark")) == key_of(make("one mark"))
    assert key_of(make("one mark")) != key_of(make("another"))


def test_the_entries_carry_the_mark_of_all_sources():
    for entry, make in ((descent.train, descent._train), (descent.loss_gradient, descent._loss_gradient)):
        assert key_of(entry) == key_of(make(compiling.MARK))


def mark_of(folder):
    """The mark that the package would have, had it the sources of this folder."""
    spec = spec_from_file_location("compiling_of_a_copy", folder / "compiling.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.MARK


def test_the_mark_changes_with_any_source(tmp_path):
    sources = sorted(Path(compiling.__file__).parent.glob("*.py"))
    for source in sources:
        (tmp_path / source.name).write_bytes(source.read_bytes())
    mark = mark_of(tmp_path)
    assert mark == compiling.MARK
    for source in sources:
        copy = tmp_path / source.name
        copy.write_bytes(source.read_bytes() + b"# a comment\n")
        assert mark_of(tmp_path) != mark, source.name
        copy.write_bytes(source.read_bytes())
