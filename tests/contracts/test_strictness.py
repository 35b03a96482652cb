"""The testers are tested: what `conftest.py` and the settings of pytest promise to notice, they notice."""

import re
import shutil
import subprocess
import sys

from threadpoolctl import ThreadpoolController

TESTS = """
import os, warnings
import numpy as np
from threadpoolctl import threadpool_limits

def test_divides_by_zero(): np.ones(1) / np.zeros(1)
def test_warns(): warnings.warn("careless")
def test_leaves_numpys_error_state(): np.seterr(all="ignore")
def test_leaves_the_working_directory(tmp_path): os.chdir(tmp_path)
def test_leaves_blas_threads(): threadpool_limits(2, user_api="blas")
def test_puts_everything_back(tmp_path, monkeypatch): monkeypatch.chdir(tmp_path)
"""


def test_faults_warnings_and_leaks_fail_and_nothing_else_does(root, tmp_path):
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    (tmp_path / "test_careless.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_careless.py"]
    report = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    noticed = dict(re.findall(r"^(?:FAILED|ERROR) test_careless.py::test_(\w+) - (\w+)", report, flags=re.MULTILINE))
    expected = {
        "divides_by_zero": "FloatingPointError",
        "warns": "UserWarning",
        "leaves_numpys_error_state": "AssertionError",
        "leaves_the_working_directory": "AssertionError",
    }
    if ThreadpoolController().select(user_api="blas").info():  # some builds have a BLAS whose threads nobody can set
        expected["leaves_blas_threads"] = "AssertionError"
    assert noticed == expected
