"""Whole processes: from the start of Python to a trained network, and the most memory on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from benchmarks.processes import Ran, ran
from benchmarks.speed.rounds import Terms, command, environment


def from_the_start(terms: Terms, case: str, systems: Sequence[str]) -> list[dict[str, Any]]:
    """Measure one shape, in turns.

    Each runs once before it counts, so that files are in memory, and what a library has compiled and keeps on the disk
    is there, as on anybody's second day.

    Returns:
        A record for each system, with ``turns`` of one number each and ``peak_megabytes``, or ``skipped``.
    """
    records: list[dict[str, Any]] = [
        {"figure": "cold", "case": case, "system": system, "threads": terms.threads, "turns": [], "peak_megabytes": []}
        for system in systems
    ]
    for repeat in range(-1, terms.repeats):
        for record in records:
            if "skipped" in record:
                continue
            done = ran(command(terms.asked("cold", case, record["system"])), environment(terms.threads))
            if done.status or done.output:
                record["skipped"] = _reason(done)
                del record["turns"], record["peak_megabytes"]
            elif repeat >= 0:
                record["turns"].append([round(done.seconds, 6)])
                record["peak_megabytes"].append(round(done.peak_megabytes, 1))
    return records


def _reason(done: Ran) -> str:
    try:
        return str(json.loads(done.output)["skipped"])
    except (json.JSONDecodeError, KeyError):
        return f"its process ended with status {done.status}"
