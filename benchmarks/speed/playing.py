"""One system in a process of its own: what the benchmark starts, once for each that takes part.

    python -m benchmarks.speed.playing '{"figure": "warm", "case": "small", "system": "torch", "threads": 2}'

It warms up, then waits; each line on its standard input is a turn, and it answers with the seconds of each epoch (each
call, each fit) of that turn as a line of JSON. Between two turns it stands still, in the middle of its training. So
systems can be measured in turns though no two of their libraries share a process: pools of threads that spin beside
one another would measure each other.

Asked for the figure "cold", it trains for some epochs and ends.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

from benchmarks.speed.shapes import PREDICTED, SHAPES_BY_NAME, data_of
from benchmarks.speed.systems import SYSTEMS, System, Task

FOR_EVER = 10**9
LEAST_WARM_UP = 3
LEAD_IN = 0.05
"""So many seconds of a turn bring caches and clock back up: what ends within them does not count."""
MOST_OF_A_TURN = 300
LONGEST_REASON = 160


class Over(Exception):
    """Nobody asks for another turn."""


class Turns:
    """Called after each epoch: notes its seconds, and stands still where the turn is over.

    Args:
        say: writes an answer.
        wait: until the next turn; raises `Over` if there is none.
        length: of a turn, in seconds; at least one epoch is measured.
        warm_up: seconds of the first turn, of which only its first epoch is told.
    """

    def __init__(self, say: Callable[[Any], None], wait: Callable[[], None], length: float, warm_up: float) -> None:
        self.say, self.wait, self.length, self.warm_up = say, wait, length, warm_up
        self.seconds: list[float] = []
        self.warm = False
        self.turn_began = self.began = perf_counter()

    def __call__(self) -> None:
        now = perf_counter()
        if not self.warm or now - self.turn_began > LEAD_IN:
            self.seconds.append(now - self.began)
        if self._is_over(now - self.turn_began):
            self.say([round(seconds, 9) for seconds in self.seconds] if self.warm else {"first": self.seconds[0]})
            self.warm, self.seconds = True, []
            self.wait()
            self.turn_began = perf_counter()
        self.began = perf_counter()

    def _is_over(self, elapsed: float) -> bool:
        if not self.warm:
            return len(self.seconds) >= LEAST_WARM_UP and elapsed >= self.warm_up
        return bool(self.seconds) and (elapsed >= self.length or len(self.seconds) >= MOST_OF_A_TURN)


def play(asked: dict[str, Any], after: Callable[[], None]) -> None:
    """Do what is asked for, again and again: `after` ends it."""
    figure, case = asked["figure"], asked["case"]
    shape = PREDICTED if figure == "prediction" else SHAPES_BY_NAME[case]
    folder = asked.get("data")
    X, classes = data_of(shape, None if folder is None else Path(folder))
    task = Task(shape, X, classes, asked["threads"], asked.get("engine", "auto"))
    module = SYSTEMS[asked["system"]].load()
    if figure == "prediction":
        predict, rows = module.predictor(task), X[: int(case)].copy()
        while True:
            predict(rows)
            after()
    elif figure == "recipe":
        module.fits(task, FOR_EVER, after)
    else:
        module.train(task, shape.cold_epochs if figure == "cold" else FOR_EVER, after)


def bind_to(threads: int) -> None:
    """To so many cores: then nobody's pool of threads can be larger, whatever decides about it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def reason_of(fault: BaseException) -> str:
    """What went wrong in a line, without paths: it may be printed on a page."""
    text = str(fault).strip()
    line = re.sub(r"[\w.~-]*(?:[/\\][\w.+-]+){2,}", "…", text.splitlines()[0] if text else "")[:LONGEST_REASON]
    return line if type(fault).__name__ == "NotMeasured" else f"{type(fault).__name__}: {line}"


def versions_of(system: System) -> dict[str, str]:
    found = {}
    for package in system.packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def answers() -> TextIO:
    """Standard output for answers alone: what a library prints goes to the other stream."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return own


def main(text: str) -> None:
    asked = json.loads(text)
    bind_to(asked["threads"])
    stream = answers()

    def say(answer: Any) -> None:
        print(json.dumps(answer), file=stream, flush=True)

    def wait() -> None:
        if not sys.stdin.readline():
            raise Over

    try:
        if asked["figure"] == "cold":
            play(asked, lambda: None)
            return
        say(versions_of(SYSTEMS[asked["system"]]))
        play(asked, Turns(say, wait, asked["length"], asked["warm_up"]))
    except Over:
        return
    except Exception as fault:  # whatever it is: the others go on, and the page says why this one is not there
        say({"skipped": reason_of(fault)})


if __name__ == "__main__":
    main(sys.argv[1])
