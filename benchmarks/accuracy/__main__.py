"""How well gradatim predicts with its defaults, beside others with theirs; writes docs/accuracy.md.

    python -m benchmarks.accuracy [--data FOLDER] [--tables …] [--contestants …] [--splits 1] [--seeds 1] [--parity]
                                  [--threads 1] [--jobs 1] [--python NAME=INTERPRETER …] [--again]
                                  [--results FILE] [--page docs/accuracy.md]

Every table of the folder, at most 5,000 rows to train on and to test on, the same for everybody. A result is a line of
JSON, written as soon as it is there: a run that was stopped goes on where it was, and what failed is tried again. With
``--contestants none --page FILE`` only the page is written. A contestant may live in an environment of its own, such as
``--python realmlp=/path/to/python``; it needs NumPy, Polars, pandas and scikit-learn there, and not gradatim. One that
is not installed is left out. More jobs than idle cores make seconds unsure; those of the processor less so.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.contestants import CONTESTANTS, PRESENT
from benchmarks.accuracy.fits import Fit, fits_of, measured
from benchmarks.accuracy.page import page
from benchmarks.accuracy.parity import PAIR, SEEDS, TABLES
from benchmarks.accuracy.results import Record, add, is_there, read
from benchmarks.sources import Source, sources_in
from benchmarks.speed.machine import machine

SHARED = Path(os.environ.get("GRADATIM_SHARED", Path(__file__).parents[3] / "shared"))


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(
        "python -m benchmarks.accuracy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, default=SHARED / "data", help="folder of tables with a manifest.csv")
    options.add_argument("--tables", nargs="+", default=None, help="by name; all of the folder without")
    options.add_argument("--contestants", nargs="+", choices=[*CONTESTANTS, "none"], default=PRESENT)
    options.add_argument("--splits", type=int, default=1, help="how many")
    options.add_argument("--seeds", type=int, default=1, help="how many")
    options.add_argument("--parity", action="store_true", help=f"{', '.join(PAIR)} with {SEEDS} seeds on ten tables")
    options.add_argument("--threads", type=int, default=1, help="of each fit")
    options.add_argument("--jobs", type=int, default=1, help="fits at a time")
    options.add_argument("--python", nargs="+", default=(), metavar="NAME=INTERPRETER", type=_pair)
    options.add_argument("--again", action="store_true", help="measure what is there already, too")
    options.add_argument("--results", type=Path, default=Path("benchmarks-accuracy.jsonl"))
    options.add_argument("--page", type=Path, default=None, help="write the page into this file")
    return options


def _pair(text: str) -> tuple[str, str]:
    name, _, interpreter = text.partition("=")
    if name not in CONTESTANTS or not interpreter:
        raise argparse.ArgumentTypeError(f"It must be NAME=INTERPRETER, a name of {', '.join(CONTESTANTS)}. Got {text}")
    return name, interpreter


def chosen(asked: argparse.Namespace, sources: dict[str, Source]) -> list[Fit]:
    """What is asked for.

    Raises:
        SystemExit: for tables that are not there.
    """
    tables = asked.tables or ([name for name in TABLES if name in sources] if asked.parity else list(sources))
    unknown = [name for name in tables if name not in sources]
    if unknown:
        raise SystemExit(f"There is no table {', '.join(unknown)} in {asked.data}. There are: {', '.join(sources)}.")
    contestants = [name for name in asked.contestants if name != "none"]
    wanted = [sources[name] for name in tables]
    if asked.parity:
        return fits_of(wanted, [name for name in PAIR if name in contestants], 1, SEEDS)
    return fits_of(wanted, contestants, asked.splits, asked.seeds)


def told(record: Record) -> str:
    """A line about a record, while others are still to come."""
    if "missing" in record:
        return f"{record['contestant']} does not take part: {record['missing']}"
    what = f"{record['contestant']}, {record['table']}, split {record['split']}, seed {record['seed']}"
    if "error" in record:
        return f"{what}: failed. {record['error']}"
    metric = "log_loss" if "log_loss" in record else "rmse"
    return f"{what}: {metric} {record[metric]:.4g}, {record['seconds']:.2f} s"


def main(tokens: Sequence[str] | None = None) -> None:
    """Measure what is not there yet, then write the page."""
    asked = parser().parse_args(tokens)
    if list(asked.contestants) != ["none"]:
        sources = {name: source for name, source in sources_in(asked.data).items() if not source.pictures}
        found = {} if asked.again else read(asked.results)
        left = [fit for fit in chosen(asked, sources) if not is_there(found, fit.key)]
        where = machine().get("processor", "")
        for record in measured(left, dict(asked.python), asked.threads, asked.jobs):
            if "missing" not in record:
                add(asked.results, record | {"processor": where})
            print(told(record), flush=True)
    text = page(list(read(asked.results).values()))
    if asked.page is None:
        print(text)
    else:
        asked.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
