"""Imports: whole or not at all, through the gate, and clear about what was left out."""

from __future__ import annotations

import io
import timeit
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from pace import at_most
from PIL import Image

from lesionlab.app.data.large import large_picture
from lesionlab.data import making
from lesionlab.data.dataset import for_classes
from lesionlab.data.import_set import import_dataset
from lesionlab.data.measures import measure_row
from lesionlab.data.sources.columns import Columns
from lesionlab.data.split import SplitPlan, leaks, split_dataset
from lesionlab.data.store import list_datasets, open_dataset
from lesionlab.errors import Cancelled, DataError, DiskError
from lesionlab.images.decode import decode_image
from lesionlab.task import QuietTask


def png(level: int, size: tuple[int, int] = (8, 12)) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((*size, 3), level, np.uint8)).save(file, "PNG")
    return file.getvalue()


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def left_behind(home: Path) -> list[str]:
    return sorted(
        path.name for path in (home / "datasets").iterdir() if not path.name.endswith(".lock")
    )


@pytest.fixture
def task(tmp_path: Path) -> QuietTask:
    return QuietTask(tmp_path / "job-1")


def test_a_folder_comes_in_byte_for_byte(tmp_path: Path, task: QuietTask) -> None:
    source = put(tmp_path / "in", {"mel/a.png": png(10), "nv/b.PNG": png(20, (5, 7))})
    dataset = import_dataset("folder", source, "mine", task=task)
    assert dataset.counts() == {"mel": 1, "nv": 1}
    assert list(dataset.table["path"]) == ["images/a.png", "images/b.png"]
    assert dataset.image_path(1).read_bytes() == png(20, (5, 7))
    assert dataset.table[["height", "width"]].to_numpy().tolist() == [[8, 12], [5, 7]]
    assert dataset.left_out == ()
    assert (task.fraction, task.message) == (1.0, "2 pictures imported")
    (info,) = [info for info in list_datasets() if info.name == "mine"]
    assert (info.num_images, info.num_classes, info.drawn) == (2, 2, False)
    again = open_dataset("mine")
    assert again.table.equals(dataset.table)
    assert again.fingerprint == dataset.fingerprint


def test_masks_come_along_and_drawn_sets_say_so(tmp_path: Path, task: QuietTask) -> None:
    table = "file,label,source,mask\na.png,nv,drawn,m/a.png\nb.png,mel,drawn,m/b.png\n"
    files = {"a.png": png(1), "b.png": png(2), "m/a.png": png(255), "m/b.png": b"no picture"}
    source = put(tmp_path / "in", {**files, "labels.csv": table.encode()})
    dataset = import_dataset("folder", source, "mine", task=task)
    assert dataset.drawn
    assert dataset.table["mask"][0] == "masks/a.png"
    assert (dataset.folder / "masks/a.png").read_bytes() == png(255)
    assert dataset.table["mask"].isna().tolist() == [False, True]
    assert dataset.left_out == ("1 mask that cannot be read: m/b.png.",)


def test_unreadable_pictures_are_left_out_and_named(tmp_path: Path, task: QuietTask) -> None:
    files = {"mel/a.png": png(1), "mel/b.png": b"no picture", "nv/c.png": png(3)[:40]}
    dataset = import_dataset("folder", put(tmp_path / "in", files), "mine", task=task)
    assert list(dataset.table["image_id"]) == ["a"]
    assert dataset.left_out == ("2 pictures that cannot be read: mel/b.png, nv/c.png.",)
    assert open_dataset("mine").left_out == dataset.left_out
    assert not (dataset.folder / "images" / "b.png").exists()


@pytest.mark.parametrize(
    ("kind", "files", "sentence"),
    [
        ("folder", {"mel/a.png": b"no picture"}, "None of its 1 can; the first is mel/a.png"),
        ("folder", {"notes.txt": b""}, "none among its 1 file"),
        ("folder", {"labels.csv": b"file,label\nx.png,nv\n", "y.png": png(1)}, "not there: x.png"),
        ("zip", {"a.zip": b"no archive"}, "Expected a zip archive"),
        ("table", {"a.csv": b""}, "No columns to parse"),
        ("ham10000", {"a.png": png(1)}, "HAM10000_metadata.csv"),
        ("ftp", {"a.png": png(1)}, "folder, zip, table, ham10000"),
    ],
)
def test_bad_input_leaves_nothing(
    tmp_path: Path,
    home: Path,
    task: QuietTask,
    kind: str,
    files: dict[str, bytes],
    sentence: str,
) -> None:
    (home / "datasets").mkdir()
    with pytest.raises(DataError) as caught:
        import_dataset(kind, put(tmp_path / "in", files), "mine", task=task)
    assert sentence in caught.value.sentence
    assert left_behind(home) == []


