"""gradatim's speed beside scikit-learn, PyTorch, JAX, onnxruntime and pytabkit; writes docs/benchmarks.md.

    python -m benchmarks.speed [--figures …] [--shapes …] [--rivals …] [--threads 2] [--repeats 9] [--growth]
                               [--data FOLDER] [--json FILE] [--page docs/benchmarks.md] [--quick]

Figures: warm (time of an epoch), cold (whole processes, and their memory), prediction, recipe, growth. What is measured
replaces the same numbers in the JSON file and leaves the others, so that a long run can be made in pieces. With
``--figures none --page FILE`` only the page is written anew. A rival that is not installed, or fails, is named on the
page with the reason. pytabkit may stand in an environment of its own: ``--recipe-python``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.speed.figures import seconds
from benchmarks.speed.machine import machine
from benchmarks.speed.page import duration, page
from benchmarks.speed.results import Record, Results, add, read, write
from benchmarks.speed.rounds import Terms, in_turns
from benchmarks.speed.shapes import GROWTH, OVER_THREADS, PREDICTED_ROWS, RECIPE, SHAPES, TINY
from benchmarks.speed.systems import OURS, SYSTEMS, YARDSTICKS
from benchmarks.speed.whole import from_the_start

FIGURES = ("warm", "cold", "prediction", "recipe", "growth")
COLD_REPEATS, RECIPE_REPEATS, GROWTH_REPEATS = 5, 3, 3
QUICK = ("small", "one-layer")
QUIET = 0.3
DRAWN = "numbers drawn at random"
PICTURES = "real pictures for digits and cats, else numbers drawn at random"
HIDDEN = ("compiled", *YARDSTICKS)
"""They come along without being named."""


def cases(figure: str, shapes: Sequence[str]) -> list[str]:
    """What there is to measure of a figure."""
    return {
        "warm": list(shapes),
        "cold": list(shapes),
        "prediction": [str(rows) for rows in PREDICTED_ROWS],
        "recipe": [RECIPE.name],
        "growth": [shape.name for sweep in GROWTH.values() for shape in sweep.values()],
    }[figure]


def measured(terms: Terms, figure: str, case: str, rivals: Sequence[str]) -> tuple[list[Record], dict[str, str]]:
    """One case of one figure: all systems that take part."""
    asked = {OURS, *rivals, *HIDDEN} - ({"floor-1"} if terms.threads == 1 else set())
    systems = [name for name, system in SYSTEMS.items() if figure in system.figures and name in asked]
    if figure == "cold":
        return from_the_start(replace(terms, repeats=min(terms.repeats, COLD_REPEATS)), case, systems), {}
    most = {"recipe": RECIPE_REPEATS, "growth": GROWTH_REPEATS}.get(figure, terms.repeats)
    return in_turns(replace(terms, repeats=min(terms.repeats, most)), figure, case, systems)


def all_of(
    terms: Terms, figures: Sequence[str], shapes: Sequence[str], rivals: Sequence[str]
) -> Iterator[tuple[list[Record], dict[str, str]]]:
    """One case after another; with growth also with fewer threads."""
    for figure in figures:
        for case in cases(figure, shapes):
            yield measured(terms, figure, case, rivals)
        if figure == "growth":
            for threads in range(1, terms.threads):
                fewer = replace(terms, threads=threads, repeats=min(terms.repeats, GROWTH_REPEATS))
                yield from (measured(fewer, "warm", case, rivals) for case in OVER_THREADS if case in shapes)


def told(record: Record) -> str:
    """A line about a record, while others are still to come."""
    what = f"{record['figure']} {record['case']}, {record['system']}, {record['threads']} threads"
    return f"{what}: {record['skipped'] if 'skipped' in record else duration(seconds(record))}"


def parsed(tokens: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    rivals = [name for name in SYSTEMS if name != OURS and name not in HIDDEN]
    parser.add_argument("--figures", nargs="+", choices=[*FIGURES, "none"], default=FIGURES[:-1])
    parser.add_argument("--growth", action="store_true", help="that figure, too")
    parser.add_argument("--shapes", nargs="+", choices=[*SHAPES, TINY.name], default=None)
    parser.add_argument("--rivals", nargs="*", choices=rivals, default=rivals)
    parser.add_argument("--engine", default="auto", help="gradatim's, by name")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--repeats", type=int, default=9, help="turns of each; at most 5 of whole processes, 3 of fits")
    parser.add_argument("--turn", type=float, default=0.5, help="seconds of a turn")
    parser.add_argument("--data", type=Path, default=None, help="folder with mnist.npz and catvnoncat.npz")
    parser.add_argument("--recipe-python", default=sys.executable, help="interpreter that has pytabkit")
    parser.add_argument("--json", type=Path, default=Path("benchmarks-speed.json"))
    parser.add_argument("--page", type=Path, default=None, help="write the page into this file")
    parser.add_argument("--quick", action="store_true", help="two small shapes, two short turns: whether it runs")
    asked = parser.parse_args(tokens)
    asked.figures = [figure for figure in FIGURES if figure in asked.figures or (asked.growth and figure == "growth")]
    asked.shapes = asked.shapes or (QUICK if asked.quick else tuple(SHAPES))
    return asked


def terms_of(asked: argparse.Namespace) -> Terms:
    """What the options say about each measurement."""
    terms = Terms(
        threads=asked.threads,
        repeats=asked.repeats,
        length=asked.turn,
        engine=asked.engine,
        data=asked.data,
        recipe_python=asked.recipe_python,
    )
    return replace(terms, repeats=min(asked.repeats, 2), length=0.05, warm_up=0.1) if asked.quick else terms


def describe(results: Results, terms: Terms) -> None:
    """Put down where and how it is measured.

    Raises:
        SystemExit: if the file holds numbers of another machine, or measured in another way.
    """
    said: dict[str, Any] = {name: getattr(terms, name) for name in ("repeats", "length", "engine")}
    said["data"] = DRAWN if terms.data is None else PICTURES
    for name, now in (("terms", said), ("machine", machine())):
        before = results[name] or now
        if before != now:
            raise SystemExit(f"The file of results must have the same {name}: {before}. Got {now}. Use another --json.")
        results[name] = now
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    results["load"] = max(results.get("load", 0.0), round(load, 2))
    if load > QUIET:
        print(f"The machine is not quiet (load {load:.2f}): threads that wait for each other suffer.", file=sys.stderr)


def main(tokens: Sequence[str] | None = None) -> None:
    """Measure, keep, write."""
    asked = parsed(tokens)
    results = read(asked.json)
    if asked.figures:
        terms = terms_of(asked)
        describe(results, terms)
        for records, versions in all_of(terms, asked.figures, asked.shapes, asked.rivals):
            add(results, records)
            results["versions"] |= versions
            write(asked.json, results)
            print(*map(told, records), sep="\n", flush=True)
    elif not results["records"]:
        raise SystemExit(f"There must be results to write a page of. Got none in {asked.json}.")
    if asked.page is None:
        print(page(results))
    else:
        asked.page.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
