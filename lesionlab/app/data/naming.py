"""What pages call the columns of a data set."""

from __future__ import annotations

NAMES = {
    "diagnosis": "Class",
    "site": "Place on the body",
    "age": "Age in years",
    "sex": "Sex",
    "source": "Source",
    "confirmed_by": "Way of confirmation",
    "given_part": "Part given by the publisher",
    "licence": "Licence",
    "lesion_id": "Lesion",
    "patient_id": "Patient",
}


def column_name(column: str) -> str:
    """What pages call a column."""
    return NAMES.get(column, column.replace("_", " "))
