"""A grid of pictures in which one can be clicked, or reached with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from lesionlab.app import one_stop
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
img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 8px; display: block; }
span { display: flex; align-items: center; gap: 0.4rem; font-size: 0.78rem; overflow: hidden;
  white-space: nowrap; padding: 0.35rem 0.2rem 0.1rem; opacity: 0.8; }
em { font-style: normal; overflow: hidden; text-overflow: ellipsis; }
i { flex: none; width: 0.7rem; height: 0.7rem; border-radius: 50%; }
@media (prefers-reduced-motion: reduce) { button { transition: none; } }
"""

# Texts are set as text, never as HTML: file names come from whoever made the data set. Buttons stay
# where they are when only the choice changes, so that the keyboard's focus is not lost.
SCRIPT = (
    one_stop.SCRIPT
    + """
function make(tile, picked) {
  const button = document.createElement("button");
  button.dataset.name = tile.name;
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
  text.textContent = text.title = tile.caption;
  words.appendChild(text);
  button.append(image, words);
  button.onclick = () => {
    choose(button.parentElement, button);
    picked(tile.name);
  };
  return button;
}

export default function ({ parentElement, data, setTriggerValue }) {
  let grid = parentElement.querySelector(".grid");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "grid";
    grid.setAttribute("role", "group");
    grid.onkeydown = move;
    parentElement.appendChild(grid);
  }
  grid.setAttribute("aria-label", data.label);
  grid.style.setProperty("--tile", data.smallest + "px");
  const pictures = JSON.stringify(data.tiles.map((tile) => [tile.name, tile.image, tile.caption]));
  if (grid.pictures !== pictures) {
    grid.pictures = pictures;
    const picked = (name) => setTriggerValue("picked", name);
    grid.replaceChildren(...data.tiles.map((tile) => make(tile, picked)));
  }
  const chosen = grid.children[data.tiles.findIndex((tile) => tile.chosen)];
  if (data.tiles.length) choose(grid, chosen);
  // Not on a first showing, when nobody has come back yet.
  if (chosen && grid.focused !== undefined && grid.focused !== data.focus) {
    setTimeout(() => chosen.focus(), 100);
  }
  grid.focused = data.focus;
}
"""
)


@cache
def _gallery() -> Any:
    # Registered when it is first shown: Streamlit has no registry yet while modules are loaded
    # by tests, and a second registration would reload it in every open page.
    return st.components.v2.component("lesionlab_gallery", css=STYLE, js=SCRIPT)


def gallery(
    tiles: dict[str, Tile],
    key: str,
    picked: Callable[[str], None],
    smallest: int = 132,
    label: str = "Gallery",
    focus: int = 0,
) -> None:
    """Show pictures of which one can be picked.

    Args:
        tiles: Name -> picture. The name is handed to `picked`.
        picked: Called before the page is drawn again.
        smallest: Least width of a tile in CSS pixels.
        label: What a screen reader says of all of them.
        focus: With another number the chosen picture gets the keyboard's focus.
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
    words = {"tiles": data, "smallest": smallest, "label": label, "focus": focus}
    _gallery()(key=key, data=words, on_picked_change=change)
