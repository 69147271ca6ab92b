"""Words to copy: the citation of a data set as text and for BibTeX, and licences in numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lesionlab.app.data import finding

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

# As citations are written here: Name I., Name I. J. Title. Journal volume, pages (year). doi:number
NAME = r"[^.,;:]+?(?: [A-Z]\.)+"
CITATION = re.compile(
    rf"(?P<authors>{NAME}(?:, {NAME})*(?: et al\.)?) (?P<title>[^.]+)\. (?P<rest>.+)", re.DOTALL
)
YEAR = re.compile(r"[ (]((?:19|20)\d\d)(?=[),])")
DOI = re.compile(r"doi:\s*(10\.\d{4,}/\S*[\w)])")
SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\~{}", "^": r"\^{}"}


def bibtex(found: Dataset) -> str:
    """An entry for BibTeX: authors, title, year and DOI where the citation shows them.

    Several citations in one, or one of another form, stand whole in `howpublished`, so that
    nothing is lost, mixed up or made up.
    """
    words = found.citation.strip()
    parts = CITATION.fullmatch(words)
    fields: dict[str, str] = {}
    if parts and words.lower().count("doi:") <= 1 and not re.search(r"arxiv:|; ", words, re.I):
        fields["author"] = " and ".join(_author(name) for name in _names(parts["authors"]))
        fields["title"] = parts["title"]
        fields["howpublished"] = re.sub(r"\s*doi:.*", "", parts["rest"]).strip().rstrip(".")
        for name, pattern in (("year", YEAR), ("doi", DOI)):
            if match := pattern.search(f" {parts['rest']}"):
                fields[name] = match[1]
    else:
        fields["title"] = found.title or found.name
        fields["howpublished"] = words
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
    """`Ferreira P. M.` as BibTeX wants it: `Ferreira, P. M.`"""
    return re.sub(r"^(.+?) ((?:[A-Z]\.\s?)+)$", r"\1, \2", name)


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
