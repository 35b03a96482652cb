"""The command line in a process that gets a signal at one place of the code, from itself.

    python deadly.py SIGNAL WHERE NTH before|after TOKEN …

WHERE is ``module:name``. Its nth call sends the signal, before or after it does its work. ``torn`` is the writing of a
checkpoint, which then ends in the middle. Checkpoints are written after every epoch.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from functools import partial, wraps
from importlib import import_module

import gradatim.ladder.ladder as ladder
import gradatim.training.checkpoint as checkpoint
from gradatim.cli import main


class Torn:
    """A file that takes half of what is written, then calls."""

    def __init__(self, file, call):
        self.file, self.call = file, call

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        self.call()


def deadly(function, call, nth, when):
    calls = 0

    @wraps(function)
    def wrapped(*arguments, **named):
        nonlocal calls
        calls += 1
        if calls == nth and when == "before":
            call()
        result = function(*arguments, **named)
        if calls == nth and when == "after":
            call()
        return result

    return wrapped


def prepare(name, where, nth, when):
    """Set the trap."""

    def call():
        os.kill(os.getpid(), signal.Signals[name])

    if where == "torn":
        whole_file, calls = checkpoint.whole_file, []

        @contextmanager
        def torn(path):
            calls.append(path)
            with whole_file(path) as file:
                yield Torn(file, call) if len(calls) == nth else file

        checkpoint.whole_file = torn
        return
    module, _, path = where.partition(":")
    *owners, last = path.split(".")
    owner = import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    setattr(owner, last, deadly(getattr(owner, last), call, nth, when))


if __name__ == "__main__":
    ladder.Checkpoint = partial(checkpoint.Checkpoint, every_seconds=0)
    name, where, nth, when, *tokens = sys.argv[1:]
    prepare(name, where, int(nth), when)
    sys.exit(main(tokens))
