"""Runs that are killed at random moments and resumed, against one that was left alone.

    python -m benchmarks.kill_and_resume [--times 100] [--seed 0] [--data sample:concrete] [--epochs 120]

Each time ``gradatim fit`` gets SIGKILL at a moment that is uniform over the seconds from its first file to its end,
as the run left alone took them. Then it is started again with ``--resume``, and in one case of three it is killed
again, now at any moment from its start on, and again, until it gets through. Every second time there is an old run to
replace, which must be whole after each kill. The folder that comes out must hold the same files, with the same bytes,
as that of the run left alone; only measured seconds may differ. Every tenth time the seconds are measured anew, as
other programs come and go.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any, NamedTuple

from gradatim.report.gathering import FACTS
from gradatim.report.report import PAGE
from gradatim.run_folder import CHECKPOINTS, HISTORY, METRICS, MODEL, REPLACED, partial_of

SECONDS_ON_THE_PAGE = re.compile(rb"\d+\.\d(?=</td></tr>| seconds\.)")
"""At the end of a line of the rungs, and beside the seed."""

BEGUN_ANEW = "There was nothing to resume: this run begins anew."

AGAIN = 1 / 3
"""How often a run that goes on is killed as well."""


def content(folder: Path) -> dict[str, Any]:
    """What a run left, by the names of its files: bytes, or what is in them but for what a kill may change.

    That are measured seconds, and the note that there was nothing to go on with: the kill came before the first file.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): _comparable(path) for path in files}


def _comparable(path: Path) -> Any:
    if path.name in (METRICS, FACTS):
        metrics = json.loads(path.read_text(encoding="utf-8"))
        if "reading" in metrics:
            metrics["reading"]["notes"] = [note for note in metrics["reading"]["notes"] if note != BEGUN_ANEW]
        return metrics | {"seconds": 0, "rungs": [rung | {"seconds": 0} for rung in metrics["rungs"]]}
    if path.name == HISTORY:
        with path.open(newline="", encoding="utf-8") as file:
            return [row | {"seconds": 0} for row in csv.DictReader(file)]
    if path.name == PAGE:
        page = path.read_bytes().replace(f"<li>{BEGUN_ANEW}</li>\n".encode(), b"")
        return SECONDS_ON_THE_PAGE.sub(b"0.0", page)
    return path.read_bytes()


class Lengths(NamedTuple):
    """Of a run, in seconds: from the start of the process, and from its first file, to the end."""

    whole: float
    writing: float


class Command:
    """``gradatim fit`` in a process of its own.

    Args:
        arguments: what to fit, and how.
        folder: to write to; errors go to a file beside it.
    """

    def __init__(self, arguments: tuple[str, ...], folder: Path) -> None:
        self.arguments, self.folder = arguments, folder
        self.errors = folder.with_name("errors.txt")

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "gradatim", "fit", *self.arguments, "--out", str(self.folder), "--quiet", *more]
        with self.errors.open("wb") as errors:
            return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=errors)

    def run(self, *more: str) -> Lengths:
        """To its end; how long that took."""
        started, process = perf_counter(), self.start(*more)
        first_file = self._first_file(process)
        self._must_end(process.wait())
        return Lengths(perf_counter() - started, perf_counter() - first_file)

    def killed(self, length: float, rng: Random, *more: str) -> bool:
        """Kill it within so many seconds after the first file is there; whether it was still alive then."""
        process = self.start(*more)
        self._first_file(process)
        try:
            self._must_end(process.wait(rng.uniform(0, length)))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True
        return False

    def _first_file(self, process: subprocess.Popen[bytes]) -> float:
        """When it was there; with ``--resume`` that may be before the start."""
        while process.poll() is None and not partial_of(self.folder).exists():
            sleep(0.001)
        return perf_counter()

    def _must_end(self, status: int) -> None:
        if status:
            raise SystemExit(f"The command ended with {status}: {self.errors.read_text()}")


def place(folder: Path, wanted: dict[str, Any]) -> str:
    """Where a kill landed, by what it left."""
    partial = partial_of(folder)
    if not partial.exists():
        ended = folder.exists() and whole_run(folder) == wanted
        return "after the renaming" if ended else "before anything was written"
    if (partial / MODEL).exists():
        return "while the run was written"
    order = {"linear": 1, "shallow": 2, "deep": 3}
    names = {path.name.split("-")[0] for path in (partial / CHECKPOINTS).iterdir()}
    last = max((name for name in names if name in order), key=order.__getitem__, default=None)
    return "before the first checkpoint" if last is None else f"after a checkpoint of the {last} rung"


def whole_run(folder: Path) -> dict[str, Any]:
    """The run that has the name; the one that is being replaced, where a kill came between the two renames."""
    there = folder if folder.exists() else partial_of(folder) / CHECKPOINTS / REPLACED
    return {name: what for name, what in content(there).items() if not name.startswith(CHECKPOINTS)}


def trial(command: Command, lengths: Lengths, old: Path | None, wanted: dict[str, Any], rng: Random) -> list[str]:
    """Kill, go on, compare.

    Args:
        command: writes to a folder that is not there yet.
        lengths: of a run left alone.
        old: a run to be replaced, or None.
        wanted: what must come out.
        rng: draws the moments.

    Returns:
        Where each kill landed.
    """
    more = ["--resume"]
    if old is not None:
        shutil.copytree(old, command.folder)
        more.append("--replace")
    kept = None if old is None else content(old)
    places = []
    while not places or rng.random() < AGAIN:
        if not command.killed(lengths.whole if places else lengths.writing, rng, *more):
            if places:
                break
            shutil.rmtree(command.folder)  # it had ended before
            return trial(command, lengths, old, wanted, rng)
        places.append(place(command.folder, wanted))
        assert kept is None or whole_run(command.folder) in (kept, wanted), places
        if old is None and command.folder.exists():
            break  # the kill came after the renaming
    else:
        command.run(*more)
    assert [path.name for path in command.folder.parent.iterdir() if path.name.startswith("run")] == ["run"], places
    assert whole_run(command.folder) == wanted, places
    return places


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", default="sample:concrete")
    parser.add_argument("--epochs", default="120")
    given = parser.parse_args()
    rng, landed, equal = Random(given.seed), Counter[str](), 0
    with TemporaryDirectory() as place_to_work:
        here = Path(place_to_work)
        alone = Command((given.data, "--epochs", given.epochs), here / "alone")
        old = Command((given.data, "--epochs", "1"), here / "old")
        old.run()
        for number in range(given.times):
            if number % 10 == 0:
                lengths = alone.run("--replace")
                wanted = content(alone.folder)
                print(f"Left alone, the run takes {lengths.whole:.1f} s.", flush=True)
            (here / "trial").mkdir()
            command = Command(alone.arguments, here / "trial" / "run")
            try:
                places = trial(command, lengths, old.folder if number % 2 else None, wanted, rng)
            except AssertionError as difference:
                print(f"{number + 1:4} came out different, after kills {difference}", flush=True)
            else:
                print(f"{number + 1:4} the same, after kills {', '.join(places)}", flush=True)
                landed.update(places)
                equal += 1
            shutil.rmtree(here / "trial")
    for where, count in landed.most_common():
        print(f"{count:5} kills {where}")
    print(f"{sum(landed.values())} kills; {equal} of {given.times} runs came out with the same bytes.")
    sys.exit(equal != given.times)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
