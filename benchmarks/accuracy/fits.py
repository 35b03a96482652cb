"""What is to be fitted, in which order, and the processes that do it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from queue import SimpleQueue
from threading import Timer
from typing import Any, Self

import polars as pl

from benchmarks.accuracy.contestants import CONTESTANTS
from benchmarks.accuracy.results import Key, Record
from benchmarks.accuracy.splits import MOST_ROWS, split_of
from benchmarks.sources import Source
from benchmarks.speed.rounds import environment

LIMIT = 10_800.0
"""Seconds after which a fit is given up."""


class NotThere(Exception):
    """A contestant that is not installed, or whose process does not start."""


@dataclass(frozen=True)
class Fit:
    """One contestant on one split of one table.

    Attributes:
        source: the table.
        split: its number.
        seed: of what the contestant draws.
        contestant: by name.
    """

    source: Source
    split: int
    seed: int
    contestant: str

    @property
    def key(self) -> Key:
        """By which its result is known."""
        return self.source.name, self.split, self.seed, self.contestant


def fits_of(sources: Sequence[Source], contestants: Sequence[str], splits: int, seeds: int) -> list[Fit]:
    """All of them: one contestant after another, for each all tables before they come again, and small ones first."""
    ordered = sorted(sources, key=_cells)
    return [
        Fit(source, split, seed, contestant)
        for contestant in contestants
        for seed in range(seeds)
        for split in range(splits)
        for source in ordered
    ]


def _cells(source: Source) -> int:
    """How much there is to train on, so that what takes long comes last."""
    table = pl.scan_parquet(source.path)
    rows: int = table.select(pl.len()).collect().item()
    return min(rows, MOST_ROWS) * len(table.collect_schema())


class Fitter:
    """The process of one contestant.

    Args:
        contestant: by name.
        python: its interpreter.
        threads: for its libraries.

    Attributes:
        versions: of its packages.

    Raises:
        NotThere: if it cannot take part.
    """

    def __init__(self, contestant: str, python: str, threads: int) -> None:
        who = CONTESTANTS[contestant]
        self.contestant, self.threads = contestant, threads
        try:
            self.process = subprocess.Popen(
                [python, "-W", "ignore", "-m", "benchmarks.accuracy.fitting", who.module, *who.packages],
                env={**os.environ, **environment(threads)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError as fault:
            raise NotThere(f"{python} does not start: {fault.strerror}") from None
        said = self._answer()
        if "versions" not in said:
            self.close()
            raise NotThere(said.get("missing") or said["error"])
        self.versions: dict[str, str] = said["versions"]

    @property
    def runs(self) -> bool:
        """Whether it can be asked for more."""
        return self.process.poll() is None

    def __call__(self, fit: Fit) -> Record:
        """One fit: how it went, as it stands in the results."""
        split = split_of(fit.source, fit.split)
        asked = {
            "module": CONTESTANTS[fit.contestant].module,
            "contestant": fit.contestant,
            "path": str(fit.source.path.resolve()),
            "target": fit.source.target,
            "task": fit.source.task,
            "train": split.train.tolist(),
            "test": split.test.tolist(),
            "seed": fit.seed,
            "threads": self.threads,
        }
        known = dict(zip(("table", "split", "seed", "contestant"), fit.key, strict=True))
        about = {"task": fit.source.task, "mark": split.mark, "threads": self.threads, "versions": self.versions}
        return known | about | self._answer(json.dumps(asked) + "\n")

    def _answer(self, asked: str = "") -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = Timer(LIMIT, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(asked)
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        timer.cancel()
        return json.loads(line) if line else {"error": f"its process ended with status {self.process.wait()}"}

    def close(self) -> None:
        """End it."""
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def measured(fits: Sequence[Fit], pythons: Mapping[str, str], threads: int, jobs: int) -> Iterator[Record]:
    """Results as they come, one contestant after another.

    Args:
        fits: what to do, as `fits_of` has them.
        pythons: interpreters by contestant; that of this process for the others.
        threads: of each fit.
        jobs: fits at a time.

    Yields:
        A record for each fit; for a contestant that cannot take part one alone, with the reason under ``missing``.
    """
    for contestant, group in groupby(fits, key=lambda fit: fit.contestant):
        start = partial(Fitter, contestant, pythons.get(contestant, sys.executable), threads)
        try:
            yield from _side_by_side(list(group), start, jobs)
        except NotThere as fault:
            yield {"contestant": contestant, "missing": str(fault)}


def _side_by_side(fits: Sequence[Fit], start: Callable[[], Fitter], jobs: int) -> Iterator[Record]:
    """Fits of one contestant in as many processes as there are jobs: each goes on with the next fit."""
    idle: SimpleQueue[Fitter] = SimpleQueue()

    def fitted(fit: Fit) -> Record:
        fitter = idle.get()
        try:
            if not fitter.runs:  # the last fit ended it
                fitter = stack.enter_context(start())
            return fitter(fit)
        finally:
            idle.put(fitter)

    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:  # threads only wait: the work is in processes
        for _ in range(min(jobs, len(fits))):
            idle.put(stack.enter_context(start()))
        for done in as_completed([pool.submit(fitted, fit) for fit in fits]):
            yield done.result()
