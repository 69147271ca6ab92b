"""lesionlab: train a skin-lesion classifier and understand each step of it."""

__version__ = "0.1.0"
