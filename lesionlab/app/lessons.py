"""The eight lessons: their order, names and one sentence each. Facts only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """A page.

    Attributes:
        number: Its place, 1 to 8; 0 is the start page.
        path: Its script, relative to the project's folder.
        title: What menus and heads call it.
        icon: A Material symbol.
        sentence: What one learns there, in one sentence.
    """

    number: int
    path: str
    title: str
    icon: str
    sentence: str


START = Lesson(
    0,
    "streamlit_app.py",
    "Start",
    ":material/home:",
    "Train a network that tells skin lesions apart, and understand each step of it.",
)

LESSONS: tuple[Lesson, ...] = (
    Lesson(
        1,
        "pages/1_data_explorer.py",
        "Data explorer",
        ":material/grid_view:",
        "Look at the pictures, count the classes, and deal them into three parts.",
    ),
    Lesson(
        2,
        "pages/2_convolution.py",
        "Convolution",
        ":material/filter_center_focus:",
        "See what one small window of numbers finds in a picture.",
    ),
    Lesson(
        3,
        "pages/3_augmentation.py",
        "Augmentation",
        ":material/flip_camera_android:",
        "Turn, shift and recolour pictures so that the network cannot learn them by heart.",
    ),
    Lesson(
        4,
        "pages/4_model_builder.py",
        "Model builder",
        ":material/stacks:",
        "Choose a network, how much of it may change, and how fast it learns.",
    ),
    Lesson(
        5,
        "pages/5_training.py",
        "Training",
        ":material/show_chart:",
        "Start your experiment and watch the network learn.",
    ),
    Lesson(
        6,
        "pages/6_look_inside.py",
        "Look inside",
        ":material/visibility:",
        "See what each layer of a trained network answers to.",
    ),
    Lesson(
        7,
        "pages/7_evaluation.py",
        "Evaluation",
        ":material/fact_check:",
        "Measure how good the network is on pictures that it has never seen.",
    ),
    Lesson(
        8,
        "pages/8_predict.py",
        "Predict",
        ":material/image_search:",
        "Upload a picture and read an honest answer.",
    ),
)

PAGES: tuple[Lesson, ...] = (START, *LESSONS)


def lesson_of(path: str) -> Lesson:
    """The lesson whose script is `path` (as `__file__` gives it, or relative)."""
    for lesson in PAGES:
        if path.replace("\\", "/").endswith(lesson.path):
            return lesson
    raise KeyError(path)
