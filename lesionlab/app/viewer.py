"""One large picture into which one can zoom: with a wheel, fingers, buttons or the keyboard."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from lesionlab.app.pictures import data_address

STYLE = """
:host { display: block; }
.stage { position: relative; overflow: hidden; border-radius: 12px; cursor: zoom-in;
  background: color-mix(in srgb, currentColor 7%, transparent); color: var(--st-text-color);
  user-select: none; -webkit-user-select: none; }
.stage.near { cursor: grab; }
.stage.held { cursor: grabbing; }
.stage:focus-visible, button:focus-visible { outline: 3px solid #1b8a82; outline-offset: 1px; }
.sheet { position: absolute; left: 0; top: 0; transform-origin: 0 0; }
.sheet img { position: absolute; inset: 0; width: 100%; height: 100%; display: block;
  pointer-events: none; }
.sheet.pixels img { image-rendering: pixelated; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem; margin-top: 0.6rem;
  color: var(--st-text-color); font-family: var(--st-font); font-size: 0.9rem; }
button { all: unset; box-sizing: border-box; cursor: pointer; min-width: 2.4rem; height: 2.4rem;
  padding: 0 0.85rem; border-radius: 99px; text-align: center; line-height: 2.3rem;
  border: 1px solid color-mix(in srgb, currentColor 28%, transparent); }
button:hover { border-color: #1b8a82; }
button:disabled { opacity: 0.45; cursor: default; }
button[aria-pressed="true"] { background: color-mix(in srgb, #1b8a82 30%, transparent); }
output { min-width: 3.2rem; text-align: center; font-variant-numeric: tabular-nums; }
p { margin: 0.45rem 0 0; font: 0.8rem/1.4 var(--st-font); opacity: 0.75;
  color: var(--st-text-color); }
[hidden] { display: none !important; }
"""

# The sheet has the picture's own size and is moved and scaled as a whole, so that the outline
# stays where it belongs. A finger scrolls the page until the picture is larger than its stage.
SCRIPT = """
const open = new WeakMap();
const MOST = 12;

function make(root) {
  const view = { x: 0, y: 0, scale: 1, fit: 1, width: 1, height: 1, image: "" };
  const add = (parent, tag, name) => {
    const element = document.createElement(tag);
    element.className = name;
    parent.appendChild(element);
    return element;
  };
  const stage = add(root, "div", "stage");
  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  const sheet = add(stage, "div", "sheet");
  const picture = add(sheet, "img", "picture");
  const outline = add(sheet, "img", "outline");
  outline.alt = "";
  const bar = add(root, "div", "bar");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Zoom");
  const key = (text, label, action) => {
    const button = add(bar, "button", "");
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.onclick = action;
    return button;
  };
  const size = () => [stage.clientWidth, stage.clientHeight];
  const middle = () => size().map((length) => length / 2);
  const out = key("\\u2212", "Zoom out", () => zoom(1 / 1.5, ...middle()));
  const told = add(bar, "output", "");
  told.setAttribute("aria-live", "polite");
  const into = key("+", "Zoom in", () => zoom(1.5, ...middle()));
  const whole = key("Whole picture", "Show the whole picture", reset);
  const line = key("Outline", "Outline of the lesion", () => {
    line.setAttribute("aria-pressed", String(outline.hidden));
    outline.hidden = !outline.hidden;
  });
  line.setAttribute("aria-pressed", "false");
  outline.hidden = true;
  const hint = add(root, "p", "");
  hint.textContent = "Zoom with the wheel, two fingers, a double click or the keys + and \\u2212. "
    + "Move with the mouse, a finger or the arrow keys.";

  function draw() {
    const [across, down] = size();
    const hold = (at, length, room) =>
      length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, at));
    view.x = hold(view.x, view.width * view.scale, across);
    view.y = hold(view.y, view.height * view.scale, down);
    sheet.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    sheet.classList.toggle("pixels", view.scale > 6);
    const near = view.scale / view.fit;
    stage.classList.toggle("near", near > 1.001);
    told.textContent = `\\u00d7${near.toFixed(1)}`;
    out.disabled = whole.disabled = near < 1.001;
    into.disabled = near > MOST - 0.001;
  }
  function reset() {
    view.scale = view.fit;
    draw();
  }
  function zoom(factor, x, y) {
    const scale = Math.min(Math.max(view.scale * factor, view.fit), view.fit * MOST);
    view.x = x - ((x - view.x) * scale) / view.scale;
    view.y = y - ((y - view.y) * scale) / view.scale;
    view.scale = scale;
    draw();
  }
  function move(x, y) {
    const before = [view.x, view.y];
    view.x += x;
    view.y += y;
    draw();
    return before[0] !== view.x || before[1] !== view.y;
  }
  function lay() {
    const near = view.scale / view.fit;
    const across = stage.clientWidth;
    const most = Math.max(220, window.innerHeight * view.tallest);
    stage.style.height = `${Math.min((across * view.height) / view.width, most)}px`;
    view.fit = Math.min(across / view.width, stage.clientHeight / view.height) || 1;
    view.scale = view.fit * near;
    draw();
  }
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const isNear = () => view.scale > view.fit * 1.001;

  stage.addEventListener("wheel", (event) => {
    if (event.deltaY > 0 && !isNear()) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), ...place(event));
  }, { passive: false });
  stage.ondblclick = (event) => (isNear() ? reset() : zoom(3, ...place(event)));
  stage.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60],
      ArrowDown: [0, -60] };
    if ("+=".includes(event.key)) zoom(1.5, ...middle());
    else if ("-_".includes(event.key)) zoom(1 / 1.5, ...middle());
    else if (event.key === "0") reset();
    else if (!(event.key in steps) || !isNear() || !move(...steps[event.key])) return;
    event.preventDefault();
  };
  let held = null;
  stage.onpointerdown = (event) => {
    if (event.pointerType === "touch" || event.button !== 0) return;
    held = [event.clientX, event.clientY];
    stage.setPointerCapture(event.pointerId);
    stage.classList.add("held");
  };
  stage.onpointermove = (event) => {
    if (!held) return;
    move(event.clientX - held[0], event.clientY - held[1]);
    held = [event.clientX, event.clientY];
  };
  stage.onpointerup = stage.onpointercancel = () => {
    held = null;
    stage.classList.remove("held");
  };
  let fingers = null;
  const read = (event) => {
    const at = [...event.touches].slice(0, 2).map(place);
    const centre = [0, 1].map((k) => at.reduce((sum, one) => sum + one[k], 0) / at.length);
    const apart = at.length > 1 ? Math.hypot(at[0][0] - at[1][0], at[0][1] - at[1][1]) : 0;
    return { count: at.length, centre, apart };
  };
  stage.addEventListener("touchstart", (event) => { fingers = read(event); }, { passive: true });
  stage.addEventListener("touchmove", (event) => {
    const now = read(event);
    if (now.count < 2 && !isNear()) return;
    event.preventDefault();
    if (fingers && fingers.count === now.count) {
      move(now.centre[0] - fingers.centre[0], now.centre[1] - fingers.centre[1]);
      if (now.apart && fingers.apart) zoom(now.apart / fingers.apart, ...now.centre);
    }
    fingers = now;
  }, { passive: false });
  stage.addEventListener("touchend", (event) => {
    fingers = event.touches.length ? read(event) : null;
  });
  const watch = new ResizeObserver(lay);
  return { view, stage, sheet, picture, outline, line, lay, reset, watch };
}

