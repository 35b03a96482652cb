"""Files, folders and pictures as tables."""

from __future__ import annotations

import builtins
import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.errors import InputError, MissingPackageError
from gradatim.tables import Table, TableEncoder, read_table
from gradatim.tables.images import pixel_names
from gradatim.tables.pictures import as_one_picture
from gradatim.tables.targets import ClassTarget


@pytest.fixture
def write(tmp_path):
    def write(content, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


# Text


def test_types_come_from_the_whole_file(write):
    table = read_table(write("x,k,when,ok\n" + "1,a,2024-02-29,true\n" * 5000 + "2.5,b,2024-03-01,false\n"))
    assert table.n_rows == 5001
    assert table.column("x")[-1] == 2.5
    assert table.column("when")[-1] == dt.date(2024, 3, 1)
    assert table.column("ok")[-1] is False
    assert (table.notes, table.source) == ((), "data.csv")


def test_missing_has_many_spellings_but_none_is_a_text(write):
    table = read_table(write("x,k\n1,a\nNA,N/A\n?,null\nnan,NULL\n,NaN\n2,None\n"))
    assert table.column("x").to_list() == [1, None, None, None, None, 2]
    assert table.column("k").to_list() == ["a", None, None, None, None, "None"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(write, separator):
    text = separator.join("abc") + "\n" + separator.join(["1.5", '"x, y; z|w"', "3"]) + "\n"
    table = read_table(write(text))
    assert table.names == ("a", "b", "c")
    assert table.frame.rows() == [(1.5, "x, y; z|w", 3)]
    assert bool(table.notes) == (separator != ",")


def test_a_decimal_comma_is_found_and_said(write):
    table = read_table(write("a;b\n1,5;x\n-2,25;y\n"))
    assert table.column("a").to_list() == [1.5, -2.25]
    assert table.notes == ("Columns are separated by semicolons, and the decimal sign is a comma.",)


def test_semicolons_with_a_decimal_point_are_read_too(write):
    assert read_table(write("a;b\n1.5;x\n2.5;y\n")).column("a").to_list() == [1.5, 2.5]


def test_one_column_needs_no_separator(write):
    assert read_table(write("x\n1\n2\n")).column("x").to_list() == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_letters_survive_every_encoding(write, encoding):
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    table = read_table(write(mark + "größe,y\nschön,1\n".encode(encoding)))
    assert table.names == ("größe", "y")
    assert table.column("größe").to_list() == ["schön"]
    assert [note.split(":")[0] for note in table.notes] == {
        "utf-16": ["The file is UTF-16."],
        "utf-16-be": ["The file is UTF-16."],
        "cp1252": ["The file is not UTF-8"],
    }.get(encoding, [])


def test_quotes_hold_separators_and_line_ends(write):
    table = read_table(write('a,b\n"1, 2",x\n"3\n4",y\n'))
    assert table.column("a").to_list() == ["1, 2", "3\n4"]


def test_spaces_around_fields_are_no_part_of_them(write):
    table = read_table(write("age, job, key\n39, clerk, 007\n50, ?, 012\n"))
    assert table.names == ("age", "job", "key")
    assert table.column("job").to_list() == ["clerk", None]
    assert table.column("key").to_list() == ["007", "012"]


def test_numbers_too_long_for_64_bits_do_not_stop_the_reading(write):
    table = read_table(write("a,b\n123456789012345678901234567890123456789012345,1\n2,2\n"))
    assert table.column("b").to_list() == [1, 2]
    assert table.column("a")[1] in (2, 2.0, "2")


def test_a_name_that_stands_twice_is_said(write):
    table = read_table(write("a,a,b\n1,2,3\n"))
    assert len(set(table.names)) == 3
    assert "'a' more than once" in table.notes[0]


def test_empty_lines_are_left_out(write):
    table = read_table(write("\na,b\n1,2\n\n3,4\nNA,NA\n\n"))
    assert table.frame.rows() == [(1, 2), (3, 4), (None, None)]
    assert table.notes == ("2 empty lines are left out.",)


def test_old_line_ends_are_read(write):
    for end in ("\n", "\r\n", "\r"):
        assert read_table(write(end.join(["a,b", "1,x", "2,", ""]))).frame.rows() == [(1, "x"), (2, None)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "must hold a table. Got an empty file"),
        (" \n", "Got an empty file"),
        ("a,b\n", "must hold rows. Got 2 columns and no row"),
        ("a,b\n1,2\n3,4,5\n", "equally many fields in every line. Got 3 in line 3, 2 in the header"),
        ('a,b\n1,"2"\n3\n', "equally many fields in every line. Got 1 in line 3, 2 in the header"),
        ("a,b\n1,2\n3\n", "equally many fields in every line. Got 1 in line 3, 2 in the header"),
        (bytes(range(256)) * 4, "must be text. Got binary data"),
        (b"PK\x03\x04" + bytes(100), "must be text. Got binary data"),
        ("\ufeffa,b\n1,2\n".encode("utf-16-le")[:-1], "UTF-16 that breaks off"),
    ],
)
def test_what_is_no_text_table_is_refused(write, content, words):
    with pytest.raises(InputError, match=words):
        read_table(write(content))


