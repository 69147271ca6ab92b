"""Which lessons a desk has done."""

from __future__ import annotations

from lesionlab.app.desk import Desk
from lesionlab.app.lessons import LESSONS

TRAINING = 5


def lessons_done(desk: Desk) -> set[int]:
    """Numbers of the lessons that were opened; Training counts when a run of the desk is done."""
    from lesionlab.jobs import runs

    done = {lesson.number for lesson in LESSONS if lesson.path in desk.visited} - {TRAINING}
    if any(run.state.status == "done" for run in runs.list_runs(desk.id)):
        done.add(TRAINING)
    return done