export default function ({ parentElement, data }) {
  if (!open.has(parentElement)) open.set(parentElement, make(parentElement));
  const parts = open.get(parentElement);
  const { view, stage, sheet, picture, outline, line } = parts;
  stage.setAttribute("aria-label", data.alt + ". Press + and - to zoom, 0 for the whole picture, "
    + "arrow keys to move.");
  picture.alt = data.alt;
  line.hidden = !data.outline;
  outline.style.visibility = data.outline ? "" : "hidden";
  if (data.image !== view.image) {
    Object.assign(view, { image: data.image, width: data.width, height: data.height,
      tallest: data.tallest });
    sheet.style.width = `${data.width}px`;
    sheet.style.height = `${data.height}px`;
    picture.src = data.image;
    if (data.outline) outline.src = data.outline;
    parts.lay();
    parts.reset();
  }
  parts.watch.observe(stage);
  return () => parts.watch.disconnect();
}
"""


@cache
def _viewer() -> Any:
    # Registered when it is first shown, as the gallery is.
    return st.components.v2.component("lesionlab_viewer", css=STYLE, js=SCRIPT)


def viewer(
    image: bytes,
    width: int,
    height: int,
    alt: str,
    key: str,
    outline: bytes | None = None,
    tallest: float = 0.6,
) -> None:
    """Show a picture into which one can zoom.

    Args:
        image: A JPEG or PNG.
        width: Of the picture, in pixels; likewise `height`.
        alt: What a screen reader says.
        outline: A PNG with transparency that is laid over the picture when the reader wants it.
        tallest: Greatest height of the stage, as a share of the window's.
    """
    data = {
        "image": data_address(image),
        "outline": data_address(outline) if outline else "",
        "alt": alt,
        "width": width,
        "height": height,
        "tallest": tallest,
    }
    _viewer()(key=key, data=data)
