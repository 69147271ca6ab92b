"""From a page's question to the model's answer, through the warm service."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.result import Result
from benchmarks.web import ROOT
from lesionlab.service import client

BAR = 300.0
REPEATS = 20
# Random numbers take as long as learned ones.
CODE = """
import sys
from pathlib import Path
from lesionlab import experiment, settings
from lesionlab.models.build import build_model, weights_of
from lesionlab.models.bundle import write_bundle
from lesionlab.models.description import Description
plan = experiment.parse(
    {"name": "benchmark", "model": {"network": sys.argv[2], "weights": "random"}}
)
model = build_model(plan.model, len(plan.data.classes), plan.preprocessing.size, seed=0)
description = Description(
    name=sys.argv[1], experiment=plan, classes=plan.data.classes, drawn=False,
    data={"name": "none"}, start_weights="random numbers", num_parameters=model.count_params(),
)
write_bundle(settings.current().models / sys.argv[1], description, weights_of(model))
"""
PICTURE = """
import io, sys
from PIL import Image
from lesionlab.data.synthetic.drawing import draw_view
drawing = draw_view("mel", 0, 0, 0, (450, 600), False)
buffer = io.BytesIO()
Image.fromarray(drawing.image).save(buffer, "JPEG", quality=90)
sys.stdout.buffer.write(buffer.getvalue())
"""


def measure(home: Path) -> list[Result]:
    """Milliseconds of a prediction with its heat map: MobileNetV2 at 224×224."""
    os.environ["LESIONLAB_HOME"] = str(home)
    model = make_model()
    picture = subprocess.run(
        [sys.executable, "-c", PICTURE], cwd=ROOT, capture_output=True, check=True
    ).stdout
    begin = time.perf_counter()
    client.warm()
    while not client.ready():
        time.sleep(0.05)
    start = time.perf_counter() - begin
    begin = time.perf_counter()
    client.predict(model, picture)
    first = time.perf_counter() - begin
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        answer = client.predict(model, picture)
        times.append(1000 * (time.perf_counter() - begin))
    if not answer["probabilities"]:
        raise RuntimeError("the model gave no answer")
    note = (
        f"median of {REPEATS} with heat map, worst {max(times):.0f} ms; the service took "
        f"{start:.1f} s to start and {first:.1f} s for the first picture"
    )
    name = "prediction through the warm service, MobileNetV2"
    return [Result(name, statistics.median(times), "ms", BAR, note=note)]


def make_model(network: str = "mobilenetv2") -> str:
    """Write the bundle that is asked into the home folder, if it is not there; gives its name."""
    name = f"benchmark-{network}"
    if not (Path(os.environ["LESIONLAB_HOME"]) / "models" / name).is_dir():
        subprocess.run([sys.executable, "-c", CODE, name, network], cwd=ROOT, check=True)
    return name
