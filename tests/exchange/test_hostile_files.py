"""Files that are damaged or forged: each is refused with a clear error, or gives a model that works."""

import random
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradatim.errors import ExchangeError
from gradatim.model import load
from tests.exchange.models import MAKERS, assembled, example, used

# Loading and predicting take some milliseconds; a file that takes seconds hangs.
QUICK = settings(max_examples=100, derandomize=True, deadline=10_000, suppress_health_check=list(HealthCheck))
LONG = settings(QUICK, max_examples=10_000, derandomize=False)

names = st.sampled_from(list(MAKERS))
places = st.floats(0, 1, exclude_max=True)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    for name in MAKERS:
        example(name)  # trained here, so that no deadline counts it
    return tmp_path_factory.mktemp("hostile") / "model.safetensors"


def loaded_or_refused(file, content):
    """The model, or None where loading says clearly why there is none."""
    file.write_bytes(content)
    said = ""
    try:
        return load(file)
    except ExchangeError as fault:
        said = str(fault)
    assert str(file) in said
    assert len(said) < 3000
    return None


def harmless(file, content, rows):
    model = loaded_or_refused(file, content)
    if model is not None:
        with np.errstate(all="ignore"):  # forged weights may overflow
            used(model, rows)


# --- bytes ------------------------------------------------------------------------------------------------------------


@st.composite
def damages(draw):
    """How bytes are changed: a list of (what, where, where else, new bytes)."""
    what = st.sampled_from(["flip", "delete", "insert", "cut", "swap", "header"])
    return draw(st.lists(st.tuples(what, places, places, st.binary(min_size=1, max_size=9)), min_size=1, max_size=3))


def damaged(content, damages):
    for what, first, second, new in damages:
        header = 8 + int.from_bytes(content[:8], "little")
        # Half of all damage is aimed at the header, which is where a reader goes wrong.
        end = min(header, len(content)) if second < 0.5 else len(content)
        i = int(first * end)
        j = i + 1 + int(second * 40)
        match what:
            case "flip":
                content = content[:i] + bytes([content[i] ^ (new[0] or 1)]) + content[i + 1 :] if content else b""
            case "delete":
                content = content[:i] + content[j:]
            case "insert":
                content = content[:i] + new + content[i:]
            case "cut":
                content = content[:i]
            case "swap":
                content = content[:i] + content[j : 2 * j - i] + content[i:j] + content[2 * j - i :]
            case "header":
                content = new[:8].ljust(8, b"\0") + content[8:]
    return content


def check_damaged_bytes(file, name, damages):
    harmless(file, damaged(example(name).content, damages), example(name).rows)


@QUICK
@given(names, damages())
def test_damaged_bytes_are_refused_or_harmless(file, name, damages):
    check_damaged_bytes(file, name, damages)


@pytest.mark.slow
@LONG
@given(names, damages())
def test_damaged_bytes_are_refused_or_harmless_at_length(file, name, damages):
    check_damaged_bytes(file, name, damages)


# --- what the file says -----------------------------------------------------------------------------------------------

HOSTILE = [
    *[
        None,
        True,
        False,
        0,
        -1,
        1,
        2,
        3,
        0.0,
        0.5,
        1.0,
        -2.5,
        1e-300,
        1e300,
        2**31,
        2**63,
        2**64,
        10**12,
        10**18,
        10**400,
    ],
    *["", "1", "NaN", "inf", "auto", "relu", "softmax", "leaky_relu(nan)", "leaky_relu(1e999)", "year", "\ud800", "\0"],
    *[float("nan"), float("inf"), [], {}, [[]], [None], [1, 1], ["a", "a"], {"type": "dict", "items": []}],
    *[
        {"type": "Dense", "units": 1},
        {"type": "Scale"},
        {"type": "Path"},
        {"type": []},
        {"type": "Dropout", "rate": 0.5},
    ],
    {"type": "dict", "items": [[{"type": "Dense", "units": 2}, 1]]},
    {"type": "WarmUp", "epochs": 1, "then": {"type": "WarmUp"}},
]


def paths(tree, path=()):
    """The way to every value in the description, branches too."""
    yield path
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


def at(tree, path):
    for key in path:
        tree = tree[key]
    return tree


@st.composite
def forgeries(draw):
    """How the description is changed: a list of (what, where, from where, hostile value)."""
    what = st.sampled_from(["hostile", "other", "drop", "rename", "repeat", "empty"])
    return draw(st.lists(st.tuples(what, places, places, st.sampled_from(HOSTILE)), min_size=1, max_size=3))