def test_a_target_that_is_not_there_is_refused_with_a_guess(write):
    path = write("strength,age\n1,2\n")
    assert read_table(path, "age").target_name == "age"
    with pytest.raises(
        InputError, match=r"target must be one of the table's columns: .* Got 'strenght'\. Did you mean"
    ):
        read_table(path, "strenght")


def test_a_file_that_is_not_there_is_refused_with_a_guess(write, tmp_path):
    write("a\n1\n", "houses.csv")
    with pytest.raises(InputError, match=r"Got nothing of that name\. Did you mean 'houses\.csv'"):
        read_table(tmp_path / "house.csv")
    with pytest.raises(InputError, match="Did you mean 'sample:iris'"):
        read_table("iris")
    with pytest.raises(InputError, match="There is no folder"):
        read_table(tmp_path / "nowhere" / "house.csv")


def test_an_unknown_ending_is_refused(write):
    with pytest.raises(InputError, match=r"an ending that is known: \.csv, .*Got '\.doc'"):
        read_table(write("a\n1\n", "data.doc"))


@given(text=st.text(alphabet=',;|\t"\n\r 1a.-é?', max_size=60))
def test_any_text_is_a_table_or_is_refused(text, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "data.csv"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        table = read_table(path)
    except InputError:
        return
    assert table.n_rows > 0
    assert np.isfinite(TableEncoder.fit(table).encode(table).X).all()


@given(junk=st.binary(max_size=200))
def test_any_bytes_are_a_table_or_are_refused(junk, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "data.csv"
    path.write_bytes(junk)
    try:
        table = read_table(path)
    except InputError:
        return
    assert table.n_rows > 0
    assert all(len(table.column(name)) == table.n_rows for name in table.names)
    assert np.isfinite(TableEncoder.fit(table).encode(table).X).all()


# Arrays


def test_parquet_keeps_its_types(tmp_path):
    frame = pl.DataFrame({"x": [1.5, None], "k": ["a", None], "when": [dt.date(2024, 1, 1), None]})
    frame.write_parquet(tmp_path / "data.parquet")
    assert read_table(tmp_path / "data.parquet").frame.equals(frame)


@pytest.mark.parametrize("ending", [".parquet", ".npz", ".npy", ".h5", ".png"])
@pytest.mark.parametrize("junk", [b"", b"no such thing", bytes(range(256)) * 9])
def test_junk_is_refused_under_every_ending(write, ending, junk):
    if ending == ".h5":
        pytest.importorskip("h5py")
    if ending == ".png":
        pytest.importorskip("PIL")
    with pytest.raises(InputError, match="Got something else, or a damaged one"):
        read_table(write(junk, f"junk{ending}"))


@pytest.mark.parametrize(
    "names", [("X", "y"), ("x_train", "y_train"), ("train_set_x", "train_set_y"), ("data", "target")]
)
def test_arrays_are_told_by_their_names(tmp_path, names):
    X, y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])
    np.savez(tmp_path / "data.npz", **dict(zip(names, (X, y), strict=True)))
    table = read_table(tmp_path / "data.npz")
    assert (table.names, table.target_name) == (("x1", "x2", "label"), "label")
    np.testing.assert_array_equal(table.block, X)
    assert table.column("label").to_list() == [0, 1, 0]


