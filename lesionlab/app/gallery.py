"""A grid of pictures in which one can be clicked, or reached with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lesionlab.app.pictures import Tile, data_address

STYLE = """
:host { display: block; }
.grid { display: grid; gap: 0.7rem;
  grid-template-columns: repeat(auto-fill, minmax(min(var(--tile), 46%), 1fr)); }
button { all: unset; box-sizing: border-box; cursor: pointer; padding: 5px; display: block;
  border: 1px solid color-mix(in srgb, currentColor 16%, transparent); border-radius: 12px;
  color: var(--st-text-color); font-family: var(--st-font); transition: transform 120ms; }
button:hover { transform: translateY(-2px); }
button:focus-visible, button[aria-pressed="true"] { outline: 3px solid #1b8a82;
  outline-offset: 1px; }
img { width: 100%; aspect-ratio: 4 / 3; object-fit: cover; border-radius: 8px; display: block; }
span { display: flex; align-items: center; gap: 0.4rem; font-size: 0.78rem; overflow: hidden;
  white-space: nowrap; padding: 0.35rem 0.2rem 0.1rem; opacity: 0.8; }
em { font-style: normal; overflow: hidden; text-overflow: ellipsis; }
i { flex: none; width: 0.7rem; height: 0.7rem; border-radius: 50%; }
@media (prefers-reduced-motion: reduce) { button { transition: none; } }
"""

# Texts are set as text, never as HTML: file names come from whoever made the data set.
SCRIPT = """
export default function ({ parentElement, data, setTriggerValue }) {
  let grid = parentElement.querySelector(".grid");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "grid";
    parentElement.appendChild(grid);
  }
  grid.style.setProperty("--tile", data.smallest + "px");
  grid.replaceChildren(...data.tiles.map((tile) => {
    const button = document.createElement("button");
    button.setAttribute("aria-pressed", String(tile.chosen));
    button.setAttribute("aria-label", tile.alt);
    const image = document.createElement("img");
    image.src = tile.image;
    image.alt = "";
    const words = document.createElement("span");
    if (tile.colour) {
      const dot = document.createElement("i");
      dot.style.background = tile.colour;
      words.appendChild(dot);
    }
    const text = document.createElement("em");
    text.textContent = tile.caption;
    words.appendChild(text);
    button.append(image, words);
    button.onclick = () => {
      for (const other of grid.children) other.setAttribute("aria-pressed", "false");
      button.setAttribute("aria-pressed", "true");
      setTriggerValue("picked", tile.name);
    };
    return button;
  }));
}
"""

_mount: list[Any] = []


def _gallery() -> Any:
    # Registered when it is first shown: Streamlit has no registry yet while modules are loaded
    # by tests, and a second registration would reload it in every open page.
    if not _mount:
        _mount.append(st.components.v2.component("lesionlab_gallery", css=STYLE, js=SCRIPT))
    return _mount[0]


def gallery(
    tiles: dict[str, Tile], key: str, picked: Callable[[str], None], smallest: int = 132
) -> None:
    """Show pictures of which one can be picked.

    Args:
        tiles: Name -> picture. The name is handed to `picked`.
        picked: Called before the page is drawn again.
        smallest: Least width of a tile in CSS pixels.
    """

    def change() -> None:
        name = st.session_state[key].get("picked")
        if name in tiles:
            picked(str(name))

    data = [
        {
            "name": name,
            "image": data_address(tile.image, 220),
            "alt": tile.alt,
            "caption": tile.caption,
            "colour": tile.colour,
            "chosen": tile.chosen,
        }
        for name, tile in tiles.items()
    ]
    _gallery()(key=key, data={"tiles": data, "smallest": smallest}, on_picked_change=change)
