"""Every real table from the command line, and scikit-learn's MLP in a pipeline on the same test rows.

    python -m benchmarks.tables [NAME …] [--data FOLDER] [--results FILE] [--seed 0] [--most-rows N] [--jobs 1]

On each table run ``gradatim fit`` as it comes, ``predict`` and ``evaluate``, with what they promise checked, and then
`benchmarks.mlp_pipeline`. Each is a process of its own with one thread a library. Recorded are the scores, the seconds
from its start to its end and those of the processor, and its peak of resident memory. Pictures have a few epochs and no
rival.

A result is a line of JSON, written as soon as it is there: a run that was stopped goes on where it was, and what failed
is tried again. The table in Markdown comes at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from benchmarks.command_line import NotAsPromised, fitted_predicted_evaluated, succeeded
from benchmarks.sources import Source, sources_in
from benchmarks.standings import markdown

SHARED = Path(os.environ.get("GRADATIM_SHARED", Path(__file__).parents[2] / "shared"))


def measured(source: Source, seed: int, most_rows: int | None) -> dict[str, Any]:
    """Both contestants on one source; or what went wrong, which is a result, too."""
    result: dict[str, Any] = {"table": source.name, "task": source.task, "seed": seed, "most_rows": most_rows}
    with TemporaryDirectory() as folder:
        try:
            return result | _measured(shortened(source, Path(folder), seed, most_rows), Path(folder), seed)
        except NotAsPromised as fault:
            return result | {"error": str(fault)}
        except Exception as fault:  # whatever it is, the other tables are still to be measured
            traceback.print_exc()
            return result | {"error": f"{type(fault).__name__}: {fault}"}


def _measured(source: Source, folder: Path, seed: int) -> dict[str, Any]:
    metrics, processes = fitted_predicted_evaluated(source, folder, seed)
    result = {
        "rows": sum(metrics["rows"].values()),
        "columns": None if source.pictures else len(pl.read_parquet_schema(source.path)) - 1,
        "chosen": metrics["chosen"],
        "verdict": metrics["verdict"],
        "rungs": {rung["name"]: rung["score"] for rung in metrics["rungs"]},
        "ours": metrics["test"],
    }
    if not source.pictures:
        asked = ("--target", source.target, "--task", source.task, "--seed", str(seed))
        processes["mlp"] = succeeded(("benchmarks.mlp_pipeline", source.path, *asked))
        result["mlp"] = json.loads(processes["mlp"].output)
    took = ("seconds", "cpu_seconds", "peak_megabytes")
    return result | {figure: {name: getattr(done, figure) for name, done in processes.items()} for figure in took}


def shortened(source: Source, folder: Path, seed: int, most_rows: int | None) -> Source:
    """A random part of a table that is too long; pictures stay as they are."""
    if source.pictures or not most_rows:
        return source
    table = pl.read_parquet(source.path)
    if table.height <= most_rows:
        return source
    path = folder / source.path.name
    table.sample(most_rows, seed=seed).write_parquet(path)
    return replace(source, path=path)


def results_in(file: Path) -> Iterator[dict[str, Any]]:
    """The results so far. A line that was cut off in the middle is no result."""
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


def told(result: dict[str, Any]) -> str:
    """A line about a result, while the others are still to come."""
    if "error" in result:
        return f"{result['table']}: failed. {result['error']}"
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in result["seconds"].items())
    return f"{result['table']}: {result['chosen']}; {seconds}"


def main(tokens: Sequence[str] | None = None) -> None:
    """Measure what is not measured yet, then print all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="of tables and pictures; all without")
    parser.add_argument("--data", type=Path, default=SHARED / "data")
    parser.add_argument("--results", type=Path, default=Path("benchmarks-tables.jsonl"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most-rows", type=int, default=None)
    parser.add_argument("--jobs", type=int, default=1, help="tables at a time; more than 1 makes seconds unsure")
    asked = parser.parse_args(tokens)
    sources = sources_in(asked.data)
    unknown = [name for name in asked.names if name not in sources]
    if unknown:
        parser.error(f"There is no {', '.join(unknown)} in {asked.data}. There are: {', '.join(sources)}.")
    wanted = asked.names or list(sources)
    settings = {"seed": asked.seed, "most_rows": asked.most_rows}
    found = {result["table"]: result for result in results_in(asked.results) if settings.items() <= result.items()}
    left = [sources[name] for name in wanted if "error" in found.get(name, {"error": "not yet"})]
    with ThreadPoolExecutor(asked.jobs) as pool:  # threads only wait: the work is in processes
        for done in as_completed([pool.submit(measured, source, **settings) for source in left]):
            result = done.result()
            found[result["table"]] = result
            with asked.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
            print(told(result), flush=True)
    print(markdown([found[name] for name in wanted]))


if __name__ == "__main__":
    main()
