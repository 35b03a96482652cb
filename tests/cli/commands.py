"""Commands in processes of their own, and words that several tests use."""

import subprocess
import sys

TARGET_IS_THERE = "Not predicted from: 'species' (the target).\n"
QUICK = ("--epochs", "3", "--rungs", "constant,linear,shallow", "--folds", "1")

LOADED = "import sys; from gradatim.cli import main; status = main(sys.argv[1:]); print(status, *sys.modules)"


def run_python(code, *arguments):
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