@pytest.mark.parametrize("name", ["../up", "Upper", "", ".hidden", "a/b", "synthetic-small"])
def test_names_that_cannot_be(tmp_path: Path, task: QuietTask, name: str) -> None:
    with pytest.raises(DataError, match="Expected a name"):
        import_dataset("folder", tmp_path, name, task=task)


def test_a_name_that_is_taken(tmp_path: Path, task: QuietTask) -> None:
    source = put(tmp_path / "in", {"mel/a.png": png(1)})
    import_dataset("folder", source, "mine", task=task)
    # The same job, run again after a kill, finds its own work.
    assert len(import_dataset("folder", source, "mine", task=task)) == 1
    with pytest.raises(DataError, match="called mine already"):
        import_dataset("folder", source, "mine", task=QuietTask(tmp_path / "job-2"))


class StopsAfter(QuietTask):
    """A task whose user stops it at the given fraction."""

    def __init__(self, folder: Path, fraction: float) -> None:
        super().__init__(folder)
        self.stop_at = fraction

    def cancelled(self) -> bool:
        return self.fraction >= self.stop_at


def test_cancelled_in_the_middle(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lesionlab.data.parallel.BATCH", 2)
    source = put(tmp_path / "in", {f"mel/{k}.png": png(k) for k in range(9)})
    task = StopsAfter(tmp_path / "job", 0.4)
    with pytest.raises(Cancelled):
        import_dataset("folder", source, "mine", task=task)
    assert 0.4 <= task.fraction < 0.8
    assert left_behind(home) == []


def test_a_full_disk(tmp_path: Path, home: Path, task: QuietTask) -> None:
    source = put(tmp_path / "in", {"mel/a.png": png(1)})
    with pytest.MonkeyPatch.context() as patch:
        usage = type("Usage", (), {"free": 10})
        patch.setattr(making.shutil, "disk_usage", lambda _: usage)
        with pytest.raises(DiskError, match="free space"):
            import_dataset("folder", source, "mine", task=task)
    with pytest.MonkeyPatch.context() as patch:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(DiskError, match="disk is full"):
            import_dataset("folder", source, "mine", task=task)
    assert left_behind(home) == []
    assert len(import_dataset("folder", source, "mine", task=task)) == 1


def test_what_a_kill_left_is_taken_away(tmp_path: Path, home: Path, task: QuietTask) -> None:
    put(home / "datasets", {".old.part/images/a.png": b"", ".mine.part/images/z.png": b""})
    put(home / "datasets", {".living.part/images/a.png": b""})
    source = put(tmp_path / "in", {"mel/a.png": png(1)})
    with FileLock(home / "datasets" / ".living.lock"):
        dataset = import_dataset("folder", source, "mine", task=task)
        with pytest.raises(DataError, match="Another import"):
            import_dataset("folder", source, "living", task=task)
    assert left_behind(home) == [".living.part", "mine"]
    assert [path.name for path in (dataset.folder / "images").iterdir()] == ["a.png"]


def test_strange_ids_become_plain_file_names(tmp_path: Path, task: QuietTask) -> None:
    table = "file,image_id,label\n1.png,a/b:c,nv\n2.png,../x,nv\n3.png,A,nv\n4.png,a,nv\n"
    files = {f"{k}.png": png(k) for k in range(1, 5)}
    source = put(tmp_path / "in", {**files, "labels.csv": table.encode()})
    dataset = import_dataset("folder", source, "mine", task=task)
    assert list(dataset.table["image_id"]) == ["a/b:c", "../x", "A", "a"]
    assert list(dataset.table["path"]) == [
        "images/000000_a_b_c.png",
        "images/000001__x.png",
        "images/000002_A.png",
        "images/000003_a.png",
    ]
    assert [decode_image(dataset.image_path(k).read_bytes())[0, 0, 0] for k in range(4)] == [
        1,
        2,
        3,
        4,
    ]


ALL_OF_IT = 10_015


def some_of_ham10000(real_data: Path, number: int, target: Path) -> Path:
    """The archive, or one with so many of its pictures, evenly chosen, and their rows."""
    whole = real_data / "ham10000_200x150.zip"
    if number == ALL_OF_IT:
        return whole
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(target, "w") as some:
        labels = next(name for name in archive.namelist() if name.endswith("labels.csv"))
        table = pd.read_csv(io.BytesIO(archive.read(labels)), dtype=str)
        rows = table.iloc[np.linspace(0, len(table) - 1, number).astype(int)]
        some.writestr(labels, rows.to_csv(index=False))
        for file in rows["file"]:
            path = labels.removesuffix("labels.csv") + file
            some.writestr(path, archive.read(path))
    return target


@pytest.mark.parametrize("number", [1000, pytest.param(ALL_OF_IT, marks=pytest.mark.soak)])
def test_ham10000_as_a_zip(real_data: Path, tmp_path: Path, task: QuietTask, number: int) -> None:
    seen: list[float] = []
    monitor = task.progress

    def progress(fraction: float, message: str) -> None:
        seen.append(fraction)
        monitor(fraction, message)

    task.progress = progress  # type: ignore[method-assign]
    archive = some_of_ham10000(real_data, number, tmp_path / "ham.zip")
    with at_most(60 * number / ALL_OF_IT):
        dataset = import_dataset("zip", archive, "ham", task=task)
    assert len(dataset) == number
    if number == ALL_OF_IT:
        assert dataset.table["lesion_id"].nunique() == 7470
        assert dataset.counts() == {
            "akiec": 327,
            "bcc": 514,
            "bkl": 1099,
            "df": 115,
            "mel": 1113,
            "nv": 6705,
            "vasc": 142,
        }
    assert set(dataset.counts()) == {"akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"}
    assert (dataset.title, dataset.licence) == ("HAM10000", "CC BY-NC 4.0")
    assert set(dataset.table["height"]) == {150}
    assert not dataset.drawn
    assert len(seen) > number / 100
    assert seen == sorted(seen)
    labelled = for_classes(dataset, "ham7")
    split = split_dataset(labelled, SplitPlan())
    assert split.grouped_by == "lesion"
    assert leaks(labelled, split) == 0
    # The best of three, since other programs may want the machine at this moment.
    assert min(timeit.repeat(lambda: open_dataset("ham"), number=1, repeat=3)) < 0.1


def test_another_label_column_of_the_zip(real_data: Path, tmp_path: Path, task: QuietTask) -> None:
    with zipfile.ZipFile(real_data / "ham10000_200x150.zip") as archive:
        names = archive.namelist()
        table = archive.read(next(name for name in names if name.endswith("labels.csv")))
        lines = table.decode().splitlines()
        few = [lines[0], *[line for line in lines if ",akiec," in line][:40]]
        files = {"labels.csv": "\n".join(few).encode()}
        for line in few[1:]:
            file = line.split(",")[0]
            files[file] = archive.read(f"ham10000_200x150/{file}")
    source = put(tmp_path / "in", files)
    dataset = import_dataset("folder", source, "eight", Columns(label="label_isic2019"), task=task)
    assert set(dataset.counts()) == {"ak", "scc"}
    assert len(dataset) == 40


def test_a_large_photograph_keeps_its_size_and_its_mask(tmp_path: Path, task: QuietTask) -> None:
    """It is decoded at half its height and width (a camera of 12.2 megapixels, held upright)."""
    folder = tmp_path / "large"
    folder.mkdir()
    pixels = np.full((3024, 4032, 3), (200, 160, 140), np.uint8)
    pixels[1000:2000, 1500:2500] = (90, 60, 50)
    image = Image.fromarray(pixels)
    turned = image.getexif()
    turned[0x0112] = 6
    image.save(folder / "a.jpg", exif=turned)
    mask = np.zeros((4032, 3024), np.uint8)
    mask[1500:2500, 1000:2000] = 255
    Image.fromarray(mask).save(folder / "a_mask.png")
    (folder / "labels.csv").write_text("file,label,mask\na.jpg,nv,a_mask.png\n")
    found = import_dataset("folder", folder, "large", task=task)
    row = found.table.iloc[0]
    assert (row["height"], row["width"]) == (4032, 3024)
    assert row["ita_from"] == "mask"
    assert found.left_out == ()
    shown = large_picture(found, 0)
    assert (shown.full_height, shown.full_width) == (4032, 3024)
    measured = measure_row(found, 0)
    assert (measured["height"], measured["width"]) == (4032, 3024)
