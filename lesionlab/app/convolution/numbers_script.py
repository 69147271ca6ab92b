"""The picture's three layers in the browser, and a window through which their numbers are read."""

STYLE = """
.views { display: grid; gap: 0.8rem; grid-template-columns: repeat(4, minmax(0, 1fr)); }
.close { display: flex; flex-wrap: wrap; gap: 1rem 1.4rem; margin-top: 1rem; }
.close td { width: 2.4rem; height: 2rem; font-size: 0.74rem; cursor: pointer; }
.close td.here { outline: 3px solid #ffd400; outline-offset: -3px; }
.told { display: flex; align-items: center; gap: 0.7rem; margin: 0.9rem 0 0; font-size: 1rem;
  font-variant-numeric: tabular-nums; }
.told i { flex: none; width: 2.2rem; height: 2.2rem; border-radius: 6px;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); }
@container (max-width: 640px) { .views { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
"""

SCRIPT = """
const open = new WeakMap();
const SIDE = 8;
const NAMES = ["red", "green", "blue"];

function make(root) {
  const all = add(root, "div", "all");
  const views = add(all, "div", "views");
  const bar = add(all, "div", "bar");
  const state = { x: 0, y: 0, data: null };
  const across = range(bar, "Across", (value) => go(value, state.y));
  const down = range(bar, "Down", (value) => go(state.x, value));
  const near = add(all, "div", "close");
  const told = add(all, "p", "told");
  told.setAttribute("aria-live", "polite");
  const swatch = add(told, "i");
  const words = add(told, "span");
  add(all, "p", "hint", "Click in a picture or in a table, or go to a picture with the Tab key "
    + "and press the arrow keys (with Shift, ten pixels).");

  const frames = [0, 1, 2, 3].map(() => {
    const figure = add(views, "figure");
    const box = add(figure, "div", "frame");
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    const picture = add(box, "img");
    pointable(box, (x, y) => go(Math.floor(x * state.data.size[1]),
      Math.floor(y * state.data.size[0])), (x, y) => go(state.x + x, state.y + y));
    return { box, picture, mark: add(box, "i", "mark"),
      ring: add(box, "i", "ring"), caption: add(figure, "figcaption") };
  });
  let tables = [];

  function set(data) {
    const first = !state.data;
    state.data = { ...data, pixels: bytes(data.pixels) };
    data.views.forEach((one, k) => {
      frames[k].picture.src = one.image;
      frames[k].picture.alt = one.alt;
      frames[k].box.setAttribute("aria-label", one.alt + ". Arrow keys move the window.");
      frames[k].caption.textContent = one.caption;
    });
    near.replaceChildren();
    const [rows, columns] = data.size.map((length) => Math.min(SIDE, length));
    tables = NAMES.map((name) => {
      const figure = add(near, "figure");
      const { table, cells } = grid(rows, columns, `Numbers of the ${name} layer in the window`);
      table.className = "";
      figure.appendChild(table);
      add(figure, "figcaption", "", `Numbers of the ${name} layer`);
      cells.forEach((cell, k) => {
        cell.onclick = () => go(state.left + (k % columns), state.top + Math.floor(k / columns));
      });
      return cells;
    });
    Object.assign(state, { rows, columns, left: -SIDE, top: -SIDE });
    if (first) go(Math.round(data.size[1] / 2), Math.round(data.size[0] / 2));
    else go(state.x, state.y);
  }

  function go(x, y) {
    const { size, pixels } = state.data;
    state.x = clamp(x, 0, size[1] - 1);
    state.y = clamp(y, 0, size[0] - 1);
    const { rows, columns } = state;
    const inside = state.x >= state.left && state.x < state.left + columns
      && state.y >= state.top && state.y < state.top + rows;
    if (!inside) {
      state.left = clamp(state.x - Math.floor(columns / 2), 0, size[1] - columns);
      state.top = clamp(state.y - Math.floor(rows / 2), 0, size[0] - rows);
    }
    const value = (py, px, c) => pixels[(py * size[1] + px) * 3 + c];
    tables.forEach((cells, c) => cells.forEach((cell, k) => {
      const [py, px] = [state.top + Math.floor(k / columns), state.left + (k % columns)];
      cell.textContent = value(py, px, c);
      paint(cell, tint(value(py, px, c), NAMES[c]));
      cell.classList.toggle("here", px === state.x && py === state.y);
    }));
    for (const { mark, ring } of frames) {
      ring.style.left = `${100 * (state.left + columns / 2) / size[1]}%`;
      ring.style.top = `${100 * (state.top + rows / 2) / size[0]}%`;
      Object.assign(mark.style, { left: `${100 * state.left / size[1]}%`,
        top: `${100 * state.top / size[0]}%`, width: `${100 * columns / size[1]}%`,
        height: `${100 * rows / size[0]}%` });
    }
    across(state.x, size[1] - 1);
    down(state.y, size[0] - 1);
    const three = NAMES.map((_, c) => value(state.y, state.x, c));
    swatch.style.background = `rgb(${three.join(",")})`;
    words.textContent = `Pixel ${state.x} across, ${state.y} down: `
      + NAMES.map((name, c) => `${name} ${three[c]}`).join(", ");
  }
  return { set };
}

export default function ({ parentElement, data }) {
  if (!open.has(parentElement)) open.set(parentElement, make(parentElement));
  const parts = open.get(parentElement);
  if (parts.digest !== data.digest) {
    parts.digest = data.digest;
    parts.set(data);
  }
}
"""
