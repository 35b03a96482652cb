"""A module imports only from those that come before it: the order stands in pyproject.toml."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def test_modules_import_only_from_those_before_them(root):
    lint_imports = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if lint_imports is None:
        pytest.skip("import-linter is not installed: pip install '.[lint]'")
    run = subprocess.run([lint_imports, "--no-cache"], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
