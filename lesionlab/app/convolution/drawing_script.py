"""What the page's two components share in the browser: elements, numbers, colours, sliders."""

STYLE = """
:host { display: block; container-type: inline-size; }
.all { color: var(--st-text-color); font-family: var(--st-font); font-size: 0.9rem; }
figure { margin: 0; min-width: 0; }
figcaption, .hint { font-size: 0.82rem; line-height: 1.4; opacity: 0.75; margin: 0.4rem 0 0; }
.frame { position: relative; overflow: hidden; cursor: crosshair; border-radius: 6px;
  touch-action: manipulation; user-select: none; -webkit-user-select: none;
  background: color-mix(in srgb, currentColor 7%, transparent); }
.frame img { display: block; width: 100%; border-radius: 6px; pointer-events: none; }
.frame.sharp img { image-rendering: pixelated; }
.frame:focus-visible, button:focus-visible, input:focus-visible {
  outline: 3px solid #1b8a82; outline-offset: 2px; }
.mark { position: absolute; box-sizing: border-box; pointer-events: none; min-width: 5px;
  min-height: 5px; border: 2px solid #ffd400; box-shadow: 0 0 0 1px #000; }
.ring { position: absolute; box-sizing: border-box; width: 34px; height: 34px;
  margin: -17px 0 0 -17px; border-radius: 50%; border: 2px solid #ffd400;
  box-shadow: 0 0 0 1.5px #000, inset 0 0 0 1.5px #000; pointer-events: none; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1.1rem;
  margin: 0.9rem 0 0; }
button { all: unset; box-sizing: border-box; cursor: pointer; height: 2.4rem; padding: 0 1rem;
  border-radius: 99px; line-height: 2.3rem; text-align: center; white-space: nowrap;
  border: 1px solid color-mix(in srgb, currentColor 28%, transparent); }
button:hover { border-color: #1b8a82; }
button.first { background: #0b6e69; border-color: #0b6e69; color: #fff; }
label { display: flex; align-items: center; gap: 0.5rem; flex: 1 1 11rem; min-width: 0; }
label input { flex: 1; min-width: 4rem; accent-color: #1b8a82; height: 1.6rem; }
label output { min-width: 2.2rem; text-align: right; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0; }
td { box-sizing: border-box; width: 2.9rem; height: 2.3rem; padding: 0; text-align: center;
  font-size: 0.84rem; border: 1px solid color-mix(in srgb, #7f8a8c 45%, transparent); }
table.middle td { width: 2.25rem; height: 1.75rem; font-size: 0.7rem; }
table.small td { width: 1.05rem; height: 0.95rem; font-size: 0; }
[hidden] { display: none !important; }
"""

# Texts are set as text, never as HTML. Numbers are shown with the true minus sign.
SCRIPT = """
const add = (parent, tag, name = "", text = "") => {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  parent.appendChild(element);
  return element;
};
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const write = (value) => {
  const near = Math.abs(value - Math.round(value)) < 1e-4 ? Math.round(value) : value;
  const size = Math.abs(near);
  const text = Number.isInteger(near) ? String(size)
    : size >= 100 ? size.toFixed(1) : size >= 0.01 ? size.toFixed(2) : size.toPrecision(1);
  return (near < 0 && Number(text) ? "\\u2212" : "") + text;
};
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const parse = (stops) => stops.map((stop) =>
  [1, 3, 5].map((k) => parseInt(stop.slice(k, k + 2), 16)));
const diverging = (value, limit, stops) => {
  const place = clamp((value / (limit || 1) + 1) / 2, 0, 1) * (stops.length - 1);
  const k = Math.min(Math.floor(place), stops.length - 2);
  return stops[k].map((low, c) => Math.round(low + (place - k) * (stops[k + 1][c] - low)));
};
const paint = (cell, rgb) => {
  const light = 0.3 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2];
  cell.style.background = `rgb(${rgb.join(",")})`;
  cell.style.color = light < 120 ? "#fff" : "#1e2a2d";
};
const LAYERS = { brightness: [1, 1, 1], red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1] };
const tint = (value, name) => LAYERS[name].map((part) => part * clamp(Math.round(value), 0, 255));
const grid = (rows, columns, alt) => {
  const table = document.createElement("table");
  table.setAttribute("role", "img");
  table.setAttribute("aria-label", alt);
  table.className = columns > 7 ? "small" : columns > 4 ? "middle" : "";
  const cells = [];
  for (let y = 0; y < rows; y += 1) {
    const line = table.insertRow();
    for (let x = 0; x < columns; x += 1) cells.push(line.insertCell());
  }
  return { table, cells };
};
const range = (parent, text, moved) => {
  const label = add(parent, "label", "", text);
  const input = add(label, "input");
  input.type = "range";
  const told = add(label, "output");
  input.oninput = () => moved(Number(input.value));
  return (value, most) => {
    input.max = most;
    input.value = value;
    told.textContent = value;
  };
};
// Clicks, drags with the mouse, and arrow keys, all as shares of the picture's width and height.
const pointable = (frame, pointed, stepped) => {
  const tell = (event) => {
    const box = frame.getBoundingClientRect();
    pointed((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  frame.onclick = tell;
  frame.onpointermove = (event) => {
    if (event.pointerType === "mouse" && event.buttons & 1) tell(event);
  };
  frame.onkeydown = (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    stepped(...step.map((part) => part * (event.shiftKey ? 10 : 1)));
  };
};
"""