def test_the_test_part_is_held_out_and_class_names_become_labels(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (5, 4, 3, 3), dtype=np.uint8)
    y = np.array([1, 0, 1], dtype=np.uint8)
    names = np.array(["other", "cat"])
    np.savez(tmp_path / "data.npz", X_train=X[:3], y_train=y, X_test=X[3:], y_test=[0, 1], class_names=names)
    table = read_table(tmp_path / "data.npz")
    assert (table.image_shape, table.n_rows, table.held_out.n_rows) == ((4, 3, 3), 3, 2)
    assert table.column("label").to_list() == ["cat", "other", "cat"]
    assert table.held_out.column("label").to_list() == ["other", "cat"]
    assert ClassTarget.fit(table.column("label")).positive == "cat"
    np.testing.assert_array_equal(table.block, X[:3].reshape(3, -1))


def test_one_array_is_a_table_without_a_target(tmp_path):
    np.save(tmp_path / "rows.npy", np.arange(6).reshape(3, 2))
    np.save(tmp_path / "pictures.npy", np.zeros((2, 4, 4), dtype=np.uint8))
    assert read_table(tmp_path / "rows.npy").names == ("x1", "x2")
    assert read_table(tmp_path / "pictures.npy").image_shape == (4, 4, 1)
    assert read_table(tmp_path / "pictures.npy").target_name is None


