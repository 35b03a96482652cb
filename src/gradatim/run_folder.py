"""The folder of a run: there whole, or not at all.

A run is written into ``DIR.partial`` and renamed to ``DIR`` when all of it is there. A finished ``DIR`` is replaced
only in that last moment, and only where that was asked for. After an error nothing is left behind.

``history.csv`` has a row for each epoch of each rung. A rung that starts at its answer (the constant model of numbers:
their mean) needs no epoch, and has no row there.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from gradatim.errors import InputError
from gradatim.exchange.model_file import IN_A_RUN
from gradatim.model import Model

MODEL, METRICS, HISTORY, RUNGS = IN_A_RUN, "metrics.json", "history.csv", "rungs"


def default_folder(data: str, target: str, root: Path = Path("runs")) -> Path:
    """``runs/<data>-<target>``, with a number behind it where that is taken.

    Args:
        data: a path, or ``sample:NAME``: the last part of it, without its ending, names the folder.
        target: name of the column.
        root: where runs are kept.

    Example:
        >>> default_folder("tables/House prices.csv", "price", Path("no such place")).name
        'House_prices-price'
    """
    stem = Path(data.removeprefix("sample:")).name.split(".")[0] or "data"
    name = re.sub(r"[^\w.-]+", "_", f"{stem}-{target}").strip("._-") or "run"
    for number in count(1):
        folder = root / (name if number == 1 else f"{name}-{number}")
        if not folder.exists() and not _partial(folder).exists():
            return folder
    raise AssertionError("count() does not end")


def refuse_taken(folder: Path, *, replace: bool) -> None:
    """Refuse a folder that must not be written to, before any work is done.

    Raises:
        InputError: if it is there and `replace` is off, or if it is there and is no run.
    """
    if not folder.exists():
        return
    if not replace:
        raise InputError(
            f"out must be a new folder. Got {str(folder)!r}, which exists: add replace=True or name another."
        )
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / METRICS).is_file()):
        raise InputError(
            f"out must be the folder of a run, to be replaced. Got {str(folder)!r}, which holds no {METRICS}: "
            f"name another one."
        )


@contextmanager
def whole_or_not_at_all(folder: Path, *, replace: bool = False) -> Iterator[Path]:
    """A new folder to write into, which takes its name when the block ends without an error.

    Args:
        folder: the name it gets.
        replace: whether a run of that name may go.

    Yields:
        ``folder.partial``, empty.

    Raises:
        InputError: see `refuse_taken`.
        OSError: where the disk refuses.
    """
    refuse_taken(folder, replace=replace)
    partial = _partial(folder)
    made = [parent for parent in folder.absolute().parents if not parent.exists()]
    try:
        shutil.rmtree(partial, ignore_errors=True)  # what a killed run left
        partial.mkdir(parents=True)
        yield partial
        _take_the_name(partial, folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        for parent in made:
            with suppress(OSError):
                parent.rmdir()  # only where it is empty: another run may live there by now
        raise


def _take_the_name(partial: Path, folder: Path) -> None:
    if not folder.exists():
        partial.rename(folder)
        return
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    try:
        partial.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _partial(folder: Path) -> Path:
    return folder.with_name(folder.name + ".partial")


def write_run(folder: Path, chosen: str, models: Mapping[str, Model], metrics: Mapping[str, Any]) -> None:
    """Write the files of a run.

    Args:
        folder: an empty folder.
        chosen: name of the rung that is kept.
        models: of every rung that was tried, by name.
        metrics: the content of ``metrics.json``.
    """
    (folder / RUNGS).mkdir()
    for name, model in models.items():
        model.save(folder / RUNGS / f"{name}.safetensors")
    shutil.copyfile(folder / RUNGS / f"{chosen}.safetensors", folder / MODEL)
    write_history(folder / HISTORY, models)
    (folder / METRICS).write_text(json_text(metrics), encoding="utf-8")


def json_text(metrics: Mapping[str, Any]) -> str:
    """``metrics.json`` as it is written and printed: a number that JSON does not know (NaN, infinity) is null."""
    return json.dumps(_plain(metrics), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a NumPy number
        value = value.item()
    if isinstance(value, float) and not float("-inf") < value < float("inf"):
        return None
    return value if isinstance(value, bool | int | float | str | None) else repr(value)


def write_history(path: Path, models: Mapping[str, Model]) -> None:
    """Write the histories of all rungs below one another, the name of the rung first.

    A rung without validation while it trains (constant, linear) leaves that column empty; one without epochs has no
    rows.
    """
    rows: list[dict[str, Any]] = []
    for name, model in models.items():
        rows += [{"rung": name, **row} for row in (model.history_ if model.training else ())]
    found = list(dict.fromkeys(column for row in rows for column in row))
    validated = [column for column in found if column.startswith("validation_")]
    order = ["rung", "epoch", "training_loss", *validated, "learning_rate", "seconds"]
    columns = [*order, *(column for column in found if column not in order)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
