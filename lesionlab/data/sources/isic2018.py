"""ISIC 2018, task 3, as it is published.

`ISIC2018_Task3_Training_Input/*.jpg`, `ISIC2018_Task3_Training_GroundTruth.csv`
(`image,MEL,NV,BCC, AKIEC,BKL,DF,VASC` of 0.0 and 1.0) and
`ISIC2018_Task3_Training_LesionGroupings.csv` (`image,lesion_id,diagnosis_confirm_type`); likewise
Validation and Test, where they are there.

Layout read in: ImageMarkup/isic-challenge-scoring (the columns, with `score_weight` and
`validation_weight` in the test table), and in several public loaders of the three files' names.
"""

from __future__ import annotations

import re

from lesionlab.data.sources.challenge import Challenge, read_challenge
from lesionlab.data.sources.columns import USUAL, Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.tree import Tree

CHALLENGE = Challenge(
    kind="isic2018",
    truth=re.compile(r"isic2018_task3_(training|validation|test)_groundtruth.*\.csv"),
    beside=("isic2018_task3_{part}_lesiongroupings.csv",),
    files="ISIC2018_Task3_Training_GroundTruth.csv",
)


def recognises(tree: Tree) -> bool:
    """Whether one of the challenge's ground truth tables is there."""
    return bool(CHALLENGE.truths(list(tree.sizes)))


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at ISIC 2018, unpacked or as a zip.

    Raises:
        DataError: The table or the pictures are missing.
    """
    return read_challenge(tree, CHALLENGE, columns)