def test_python_objects_are_never_unpickled(tmp_path):
    np.save(tmp_path / "data.npy", np.array([{}, []], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="Python objects, which run code when loaded"):
        read_table(tmp_path / "data.npy")
    np.savez(tmp_path / "data.npz", X=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="Python objects"):
        read_table(tmp_path / "data.npz")


def test_examples_in_columns_are_noticed(tmp_path):
    np.savez(tmp_path / "data.npz", X=np.zeros((12, 5)), y=np.zeros(5))
    with pytest.raises(InputError, match=r"one target for each of the 12 rows. Got shape \(5,\)\. .*X\.T"):
        read_table(tmp_path / "data.npz")


def test_an_archive_without_inputs_is_refused(tmp_path):
    np.savez(tmp_path / "data.npz", split_0=np.zeros(3), split_1=np.zeros(3))
    with pytest.raises(InputError, match=r"array of inputs, named X.* Got split_0, split_1"):
        read_table(tmp_path / "data.npz")


def test_an_h5_file_is_read_as_the_courses_are(tmp_path):
    h5py = pytest.importorskip("h5py")
    X = np.random.default_rng(0).integers(0, 256, (4, 2, 2, 3), dtype=np.uint8)
    with h5py.File(tmp_path / "train.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = X, [0, 1, 1, 0]
        file["list_classes"] = np.array([b"non-cat", b"cat"])
    table = read_table(tmp_path / "train.h5")
    assert (table.target_name, table.image_shape) == ("label", (2, 2, 3))
    assert table.column("label").to_list() == ["non-cat", "cat", "cat", "non-cat"]
    X_encoded = TableEncoder.fit(table.drop(["label"])).encode(table).X
    np.testing.assert_array_equal(X_encoded, (X.reshape(4, -1) / 255).astype(np.float32))


@pytest.mark.parametrize(
    ("name", "module", "words"), [("a.h5", "h5py", "needs h5py"), ("a.png", "PIL", "needs Pillow")]
)
def test_a_missing_package_is_named_with_its_command(write, monkeypatch, name, module, words):
    real = builtins.__import__

    def without(wanted, *rest, **named):
        if wanted.split(".")[0] == module:
            raise ImportError(wanted)
        return real(wanted, *rest, **named)

    path = write(b"anything", name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingPackageError, match=words + r".*pip install 'gradatim\[images\]'"):
        read_table(path)


# Pictures


@pytest.fixture
def picture():
    image = pytest.importorskip("PIL.Image")

    def draw(path, colour, size=(10, 8), mode="RGB"):
        path.parent.mkdir(parents=True, exist_ok=True)
        image.new(mode, size, colour).save(path)
        return path

    return draw


def test_one_picture_is_a_row_of_64_by_64_colours(picture, tmp_path):
    table = read_table(picture(tmp_path / "red.png", (255, 0, 10)))
    assert (table.image_shape, table.n_rows, table.column("file").to_list()) == ((64, 64, 3), 1, ["red.png"])
    np.testing.assert_array_equal(table.block.reshape(-1, 3), [[255, 0, 10]] * 64 * 64)


def test_a_picture_is_brought_to_the_shape_that_is_asked_for(picture, tmp_path):
    path = picture(tmp_path / "grey.png", 77, mode="L")
    assert read_table(path, image_shape=(5, 6, 1)).block.tolist() == [[77] * 30]
    assert read_table(path, image_shape=(2, 2, 3)).block.tolist() == [[77] * 12]


def test_height_comes_first(tmp_path):
    """A picture of 2 lines and 3 places: line 0 is red, line 1 blue."""
    image = pytest.importorskip("PIL.Image")
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    pixels[0, :, 0], pixels[1, :, 2] = 255, 255
    image.fromarray(pixels).save(tmp_path / "flag.png")
    np.testing.assert_array_equal(read_table(tmp_path / "flag.png", image_shape=(2, 3, 3)).block[0], pixels.ravel())


def test_an_array_of_the_shape_that_is_asked_for_is_one_picture():
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    rows = Table(pl.DataFrame(), picture.reshape(5, 12), pixel_names((4, 3, 1)), image_shape=(4, 3, 1))
    one = as_one_picture(rows, (5, 4, 3))
    assert (one.n_rows, one.image_shape, one.names) == (1, (5, 4, 3), pixel_names((5, 4, 3)))
    np.testing.assert_array_equal(one.block, picture.reshape(1, -1))
    grey = as_one_picture(Table.from_any(picture[:, :, 0]), (5, 4, 1))
    np.testing.assert_array_equal(grey.block, picture[:, :, 0].reshape(1, -1))
    for shape in ((4, 3, 1), (5, 12, 3), (4, 5, 3)):
        assert as_one_picture(rows, shape) is rows
    labelled = replace(rows, frame=pl.DataFrame({"label": [0, 1, 0, 1, 0]}))
    assert as_one_picture(labelled, (5, 4, 3)) is labelled


def test_what_is_transparent_is_white(picture, tmp_path):
    path = picture(tmp_path / "glass.png", (0, 0, 0, 0), mode="RGBA")
    assert read_table(path, image_shape=(1, 1, 3)).block.tolist() == [[255, 255, 255]]


def test_a_folder_of_classes_is_labelled_by_its_folders(picture, tmp_path):
    for name, colour in (("cat/1.png", "white"), ("dog/2.png", "black"), ("cat/3.jpg", "white")):
        picture(tmp_path / "pets" / name, colour)
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("no picture")
    table = read_table(tmp_path / "pets")
    assert table.column("label").to_list() == ["cat", "cat", "dog"]
    assert table.column("file").to_list() == ["cat/1.png", "cat/3.jpg", "dog/2.png"]
    assert table.target_name == "label"
    encoder = TableEncoder.fit(table.drop(["label"]))
    assert encoder.n_outputs == 64 * 64 * 3


def test_a_folder_of_nothing_is_refused(tmp_path):
    with pytest.raises(InputError, match="must hold pictures"):
        read_table(tmp_path)


# The larger files, where they are


def test_the_cats_of_the_course(shared):
    pytest.importorskip("h5py")
    table = read_table(shared / "course" / "train_catvnoncat.h5")
    assert (table.n_rows, table.image_shape) == (209, (64, 64, 3))
    assert table.column("label").to_list().count("cat") == 72
    test = read_table(shared / "course" / "test_catvnoncat.h5")
    assert (test.n_rows, test.column("label").to_list().count("cat")) == (50, 33)
    npz = read_table(shared / "data" / "catvnoncat.npz")
    np.testing.assert_array_equal(npz.block, table.block)
    np.testing.assert_array_equal(npz.held_out.block, test.block)


LARGE = ("mnist.npz", "cifar10_10k.npz")


def read_and_encode(path, target):
    """Fit on every other row, encode the rows between."""
    table = read_table(path, target if path.suffix == ".parquet" else None)
    encoder = TableEncoder.fit(table.drop([table.target_name]), slice(0, None, 2))
    X = encoder.encode(table, slice(1, None, 2)).X
    assert X.shape == (table.n_rows // 2, encoder.n_outputs), path.name
    assert np.isfinite(X).all(), path.name
    assert np.abs(X).max() <= 3, path.name


def test_every_shared_table_is_read_and_encoded(shared):
    manifest = pl.read_csv(shared / "data" / "manifest.csv").filter(~pl.col("file").is_in(LARGE))
    assert manifest.height >= 40
    for file, target in manifest.select("file", "target").iter_rows():
        read_and_encode(shared / "data" / file, target)


@pytest.mark.slow
@pytest.mark.parametrize("file", LARGE)
def test_the_large_picture_files_are_read_and_encoded(shared, file):
    read_and_encode(shared / "data" / file, None)
