"""What pages say of a model in words: what it has learned from, and under which licence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lesionlab.data.sources.known import KNOWN


def literal(text: str) -> str:
    """What somebody else wrote, for Markdown: shown as it stands, and no picture is fetched."""
    return re.sub(r"([\\`*_{}\[\]<>()#!|~$:])", r"\\\1", text)


def learned_from(data: Mapping[str, Any] | None, drawn: bool) -> str:
    """Which pictures a model has learned from, in Markdown, with their number and licence.

    Args:
        data: `name, title, licence, num_train` from its description; none where nothing is known.
        drawn: Whether it has only seen drawings.
    """
    known = data or {}
    facts = KNOWN.get(str(known.get("name")))
    kind = "drawn pictures" if drawn else "photographs"
    if facts is not None and not facts.clinical and not drawn:
        kind += " taken through a dermatoscope (a lit magnifying glass)"
    title = str(known.get("title") or known.get("name") or "an unknown data set")
    number = known.get("num_train")
    sentence = f"It has learned from {f'{number:,} ' if number else ''}{kind}, *{literal(title)}*"
    licence = str(known.get("licence") or "")
    return sentence + (f" (licence {literal(licence)})." if licence else ".")
