"""The command line: arguments in, one call, text out.

Called from Python, gradatim prints only what it is asked to: ``print_every`` of a descent, ``verbose`` of an estimator.

Exit status: 0 done; 2 the user's to mend, with one message on standard error; 1 a fault of ours, with a traceback; 130
interrupted.

Heavy modules are imported inside the commands, so that ``gradatim --help`` answers at once.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from inspect import Parameter as Argument
from inspect import signature
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from gradatim import __version__
from gradatim.errors import Error, InputError

app = App(
    name="gradatim",
    help="The simplest neural network that your table needs, and a sentence on whether it was worth it.",
    version=__version__,
    help_format="plaintext",
    result_action="return_value",
    print_error=False,
    exit_on_error=False,
    suppress_keyboard_interrupt=False,
)

Flag = Annotated[bool, Parameter(negative=())]


@app.command
def fit(
    data: str,
    /,
    *,
    target: str | None = None,
    out: str | None = None,
    replace: Flag = False,
    task: Literal["auto", "classification", "regression"] = "auto",
    positive: str | None = None,
    rungs: str = "constant,linear,shallow,deep",
    choose: str = "simplest",
    metric: str | None = None,
    hidden: str | None = None,
    activation: str | None = None,
    learning_rate: float | None = None,
    epochs: int | None = None,
    preset: str = "strong",
    ignore: Annotated[list[str] | None, Parameter(negative=())] = None,
    test: str | None = None,
    seed: int = 0,
    json: Flag = False,
    quiet: Flag = False,
) -> None:
    """Train the ladder of models on a table, and keep the simplest that does.

    Args:
        data: A file (.csv .tsv .parquet .npz .npy .h5), a folder of pictures with one folder a class, or sample:NAME.
        target: The column to predict.
        out: The folder to write to [default: runs/<data>-<target>].
        replace: Replace the run in that folder.
        task: What to predict: a class or a number.
        positive: The class that counts as 1, where there are two.
        rungs: Which models to try, with commas.
        choose: The model to keep: simplest (within one standard error of the best), best, or a rung's name.
        metric: What models are chosen by [default: log_loss for classes, rmse for numbers].
        hidden: Units of each hidden layer of the deep network, with commas: 20,7,5. The shallow one has the first.
        activation: Of the hidden layers: relu, tanh, sigmoid …
        learning_rate: Of the networks.
        epochs: How often a network sees each training row, at most.
        preset: The other settings of the networks: strong or plain.
        ignore: A column to leave out; may be given several times.
        test: The share of rows to test on, or a file with test rows [default: 0.2].
        seed: Of the split and of every training.
        json: Print metrics.json, and nothing else, on standard output.
        quiet: Show no progress, and not how the table was understood.
    """
    import gradatim.terminal as terminal

    with terminal.progress(sys.stderr, quiet=quiet, readings_to=sys.stderr if json else sys.stdout) as progress:
        from gradatim.run_folder import json_text
        from gradatim.runs import fit as fit_run

        run = fit_run(
            data,
            target,
            task=task,
            positive=positive,
            rungs=rungs,
            choose=choose,
            metric=metric,
            hidden=_widths(hidden),
            activation=activation,
            learning_rate=learning_rate,
            epochs=epochs,
            preset=preset,
            ignore=ignore or (),
            test=_share_or_file(test),
            seed=seed,
            out=out or "auto",
            replace=replace,
            progress=progress,
        )
    if json:
        _write(json_text(run.metrics))
    else:
        _write(terminal.run_text(run, data, width=terminal.width_of(sys.stdout)) + "\n")


@app.command
def predict(model: str, data: str, /, *, out: str | None = None) -> None:
    """Predict every row of a table, or one picture.

    Writes all input columns, <target>_predicted and, for classes, p_<class>. Where an input column has that name, the
    new one ends in _2.

    Args:
        model: The folder of a run, or a .safetensors file.
        data: As for fit; or one picture.
        out: A file to write, .csv or .parquet [default: CSV on standard output].
    """
    from gradatim.model import load
    from gradatim.predictions import predicted, write_table

    if out is not None and Path(out).suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"--out must end in .csv or .parquet. Got {out!r}.")
    if out is not None and Path(out).resolve() == Path(data).resolve():
        raise InputError(f"--out must be another file than DATA, which it would replace. Got {out!r} for both.")
    frame, notes = predicted(load(model), data)
    for note in notes:
        print(note, file=sys.stderr)
    if out is None:
        _write(frame.write_csv())
    else:
        write_table(frame, Path(out))


@app.command
def evaluate(model: str, data: str, /, *, json: Flag = False) -> None:
    """Measure how well a model predicts rows whose target is known.

    Args:
        model: The folder of a run, or a .safetensors file.
        data: As for fit, with the column of the target.
        json: Print JSON on standard output.
    """
    from gradatim.model import load
    from gradatim.run_folder import json_text
    from gradatim.runs import evaluate as evaluate_model
    from gradatim.terminal import evaluation_text

    found = evaluate_model(load(model), data)
    if json:
        _write(json_text(found))
    else:
        for note in found["notes"]:
            print(note, file=sys.stderr)
        _write(evaluation_text(found) + "\n")


def _widths(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        widths = tuple(int(width) for width in text.split(",") if width.strip())
    except ValueError:
        widths = (0,)
    if any(width < 1 for width in widths):
        raise InputError(f"--hidden must be whole numbers of 1 or more with commas, such as 20,7,5. Got {text!r}.")
    return widths


def _share_or_file(text: str | None) -> float | str | None:
    try:
        return text if text is None else float(text)
    except ValueError:
        return text


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()  # a pipe that was closed says so here, and not when Python ends


def main(tokens: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        tokens: the arguments; those of the process without.

    Returns:
        The exit status: 0, 1, 2 or 130.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # tests put their own streams there
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ± still gets its numbers
    tokens = sys.argv[1:] if tokens is None else tokens
    try:
        app(tokens)
    except KeyboardInterrupt:
        return _complain("Interrupted. Nothing was written.", 130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CycloptsError as error:
        return _complain(f"{error} Try gradatim --help.", 2)
    except Error as error:
        return _complain(_in_options(str(error), tokens), 2)
    except OSError as error:
        return _complain(f"The file or folder must be readable, and writable for results. Got: {error}.", 2)
    except Exception:
        import traceback

        traceback.print_exc()
        return _complain("This is a fault of gradatim, not of your data: please report the lines above.", 1)
    return 0


def _in_options(message: str, tokens: Sequence[str]) -> str:
    """A message of the library with options in place of arguments: ``--learning-rate`` for ``learning_rate``."""
    own = [name for name, argument in signature(fit).parameters.items() if argument.kind is Argument.KEYWORD_ONLY]
    options = {name: "--" + name.replace("_", "-") for name in own}
    who = message.split(" ", 1)[0]
    if who in options and who not in tokens:  # "test must …" may be about a folder of that name
        message = options[who] + message.removeprefix(who)
    return re.sub(
        rf'\b({"|".join(options)})=(?:True\b|"([^"]*)")',
        lambda found: shlex.join([options[found[1]], *([found[2]] if found[2] is not None else [])]),
        message,
    )


def _complain(message: str, status: int) -> int:
    from gradatim.terminal import width_of, wrapped

    print(wrapped(message, width_of(sys.stderr)) if sys.stderr.isatty() else message, file=sys.stderr)
    return status
