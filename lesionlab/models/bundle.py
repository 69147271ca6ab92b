"""A trained model on disk: a folder of plain files, each with its hash. Without Keras.

Whatever comes from outside is checked before it is used: which files, how large, their hashes,
the words of the description. Nothing in a bundle is code, and none of it is ever executed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import safetensors
import safetensors.numpy

from lesionlab.errors import BundleError, disk_errors
from lesionlab.files import sync_folder
from lesionlab.models.description import FORMAT, Description, from_json

MB = 1024 * 1024
# Largest size of each file that a bundle may hold, in bytes. 200 million parameters fit.
LIMITS = {
    "manifest.json": MB // 16,
    "model.json": MB,
    "weights.safetensors": 820 * MB,
    "history.csv": 16 * MB,
    "card.md": MB,
    "evaluation.json": 16 * MB,
    "predictions.parquet": 64 * MB,
}
REQUIRED = ("model.json", "weights.safetensors", "history.csv", "card.md")
OPTIONAL = ("evaluation.json", "predictions.parquet")
TAKE_AGAIN = "Take the model from where it was made once more."


def write_bundle(
    folder: Path,
    description: Description,
    weights: dict[str, np.ndarray],
    history: pd.DataFrame | None = None,
    card: str = "",
    extra: dict[str, bytes] | None = None,
) -> None:
    """Write a bundle aside and rename it to `folder`; an older one there is replaced.

    Args:
        folder: Where the bundle shall stand.
        description: Its model.json.
        weights: float32 arrays under `<layer>/<variable>`.
        history: Learning curves, a row an epoch.
        card: The model card in Markdown.
        extra: `evaluation.json` and `predictions.parquet`, if known.

    Raises:
        BundleError: A weight is not finite, or a file has no place in a bundle.
        DiskError: The disk is full or read-only.
    """
    for key, weight in weights.items():
        if not np.isfinite(weight).all():
            raise BundleError("A model's weights must be finite.", f"{key} holds others.")
    unknown = set(extra or {}) - set(OPTIONAL)
    if unknown:
        raise BundleError(f"A bundle may also hold {', '.join(OPTIONAL)}.", f"Not {unknown}.")
    arrays = {key: np.ascontiguousarray(weights[key], np.float32) for key in sorted(weights)}
    table = pd.DataFrame() if history is None else history
    files = {
        "model.json": description.to_json().encode(),
        "weights.safetensors": safetensors.numpy.save(arrays),
        "history.csv": table.to_csv(index=False).encode(),
        "card.md": card.encode(),
        **(extra or {}),
    }
    hashes = {name: _entry(content) for name, content in files.items()}
    manifest = {"format": FORMAT, "files": hashes}
    files["manifest.json"] = (json.dumps(manifest, indent=1) + "\n").encode()
    with disk_errors("the model"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.part-"))
        try:
            for name, content in files.items():
                with (aside / name).open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            put_in_place(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def put_in_place(aside: Path, folder: Path) -> None:
    """Rename a finished folder to `folder`; what stood there goes."""
    aside.chmod(0o755)
    old = None
    if folder.exists():
        old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.old-"))
        folder.rename(old / "bundle")
    aside.rename(folder)
    sync_folder(folder.parent)
    if old is not None:
        shutil.rmtree(old)


def read_description(folder: Path) -> Description:
    """The bundle's own words, checked; the other files are not looked at.

    Raises:
        BundleError: It is missing, too large, or says anything that we do not know.
    """
    return from_json(_read(folder, "model.json"))


def read_history(folder: Path) -> pd.DataFrame:
    """The learning curves, a row an epoch; empty where none were kept."""
    try:
        return pd.read_csv(io.BytesIO(_read(folder, "history.csv")))
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise BundleError("Expected history.csv to be a table.", f"{error}.") from error


def verify_bundle(folder: Path) -> None:
    """Check that the folder holds just what its manifest says, byte by byte.

    Raises:
        BundleError: A file is missing, too many, too large, a link, or not as it was written.
    """
    if not folder.is_dir() or folder.is_symlink():
        raise BundleError("Expected the folder of a model.", f"There is none at {folder}.")
    manifest = _manifest(folder)
    found = sorted(entry.name for entry in folder.iterdir())
    listed = sorted([*manifest, "manifest.json"])
    if found != listed:
        extra, lost = sorted(set(found) - set(listed)), sorted(set(listed) - set(found))
        received = f"{extra[0]!r} does not belong to it." if extra else f"{lost[0]} is missing."
        raise BundleError(f"Expected the files {', '.join(listed)}.", received, TAKE_AGAIN)
    for name, entry in manifest.items():
        _check_file(folder, name)
        if _hash_of(folder / name) != entry["sha256"]:
            raise BundleError(
                "Expected a model as it was written.",
                f"{name} has changed since (its SHA-256 differs).",
                TAKE_AGAIN,
            )
    read_description(folder)


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """The weights, float32, under `<layer>/<variable>`; call `verify_bundle` first.

    Raises:
        BundleError: The file is damaged, or a weight is of another type or not finite.
    """
    path = _check_file(folder, "weights.safetensors")
    weights: dict[str, np.ndarray] = {}
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            for key in file.keys():  # noqa: SIM118 (not a dictionary: it cannot be iterated)
                if file.get_slice(key).get_dtype() != "F32":
                    raise BundleError("Expected weights in float32.", f"{key} is of another type.")
                weights[key] = file.get_tensor(key)
    except safetensors.SafetensorError as error:
        raise BundleError(
            "Expected weights.safetensors to be readable.", f"{error}.", TAKE_AGAIN
        ) from error
    for key, weight in weights.items():
        if not np.isfinite(weight).all():
            raise BundleError(
                "Expected weights that are finite.", f"{key} holds others.", TAKE_AGAIN
            )
    return weights


def _manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """The files that the manifest lists, with `sha256` and `bytes`."""
    try:
        values = json.loads(_read(folder, "manifest.json"))
    except (ValueError, RecursionError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError("Expected manifest.json in JSON.", f"{error}.", TAKE_AGAIN) from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise BundleError(
            f"Expected a bundle in format {FORMAT}.",
            "Its manifest is of another.",
            "Use the version of lesionlab that wrote it, or train anew.",
        )
    files = values.get("files")
    if not isinstance(files, dict):
        files = {}
    well_formed = all(
        isinstance(entry, dict) and isinstance(entry.get("sha256"), str) for entry in files.values()
    )
    if not well_formed or set(files) - {*REQUIRED, *OPTIONAL} or set(REQUIRED) - set(files):
        raise BundleError(
            f"Expected a manifest of {', '.join(REQUIRED)}, and perhaps {', '.join(OPTIONAL)}.",
            f"It lists {', '.join(sorted(files)) or 'nothing'}."[:300],
            TAKE_AGAIN,
        )
    return files


def _check_file(folder: Path, name: str) -> Path:
    """The path of a plain file within its size limit."""
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise BundleError(
            f"Expected the file {name} in the model {folder.name}.",
            "It is missing, or a link." if not path.is_symlink() else "It is a link.",
            TAKE_AGAIN,
        )
    size = path.stat().st_size
    if size > LIMITS[name]:
        raise BundleError(
            f"{name} may have {LIMITS[name] / MB:g} MB.", f"It has {size / MB:.1f} MB."
        )
    return path


def _read(folder: Path, name: str) -> bytes:
    return _check_file(folder, name).read_bytes()


def _entry(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
