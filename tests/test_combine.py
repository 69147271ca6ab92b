"""Joining sets: each picture once, nothing mixed up, and clear about what was left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lesionlab.data import combine, members
from lesionlab.data.combine import combine_datasets
from lesionlab.data.dataset import Dataset
from lesionlab.data.import_set import import_dataset
from lesionlab.data.split import SplitPlan, leaks, split_dataset
from lesionlab.data.store import delete_dataset, info_of, list_datasets, open_dataset
from lesionlab.errors import Cancelled, DataError, DiskError
from lesionlab.images.decode import read_image
from lesionlab.jobs import store
from lesionlab.task import QuietTask

Bring = Callable[..., Dataset]


def picture(level: int, size: tuple[int, int] = (10, 12)) -> Image.Image:
    image = np.full((*size, 3), level, np.uint8)
    image[0, 0] = (255, 0, 0)
    return Image.fromarray(image)


@pytest.fixture
def bring(tmp_path: Path) -> Bring:
    """Import a set from {file: level} and rows of labels.csv."""

    def import_it(name: str, files: Mapping[str, int], labels: str = "", desk: str = "") -> Dataset:
        folder = tmp_path / "in" / name
        for file, level in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            picture(level).save(folder / file)
        if labels:
            (folder / "labels.csv").write_text(labels)
        task = QuietTask(tmp_path / f"import-{name}")
        return import_dataset("folder", folder, name, owner_desk=desk, task=task)

    return import_it


@pytest.fixture
def task(tmp_path: Path) -> QuietTask:
    return QuietTask(tmp_path / "job")


def test_two_sets_without_anything_in_common(bring: Bring, task: QuietTask) -> None:
    bring("p", {"mel/a.png": 1, "nv/b.png": 2})
    bring("q", {"bcc/a.png": 3, "nv/c.png": 4})
    found = combine_datasets(["p", "q"], "both", task=task)
    assert found.table["image_id"].tolist() == ["p-a", "b", "q-a", "c"]
    assert found.table["diagnosis"].tolist() == ["mel", "nv", "bcc", "nv"]
    assert found.table["source"].tolist() == ["p", "p", "q", "q"]
    assert found.left_out == ()
    assert (task.fraction, task.message) == (1.0, "4 pictures joined")
    assert [int(read_image(found.image_path(row))[5, 5, 0]) for row in range(4)] == [1, 2, 3, 4]
    info = info_of("both")
    assert info is not None
    assert (info.kind, info.num_images, info.title) == ("combine", 4, "p + q")
    assert open_dataset("both").fingerprint == found.fingerprint
    # The same job, run again after a kill, finds its own work.
    assert len(combine_datasets(["p", "q"], "both", task=task)) == 4


def test_repeated_pictures_count_once_also_when_saved_anew(bring: Bring, task: QuietTask) -> None:
    bring("p", {"nv/a.png": 1, "nv/b.png": 2, "nv/again.png": 2})
    bring("q", {"nv/c.png": 1, "nv/d.bmp": 2, "mel/e.png": 5})
    found = combine_datasets(["p", "q"], "both", task=task)
    assert found.table["image_id"].tolist() == ["a", "again", "e"]
    assert found.left_out == (
        "1 repeated picture, which p has twice.",
        "2 repeated pictures, which q and p both have.",
    )


def test_contradicting_diagnoses_are_left_out(bring: Bring, task: QuietTask) -> None:
    bring("p", {"nv/a.png": 1, "nv/b.png": 2})
    bring("q", {"mel/c.png": 1, "nv/d.png": 3})
    found = combine_datasets(["p", "q"], "both", task=task)
    assert found.table["image_id"].tolist() == ["b", "d"]
    assert found.left_out == (
        "1 picture whose diagnoses contradict each other: a (nv in p, mel in q).",
    )


def test_akiec_gives_way_to_the_finer_diagnosis(bring: Bring, task: QuietTask) -> None:
    bring("ham", {"akiec/a.png": 1, "akiec/b.png": 2})
    bring("isic", {"ak/a.png": 1, "scc/z.png": 9})
    found = combine_datasets(["ham", "isic"], "both", task=task)
    assert found.table["diagnosis"].tolist() == ["ak", "akiec", "scc"]


def test_nothing_but_contradictions(bring: Bring, home: Path, task: QuietTask) -> None:
    bring("p", {"nv/a.png": 1})
    bring("q", {"mel/a.png": 1})
    with pytest.raises(DataError, match="on whose diagnosis the sets agree"):
        combine_datasets(["p", "q"], "both", task=task)
    assert sorted(path.name for path in (home / "datasets").glob("[!.]*")) == ["p", "q"]
    assert not list((home / "datasets").glob(".*.part"))


def test_lesions_never_mix_by_chance_nor_come_apart(bring: Bring, task: QuietTask) -> None:
    head = "file,label,lesion_id,patient_id\n"
    bring(
        "p",
        {"a.png": 1, "b.png": 2, "c.png": 3},
        f"{head}a.png,nv,1,x\nb.png,nv,1,x\nc.png,mel,2,y\n",
    )
    bring(
        "q",
        {"a.png": 11, "b.png": 12, "c.png": 3, "d.png": 14},
        # Lesion 1 is another one than p's; 7 is p's lesion 2, of which q has a second picture.
        f"{head}a.png,nv,1,x\nb.png,nv,1,x\nc.png,mel,7,z\nd.png,mel,7,z\n",
    )
    found = combine_datasets(["p", "q"], "both", task=task)
    lesions = dict(zip(found.table["image_id"], found.table["lesion_id"], strict=True))
    assert lesions == {
        "p-a": "p:1",
        "p-b": "p:1",
        "c": "p:2",
        "q-a": "q:1",
        "q-b": "q:1",
        "d": "p:2",
    }
    patients = dict(zip(found.table["image_id"], found.table["patient_id"], strict=True))
    assert patients["d"] == patients["c"] == "p:y"
    assert patients["q-a"] == "q:x"


def test_only_some_classes_of_a_set(bring: Bring, task: QuietTask) -> None:
    bring("p", {"mel/a.png": 1, "nv/b.png": 2, "bcc/c.png": 3})
    bring("q", {"nv/d.png": 4})
    found = combine_datasets(["p", "q"], "both", only={"p": ["MEL", "bcc"]}, task=task)
    assert found.counts() == {"bcc": 1, "mel": 1, "nv": 1}
    assert found.left_out == ("1 picture of p of other classes than mel, bcc, as asked.",)
    with pytest.raises(DataError, match=r"Received some for r\."):
        combine_datasets(["p", "q"], "other", only={"r": ["mel"]}, task=task)
    with pytest.raises(DataError, match="Received 'melanomx'"):
        combine_datasets(["p", "q"], "other", only={"p": ["melanomx"]}, task=task)
    with pytest.raises(DataError, match="have none"):
        combine_datasets(["p"], "other", only={"p": ["df"]}, task=task)


def test_sd198_as_it_is_published(bring: Bring, task: QuietTask, tmp_path: Path) -> None:
    bring("p", {"mel/a.png": 1, "nv/b.png": 2})
    folder = tmp_path / "sd-198"
    for number, name in enumerate(("Malignant_Melanoma", "Acne_Vulgaris", "Vitiligo")):
        (folder / "images" / name).mkdir(parents=True)
        picture(50 + number).save(folder / "images" / name / f"{number}.jpg")
    sd = import_dataset("sd198", folder, "sd", task=QuietTask(tmp_path / "sd"))
    assert sd.counts() == {"mel": 1, "unk": 2}
    assert combine_datasets(["p", "sd"], "nine", task=task).counts() == {
        "mel": 1,
        "nv": 1,
        "unk": 2,
    }
    # A copy that came as a folder is known by its title.
    as_folder = import_dataset("folder", folder, "copy", task=QuietTask(tmp_path / "copy"))
    assert info_of("copy").kind == "folder"  # type: ignore[union-attr]
    assert as_folder.counts() == {"mel": 1, "unk": 2}
    again = combine_datasets(["p", "copy"], "nine-2", task=QuietTask(tmp_path / "2"))
    assert again.counts() == {"mel": 1, "nv": 1, "unk": 2}


def test_sd198_gives_only_what_is_none_of_the_eight(
    bring: Bring, task: QuietTask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bring("p", {"mel/a.png": 1, "nv/b.png": 2})
    bring("sd", {"mel/c.png": 3, "unk/d.png": 4, "unk/e.png": 5})
    bring("others", {"unk/f.png": 6})
    monkeypatch.setattr(members, "_is_sd198", lambda dataset: dataset.name == "sd")
    found = combine_datasets(["p", "sd"], "nine", task=task)
    assert found.counts() == {"mel": 1, "nv": 1, "unk": 2}
    assert found.left_out == (
        "1 picture of sd of the eight classes, of which SD-198 gives none to a joined set.",
    )
    # Beside a set without any of the eight, and when it is asked for by name, they come along.
    found = combine_datasets(["sd", "others"], "six", task=QuietTask(tmp_path / "2"))
    assert found.counts() == {"mel": 1, "unk": 3}
    only = {"sd": ("mel", "unk")}
    found = combine_datasets(["p", "sd"], "seven", only=only, task=QuietTask(tmp_path / "3"))
    assert found.counts() == {"mel": 2, "nv": 1, "unk": 2}


def test_licences_are_joined_and_each_picture_keeps_its_own(
    bring: Bring, task: QuietTask, tmp_path: Path
) -> None:
    rows = "file,label,licence,source\na.png,nv,CC-0,drawn\nb.png,nv,,drawn\n"
    bring("p", {"a.png": 1, "b.png": 2}, rows)
    found = combine_datasets(["p", "synthetic-small"], "both", task=task)
    drawn = open_dataset("synthetic-small")
    licences = found.table["licence"].to_numpy(dtype=object)
    assert licences[0] == "CC-0"
    assert pd.isna(licences[1])
    assert set(licences[2:]) == {"CC0-1.0"}
    assert found.licence == f"unknown (p); CC0-1.0 ({drawn.title})"
    assert found.citation == drawn.citation.rstrip(".")
    assert found.drawn
    assert set(found.table["source"][2:]) == {"drawn"}
    alone = combine_datasets(["synthetic-small"], "copy", task=QuietTask(tmp_path / "2"))
    assert (alone.drawn, alone.licence) == (True, "CC0-1.0")


def test_drawings_and_photographs_stay_apart(bring: Bring, task: QuietTask) -> None:
    bring("p", {"a.png": 1}, "file,label\na.png,nv\n")
    with pytest.raises(DataError, match="alone, or of drawings alone"):
        combine_datasets(["p", "synthetic-small"], "both", task=task)
    assert info_of("both") is None


def test_masks_come_along(bring: Bring, task: QuietTask) -> None:
    head = "file,label,mask\n"
    bring("p", {"a.png": 1, "b.png": 2}, "file,label\na.png,nv\nb.png,nv\n")
    files = {"c.png": 1, "d.png": 3, "m/c.png": 200, "m/d.png": 201}
    bring("q", files, f"{head}c.png,nv,m/c.png\nd.png,mel,m/d.png\n")
    found = combine_datasets(["p", "q"], "both", task=task)
    assert found.table["image_id"].tolist() == ["a", "b", "d"]
    # The picture that p has without a mask takes that of its copy in q.
    masks = found.table["mask"].to_numpy(dtype=object)
    assert masks[0] == "masks/a.png"
    assert pd.isna(masks[1])
    assert masks[2] == "masks/d.png"
    assert [int(read_image(found.folder / masks[row])[5, 5, 0]) for row in (0, 2)] == [200, 201]


def test_whole_when_a_source_is_deleted(bring: Bring, task: QuietTask) -> None:
    made = bring("p", {"nv/a.png": 1})
    found = combine_datasets(["p"], "copy", task=task)
    assert found.image_path(0).stat().st_ino == made.image_path(0).stat().st_ino
    delete_dataset("p")
    assert read_image(found.image_path(0))[5, 5, 0] == 1


def test_copied_where_the_disk_has_no_links(
    bring: Bring, task: QuietTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cross_device(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    made = bring("p", {"nv/a.png": 1})
    monkeypatch.setattr(combine.os, "link", cross_device)
    found = combine_datasets(["p"], "copy", task=task)
    assert found.image_path(0).read_bytes() == made.image_path(0).read_bytes()
    assert found.image_path(0).stat().st_ino != made.image_path(0).stat().st_ino


def test_a_users_own_folder_is_copied_and_read(
    bring: Bring, task: QuietTask, tmp_path: Path
) -> None:
    bring("p", {"nv/a.png": 1})
    folder = tmp_path / "own"
    (folder / "mel").mkdir(parents=True)
    picture(1).save(folder / "mel" / "same.bmp")
    picture(7).save(folder / "mel" / "b.png")
    (folder / "mel" / "torn.png").write_bytes(b"no picture")
    found = combine_datasets(["p", str(folder)], "both", task=task)
    assert found.table["image_id"].tolist() == ["b"]
    assert found.table["sha256"].notna().all()
    assert found.table["height"].tolist() == [10]
    assert found.left_out == (
        "1 picture that cannot be read: torn.png.",
        "1 picture whose diagnoses contradict each other: a (nv in p, mel in own).",
    )
    assert found.image_path(0).stat().st_ino != (folder / "mel" / "b.png").stat().st_ino


def test_two_folders_that_are_called_alike(task: QuietTask, tmp_path: Path) -> None:
    for level, place in enumerate(("x", "y")):
        folder = tmp_path / place / "drawn"
        folder.mkdir(parents=True)
        picture(level).save(folder / "a.png")
        (folder / "labels.csv").write_text("file,label,lesion_id\na.png,nv,1\n")
    names = [str(tmp_path / place / "drawn") for place in ("x", "y")]
    found = combine_datasets(names, "both", only={names[1]: ["nv"]}, task=task)
    assert found.table["image_id"].tolist() == ["drawn-a", "drawn-2-a"]
    assert found.table["lesion_id"].tolist() == ["drawn:1", "drawn-2:1"]
    assert not found.drawn, "a folder's name does not make drawings of photographs"
    with pytest.raises(DataError, match="have none"):
        combine_datasets(names[:1], "none", only={names[0]: ["mel"]}, task=task)


def test_sets_of_before_pixels_were_hashed(bring: Bring, task: QuietTask) -> None:
    made = bring("p", {"nv/a.png": 1})
    made.table.drop(columns=["pixels_sha256"]).to_parquet(made.folder / "table.parquet")
    bring("q", {"nv/b.bmp": 1, "mel/c.png": 2})
    found = combine_datasets(["p", "q"], "both", task=task)
    assert found.table["image_id"].tolist() == ["a", "c"]


def test_columns_that_are_numbers_here_and_words_there(bring: Bring, task: QuietTask) -> None:
    made = bring("p", {"nv/a.png": 1})
    made.table.assign(score=3).to_parquet(made.folder / "table.parquet")
    bring("q", {"b.png": 2}, "file,label,score\nb.png,mel,high\n")
    found = combine_datasets(["p", "q"], "both", task=task)
    assert found.table["score"].astype(str).tolist() == ["3", "high"]


def test_a_desk_joins_what_it_sees(bring: Bring, task: QuietTask) -> None:
    anna, ben = "a" * 24, "b" * 24
    bring("p", {"a.png": 1}, "file,label,source\na.png,nv,drawn\n", desk=anna)
    bring("q", {"mel/b.png": 2}, desk=ben)
    with pytest.raises(DataError, match=r"Received 'q'\. There are: p, synthetic-small"):
        combine_datasets(["p", "q"], "both", owner_desk=anna, task=task)
    combine_datasets(["p", "synthetic-small"], "both", owner_desk=anna, task=task)
    assert [info.name for info in list_datasets(ben)] == ["q", "synthetic-small"]


def test_a_desk_that_is_full(
    bring: Bring, task: QuietTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = "a" * 24
    bring("p", {"nv/a.png": 1})
    monkeypatch.setenv("LESIONLAB_DESK_GB", "0.00000001")
    with pytest.raises(DiskError, match="on your desk"):
        combine_datasets(["p"], "copy", owner_desk=anna, task=task)
    assert info_of("copy") is None


class Stops(QuietTask):
    """A task whose user stops it at the given fraction."""

    def __init__(self, folder: Path, at: float) -> None:
        super().__init__(folder)
        self.at = at

    def cancelled(self) -> bool:
        return self.fraction >= self.at


@pytest.mark.parametrize("at", [0.2, 0.9])
def test_cancelled(
    bring: Bring, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: float
) -> None:
    monkeypatch.setattr("lesionlab.data.parallel.BATCH", 2)
    rows = "".join(f"{k}.png,nv,drawn\n" for k in range(8))
    bring("p", {f"{k}.png": k for k in range(8)}, "file,label,source\n" + rows)
    task = Stops(tmp_path / "job", at)
    with pytest.raises(Cancelled):
        combine_datasets(["p", "synthetic-small"], "both", task=task)
    assert at <= task.fraction < at + 0.15
    assert info_of("both") is None
    assert not list((home / "datasets").glob(".*.part"))


def test_a_joined_set_splits_without_leaks(bring: Bring, task: QuietTask) -> None:
    files = {f"{code}{k}.png": 20 * k + n for n, code in enumerate(("mel", "nv")) for k in range(6)}
    rows = "".join(f"{file},{file[:-5]},drawn\n" for file in files)
    bring("p", files, "file,label,source\n" + rows)
    found = combine_datasets(["p", "synthetic-small"], "both", task=task)
    labelled = found.table.assign(label=found.table["diagnosis"].astype(str))
    ready = Dataset(found.name, found.folder, labelled)
    split = split_dataset(ready, SplitPlan())
    assert leaks(ready, split) == 0


def test_a_set_that_is_deleted_meanwhile_is_told(
    bring: Bring, task: QuietTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring("p", {"mel/a.png": 1})
    bring("q", {"nv/b.png": 2})
    room = combine._check_room

    def deleted_here(*arguments: object) -> None:
        delete_dataset("q", None)
        room(*arguments)

    monkeypatch.setattr(combine, "_check_room", deleted_here)
    with pytest.raises(DataError, match="deleted meanwhile"):
        combine_datasets(["p", "q"], "both", task=task)
    assert info_of("both") is None


def test_a_join_of_both_kinds_need_not_wait_for_its_job(bring: Bring, home: Path) -> None:
    bring("p", {"a.png": 1}, "file,label\na.png,nv\n")
    spec = {"names": ["p", "synthetic-small"], "name": "both"}
    with pytest.raises(DataError, match="alone, or of drawings alone"):
        store.submit("combine-data", spec, "a" * 24, "both")
