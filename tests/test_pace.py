"""Bars in seconds hold on a slow machine, and hold what is slow by itself."""

from __future__ import annotations

import pace
import pytest


@pytest.mark.parametrize(
    ("blur", "passes"), [(0.001, False), (0.012, False), (0.024, True), (9.0, True)]
)
def test_only_a_slow_machine_excuses(
    monkeypatch: pytest.MonkeyPatch, blur: float, passes: bool
) -> None:
    clock = iter([0.0, 1.5])
    monkeypatch.setattr(pace.time, "process_time", lambda: next(clock))
    monkeypatch.setattr(pace, "blur_seconds", lambda: blur)
    if passes:
        with pace.at_most(1.0):
            pass
    else:
        with pytest.raises(AssertionError, match="took 1"), pace.at_most(1.0):
            pass


def test_there_is_an_end_to_excuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "blur_seconds", lambda: 9.0)
    assert pace.at_usual_pace(30.0, 1.0) == 10.0
