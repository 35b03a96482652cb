"""Results as a page of Markdown: a line for each table, what they come to, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from statistics import median
from typing import Any

ERRORS = {"classification": "log_loss", "regression": "rmse"}
"""What is compared: less is better."""

LEAST_ERROR = 1e-9
"""Errors below it count as it, so that a ratio of two that are 0 is 1."""

HEAD = (
    "| table | rows × columns | kept | metric | gradatim | sklearn MLP | ratio | fit s | MLP s | fit MB | MLP MB |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)


def ratio(result: dict[str, Any]) -> float:
    """Our error over the rival's."""
    metric = ERRORS[result["task"]]
    ours, theirs = (max(float(result[side][metric]), LEAST_ERROR) for side in ("ours", "mlp"))
    return ours / theirs


def markdown(results: Sequence[dict[str, Any]]) -> str:
    """The page.

    Args:
        results: one for each table, as `benchmarks.tables` writes them.
    """
    done = [result for result in results if "error" not in result]
    failures = [f"- {result['table']}: {result['error']}" for result in results if "error" in result]
    lines = [*HEAD, *map(_line, done), "", *_summary([result for result in done if "mlp" in result])]
    return "\n".join(
        [*lines, "", f"{len(done)} of {len(results)} did all they must. Failed:", "", *(failures or ["- none"])]
    )


def _line(result: dict[str, Any]) -> str:
    metric, seconds, peak = ERRORS[result["task"]], result["seconds"], result["peak_megabytes"]
    size = f"{result['rows']:,} × {result['columns']:,}" if result["columns"] else f"{result['rows']:,} pictures"
    rival = ["", "", "", ""]
    if "mlp" in result:
        rival = [f"{result['mlp'][metric]:.4g}", f"{ratio(result):.3f}", f"{seconds['mlp']:.1f}", f"{peak['mlp']:.0f}"]
    cells = [
        *(result["table"], size, result["chosen"], metric),
        *(f"{result['ours'][metric]:.4g}", *rival[:2]),
        *(f"{seconds['fit']:.1f}", rival[2], f"{peak['fit']:.0f}", rival[3]),
    ]
    return f"| {' | '.join(cells)} |"


def _summary(results: Sequence[dict[str, Any]]) -> list[str]:
    if not results:
        return []
    ratios = [ratio(result) for result in results]
    mean = exp(sum(map(log, ratios)) / len(ratios))
    lines = [
        f"{len(ratios)} tables beside the rival; gradatim better on {sum(r < 1 for r in ratios)}. Ratio of errors: "
        f"geometric mean {mean:.3f}, median {median(ratios):.3f}.",
        "",
        "| process | seconds, all | median | of the processor, all | median | megabytes, most | median |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in ("fit", "predict", "evaluate", "mlp"):
        seconds, cpu, peaks = (
            [result[figure][name] for result in results] for figure in ("seconds", "cpu_seconds", "peak_megabytes")
        )
        cells = [f"{sum(seconds):.1f}", f"{median(seconds):.2f}", f"{sum(cpu):.1f}", f"{median(cpu):.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} | {max(peaks):.0f} | {median(peaks):.0f} |")
    return lines
