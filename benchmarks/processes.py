"""How long a command takes, and how much memory.

    python -I -S processes.py REPORT COMMAND…

Measured is a process of its own, from its start to its end: what somebody waits for who types the command.

The system reckons the peak from the fork on, when a child still is what its parent is: started from a process of
400 MB, even ``true`` peaks at 400 MB. So this file is a command, too: a Python of 10 MB that starts the one to measure
and writes what it took as JSON. That is why nothing but the standard library is imported here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "NUMBA", "VECLIB_MAXIMUM", "BLIS")
} | {"POLARS_MAX_THREADS": "1"}
"""For both sides, so that seconds compare whatever else the machine does."""

BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
"""What `getrusage` counts resident memory in."""


@dataclass(frozen=True)
class Ran:
    """A command that has ended.

    Attributes:
        command: its words.
        status: its exit status; below 0, the signal that ended it.
        seconds: of the clock on the wall.
        cpu_seconds: of the processor, its children's with them: what is left of `seconds` on an idle machine, but for
            the disk.
        peak_megabytes: of resident memory (10⁶ bytes), its own or that of its largest child.
        output: what it wrote on standard output.
        errors: what it wrote on standard error.
    """

    command: tuple[str, ...]
    status: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    output: str
    errors: str


def ran(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end, with one thread a library.

    Args:
        command: the words, the program first.
        environment: variables to set beside those that are set.
    """
    words = tuple(map(str, command))
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", __file__, report, *words],
            env={**os.environ, **ONE_THREAD, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if not report.is_file():
            raise RuntimeError(f"The command must start. Got: {done.stderr.strip() or done.returncode}")
        measured = json.loads(report.read_text(encoding="utf-8"))
    return Ran(words, output=done.stdout, errors=done.stderr, **measured)


def main(report: str, *command: str) -> None:
    started = perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # or Popen would go on waiting for it
    measured = {
        "status": process.returncode,
        "seconds": perf_counter() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_megabytes": usage.ru_maxrss * BYTES_PER_UNIT / 1e6,
    }
    Path(report).write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
