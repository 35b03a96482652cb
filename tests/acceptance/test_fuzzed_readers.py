"""Strange and damaged files of every kind: a table, or refused; never another error, a crash, a hang, or all memory.

Behind its marker the fuzzer runs for ten minutes: ``pytest -m fuzz``. GRADATIM_FUZZ_SECONDS says how long else, and
GRADATIM_FUZZ_SEED draws other files. Each file is read by a process of its own kind, which may crash without harm.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.acceptance.fuzzed_files import fuzzed_file

SECONDS = float(os.environ.get("GRADATIM_FUZZ_SECONDS", "600"))
SEED = int(os.environ.get("GRADATIM_FUZZ_SEED", "0"))
PATIENCE = 30.0
FILES_OF_A_READER = 500

pytestmark = pytest.mark.skipif(os.name != "posix", reason="memory is bounded by POSIX limits")

READER = r"""
import os, resource, sys, time, traceback, warnings
import numpy as np
import h5py, PIL.Image, fastexcel, sqlite3, polars as pl
from gradatim.errors import InputError, MissingPackageError
from gradatim.tables import TableEncoder, read_table, task_of
from gradatim.tables.examples import examples_of

MOST_SECONDS, MOST_BYTES = 8.0, 3 << 30
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
if os.path.exists("/proc/self/statm"):
    held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MOST_BYTES, held + MOST_BYTES))
warnings.simplefilter("error")

def use(path):
    table = read_table(path)
    table.notes
    names = table.names
    if not names:
        return "a table without columns"
    examples = examples_of(table, names[len(path) % len(names)])
    task_of(examples.y)
    if examples.table.names:
        encoder = TableEncoder.fit(examples.table, slice(0, examples.n_rows // 2 + 1))
        X = encoder.encode(examples.table).X
        data = X.data if hasattr(X, "indptr") else X
        assert np.isfinite(data).all(), "X is not finite"
    return "read"

for line in sys.stdin:
    path = line.rstrip("\n")
    began = time.process_time()
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            answer = use(path)
    except (InputError, MissingPackageError, OSError) as refusal:
        answer = "refused"
        if isinstance(refusal, InputError) and not str(refusal).strip():
            answer = "refused without a word"
    except BaseException as fault:
        where = traceback.extract_tb(fault.__traceback__)
        ours = [frame for frame in where if "gradatim" in frame.filename] or where
        place = f"{os.path.basename(ours[-1].filename)}:{ours[-1].lineno}"
        answer = f"{type(fault).__name__}: {str(fault)[:200]} at {place}"
    spent = time.process_time() - began
    if spent > MOST_SECONDS:
        answer = f"{spent:.0f} s of work, then {answer}"
    print(" ".join(answer.split()), file=answers, flush=True)
"""


class Reader:
    """A process that reads files, and is begun anew where one ends it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "POLARS_MAX_THREADS": "2"},
        )
        self.answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.answers.put(line.strip())
        self.answers.put("")

    def answer_about(self, path: Path) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        try:
            return self.answers.get(timeout=PATIENCE) or f"the process ended with {self.process.wait()}"
        except queue.Empty:
            return f"no answer within {PATIENCE:.0f} s"

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def fuzz(folder: Path, seconds: float, most: int | None = None) -> tuple[dict[str, int], list[str]]:
    """How many files came to what, and what should not have happened."""
    until, counts, defects = time.monotonic() + seconds, {"read": 0, "refused": 0}, []
    reader, number = Reader(), 0
    try:
        while time.monotonic() < until and (most is None or number < most):
            ending, content = fuzzed_file(SEED, number)
            path = folder / f"{SEED}-{number}{ending}"
            path.write_bytes(content)
            answer = reader.answer_about(path)
            number += 1
            if number % FILES_OF_A_READER == 0:  # what libraries keep for later adds up against the limit
                reader.end()
                reader = Reader()
            if answer in counts:
                counts[answer] += 1
                path.unlink()
                continue
            defects.append(f"{path}: {answer}")
            print(defects[-1], flush=True)
            if answer.startswith(("the process", "no answer")):
                reader.end()
                reader = Reader()
    finally:
        reader.end()
    return counts, defects


def test_a_few_strange_files_are_tables_or_refused(tmp_path):
    for package in ("h5py", "PIL", "fastexcel", "xlsxwriter"):
        pytest.importorskip(package)
    counts, defects = fuzz(tmp_path, seconds=60, most=150)
    assert defects == []
    assert counts["read"] > 20
    assert counts["refused"] > 20


@pytest.mark.fuzz
def test_strange_files_for_minutes_are_tables_or_refused(tmp_path):
    for package in ("h5py", "PIL", "fastexcel", "xlsxwriter"):
        pytest.importorskip(package)
    counts, defects = fuzz(tmp_path, seconds=SECONDS)
    print(f"{counts} and {len(defects)} defects, of seed {SEED}")
    assert defects == []
    assert min(counts.values()) > 0
