"""Tables with a column for each class, and a 1 in that of the diagnosis."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lesionlab.data.sources.names import codes_of
from lesionlab.data.sources.words import count, some


def class_columns(raw: pd.DataFrame) -> dict[str, str]:
    """The columns named after our codes that hold nothing but 0 and 1, with their codes."""
    names = pd.Series(list(raw.columns), dtype=object)
    codes, _ = codes_of("", names)
    found = {}
    for name, code in zip(names, codes, strict=True):
        if isinstance(code, str) and bool(
            pd.to_numeric(raw[name], errors="coerce").isin((0, 1)).all()
        ):
            found[str(name)] = code
    return found


def read_one_hot(
    raw: pd.DataFrame, classes: Mapping[str, str], names: pd.Series
) -> tuple[pd.Series, list[str]]:
    """The code of each row, and sentences on the rows that have none or several.

    Args:
        raw: Text columns.
        classes: For each class's column its code.
        names: What the picture of each row is called, for the sentences.

    Returns:
        Codes with the index of `raw`, missing where there is not exactly one.
    """
    ones = raw[list(classes)].apply(pd.to_numeric, errors="coerce").to_numpy() == 1
    marks = ones.sum(axis=1)
    codes = pd.Series(list(classes.values()), dtype=object).to_numpy()[ones.argmax(axis=1)]
    diagnosis = pd.Series(codes, index=raw.index, dtype=object).where(marks == 1, None)
    sentences = []
    for wrong, words in ((marks == 0, "without a diagnosis"), (marks > 1, "with two diagnoses")):
        if wrong.any():
            called = [str(name) for name in names[wrong]]
            sentences.append(f"{count(int(wrong.sum()), 'row')} {words}: {some(called)}.")
    return diagnosis, sentences
