"""Citations to copy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lesionlab.app.data import citing
from lesionlab.data.dataset import Dataset
from lesionlab.data.sources.known import KNOWN


def made(citation: str = "", licence: str = "", **columns: list[str | None]) -> Dataset:
    return Dataset("my_set-1", Path(), pd.DataFrame(columns), licence, citation, title="My set")


def test_a_citation_with_a_doi_is_taken_apart() -> None:
    facts = KNOWN["ham10000"]
    text = citing.bibtex(made(facts.citation, facts.licence))
    assert text.splitlines() == [
        "@misc{my-set-1,",
        "  author = {Tschandl, P. and Rosendahl, C. and Kittler, H.},",
        "  title = {The HAM10000 dataset, a large collection of multi-source dermatoscopic images "
        "of common pigmented skin lesions},",
        "  howpublished = {Scientific Data 5, 180161 (2018)},",
        "  year = {2018},",
        "  doi = {10.1038/sdata.2018.161},",
        "  note = {Licence: CC BY-NC 4.0},",
        "}",
    ]


def test_another_citation_stands_whole() -> None:
    text = citing.bibtex(made("Ask 50% of {us} & them."))
    assert r"howpublished = {Ask 50\% of \{us\} \& them.}," in text
    assert "title = {My set}," in text
    assert "author" not in text
    assert "note" not in text


def test_several_initials_others_and_a_year_without_brackets() -> None:
    text = citing.bibtex(made(KNOWN["ph2"].citation))
    assert "author = {Mendonça, T. and Ferreira, P. M. and Marques, J. S. and" in text
    assert "title = {PH2 - A dermoscopic image database for research and benchmarking}," in text
    assert "year = {2013}," in text
    assert "doi = {10.1109/EMBC.2013.6610779}," in text
    assert "author = {de Faria, S. M. M. and others}" in citing.bibtex(
        made(KNOWN["skinl2"].citation)
    )


def test_several_citations_are_not_mixed() -> None:
    for name in ("isic2018", "isic2019", "isic2020"):
        text = citing.bibtex(made(KNOWN[name].citation))
        assert "author" not in text
        assert "doi =" not in text
    both = "; ".join((KNOWN["ph2"].citation, KNOWN["sd198"].citation))
    assert "author" not in citing.bibtex(made(both))


def test_all_known_sets_give_an_entry_with_even_braces() -> None:
    for facts in KNOWN.values():
        text = citing.bibtex(made(facts.citation, facts.licence))
        plain = text.replace(r"\{", "").replace(r"\}", "")
        assert plain.count("{") == plain.count("}") >= 2


def test_licences_are_counted() -> None:
    assert citing.licences(made(image_id=["a"])) == {}
    table = pd.DataFrame({"licence": ["CC-0", "CC-BY", "CC-0", None]})
    found = Dataset("x", Path(), table)
    assert citing.licences(found) == {"CC-0": 2, "CC-BY": 1, "not known": 1}
    assert citing.licences(Dataset("y", Path(), table.iloc[3:])) == {}
