"""What tests of readers share."""

from __future__ import annotations

import pytest


@pytest.fixture
def write(tmp_path):
    """Write a file of this content, text or bytes, and give its path."""

    def write(content, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
