"""The folder of a run: there whole, or not at all.

A run is written into ``DIR.partial`` and renamed to ``DIR`` when all of it is there. A finished ``DIR`` is replaced
only in that last moment, and only where that was asked for. After an error nothing is left behind. A run that was
killed, or interrupted, leaves ``DIR.partial``, and can go on from there. One run at a time writes there.

No system call that every system has swaps two folders. So a run that is replaced first moves into ``DIR.partial``, then
that takes the name. A kill between the two leaves no ``DIR``, but both runs whole: the next one into ``DIR`` puts the
old one back before it does anything else. Nothing but ``DIR`` and ``DIR.partial`` is ever touched: a ``DIR.old`` may be
somebody's copy.

What a finished run does not need (trainings on the way, the lock, the run that was replaced) is in one folder,
``checkpoints``, which goes when the run has its name. A kill before that leaves it there, where it does no harm.

``history.csv`` has a row for each epoch of each training of each rung. A rung that starts at its answer (the constant
model of numbers: their mean) needs no epoch, and has no row there.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from os import PathLike, fstat
from os.path import abspath, samestat
from pathlib import Path
from typing import Any

from gradatim.errors import InputError
from gradatim.exchange.model_file import IN_A_RUN
from gradatim.ladder.tried import TriedRung

if sys.platform != "win32":
    import fcntl

MODEL, METRICS, HISTORY, RUNGS = IN_A_RUN, "metrics.json", "history.csv", "rungs"
CHECKPOINTS, LOCK, REPLACED = "checkpoints", "lock", "replaced"


def default_folder(data: str, target: str, root: Path = Path("runs"), *, resume: bool = False) -> Path:
    """``runs/<data>-<target>``, with a number behind it where that is taken.

    Args:
        data: a path, or ``sample:NAME``: the last part of it, without its ending, names the folder.
        target: name of the column.
        root: where runs are kept.
        resume: take the folder of the run that was cut off last, if there is one that nobody writes to.

    Example:
        >>> default_folder("tables/House prices.csv", "price", Path("no such place")).name
        'House_prices-price'
    """
    stem = Path(data.removeprefix("sample:")).name.split(".")[0] or "data"
    name = re.sub(r"[^\w.-]+", "_", f"{stem}-{target}").strip("._-") or "run"
    cut_off = _cut_off_last(root, name) if resume else None
    if cut_off is not None:
        return cut_off
    folders = (root / (name if number == 1 else f"{name}-{number}") for number in count(1))
    return next(folder for folder in folders if not (folder.exists() or partial_of(folder).exists()))


def _cut_off_last(root: Path, name: str) -> Path | None:
    """Of the folders of this name, numbered or not, the one whose run got on last before it was cut off."""
    left: list[tuple[int, int, Path]] = []
    for partial in root.glob(f"{name}*.partial"):
        folder = whole_of(partial)
        numbered = re.fullmatch(rf"{re.escape(name)}(?:-(\d+))?", folder.name)
        if numbered and partial.is_dir():
            kept = partial / CHECKPOINTS  # changes with each training that is kept
            changed = (kept if kept.is_dir() else partial).stat().st_mtime_ns
            left.append((changed, int(numbered[1] or 1), folder))
    return next((folder for *_, folder in sorted(left, reverse=True) if not is_written_to(folder)), None)


def folder_named(out: str | PathLike[str]) -> Path:
    """A path that can be renamed: of a folder that is named as ``.`` or ``..``, by its own name."""
    return Path(out) if Path(out).name not in ("", "..") else Path(abspath(out))


def refuse_taken(folder: Path, *, replace: bool, resume: bool = False) -> None:
    """Refuse a folder that must not be written to, before any work is done.

    Raises:
        InputError: if it is there and `replace` is off, or if it is there and is no run.
    """
    if not folder.exists():
        return
    if resume and not replace and (folder / METRICS).is_file() and not partial_of(folder).exists():
        raise InputError(
            f"resume must be about a run that was cut off. Got {str(folder)!r}, which is whole: nothing is left to do."
        )
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
def whole_or_not_at_all(folder: Path, *, replace: bool = False, resume: bool = False) -> Iterator[Path]:
    """A new folder to write into, which takes its name when the block ends without an error.

    Args:
        folder: the name it gets.
        replace: whether a run of that name may go.
        resume: go on with what a run left that was cut off. An error then leaves it as it is.

    Yields:
        ``folder.partial``, with an empty folder ``checkpoints``; where `resume`, with the one that was left. It stays
        after Ctrl-C, and goes with any other error.

    Raises:
        InputError: see `refuse_taken`; and if another run writes there now.
        OSError: where the disk refuses.
    """
    refuse_taken(folder, replace=replace, resume=resume)
    partial = partial_of(folder)
    made = [parent for parent in folder.absolute().parents if not parent.exists()]
    goes_on = resume and partial.is_dir()
    try:
        (partial / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
        with _alone_in(partial):
            _put_back(folder)
            refuse_taken(folder, replace=replace)  # what was put back
            try:
                _sweep(partial, everything=not goes_on)
                yield partial
                _take_the_name(partial, folder)
            except KeyboardInterrupt:
                raise
            except BaseException:
                if not goes_on:
                    shutil.rmtree(partial, ignore_errors=True)
                raise
    except BaseException:
        for parent in made:
            with suppress(OSError):
                parent.rmdir()  # only where it is empty: another run may live there by now
        raise


@contextmanager
def _alone_in(partial: Path) -> Iterator[None]:
    """Hold a lock, which the system takes back when the process ends, however it ends.

    Windows cannot rename a folder with an open file in it, and some file systems know no locks: there it is up to the
    user not to run twice into one folder.
    """
    if sys.platform == "win32":
        yield
        return
    path = partial / CHECKPOINTS / LOCK
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = path.exists() and samestat(fstat(file.fileno()), path.stat())  # or that run has just ended
        except (BlockingIOError, PermissionError):
            alone = False
        except OSError:
            alone = True
        if not alone:
            raise InputError(
                f"out must be a folder that no other run writes to. Got {str(whole_of(partial))!r}, which one is "
                f"writing to now: wait for it to end, or name another."
            )
        yield


def is_written_to(folder: Path) -> bool:
    """Whether a run writes to this folder now."""
    partial = partial_of(folder)
    try:
        with _alone_in(partial):
            return False
    except FileNotFoundError:
        return False
    except InputError:
        return True


def _sweep(partial: Path, *, everything: bool) -> None:
    """Remove what a killed run left: files that are written anew, and those that were not written to their end."""
    for path in [*partial.iterdir(), *(partial / CHECKPOINTS).iterdir()]:
        unwanted = everything or path.parent == partial or path.suffix == ".partial"
        if not unwanted or path.name in (CHECKPOINTS, LOCK):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _take_the_name(partial: Path, folder: Path) -> None:
    try:
        if folder.exists():
            folder.rename(partial / CHECKPOINTS / REPLACED)
        partial.rename(folder)
    except BaseException:
        _put_back(folder)
        raise
    shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)


def _put_back(folder: Path) -> None:
    """Give a run its name back that moved away to be replaced, and was not."""
    replaced = partial_of(folder) / CHECKPOINTS / REPLACED
    if replaced.exists() and not folder.exists():
        replaced.rename(folder)


def partial_of(folder: Path) -> Path:
    """Where a run is until it is whole."""
    return folder.with_name(folder.name + ".partial")


def whole_of(partial: Path) -> Path:
    """The folder that it becomes."""
    return partial.with_name(partial.name.removesuffix(".partial"))


def write_run(folder: Path, chosen: str, tried: Sequence[TriedRung], metrics: Mapping[str, Any]) -> None:
    """Write the files of a run.

    Args:
        folder: to write into.
        chosen: name of the rung that is kept.
        tried: every rung that was tried.
        metrics: the content of ``metrics.json``.
    """
    (folder / RUNGS).mkdir(exist_ok=True)
    for one in tried:
        one.model.save(folder / RUNGS / f"{one.rung.name}.safetensors")
    shutil.copyfile(folder / RUNGS / f"{chosen}.safetensors", folder / MODEL)
    write_history(folder / HISTORY, tried)
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


def write_history(path: Path, tried: Sequence[TriedRung]) -> None:
    """Write the histories of all rungs below one another, the name of the rung first.

    Where there are folds, those of their trainings come first, with the number of the fold, counted from 1; that of the
    model that is kept has none. One holdout is the only fold, where a model was then trained once more. The networks of
    an ensemble follow one another, with a number each. A rung without validation while it trains (constant, linear)
    leaves that column empty; one without epochs has no rows.
    """
    rows: list[dict[str, Any]] = []
    for one in tried:
        for fold, model in enumerate(one.folds, start=1):
            rows += [{"rung": one.rung.name, "fold": fold, **row} for row in model.history_]
        rows += [{"rung": one.rung.name, **row} for row in one.model.history_]
    found = list(dict.fromkeys(column for row in rows for column in row))
    validated = [column for column in found if column.startswith("validation_")]
    numbers = [name for name in ("fold", "model") if name in found]
    order = ["rung", *numbers, "epoch", "training_loss", *validated, "learning_rate", "seconds"]
    columns = [*order, *(column for column in found if column not in order)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
