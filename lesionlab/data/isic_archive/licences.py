"""Licences of the ISIC Archive's pictures, and what each asks of people."""

from __future__ import annotations

# Seen in the archive's source (ImageMarkup/isic) and in isic-cli; no picture has another one.
LICENCES: dict[str, str] = {
    "CC-0": "free for everything",
    "CC-BY": "name who gave it",
    "CC-BY-NC": "name who gave it, and earn no money with it",
}
