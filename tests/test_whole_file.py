"""Files that are there whole, or not at all."""

import os
import stat

import pytest

from gradatim.whole_file import whole_file


@pytest.fixture(params=[0o022, 0o077], ids=["readable to all", "readable to the owner"])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights")
def test_the_file_has_the_rights_of_any_new_file(tmp_path, umask):
    with whole_file(tmp_path / "a") as file:
        file.write(b"alpha")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~umask


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    def interrupted():
        with whole_file(tmp_path / "a") as file:
            file.write(b"ne")
            raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old"}


def test_the_name_appears_when_the_file_is_whole(tmp_path):
    with whole_file(tmp_path / "a") as file:
        file.write(b"alpha")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"alpha"
