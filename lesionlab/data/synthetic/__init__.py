"""The drawn data set: eight classes from what dermoscopy textbooks describe, with exact masks."""

from lesionlab.data.synthetic.drawing import CLASSES, Drawing, draw_lesion
from lesionlab.data.synthetic.synthesize import LICENCE, synthesize

__all__ = ["CLASSES", "LICENCE", "Drawing", "draw_lesion", "synthesize"]
