"""Facts of the data sets that we know by name: title, licence, citation, and how to tell them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

ASK = "ask the authors"


@dataclass(frozen=True)
class Facts:
    """What its publishers say of a data set, and where its layout was read.

    Attributes:
        licence: As published; `ask the authors` (with what their paper says) where no licence
            could be found.
        lesion_pattern: What every lesion's id looks like, by which a copy is recognised; "" when
            ids do not tell.
        num_images: Pictures in the whole set; likewise `num_lesions`.
        layout_source: Where the layout was read.
        unverified: What of the layout could not be checked; "" when all was.
        clinical: True for photographs of the skin, False for dermoscopic pictures.
        address: Where it is published.
    """

    title: str
    licence: str
    citation: str
    lesion_pattern: str = ""
    num_images: int | None = None
    num_lesions: int | None = None
    layout_source: str = ""
    unverified: str = ""
    clinical: bool = False
    address: str = ""


_HAM10000_PAPER = (
    "Tschandl P., Rosendahl C., Kittler H. The HAM10000 dataset, a large collection of "
    "multi-source dermatoscopic images of common pigmented skin lesions. "
    "Scientific Data 5, 180161 (2018). doi:10.1038/sdata.2018.161"
)

# What its table calls the places that its pictures are from, and what they are (its "Methods").
HAM10000_SOURCES = ("vidir_molemax", "vidir_modern", "rosendahl", "vienna_dias")
HAM10000_PLACES = (
    "HAM10000 comes from two places: the hospital of the Medical University of Vienna "
    "(vidir_molemax and vidir_modern, two kinds of camera, and vienna_dias, an archive of slides) "
    "and a practice in Queensland, Australia (rosendahl)."
)

KNOWN: dict[str, Facts] = {
    "ham10000": Facts(
        title="HAM10000",
        licence="CC BY-NC 4.0",
        citation=_HAM10000_PAPER,
        lesion_pattern=r"HAM_\d{7}",
        num_images=10015,
        num_lesions=7470,
        layout_source="the published table itself; owkin/FLamby",
        address="https://doi.org/10.7910/DVN/DBW86T",
    ),
    "isic2018": Facts(
        title="ISIC 2018, task 3",
        licence=(
            f"CC BY-NC 4.0 for the training pictures, which are HAM10000's; for the others {ASK}"
        ),
        citation=(
            "Codella N. et al. Skin Lesion Analysis Toward Melanoma Detection 2018: A Challenge "
            f"Hosted by the International Skin Imaging Collaboration (ISIC). arXiv:1902.03368. "
            f"{_HAM10000_PAPER}"
        ),
        layout_source="ImageMarkup/isic-challenge-scoring and public loaders",
        address="https://challenge.isic-archive.com/data/#2018",
    ),
    "isic2019": Facts(
        title="ISIC 2019",
        licence="CC BY-NC 4.0",
        citation=(
            "BCN_20000: Department of Dermatology, Hospital Clínic de Barcelona. HAM10000: ViDIR "
            "Group, Department of Dermatology, Medical University of Vienna. MSK: anonymous. "
            f"{_HAM10000_PAPER} Codella N. et al. Skin Lesion Analysis Toward Melanoma Detection: "
            "A Challenge at the 2017 International Symposium on Biomedical Imaging. "
            "arXiv:1710.05006. Combalia M. et al. BCN20000: Dermoscopic Lesions in the Wild. "
            "arXiv:1908.02288"
        ),
        num_images=25331,
        layout_source=(
            "owkin/FLamby, gsmit/ISIC-2019, livanosg/mel-data, ImageMarkup/isic-challenge-scoring"
        ),
        address="https://challenge.isic-archive.com/data/#2019",
    ),
    "isic2020": Facts(
        title="ISIC 2020",
        licence="CC BY-NC 4.0",
        citation=(
            "International Skin Imaging Collaboration. SIIM-ISIC 2020 Challenge Dataset. "
            "doi:10.34970/2020-ds01. Rotemberg V. et al. A patient-centric dataset of images and "
            "metadata for identifying melanomas using clinical context. Scientific Data 8, 34 "
            "(2021). doi:10.1038/s41597-021-00815-z"
        ),
        num_images=33126,
        layout_source="livanosg/mel-data and public loaders",
        address="https://challenge.isic-archive.com/data/#2020",
    ),
    "ph2": Facts(
        title="PH2",
        licence=f"free for research and benchmarking; for anything else {ASK}",
        citation=(
            "Mendonça T., Ferreira P. M., Marques J. S., Marçal A. R. S., Rozeira J. PH2 - A "
            "dermoscopic image database for research and benchmarking. EMBC 2013, 5437-5440. "
            "doi:10.1109/EMBC.2013.6610779"
        ),
        num_images=200,
        layout_source=("gsmit/ISIC-2019, livanosg/mel-data, sunlabuiuc/PyHealth, IMSY-DKFZ/mml"),
        address="https://www.fc.up.pt/addi/ph2%20database.html",
    ),
    "mednode": Facts(
        title="MED-NODE",
        licence=ASK,
        citation=(
            "Giotis I., Molders N., Land S., Biehl M., Jonkman M. F., Petkov N. MED-NODE: A "
            "computer-assisted melanoma diagnosis system using non-dermoscopic images. Expert "
            "Systems with Applications 42(19), 6578-6585 (2015)"
        ),
        num_images=170,
        layout_source="livanosg/mel-data, gsmit/ISIC-2019, openmedlab/Awesome-Medical-Dataset",
        clinical=True,
        address="https://www.cs.rug.nl/~imaging/databases/melanoma_naevi/",
    ),
    "derm7pt": Facts(
        title="7-point criteria (Derm7pt)",
        licence=ASK,
        citation=(
            "Kawahara J., Daneshvar S., Argenziano G., Hamarneh G. Seven-Point Checklist and Skin "
            "Lesion Classification Using Multitask Multimodal Neural Nets. IEEE Journal of "
            "Biomedical and Health Informatics 23(2), 538-546 (2019). "
            "doi:10.1109/JBHI.2018.2824327"
        ),
        num_images=1011,
        layout_source=("jeremykawahara/derm7pt, IMSY-DKFZ/mml, livanosg/mel-data, gsmit/ISIC-2019"),
        address="https://derm.cs.sfu.ca",
    ),
    "sd198": Facts(
        title="SD-198",
        licence=ASK,
        citation=(
            "Sun X., Yang J., Sun M., Wang K. A Benchmark for Automatic Visual Classification of "
            "Clinical Skin Disease Images. ECCV 2016, 206-222. doi:10.1007/978-3-319-46466-4_13"
        ),
        num_images=6584,
        layout_source="karuniaperjuangan/dinov3-classification-sd-198, gsmit/ISIC-2019",
        clinical=True,
        address="https://xiaoxiaosun.com/docs/2016-eccv-sd198.pdf",
    ),
    "skinl2": Facts(
        title="SKINL2",
        licence=ASK,
        citation=(
            "de Faria S. M. M. et al. Light Field Image Dataset of Skin Lesions. EMBC 2019, "
            "3905-3908. doi:10.1109/EMBC.2019.8856578"
        ),
        layout_source="gsmit/ISIC-2019, IMSY-DKFZ/mml, hectorcarrion/dermdepth",
        unverified=(
            "layout unverified: where the dermoscopic pictures of versions 2 and 3 lie, and the "
            "ending of the files, were seen in one place alone"
        ),
        address="https://www.it.pt/AutomaticPage?id=3459",
    ),
    "synthetic": Facts(
        title="Drawn lesions (synthetic)",
        licence="CC0-1.0",
        citation="Drawn by lesionlab; not photographs of skin.",
        lesion_pattern=r"drawn_[a-z]+_lesion_\d+",
        layout_source="drawn by lesionlab",
    ),
}


def recognise(table: pd.DataFrame) -> Facts | None:
    """The known set that a table's lesion ids come from, also when it has another layout."""
    if table.empty or bool(table["lesion_id"].isna().any()):
        return None
    ids = table["lesion_id"].astype(str)
    for facts in KNOWN.values():
        if facts.lesion_pattern and bool(ids.str.fullmatch(facts.lesion_pattern).all()):
            return facts
    return None
