"""A picture on which one draws with a pen or adds hairs, by mouse or finger."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from lesionlab.app.pictures import data_address
from lesionlab.images.spoil import BY_HAND

STYLE = """
:host { display: block; }
.stage { position: relative; border-radius: 10px; overflow: hidden; line-height: 0; }
.stage img { width: 100%; display: block; user-select: none; -webkit-user-drag: none; }
canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: pan-y pinch-zoom; }
canvas.drawing { cursor: crosshair; touch-action: none; }
.bar { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-top: 0.6rem;
  color: var(--st-text-color); font: 0.9rem var(--st-font); }
button { all: unset; box-sizing: border-box; cursor: pointer; height: 2.4rem; padding: 0 0.85rem;
  border-radius: 99px; line-height: 2.3rem;
  border: 1px solid color-mix(in srgb, currentColor 28%, transparent); }
button:hover { border-color: #1b8a82; }
button:disabled { opacity: 0.45; cursor: default; }
button:focus-visible { outline: 3px solid #1b8a82; outline-offset: 1px; }
button[aria-pressed="true"] { background: color-mix(in srgb, #1b8a82 30%, transparent); }
"""

# Lines wait in the browser until the server names them among those that it knows: two drawn in
# quick succession would else overtake one another.
SCRIPT = """
const MOST = 200;

function thinned(points) {
  const step = Math.ceil(points.length / MOST);
  const kept = points.filter((_, k) => k % step === 0 || k === points.length - 1).slice(-MOST);
  return kept.map((point) => point.map((share) => Math.round(share * 1000) / 1000));
}

function make(root) {
  const add = (parent, tag, name) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    parent.appendChild(element);
    return element;
  };
  const stage = add(root, "div", "stage");
  const parts = { waiting: [], tool: "", send: () => {}, picture: add(stage, "img"),
    canvas: add(stage, "canvas") };
  const bar = add(root, "div", "bar");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Draw on the picture");
  const key = (text, action) => {
    const button = add(bar, "button");
    button.textContent = text;
    button.onclick = () => action(button);
    return button;
  };
  const tools = {};
  const choose = (tool) => {
    parts.tool = parts.tool === tool ? "" : tool;
    for (const [name, button] of Object.entries(tools)) {
      button.setAttribute("aria-pressed", String(name === parts.tool));
    }
    parts.canvas.classList.toggle("drawing", parts.tool !== "");
  };
  tools.pen = key("Draw with a pen", () => choose("pen"));
  tools.hair = key("Draw hairs", () => choose("hair"));
  for (const button of Object.values(tools)) button.setAttribute("aria-pressed", "false");
  parts.back = key("Undo", () => parts.send("undone", parts.last));
  const { canvas, picture } = parts;

  parts.draw = () => {
    const [width, height] = [picture.naturalWidth || 1, picture.naturalHeight || 1];
    canvas.width = width;
    canvas.height = height;
    const paper = canvas.getContext("2d");
    paper.lineCap = paper.lineJoin = "round";
    for (const { tool, points } of parts.waiting) {
      paper.strokeStyle = parts.inks[tool].colour;
      paper.lineWidth = Math.max(1, parts.inks[tool].share * Math.min(width, height));
      paper.beginPath();
      points.forEach(([x, y], k) => paper[k ? "lineTo" : "moveTo"](x * width, y * height));
      if (points.length === 1) paper.lineTo(points[0][0] * width, points[0][1] * height);
      paper.stroke();
    }
  };
  picture.onload = parts.draw;
  let line = null;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = (at, from, length) => Math.min(1, Math.max(0, (at - from) / length));
    return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
  };
  canvas.onpointerdown = (event) => {
    if (!parts.tool || event.button !== 0 || line) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    line = { id: Date.now(), tool: parts.tool, points: [place(event)] };
    parts.waiting.push(line);
    parts.draw();
  };
  canvas.onpointermove = (event) => {
    if (!line) return;
    line.points.push(place(event));
    parts.draw();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!line) return;
    line.points = thinned(line.points);
    line = null;
    parts.send("drawn", parts.waiting);
  };
  return parts;
}

const open = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  if (!open.has(parentElement)) open.set(parentElement, make(parentElement));
  const parts = open.get(parentElement);
  parts.send = setTriggerValue;
  parts.inks = data.inks;
  parts.last = data.known[data.known.length - 1];
  parts.waiting = parts.waiting.filter((line) => !data.known.includes(line.id));
  parts.back.disabled = data.known.length === 0;
  parts.picture.alt = data.alt;
  if (parts.picture.src !== data.image) parts.picture.src = data.image;
  else parts.draw();
}
"""


@cache
def _sketch() -> Any:
    # Registered when it is first shown, as the gallery is.
    return st.components.v2.component("lesionlab_sketch", css=STYLE, js=SCRIPT)


def sketch(
    image: bytes,
    alt: str,
    key: str,
    known: list[int],
    drawn: Callable[[list[dict[str, Any]]], None],
    undone: Callable[[int], None],
) -> None:
    """Show a picture to draw on.

    Args:
        image: A JPEG or PNG, with all lines that are known already.
        alt: What a screen reader says.
        known: Ids of the lines that are on the picture, the last one last.
        drawn: Called with new lines, each with `id`, `tool` and `points` (shares of width and
            height), before the page is drawn again; some may be known already.
        undone: Called with the id of the line that is to be taken off.
    """

    def new_lines() -> None:
        drawn(list(st.session_state[key].get("drawn") or []))

    def taken_off() -> None:
        number = st.session_state[key].get("undone")
        if number is not None:
            undone(int(number))

    inks = {
        tool: {"share": share, "colour": f"rgb({','.join(map(str, colour))})"}
        for tool, (share, colour, _) in BY_HAND.items()
    }
    data = {"image": data_address(image), "alt": alt, "known": known, "inks": inks}
    _sketch()(key=key, data=data, on_drawn_change=new_lines, on_undone_change=taken_off)
