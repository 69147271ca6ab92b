"""Large data sets for measurements, made in seconds: the table of a big archive, few pictures."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from lesionlab.data.dataset import DRAWN, Dataset
from lesionlab.data.store import SHIPPED, save_dataset

# Pictures a class in the training part of ISIC 2019, and as many of none of these as of AK.
CLASSES = {
    "nv": 12875,
    "mel": 4522,
    "bcc": 3323,
    "bkl": 2624,
    "ak": 867,
    "unk": 867,
    "scc": 628,
    "vasc": 253,
    "df": 239,
}
SITES = ("anterior torso", "posterior torso", "head/neck", "lower extremity", "upper extremity")
LESIONS = 0.7
PATIENTS = 0.3
REPEATED = 0.002


def large_table(num_rows: int, paths: list[str], seed: int = 0) -> pd.DataFrame:
    """A table as a large archive would have: 7 lesions and 3 patients for each 10 pictures.

    Every fact belongs to what it is a fact of: the class and the site to a lesion, age and sex to a
    patient. Some are missing, and two pictures of a thousand are there twice.

    Args:
        num_rows: One a picture.
        paths: Files that the rows share in turn.
    """
    rng = np.random.default_rng(seed)
    num_lesions, num_patients = int(num_rows * LESIONS), int(num_rows * PATIENTS)
    lesion = rng.permutation(np.r_[:num_lesions, rng.integers(0, num_lesions, num_rows)][:num_rows])
    patient_of = rng.permutation(
        np.r_[:num_patients, rng.integers(0, num_patients, num_lesions)][:num_lesions]
    )
    patient = patient_of[lesion]
    shares = np.array(list(CLASSES.values())) / sum(CLASSES.values())

    def words(of: np.ndarray, names: tuple[str, ...], missing: float = 0.0) -> pd.Categorical:
        """A word for each thing, the same in all its rows."""
        codes = rng.integers(0, len(names), of.max() + 1)
        codes[rng.random(len(codes)) < missing] = -1
        return pd.Categorical.from_codes(codes[of], list(names))

    def ids(form: str, numbers: np.ndarray, missing: float) -> pd.Series:
        text = pd.Series([form.format(k) for k in range(numbers.max() + 1)], dtype="str")
        there = pd.Series(numbers).where(rng.random(num_rows) >= missing, -1).to_numpy()
        return text.reindex(there).reset_index(drop=True)

    content = np.arange(num_rows)
    twice = rng.choice(num_rows, int(num_rows * REPEATED), replace=False)
    content[twice] = rng.integers(0, num_rows, len(twice))
    codes = rng.choice(len(CLASSES), num_lesions, p=shares)
    codes[: 4 * len(CLASSES)] = np.arange(4 * len(CLASSES)) % len(CLASSES)  # none is too rare
    ages = 5.0 * rng.integers(2, 18, num_patients)
    ages[rng.random(num_patients) < 0.02] = np.nan
    bits = rng.bytes(32 * num_rows).hex()
    return pd.DataFrame(
        {
            "image_id": [f"ISIC_{k:07d}" for k in range(num_rows)],
            "path": np.resize(np.array(paths, dtype=object), num_rows),
            "diagnosis": pd.Categorical.from_codes(codes[lesion], list(CLASSES)),
            "lesion_id": ids("IL_{:07d}", lesion, 0.08),
            "patient_id": ids("IP_{:07d}", patient, 0.10),
            "age": ages[patient].astype(np.float32),
            "sex": words(patient, ("female", "male"), 0.02),
            "site": words(lesion, SITES, 0.1),
            "source": pd.Categorical([DRAWN] * num_rows),
            "confirmed_by": words(lesion, ("histopathology", "follow-up", "consensus"), 0.2),
            "width": np.int32(200),
            "height": np.int32(150),
            "sha256": [f"{k:064x}" for k in content],
            "brightness": rng.normal(150, 20, num_rows).astype(np.float32),
            "ita": rng.normal(35, 15, num_rows).astype(np.float32),
            "phash": [bits[k : k + 64] for k in range(0, len(bits), 64)],
            "licence": words(patient, ("CC-0", "CC-BY", "CC-BY-NC")),
        }
    )


def store_large(home: Path, name: str, num_rows: int, num_files: int) -> None:
    """Store a set with such a table in a home folder, and so many small pictures for its rows."""
    folder = home / "datasets" / name
    save_dataset(
        Dataset(
            name,
            folder,
            large_table(num_rows, write_pictures(folder, num_files)),
            licence="CC-0",
            drawn=True,
            title=f"Large drawn set, {num_rows:,} rows",
        ),
        "synthesize",
    )


def write_pictures(folder: Path, num_files: int) -> list[str]:
    """Write small drawn pictures: the shipped ones at 150×200 in four positions each, repeated.

    No two files are equal: each ends in a number, which decoders do not read.

    Returns:
        Their paths in `folder`.
    """
    variants = []
    for path in sorted((SHIPPED / "images").glob("*")):
        with Image.open(path) as image:
            small = np.asarray(image.convert("RGB").resize((200, 150)))
        for turned in (small, small[::-1], small[:, ::-1], small[::-1, ::-1]):
            file = io.BytesIO()
            Image.fromarray(turned).save(file, "JPEG", quality=85)
            variants.append(file.getvalue())
    (folder / "images").mkdir(parents=True)
    paths = [f"images/{k:05d}.jpg" for k in range(num_files)]
    for number, path in enumerate(paths):
        content = variants[number % len(variants)] + number.to_bytes(4, "big")
        (folder / path).write_bytes(content)
    return paths
