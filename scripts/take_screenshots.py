"""Take the screenshots in docs/screenshots: every page, 1440 and 390 pixels wide, light and dark.

Starts the app on a home folder of its own, on a free port, trains a small network there, and
photographs what it shows. Wants Playwright (requirements-dev.txt) and Chromium.

    .venv/bin/python scripts/take_screenshots.py [--home FOLDER] [--only PAGE] [--no-training]
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "docs" / "screenshots"
DESK = "5c" * 12
WIDTHS = (1440, 390)
MODES = ("light", "dark")
# The page's name in its address, "" for the start page -> what the file is called.
PAGES = {
    "": "start",
    "data_explorer": "data-explorer",
    "convolution": "convolution",
    "augmentation": "augmentation",
    "model_builder": "model-builder",
    "training": "training",
    "look_inside": "look-inside",
    "evaluation": "evaluation",
    "predict": "predict",
}
LONGEST = 2400
START_SECONDS = 60.0
DATA_SECONDS = 300.0
TRAINING_SECONDS = 900.0


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_app(home: Path) -> Iterator[str]:
    """The app on a free port of this machine; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true"]
    with (home / "web.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PWD": str(ROOT)}
        )
    try:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def prepare(home: Path, training: bool) -> None:
    """Wait for the drawn set, lay a draft on the desk, and train it."""
    from lesionlab import experiment as experiments
    from lesionlab.app.desk import open_desk
    from lesionlab.data.store import is_stored
    from lesionlab.jobs import queue, runs, store

    end = time.monotonic() + DATA_SECONDS
    while not is_stored("synthetic") and time.monotonic() < end:
        queue.tick()
        time.sleep(2)
    draft = experiments.with_settings(
        experiments.recipe("small-cnn"), ["training.epochs=6", "preprocessing.size=[96, 96]"]
    )
    desk = open_desk(DESK)
    desk.save(draft=draft, nickname="Mila and Tom")
    if not training or runs.list_runs(DESK):
        return
    run = runs.train(draft, DESK)
    desk.save(run=run.id)
    end = time.monotonic() + TRAINING_SECONDS
    while store.read_state(run.job).status in ("queued", "running") and time.monotonic() < end:
        queue.tick()
        time.sleep(2)
    print("training:", store.read_state(run.job).status)


def compress(content: bytes) -> bytes:
    """A screenshot in few colours, at most LONGEST pixels high."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, LONGEST)))
    if picture.width > 1000:
        picture = picture.resize(
            (1000, round(picture.height * 1000 / picture.width)), Image.Resampling.LANCZOS
        )
    buffer = io.BytesIO()
    # MAXCOVERAGE keeps the few pixels of a colour of their own, such as a badge's.
    few = picture.quantize(112, method=Image.Quantize.MAXCOVERAGE, kmeans=1)
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def photograph(page: Any, address: str, width: int) -> bytes:
    """One page, whole, once it is quiet."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    page.wait_for_selector(".ll-foot", timeout=60_000)
    end = time.monotonic() + 60
    quiet = 0
    # Twice quiet in a row: the service wakes up between two runs of the page.
    while quiet < 4 and time.monotonic() < end:
        busy = page.locator('[data-testid="stStatusWidget"], [data-stale="true"]').count()
        waking = page.get_by_text("waking up").count()
        quiet = 0 if busy or waking else quiet + 1
        time.sleep(0.5)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height) + 8, 6000)})
    time.sleep(1.0)
    return bytes(page.screenshot())


def take(base: str, names: dict[str, str]) -> None:
    """Photograph all pages in all widths and modes."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        for mode in MODES:
            context = browser.new_context(color_scheme=mode)
            page = context.new_page()
            for width in WIDTHS:
                for address, name in names.items():
                    content = photograph(page, f"{base}/{address}?desk={DESK}", width)
                    path = SHOTS / f"{name}-{width}-{mode}.png"
                    path.write_bytes(compress(content))
                    print(path.relative_to(ROOT), f"{path.stat().st_size / 1000:.0f} kB")
            context.close()
        browser.close()


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home folder to use again")
    parser.add_argument("--only", choices=sorted(PAGES.values()), help="one page")
    parser.add_argument("--no-training", action="store_true")
    wanted = parser.parse_args()
    home = (wanted.home or Path(tempfile.mkdtemp(prefix="lesionlab-shots-"))).resolve()
    home.mkdir(parents=True, exist_ok=True)
    os.environ["LESIONLAB_HOME"] = str(home)
    names = {k: v for k, v in PAGES.items() if wanted.only in (None, v)}
    SHOTS.mkdir(parents=True, exist_ok=True)
    with running_app(home) as base:
        from lesionlab.jobs import store
        from lesionlab.service import client

        store.ensure_synthetic()
        prepare(home, training=not wanted.no_training)
        take(base, names)
        client.stop()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
