"""A small ISIC Archive on the loopback that speaks its API v2, and fails when it is told to.

Searches with brackets, AND, OR, `"…"` and `*`; pages by cursors, with a count on the first page
alone; sizes; single pictures; files under addresses that may run out.
"""

from __future__ import annotations

import base64
import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

TOKEN = re.compile(r'\(|\)|AND\b|OR\b|[a-z_0-9]+:(?:"[^"]*"|[A-Za-z0-9*_-]+)')
NAMES: dict[str, tuple[str, ...]] = {
    "mel": ("Malignant", "Malignant melanocytic proliferations (Melanoma)", "Melanoma Invasive"),
    "nv": ("Benign", "Benign melanocytic proliferations", "Nevus", "Nevus, Spitz"),
    "bcc": (
        "Malignant",
        "Malignant adnexal epithelial proliferations - Follicular",
        "Basal cell carcinoma",
    ),
    "vasc": ("Benign", "Benign soft tissue proliferations - Vascular", "Hemangioma"),
    "metastasis": (
        "Malignant",
        "Malignant melanocytic proliferations (Melanoma)",
        "Melanoma metastasis",
    ),
}


@dataclass
class Fault:
    """What goes wrong with a request.

    Attributes:
        status: Answer with this status.
        retry_after: Seconds that the answer asks for.
        cut_after: Send so many bytes of the body and cut the connection.
        seconds: Wait before the answer; "stall" waits in its middle until the server ends.
        body: Send this in place of the file.
    """

    status: int = 200
    retry_after: int | None = None
    cut_after: int | None = None
    seconds: float = 0.0
    stall: bool = False
    body: bytes | None = None


@dataclass
class Archive:
    """What the server holds, what it was asked, and what shall go wrong.

    Attributes:
        once: Faults by a part of the address, each for one request, in turn.
        always: Faults by a part of the address, for every request.
        asked: Each request: the moment and the address.
        signature: Files are given to addresses with this alone.
    """

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    once: dict[str, list[Fault]] = field(default_factory=dict)
    always: dict[str, Fault] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)
    page: int = 100
    signature: str = "1"
    address: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"{self.address}/api/v2/"

    def add(
        self,
        code: str,
        number: int,
        licence: str = "CC-0",
        kind: str = "dermoscopic",
        attribution: str = "Department of Dermatology, Somewhere",
    ) -> list[str]:
        """Put so many pictures of a class in; gives their ids."""
        ids = []
        for _ in range(number):
            n = len(self.records) + 1
            isic_id = f"ISIC_{n:07d}"
            pixels = np.random.default_rng(n).integers(0, 255, (24, 32, 3), dtype=np.uint8)
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
            self.files[isic_id] = buffer.getvalue()
            levels = {f"diagnosis_{k}": name for k, name in enumerate(NAMES[code], 1)}
            self.records[isic_id] = {
                "isic_id": isic_id,
                "public": True,
                "copyright_license": licence,
                "attribution": attribution,
                "metadata": {
                    "acquisition": {"pixels_x": 32, "pixels_y": 24, "image_type": kind},
                    "clinical": {
                        **levels,
                        "age_approx": 20 + n % 60,
                        "sex": "female" if n % 2 else "male",
                        "anatom_site_general": "anterior torso",
                        "diagnosis_confirm_type": "histopathology",
                        "lesion_id": f"IL_{n // 2:07d}",
                        "patient_id": f"IP_{n // 4:07d}",
                    },
                },
            }
            ids.append(isic_id)
        return ids

    def told(self, isic_id: str) -> dict[str, Any]:
        """A record as the archive's JSON has it."""
        url = f"{self.address}/files/{isic_id}.jpg?signature={self.signature}"
        full = {"url": url, "size": len(self.files[isic_id])}
        return self.records[isic_id] | {"files": {"full": full, "thumbnail_256": full}}

    def requests(self, part: str) -> list[float]:
        """The moments of all requests whose address has this part."""
        with self.lock:
            return [moment for moment, address in self.asked if part in address]

    def find(self, query: str) -> list[str]:
        """Ids of the pictures that a search finds, in the order in which they were put in."""
        return [i for i, record in self.records.items() if matches(query, record)]


