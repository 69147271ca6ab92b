"""Facts of the data sets that we know by name: title, licence, citation, and how to tell them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Facts:
    """What stands in the paper of a data set.

    Attributes:
        lesion_pattern: What every lesion's id looks like, by which a copy is recognised.
        num_images: Pictures in the whole set; likewise `num_lesions`.
    """

    title: str
    licence: str
    citation: str
    lesion_pattern: str
    num_images: int | None = None
    num_lesions: int | None = None


KNOWN: dict[str, Facts] = {
    "ham10000": Facts(
        title="HAM10000",
        licence="CC BY-NC 4.0",
        citation=(
            "Tschandl P., Rosendahl C., Kittler H. The HAM10000 dataset, a large collection of "
            "multi-source dermatoscopic images of common pigmented skin lesions. "
            "Scientific Data 5, 180161 (2018). doi:10.1038/sdata.2018.161"
        ),
        lesion_pattern=r"HAM_\d{7}",
        num_images=10015,
        num_lesions=7470,
    ),
    "synthetic": Facts(
        title="Drawn lesions (synthetic)",
        licence="CC0-1.0",
        citation="Drawn by lesionlab; not photographs of skin.",
        lesion_pattern=r"drawn_[a-z]+_lesion_\d+",
    ),
}


def recognise(table: pd.DataFrame) -> Facts | None:
    """The known set that a table's lesion ids come from, also when it has another layout."""
    if table.empty or bool(table["lesion_id"].isna().any()):
        return None
    ids = table["lesion_id"].astype(str)
    for facts in KNOWN.values():
        if bool(ids.str.fullmatch(facts.lesion_pattern).all()):
            return facts
    return None
