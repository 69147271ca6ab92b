"""Small imitations of published data sets, as a folder or as a zip of it."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from lesionlab.data.sources.columns import Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.kinds import SOURCES

Files = dict[str, str | bytes]


@lru_cache(maxsize=8)
def picture(ending: str = "jpg") -> bytes:
    """A picture of 8×12 pixels."""
    content = io.BytesIO()
    kind = {"jpg": "JPEG", "bmp": "BMP", "png": "PNG"}[ending.lower()]
    Image.fromarray(np.full((8, 12, 3), 99, np.uint8)).save(content, kind)
    return content.getvalue()


def pictures(*names: str) -> Files:
    """A picture under each name."""
    return {name: picture(name.rpartition(".")[2]) for name in names}


def sheet(rows: list[list[object]]) -> bytes:
    """An .xlsx with these cells."""
    content = io.BytesIO()
    pd.DataFrame(rows).to_excel(content, header=False, index=False)
    return content.getvalue()


def put(folder: Path, files: Files, packed: bool = False) -> Path:
    """Write the files into `folder`, or into a zip beside it; the path of what was written."""
    contents = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
    if packed:
        folder.parent.mkdir(parents=True, exist_ok=True)
        path = folder.with_name(f"{folder.name}.zip")
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
        return path
    for name, content in contents.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


def look(kind: str, path: Path, label: str | None = None, file: str | None = None) -> Found:
    """What the source of this kind finds; its archive is closed."""
    found = SOURCES[kind](path, Columns(label=label, file=file))
    found.tree.close()
    return found


def column(found: Found, name: str) -> dict[str, object]:
    """A column of what was found, by the pictures' file names; missing is None."""
    values = found.table[name].astype(object).where(found.table[name].notna(), None)
    names = [str(path).rpartition("/")[2] for path in found.table["path"]]
    return dict(zip(names, values, strict=True))