def matches(query: str, record: dict[str, Any]) -> bool:
    """Whether a record fits a query; one that the archive could not read raises ValueError."""
    facts = {"isic_id": record["isic_id"], "copyright_license": record["copyright_license"]}
    facts |= record["metadata"]["acquisition"] | record["metadata"]["clinical"]
    tokens = TOKEN.findall(query)
    if "".join(tokens).replace(" ", "") != query.replace(" ", ""):
        raise ValueError(query)
    tokens.append("end")

    def any_of() -> bool:
        found = all_of()
        while tokens[0] == "OR":
            tokens.pop(0)
            found = all_of() or found
        return found

    def all_of() -> bool:
        found = term()
        while tokens[0] == "AND":
            tokens.pop(0)
            found = term() and found
        return found

    def term() -> bool:
        token = tokens.pop(0)
        if token == "(":
            found = any_of()
            if tokens.pop(0) != ")":
                raise ValueError(query)
            return found
        key, _, value = token.partition(":")
        value, there = value.strip('"'), str(facts.get(key, ""))
        if value.startswith("*"):
            return there.endswith(value[1:])
        return there.startswith(value[:-1]) if value.endswith("*") else there == value

    found = not query or any_of()
    if query and tokens != ["end"]:
        raise ValueError(query)
    return found


class Handler(BaseHTTPRequestHandler):
    """Answers for the archive of its server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        archive: Archive = self.server.archive  # type: ignore[attr-defined]
        with archive.lock:
            archive.asked.append((time.monotonic(), self.path))
            fault = next((f for part, f in archive.always.items() if part in self.path), None)
            for part, faults in archive.once.items():
                if fault is None and part in self.path and faults:
                    fault = faults.pop(0)
        fault = fault or Fault()
        archive.ended.wait(fault.seconds)
        status, body, kind = self._answer(archive)
        if fault.status != 200:
            status, body = fault.status, b"{}"
        if fault.body is not None:
            body = fault.body
        self._send(status, body, kind, fault, archive.ended)

    def _answer(self, archive: Archive) -> tuple[int, bytes, str]:
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/files/"):
            name = parts.path.removeprefix("/files/").removesuffix(".jpg")
            if asked.get("signature") != archive.signature or name not in archive.files:
                return 403, b"<Error>AccessDenied</Error>", "application/xml"
            return 200, archive.files[name], "image/jpeg"
        try:
            found: Any = self._told(archive, parts.path.removeprefix("/api/v2/images/"), asked)
        except (KeyError, ValueError):
            return (404 if "search" not in parts.path else 400), b"{}", "application/json"
        return 200, json.dumps(found).encode(), "application/json"

    def _told(self, archive: Archive, path: str, asked: dict[str, str]) -> dict[str, Any]:
        if path == "search/size/":
            ids = archive.find(asked.get("query", ""))
            return {"size": sum(len(archive.files[i]) for i in ids)}
        if path != "search/":
            return archive.told(path.strip("/"))
        ids = archive.find(asked.get("query", ""))
        start = int(base64.b64decode(asked.get("cursor", "MA==")))
        stop = start + min(int(asked.get("limit", archive.page)), archive.page)
        following = None
        if stop < len(ids):
            cursor = base64.b64encode(str(stop).encode()).decode()
            query = re.sub(r"&?cursor=[^&]*", "", urlsplit(self.path).query)
            following = f"{archive.address}/api/v2/images/search/?{query}&cursor={cursor}"
        return {
            "results": [archive.told(i) for i in ids[start:stop]],
            "count": None if "cursor" in asked else len(ids),
            "next": following,
            "previous": None,
        }

    def _send(
        self, status: int, body: bytes, kind: str, fault: Fault, ended: threading.Event
    ) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if fault.retry_after is not None:
                self.send_header("Retry-After", str(fault.retry_after))
            self.end_headers()
            half = len(body) // 2 if fault.stall else fault.cut_after
            self.wfile.write(body[:half])
            self.wfile.flush()
            if fault.stall:
                ended.wait()
            if half is not None:
                self.close_connection = True
                self.connection.close()
        except OSError:  # whoever asked has gone
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def serving(archive: Archive) -> Iterator[Archive]:
    """Let the archive answer on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.archive = archive  # type: ignore[attr-defined]
    archive.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield archive
    finally:
        archive.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something that another thread or process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
