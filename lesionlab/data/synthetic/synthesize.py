"""A whole folder of drawn pictures: images, masks and labels.csv.

The set in assets/data/synthetic is `lesionlab data synthesize assets/data/synthetic --per-class 20
--size 225x300 --seed 1`: another seed than the full set's, so that they share no lesion.
"""

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lesionlab.data.synthetic.drawing import CLASSES, check_size, draw_view
from lesionlab.diagnoses import DIAGNOSES
from lesionlab.errors import Cancelled, DataError, disk_errors
from lesionlab.files import replacing

COLUMNS = (
    "file", "label", "image_id", "lesion_id", "patient_id", "age", "sex", "site", "source",
    "confirmed_by", "skin_tone", "hair", "ruler", "mask",
)  # fmt: skip
SOURCE, CONFIRMED_BY = "drawn", "drawing"
LICENCE = "CC0-1.0"

# How often a lesion is seen once, twice and three times: as in HAM10000, most are seen once.
VIEW_SHARES = (0.80, 0.14, 0.06)
# How often a lesion belongs to a patient who may have lesions of other classes too.
SHARED_PATIENTS = 0.25
# The stream of random numbers of who has how many lesions and views.
PEOPLE = 5


@dataclass(frozen=True)
class Plan:
    """Which lesion, patient and view one image of a class shows."""

    diagnosis: str
    image: int
    lesion: int
    view: int
    shared_patient: bool


def plan_images(diagnosis: str, number: int, seed: int) -> Iterator[Plan]:
    """Plans the first `number` images of a class; image k does not depend on `number`."""
    image = lesion = 0
    while image < number:
        rng = np.random.default_rng([seed, lesion, PEOPLE])
        views = 1 + int(rng.choice(len(VIEW_SHARES), p=VIEW_SHARES))
        shared = bool(rng.random(len(CLASSES))[CLASSES.index(diagnosis)] < SHARED_PATIENTS)
        for view in range(min(views, number - image)):
            yield Plan(diagnosis, image, lesion, view, shared)
            image += 1
        lesion += 1


def synthesize(
    folder: Path,
    per_class: int,
    size: tuple[int, int] = (450, 600),
    seed: int = 0,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    quality: int = 88,
) -> Path:
    """Draws a data set: `per_class` pictures of each class with masks and a table.

    Writes images/*.jpg, masks/*.png (white = lesion) and, last of all, labels.csv: a folder without
    labels.csv is not finished, and is drawn anew by the next call. One seed gives one set, and
    image k of a class does not depend on how many are drawn. Some lesions are seen two or three
    times and some patients have more than one, so split by `patient_id`.

    Args:
        folder: where to; new, empty or unfinished.
        per_class: images a class.
        size: height and width in pixels.
        seed: zero or more.
        progress: told the fraction done (0..1) and a sentence.
        cancelled: asked before each picture whether to stop.
        quality: of the JPEG files.

    Returns:
        The folder.

    Raises:
        DataError: the folder holds something else, or a number makes no sense.
        DiskError: the disk is full.
        Cancelled: `cancelled` said so; what was written is gone again.
    """
    check_size(size)
    if per_class < 1 or seed < 0:
        raise DataError(
            "Expected at least one image a class and a seed of zero or more.",
            f"Received {per_class} images a class and the seed {seed}.",
            "Choose such numbers.",
        )
    check_folder(folder)
    plans = [plan for code in CLASSES for plan in plan_images(code, per_class, seed)]
    rows: list[dict[str, Any]] = []
    with disk_errors("the drawn data set"):
        try:
            (folder / "images").mkdir(parents=True, exist_ok=True)
            (folder / "masks").mkdir(exist_ok=True)
            for done, plan in enumerate(plans):
                if cancelled is not None and cancelled():
                    raise Cancelled
                if progress is not None:
                    name = DIAGNOSES[plan.diagnosis].name.lower()
                    progress(done / len(plans), f"Drawing {name}, {done + 1} of {len(plans)}")
                rows.append(write_image(folder, plan, size, seed, quality))
        except BaseException:
            shutil.rmtree(folder / "images", ignore_errors=True)
            shutil.rmtree(folder / "masks", ignore_errors=True)
            raise
        with replacing(folder / "labels.csv") as path, path.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
    if progress is not None:
        progress(1.0, f"Drew {len(rows)} pictures")
    return folder


def check_folder(folder: Path) -> None:
    """Raises DataError when drawing into `folder` would overwrite something."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise DataError("Expected a folder.", f"{folder} is a file.", "Choose another name.")
    others = sorted({path.name for path in folder.iterdir()} - {"images", "masks"})
    if others:
        raise DataError(
            "Expected a new or empty folder.",
            f"{folder} already holds {', '.join(others[:3])}{' ...' if len(others) > 3 else ''}.",
            "Choose another folder, or delete this one first.",
        )


def write_image(
    folder: Path, plan: Plan, size: tuple[int, int], seed: int, quality: int
) -> dict[str, Any]:
    """Draws and writes one picture and its mask, and returns its row of the table."""
    drawing = draw_view(plan.diagnosis, seed, plan.lesion, plan.view, size, plan.shared_patient)
    name = f"{plan.diagnosis}_{plan.image:05d}"
    image_file, mask_file = f"images/{name}.jpg", f"masks/{name}.png"
    Image.fromarray(drawing.image).save(folder / image_file, quality=quality)
    Image.fromarray(drawing.mask).save(folder / mask_file, compress_level=3)
    facts = drawing.facts
    owner = "shared" if plan.shared_patient else plan.diagnosis
    return {
        "file": image_file,
        "label": plan.diagnosis,
        "image_id": f"drawn_{name}",
        "lesion_id": f"drawn_{plan.diagnosis}_lesion_{plan.lesion:05d}",
        "patient_id": f"drawn_{owner}_patient_{plan.lesion:05d}",
        "age": facts["age"],
        "sex": facts["sex"],
        "site": facts["site"],
        "source": SOURCE,
        "confirmed_by": CONFIRMED_BY,
        "skin_tone": facts["skin_tone"],
        "hair": facts["hair"],
        "ruler": facts["ruler"],
        "mask": mask_file,
    }
