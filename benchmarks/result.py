"""What one measurement found, and the bar it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["at most", "at least"]


@dataclass(frozen=True)
class Result:
    """A measured number.

    Attributes:
        name: What was measured.
        value: The number; None when it could not be measured here.
        unit: Its unit.
        bar: The number it is held against, or None where there is none.
        direction: Whether `value` should be at most or at least `bar`.
        note: What else a reader must know, or the reason why nothing was measured.
    """

    name: str
    value: float | None
    unit: str = ""
    bar: float | None = None
    direction: Direction = "at most"
    note: str = ""

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, `skipped`, or nothing where there is no bar."""
        if self.value is None:
            return "skipped"
        if self.bar is None:
            return ""
        kept = self.value <= self.bar if self.direction == "at most" else self.value >= self.bar
        return "ok" if kept else "MISSED"

    def cells(self) -> tuple[str, str, str, str, str]:
        """Name, measured, bar, verdict and note as text."""
        measured = "-" if self.value is None else f"{_brief(self.value)} {self.unit}".strip()
        bar = "" if self.bar is None else f"{self.direction} {_brief(self.bar)} {self.unit}".strip()
        return self.name, measured, bar, self.verdict, self.note


def skipped(name: str, reason: str) -> Result:
    """A measurement that cannot be made here."""
    return Result(name, None, note=reason)


def table(results: list[Result]) -> str:
    """All results in columns."""
    rows = [("what", "measured", "bar", "", "note"), *(result.cells() for result in results)]
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    lines = [
        "  ".join([*(row[k].ljust(widths[k]) for k in range(4)), row[4]]).rstrip() for row in rows
    ]
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)


def _brief(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
