"""One training by the engine in a process of its own: prints its seconds as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

# Before the clock starts, as the plain script imports before it starts its own.
from lesionlab import experiment
from lesionlab.data.store import open_dataset
from lesionlab.task import QuietTask
from lesionlab.training.material import prepare
from lesionlab.training.train import train


def main() -> None:
    """Train as the arguments say: a folder with labels.csv, and the load as JSON."""
    images, load = Path(sys.argv[1]), json.loads(sys.argv[2])
    plan = experiment.parse(
        {
            "name": "benchmark",
            "data": {"class_set": "ham7"},
            "split": {"train": 0.85, "validation": 0.15, "test": 0.0},
            "preprocessing": {"size": [load["height"], load["width"]]},
            "augmentation": {
                "rotation": 45,
                "zoom": 0.1,
                "horizontal_flip": True,
                "vertical_flip": True,
                "fill": "reflect",
            },
            "model": {
                "network": load["network"],
                "alpha": load["alpha"],
                "weights": "random",
                "dropout": 0.2,
            },
            "training": {
                "batch_size": load["batch"],
                "class_weights": "balanced",
                "phases": [{"epochs": load["epochs"], "schedule": "cosine"}],
            },
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        task = QuietTask(Path(folder))
        begin = time.perf_counter()
        material = prepare(plan, open_dataset(str(images)), task)
        train(plan, material.dataset, task, material)
        seconds = time.perf_counter() - begin
    num_train = len(material.rows("train"))
    epochs = [line for line in task.lines if line["kind"] == "epoch"]
    if len(epochs) != load["epochs"]:
        raise RuntimeError(f"trained {len(epochs)} epochs, not {load['epochs']}")
    print(json.dumps({"seconds": seconds, "num_train": num_train}))


if __name__ == "__main__":
    main()
