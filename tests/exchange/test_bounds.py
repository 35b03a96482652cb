"""Files that ask for more than there is: refused within a bound of memory and time, and pipes are not waited for."""

import json
import os
import subprocess
import sys
from copy import deepcopy

import numpy as np
import pytest
from safetensors.numpy import save as bytes_of_tensors

from gradatim.errors import ExchangeError, InputError
from gradatim.exchange.tensor_file import MOST_BYTES, MOST_HEADER_BYTES
from gradatim.model import load
from tests.exchange.models import assembled, example

ROOM = 2**31
"""Bytes that loading may add to the memory of the process; the largest attack asks for a thousand times as much."""

LOAD_ALL = f"""
import resource, sys
from gradatim.errors import Error
from gradatim.model import load
import gradatim.exchange.model_file
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + {ROOM},) * 2)
for path in sys.argv[1:]:
    try:
        load(path)
        print("loaded")
    except Error as fault:
        print(type(fault).__name__, str(fault).replace("\\n", " "))
"""


def header(length, size):
    """The first bytes of a file of that size, the rest of which are zeros that take no room on the disk."""
    return length.to_bytes(8, "little"), size


def announced(tensors):
    text = json.dumps(tensors).encode()
    return len(text).to_bytes(8, "little") + text, 8 + len(text) + 10 * 2**30


def described(change):
    """The file of two classes, with another description and tensors that fit it."""
    whole = example("two classes")
    description, tensors = deepcopy(whole.description), dict(whole.tensors)
    change(description, tensors)
    return assembled(description, tensors), None


def many_levels(description, tensors):
    """One-hot columns of 30,000 levels, all sizes in order: the table of their rows would take 7 GB."""
    levels = 30_000
    more = levels - len(description["encoder"]["categories"][0]["levels"])
    description["encoder"]["categories"][0]["levels"] = [str(level) for level in range(levels)]
    description["architecture"]["inputs"] += more
    for name, fill in (("encoder.level_center", np.zeros(more)), ("encoder.level_scale", np.ones(more))):
        tensors[name] = np.concatenate([tensors[name], fill])
    tensors["W1"] = np.hstack([tensors["W1"], np.zeros((3, more), np.float32)])


def empty_sides(description, tensors):
    """A block without numbers has a size of 0 and may have sides of any length."""
    description["architecture"]["front"] = [{"type": "NumericEmbedding", "columns": 0, "frequencies": 10**15}]
    tensors.update({name: np.empty((0, 10**15), np.float32) for name in ("frequency", "phase")})
    tensors["V"], tensors["c"] = np.empty((0, 3, 10**15), np.float32), np.empty((0, 3), np.float32)


def enormous_units(description, tensors):
    description["architecture"]["layers"][0]["units"] = 10**15


def enormous_members(description, tensors):
    description["architecture"]["members"] = 10**9


def enormous_pictures(description, tensors):
    description["encoder"]["image_shape"] = [10**6, 10**6, 3]
    tensors["encoder.pixel_range"] = np.array([0.0, 1.0])


def deep_lists(description, tensors):
    deep = []
    for _ in range(500):
        deep = [deep]
    description["encoder"]["notes"] = deep


def many_layers(description, tensors):
    description["architecture"]["layers"] = [{"type": "Dense", "units": 1}] * 20_000


def attacks():
    """Name, first bytes, and the size that the file is drawn out to."""
    return {
        "zeros": header(0, 10 * 2**30),
        "a header of gigabytes": header(9 * 2**30, 10 * 2**30),
        "a header of megabytes": header(3 * MOST_HEADER_BYTES, 4 * MOST_HEADER_BYTES),
        "ten gigabytes of parameters": announced(
            {"W1": {"dtype": "F32", "shape": [2**16, 10 * 2**12], "data_offsets": [0, 10 * 2**30]}}
        ),
        "brackets": (bytes_of_tensors({"a": np.zeros(1)}, {"gradatim": "[" * 300_000}), None),
        "digits": (bytes_of_tensors({"a": np.zeros(1)}, {"gradatim": "1" * 1_000_000}), None),
        "levels": described(many_levels),
        "empty sides": described(empty_sides),
        "units": described(enormous_units),
        "members": described(enormous_members),
        "pictures": described(enormous_pictures),
        "lists in lists": described(deep_lists),
        "empty lists": described(lambda description, _: description["encoder"].update(notes=[[]] * 2_000_000)),
        "layers": described(many_layers),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is bounded by what Linux offers")
def test_no_file_takes_memory_or_time_without_bound(tmp_path):
    paths, files = [], attacks()
    for number, (content, size) in enumerate(files.values()):
        paths.append(tmp_path / str(number))
        with paths[-1].open("wb") as file:
            file.write(content)
            if size is not None:
                file.truncate(size)
    run = subprocess.run(
        [sys.executable, "-c", LOAD_ALL, *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"},
    )
    assert run.returncode == 0, run.stderr
    answers = dict(zip(files, run.stdout.splitlines(), strict=True))
    assert [name for name, answer in answers.items() if not answer.startswith("ExchangeError")] == [], answers


def test_a_model_too_large_to_be_read_is_not_written(monkeypatch, tmp_path):
    monkeypatch.setattr("gradatim.exchange.tensor_file.MOST_BYTES", 1000)
    with pytest.raises(ExchangeError, match=r"The model must have at most 1,000 bytes.* Got [\d,]+\."):
        example("regression").model.save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_the_bounds_leave_room_for_large_models():
    """A hundred million parameters, or a hundred thousand columns with long names."""
    assert MOST_BYTES >= 100_000_000 * 8
    assert MOST_HEADER_BYTES >= 100_000 * 300


# --- what is no file --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "model.safetensors")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path / "link", tmp_path):
        with pytest.raises(InputError, match=r"must exist, and be a file\. Got something else"):
            load(place)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no such device")
def test_a_device_is_no_file():
    with pytest.raises(InputError, match="must exist, and be a file"):
        load("/dev/zero")


def test_a_link_is_followed_and_one_to_nowhere_refused(tmp_path):
    (tmp_path / "there").write_bytes(example("line").content)
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "circle").symlink_to("circle")
    assert np.array_equal(load(tmp_path / "link").vector, example("line").model.vector)
    with pytest.raises(InputError, match="Got nothing of that name"):
        load(tmp_path / "circle")


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    (tmp_path / "m").write_bytes(example("line").content)
    (tmp_path / "m").chmod(0)
    with pytest.raises(PermissionError, match="m"):
        load(tmp_path / "m")
