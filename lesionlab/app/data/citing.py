"""Words to copy: the citation of a data set as text and for BibTeX, and licences in numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lesionlab.app.data import finding

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

# As citations are written here: Name I., Name I. Title. Journal volume, pages (year). doi:number
CITATION = re.compile(
    r"(?P<authors>[^.]+?\.(?:, [^.]+?\.)*(?: et al\.)?) (?P<title>[^.]+)\. (?P<rest>.+)", re.DOTALL
)
YEAR = re.compile(r"\((?:\w+ )?((?:19|20)\d\d)\)")
DOI = re.compile(r"doi:\s*(10\.\d{4,}/\S*[\w)])")
SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\~{}", "^": r"\^{}"}


def bibtex(found: Dataset) -> str:
    """An entry for BibTeX: authors, title, year and DOI where the citation shows them.

    A citation of another form stands whole in `note`, so that nothing of it is lost or made up.
    """
    parts = CITATION.fullmatch(found.citation.strip())
    doi, year = DOI.search(found.citation), YEAR.search(found.citation)
    fields: dict[str, str] = {}
    if parts and doi:
        fields["author"] = " and ".join(_author(name) for name in _names(parts["authors"]))
        fields["title"] = parts["title"]
        fields["howpublished"] = re.sub(r"\s*doi:.*", "", parts["rest"]).strip()
    else:
        fields["title"] = found.title or found.name
        fields["howpublished"] = found.citation
    if year:
        fields["year"] = year[1]
    if doi:
        fields["doi"] = doi[1]
    if found.licence:
        fields["note"] = f"Licence: {found.licence}"
    lines = [
        f"  {name} = {{{value if name == 'doi' else _escaped(value)}}},"
        for name, value in fields.items()
        if value
    ]
    key = re.sub(r"[^A-Za-z0-9]+", "-", found.name).strip("-") or "dataset"
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _names(authors: str) -> list[str]:
    others = authors.endswith(" et al.")
    names = re.split(r",\s+", authors.removesuffix(" et al."))
    return [name.strip() for name in names if name.strip()] + ["others"] * others


def _author(name: str) -> str:
    """`Tschandl P.` as BibTeX wants it: `Tschandl, P.`"""
    family, _, initials = name.rpartition(" ")
    return f"{family}, {initials}" if family and initials.endswith(".") else name


def _escaped(text: str) -> str:
    return "".join(SPECIAL.get(character, character) for character in text)


def licences(found: Dataset) -> dict[str, int]:
    """Pictures under each licence, the most frequent first; empty where the table tells none."""
    coded = finding.coded(found, "licence") if "licence" in found.table else None
    if coded is None or not coded.values:
        return {}
    counts = dict(zip(coded.values, coded.counts.tolist(), strict=True))
    if coded.num_missing:
        counts["not known"] = coded.num_missing
    return dict(sorted(counts.items(), key=lambda item: -item[1]))
