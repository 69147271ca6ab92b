"""The rules that keep rooms apart: which way imports go, who may load Keras or Streamlit."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lesionlab.jobs import store

ROOT = Path(__file__).resolve().parent.parent

# A room may import what stands in an earlier row, or in its own.
ROWS: list[set[str]] = [
    {"", "errors", "settings", "files", "task", "diagnoses"},
    {"images"},
    {"data"},
    {"experiment_parts", "experiment"},
    {"models"},
    {"training", "evaluation", "explain"},
    {"jobs", "service", "cli"},
    {"app"},
    {"pages"},
]
KERAS_ROOMS = {"models", "training", "explain"}
KERAS_FILES = {"lesionlab/evaluation/infer.py"}
HIDDEN_FROM_PAGES = {"models", "training", "explain"}


def python_files() -> list[Path]:
    return sorted(
        [ROOT / "streamlit_app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("lesionlab/**/*.py")]
    )


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] != "lesionlab":
        return "pages"
    return "" if parts[1] == "__init__" else parts[1]


def row_of(room: str) -> int:
    return next(number for number, row in enumerate(ROWS) if room in row)


def imports(path: Path) -> set[str]:
    """Every module that a file names in an import, wherever it stands in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(path) if name.startswith("lesionlab."))
    return {parts[1] for parts in names if parts[1] != "__version__"}


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = row_of(room_of(path))
    above = {room for room in rooms_imported(path) if row_of(room) > own}
    assert not above, f"{path.relative_to(ROOT)} imports from {above}, which stands above it"


def test_only_the_app_knows_streamlit() -> None:
    users = {
        room_of(p) for p in python_files() if any(re.match(r"streamlit\b", n) for n in imports(p))
    }
    assert users == {"app", "pages"}


def test_keras_stays_in_its_rooms() -> None:
    for path in python_files():
        name = path.relative_to(ROOT).as_posix()
        uses = any(re.match(r"(keras|tensorflow)\b", module) for module in imports(path))
        allowed = room_of(path) in KERAS_ROOMS or name in KERAS_FILES or room_of(path) == "service"
        assert allowed or not uses, f"{name} imports Keras"


def test_pages_reach_the_engine_through_the_service_and_jobs() -> None:
    for path in python_files():
        if room_of(path) in ("app", "pages"):
            assert not rooms_imported(path) & HIDDEN_FROM_PAGES, path.name


@pytest.mark.parametrize(
    "module",
    [
        "lesionlab.cli",
        "lesionlab.jobs.worker",
        "lesionlab.jobs.runs",
        "lesionlab.service.client",
        "lesionlab.models.bundle",
        "lesionlab.models.locate",
        "lesionlab.data.store",
    ],
)
def test_light_modules_load_no_keras(module: str) -> None:
    code = f"import sys, {module}; print({{'keras', 'tensorflow', 'jax'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "set()", done.stderr


def test_no_page_loads_keras(home: Path) -> None:
    """Run every page in a process of its own, then look at what is loaded."""
    code = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
test = AppTest.from_file("streamlit_app.py", default_timeout=300).run()
assert not test.exception, test.exception
for page in sorted(Path("pages").glob("*.py")):
    test.switch_page(str(page)).run()
    assert not test.exception, (page, test.exception)
print(len(list(Path("pages").glob("*.py"))), {"keras", "tensorflow"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    # The pages have asked for the drawn data set, whose worker would outlive this test.
    for job in store.list_jobs():
        if not store.read_state(job).ended:
            store.request_cancel(job.id)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().splitlines()[-1] == "8 set()"


def test_files_stay_short() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in python_files()
        if (n := len(p.read_text("utf-8").splitlines())) > 300
    }
    assert not long


def test_the_two_requirement_lists_differ_in_tensorflow_alone() -> None:
    def lines(name: str) -> set[str]:
        text = (ROOT / name).read_text("utf-8").splitlines()
        return {line for line in text if line and not line.startswith(("#", "tensorflow"))}

    assert lines("requirements.txt") == lines("requirements-gpu.txt")
