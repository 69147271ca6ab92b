"""The parts as a tree of folders."""

from __future__ import annotations

import pandas as pd

from lesionlab.data.tree_text import tree_text


def test_by_hand() -> None:
    counts = pd.DataFrame(
        {"train": [1200, 3], "validation": [1, 0], "test": [0, 0]}, index=["mel", "nv"]
    )
    assert tree_text("ham10000", counts) == (
        "ham10000 (1,204)\n"
        "├── train (1,203)\n"
        "│   ├── mel (1,200)\n"
        "│   └── nv (3)\n"
        "└── validation (1)\n"
        "    └── mel (1)"
    )
