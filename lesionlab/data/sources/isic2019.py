"""ISIC 2019 as it is published.

`ISIC_2019_Training_Input/*.jpg` (some names end in `_downsampled`),
`ISIC_2019_Training_GroundTruth.csv` (`image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK` of 0.0 and 1.0)
and `ISIC_2019_Training_Metadata.csv` (`image,age_approx,anatom_site_general,lesion_id,sex`, with
lesion_id often empty). Where `ISIC_2019_Test_GroundTruth.csv` is there too, its pictures are the
given test part; it has `score_weight` and `validation_weight` beside the classes.

Layout read in: owkin/FLamby (fed_isic2019; also what the first letters of a lesion's id mean),
gsmit/ISIC-2019, livanosg/mel-data, ImageMarkup/isic-challenge-scoring (the test table's weights);
Steppan and Hanke (2021), section III A, for the nine classes.
"""

from __future__ import annotations

import re

from lesionlab.data.sources.challenge import Challenge, read_challenge
from lesionlab.data.sources.columns import USUAL, Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.tree import Tree

CHALLENGE = Challenge(
    kind="isic2019",
    truth=re.compile(r"isic_2019_(training|validation|test)_groundtruth.*\.csv"),
    beside=("isic_2019_{part}_metadata.csv",),
    files="ISIC_2019_Training_GroundTruth.csv",
)


def recognises(tree: Tree) -> bool:
    """Whether one of the challenge's ground truth tables is there."""
    return bool(CHALLENGE.truths(list(tree.sizes)))


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at ISIC 2019, unpacked or as a zip.

    Raises:
        DataError: The table or the pictures are missing.
    """
    return read_challenge(tree, CHALLENGE, columns)
