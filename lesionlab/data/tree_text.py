"""The parts of a data set as a tree of folders in text, as one would sort them on a disk.

The form is that of the folders in Cullell-Dalmau et al., "Convolutional neural network for skin
lesion classification: understanding the fundamentals through hands-on learning" (2021): a folder a
part, and in it a folder a class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def tree_text(name: str, counts: pd.DataFrame) -> str:
    """A line a folder with the number of its pictures in brackets.

    Args:
        name: Of the topmost folder.
        counts: A row a class, a column a part; parts without a picture are left out.
    """
    parts = [part for part in counts.columns if counts[part].sum()]
    lines = [f"{name} ({counts.to_numpy().sum():,})"]
    for part in parts:
        last_part = part == parts[-1]
        lines.append(f"{'└' if last_part else '├'}── {part} ({counts[part].sum():,})")
        classes = [(code, number) for code, number in counts[part].items() if number]
        for code, number in classes:
            branch = "└" if code == classes[-1][0] else "├"
            lines.append(f"{'    ' if last_part else '│   '}{branch}── {code} ({number:,})")
    return "\n".join(lines)
