"""lesionlab: train a skin-lesion classifier and understand each step of it."""

import os

__version__ = "0.1.0"

# TensorFlow asks oneDNN for its convolutions only on CPUs with AVX512-VNNI or AMX. They are faster
# on those with AVX2 too: there a MobileNetV2 trains 1.35 and answers 1.7 times as fast.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
