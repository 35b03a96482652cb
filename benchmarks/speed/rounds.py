"""Several systems in turns A B A B …, each in a process of its own that stands still while it is not its turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from time import sleep
from typing import Any, Self

ROOT = Path(__file__).parents[2]
PAUSE = 0.1
"""Seconds between two turns: threads that still spin for more work from the last one have given up by then."""
LIMIT = 900.0
"""Seconds until a system that does not answer is given up."""


@dataclass(frozen=True)
class Terms:
    """Of one run, the same for all.

    Attributes:
        threads: that each may use.
        repeats: turns of each.
        length: seconds of a turn.
        warm_up: seconds before the first.
        engine: gradatim's.
        data: folder of the real data; None draws numbers.
        recipe_python: interpreter for systems of the full recipe other than ours.
    """

    threads: int
    repeats: int
    length: float = 0.5
    warm_up: float = 1.0
    engine: str = "auto"
    data: Path | None = None
    recipe_python: str = sys.executable

    def asked(self, figure: str, case: str, system: str) -> dict[str, Any]:
        """What a process is told."""
        data = None if self.data is None else str(self.data.resolve())
        told = {"threads": self.threads, "engine": self.engine, "data": data}
        return {
            "figure": figure,
            "case": case,
            "system": system,
            **told,
            "length": self.length,
            "warm_up": self.warm_up,
        }


def environment(threads: int) -> dict[str, str]:
    """What libraries are told about threads and devices."""
    pools = ("OPENBLAS", "OMP", "MKL", "NUMBA", "VECLIB_MAXIMUM", "BLIS", "NUMEXPR")
    limits = {f"{pool}_NUM_THREADS": str(threads) for pool in pools} | {"POLARS_MAX_THREADS": str(threads)}
    if threads == 1:
        limits["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    paths = [str(ROOT), str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return limits | {"PYTHONPATH": os.pathsep.join(paths), "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}


def command(asked: dict[str, Any], python: str = sys.executable) -> list[str]:
    """What starts a system."""
    return [python, "-m", "benchmarks.speed.playing", json.dumps(asked)]


class Player:
    """A system that has been started and warmed up.

    Attributes:
        versions: of its packages.
        record: what is known of it, as it stands in the results.
    """

    def __init__(self, terms: Terms, figure: str, case: str, system: str) -> None:
        self.record: dict[str, Any] = {"figure": figure, "case": case, "system": system, "threads": terms.threads}
        python = terms.recipe_python if figure == "recipe" and system != "gradatim" else sys.executable
        self.process = subprocess.Popen(
            command(terms.asked(figure, case, system), python),
            env={**os.environ, **environment(terms.threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        answer = self._answer()
        self.versions = answer if "skipped" not in self.record else {}
        if self.plays:
            self.record |= self._answer()
        if self.plays:
            self.record["turns"] = []

    @property
    def plays(self) -> bool:
        """Whether it takes part, still."""
        return "skipped" not in self.record

    def turn(self) -> None:
        """Measure one, and add it."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        seconds = self._answer()
        if self.plays:
            self.record["turns"].append(seconds)

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        timer = Timer(LIMIT, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if not line:
            self.record["skipped"] = f"its process ended with status {self.process.wait()}"
            return {}
        answer = json.loads(line)
        if isinstance(answer, dict) and "skipped" in answer:
            self.record["skipped"] = answer["skipped"]
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # closes its standard input, which is the end of the turns


def in_turns(
    terms: Terms, figure: str, case: str, systems: Sequence[str]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Measure one case.

    Returns:
        A record for each system: either ``turns``, the seconds of each epoch of each turn, and the seconds of its
        ``first`` epoch; or why it was ``skipped``. And the versions of their packages.
    """
    versions: dict[str, str] = {}
    with ExitStack() as stack:
        players = [stack.enter_context(Player(terms, figure, case, system)) for system in systems]
        for player in players:
            versions |= player.versions
        for _ in range(terms.repeats):
            for player in players:
                if player.plays:
                    sleep(PAUSE)
                    player.turn()
    return [_finished(player.record) for player in players], versions


def _finished(record: dict[str, Any]) -> dict[str, Any]:
    """Without half of the turns of one that ended on the way."""
    return {name: value for name, value in record.items() if "skipped" not in record or name != "turns"}