def forged(description, forgeries):
    description = deepcopy(description)
    for what, first, second, hostile in forgeries:
        known = list(paths(description))[1:]
        if not known:
            break
        path, other = known[int(first * len(known))], known[int(second * len(known))]
        parent, key = at(description, path[:-1]), path[-1]
        match what:
            case "hostile":
                parent[key] = deepcopy(hostile)
            case "other":
                parent[key] = deepcopy(at(description, other))
            case "drop":
                del parent[key]
            case "rename" if isinstance(parent, dict):
                parent[f"{key}_"] = parent.pop(key)
            case "repeat" if isinstance(parent, list):
                parent.insert(key, parent[key])
            case "empty":
                parent[key] = type(parent[key])()
    return description


@st.composite
def tensor_forgeries(draw):
    """How tensors are changed: a list of (what, which, which other)."""
    what = st.sampled_from(["dtype", "shape", "swap", "drop", "add", "number", "longer", "shorter"])
    return draw(st.lists(st.tuples(what, places, places), max_size=2))


def forged_tensors(tensors, forgeries):
    tensors = dict(tensors)
    for what, first, second in forgeries:
        keys = sorted(tensors)
        key, other = keys[int(first * len(keys))], keys[int(second * len(keys))]
        tensor = tensors[key]
        match what:
            case "dtype":
                dtype = [np.float16, np.int64, np.float64, np.float32, np.bool_][int(second * 5)]
                tensors[key] = tensor.astype(dtype)
            case "shape":
                tensors[key] = tensor.reshape(tensor.shape[::-1] if second < 0.5 else (1, tensor.size))
            case "swap":
                tensors[key], tensors[other] = tensors[other], tensor
            case "drop" if len(tensors) > 1:
                del tensors[key]
            case "add":
                tensors[f"{key}1"] = tensor
            case "number" if tensor.size and tensor.dtype.kind == "f":
                value = [np.nan, np.inf, 1e30, -1e30, 0.0, 1e38][int(second * 6)]
                tensors[key] = np.full_like(tensor, value)
            case "longer":
                tensors[key] = np.concatenate([tensor.ravel(), tensor.ravel()])
            case "shorter":
                tensors[key] = tensor[:-1]
    return tensors


def check_forged_files(file, name, forgeries, tensor_forgeries):
    whole = example(name)
    with np.errstate(all="ignore"):  # 1e38 overflows where numbers become narrow
        tensors = forged_tensors(whole.tensors, tensor_forgeries)
    content = assembled(forged(whole.description, forgeries), tensors)
    harmless(file, content, whole.rows)


@settings(QUICK, max_examples=200)
@given(names, forgeries(), tensor_forgeries())
def test_forged_files_are_refused_or_harmless(file, name, forgeries, tensor_forgeries):
    check_forged_files(file, name, forgeries, tensor_forgeries)


@pytest.mark.slow
@settings(LONG, max_examples=4_000)
@given(names, forgeries(), tensor_forgeries())
def test_forged_files_are_refused_or_harmless_at_length(file, name, forgeries, tensor_forgeries):
    check_forged_files(file, name, forgeries, tensor_forgeries)


@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
def test_every_value_of_a_description_may_be_anything(file, name):
    """One value at a time, each by ten hostile ones in turn."""
    whole = example(name)
    hostile = random.Random(1)
    for path in list(paths(whole.description))[1:]:
        for value in hostile.sample(HOSTILE, 10):
            description = deepcopy(whole.description)
            at(description, path[:-1])[path[-1]] = value
            harmless(file, assembled(description, whole.tensors), whole.rows)


# --- what does not matter ---------------------------------------------------------------------------------------------


def shuffled(tree, order):
    """The same JSON with its keys in another order."""
    if isinstance(tree, list):
        return [shuffled(item, order) for item in tree]
    if not isinstance(tree, dict):
        return tree
    keys = sorted(tree)
    order.shuffle(keys)
    return {key: shuffled(tree[key], order) for key in keys}


@settings(QUICK, max_examples=30)
@given(names, st.randoms(use_true_random=False))
def test_a_file_that_says_the_same_in_other_words_gives_an_equal_model(file, name, order):
    whole = example(name)
    tensors = dict(order.sample(sorted(whole.tensors.items()), len(whole.tensors)))
    description = whole.description | {"version": "another"}
    model = loaded_or_refused(file, assembled(shuffled(description, order), tensors))
    assert np.array_equal(model.predict(whole.rows), whole.model.predict(whole.rows))
    assert model.settings_ == whole.model.settings_
    for one, other in zip(each(model), each(whole.model), strict=True):
        assert (one.architecture, one.loss, one.settings_) == (other.architecture, other.loss, other.settings_)


def each(model):
    return getattr(model, "models", (model,))
