"""The bench in the browser: picture, kernel and result, the sum at one place, and the slide."""

# The slide goes over a few places around the chosen one (the tour), so that each number can be
# read; it is worked out here from the picture's own bytes, for any place, without the server.
SCRIPT = """
const open = new WeakMap();
const ACROSS = 5, DOWN = 4, WAIT = 750;
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function make(root) {
  const all = add(root, "div", "all");
  const view = add(all, "div", "view");
  const figure = (kind) => {
    const element = add(view, "figure", kind);
    const frames = add(element, "div", "results");
    return { element, frames, scale: add(element, "div", "scale"),
      caption: add(element, "figcaption") };
  };
  const into = figure("in");
  const middle = add(view, "div", "middle");
  const out = figure("out");
  const choice = add(out.element, "div", "choice");
  choice.setAttribute("role", "group");
  choice.setAttribute("aria-label", "Show the result");
  const views = Object.entries({ signed: "With its sign", cut: "Cut to 0\u2013255" })
    .map(([name, text]) => {
      const button = add(choice, "button", "", text);
      button.onclick = () => { state.chosen = name; stop(); pictures(); lay(); mark(); };
      return { name, button };
    });
  const words = add(all, "p", "hint");
  const bar = add(all, "div", "bar");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Slide the kernel");
  const play = add(bar, "button", "first");
  const next = add(bar, "button", "", "Next place");
  const state = { x: -1, y: -1, tour: null, timer: 0, data: null, chosen: "" };
  const view_of = () => state.chosen || state.data.view;
  const across = range(bar, "Across", (value) => { stop(); go(value, state.y); });
  const down = range(bar, "Down", (value) => { stop(); go(state.x, value); });
  const near = add(all, "div", "near");
  const sums = add(all, "div", "sums");
  const told = add(all, "p", "told");
  const hint = add(all, "p", "hint");

  const shade = (cell, value) => paint(cell, view_of() === "signed"
    ? diverging(value, state.data.limit, state.data.stops) : tint(value, "brightness"));

  function set(data) {
    const before = state.data;
    const share = before ? [(state.x + 0.5) / before.out[1], (state.y + 0.5) / before.out[0]]
      : data.start;
    stop();
    Object.assign(state, { data: { ...data, pixels: bytes(data.pixels),
      stops: parse(data.stops) }, tour: null });
    pictures();
    middle.replaceChildren();
    const most = Math.max(...data.weights.map(Math.abs));
    const tables = data.weights.length / data.side ** 2;
    const row = add(middle, "div", tables > 1 ? "tables several" : "tables");
    for (let c = 0; c < tables; c += 1) {
      const name = tables > 1 ? `, ${data.names[c]}` : "";
      const { table, cells } = grid(data.side, data.side,
        "The numbers of the kernel " + data.title + name);
      cells.forEach((cell, k) => {
        paint(cell, diverging(weight(data, c, k), most, state.data.stops));
        cell.title = cell.textContent = label(data, c, k);
      });
      const figure = add(row, "figure");
      figure.appendChild(table);
      if (name) add(figure, "figcaption", "", data.names[c]);
    }
    add(middle, "p", "hint", data.title);
    if (data.editable) add(middle, "button", "", "Change them").onclick = () => state.own();
    play.hidden = still();
    hint.textContent = "Click in a picture, or go there with the Tab key and press the arrow keys "
      + "(with Shift, ten steps)." + (still() ? " Your system asks for little motion, so the "
      + "kernel moves only when you say so." : "");
    go(clamp(Math.floor(share[0] * data.out[1]), 0, data.out[1] - 1),
      clamp(Math.floor(share[1] * data.out[0]), 0, data.out[0] - 1));
  }

  function pictures() {
    const { data } = state;
    const frame = (parent, image, alt, width, sharp) => {
      const box = add(parent, "div", sharp ? "frame sharp" : "frame");
      box.style.width = width;
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", alt + ". Arrow keys choose a place.");
      const picture = add(box, "img");
      picture.src = image;
      picture.alt = alt;
      return { box, mark: add(box, "i", "mark"), ring: add(box, "i", "ring") };
    };
    const keep = root.activeElement && root.activeElement.className;
    into.frames.replaceChildren();
    out.frames.replaceChildren();
    state.source = frame(into.frames, data.picture, data.alt, "100%", false);
    const way = view_of();
    const drawings = way === "cut" && data.whole ? [...data.results, data.whole] : data.results;
    const count = drawings.length;
    view.classList.toggle("three", count > 1);
    for (const { name, button } of views) button.setAttribute("aria-pressed", name === way);
    const [shows, hides] = data.words[way];
    words.textContent = shows;
    add(words, "b", "", " What it hides: ");
    words.append(hides);
    // Drawn to the same scale: a result of half the size is half as wide. Four make a square.
    const wide = count > 1 ? "calc(50% - 3px)"
      : `${100 * clamp(data.out[1] / data.size[1], 0.2, 1)}%`;
    const said = way === "cut" ? ", cut to 0 to 255" : ": blue above zero, brown below";
    state.shown = drawings.map((one) => {
      const shown = frame(out.frames, one[way], one.alt + said, wide, true);
      if (count > 1) add(shown.box, "em", "", one.name);
      return shown;
    });
    pointable(state.source.box, (x, y) => {
      const to = (part, length, side) => Math.round((part * length - reach(state.data) / 2
        + data.before[side]) / data.stride);
      stop();
      go(to(x, data.size[1], 1), to(y, data.size[0], 0));
    }, step);
    for (const { box } of state.shown) {
      pointable(box, (x, y) => {
        stop();
        go(Math.floor(x * data.out[1]), Math.floor(y * data.out[0]));
      }, step);
    }
    for (const [figure, part] of [[into, data.scales.in], [out, data.scales[way]]]) {
      figure.scale.replaceChildren();
      figure.scale.hidden = !part;
      if (part) {
        add(figure.scale, "b").style.background = `linear-gradient(90deg, ${part.stops})`;
        const ends = add(figure.scale, "div");
        part.marks.forEach((mark) => add(ends, "span", "", mark));
      }
    }
    into.caption.textContent = data.captions[0];
    out.caption.textContent = data.captions[1];
    if (keep && keep.startsWith("frame")) state.source.box.focus();
  }

  const step = (right, below) => { stop(); go(state.x + right, state.y + below); };

  function go(x, y) {
    const { data } = state;
    state.x = clamp(x, 0, data.out[1] - 1);
    state.y = clamp(y, 0, data.out[0] - 1);
    const { tour } = state;
    const inside = tour && state.x >= tour.x && state.x < tour.x + tour.across
      && state.y >= tour.y && state.y < tour.y + tour.down;
    if (!inside) lay();
    mark();
  }

  // The pixels under all places of the tour, and an empty table for their answers.
  function lay() {
    const { data } = state;
    const across = Math.min(ACROSS, data.out[1]), down = Math.min(DOWN, data.out[0]);
    const tour = { across, down, x: clamp(state.x - 2, 0, data.out[1] - across),
      y: clamp(state.y - 1, 0, data.out[0] - down) };
    state.tour = tour;
    near.replaceChildren();
    const [left, top] = corner(state.data, tour.x, tour.y);
    const columns = (across - 1) * data.stride + reach(state.data);
    const rows = (down - 1) * data.stride + reach(state.data);
    const figure = add(near, "figure");
    const region = add(figure, "div", "region");
    const { table, cells } = grid(rows, columns, "The pixels around the kernel");
    table.className = columns > 12 ? "small" : "middle";
    const text = data.names.length === 1 && columns <= 12;
    cells.forEach((cell, k) => {
      const [py, px] = [top + Math.floor(k / columns), left + (k % columns)];
      const values = data.names.map((_, c) => pixel(state.data, py, px, c));
      paint(cell, values.length === 3 ? values : tint(values[0], data.names[0]));
      if (text) cell.textContent = values[0];
      const outside = px < 0 || py < 0 || px >= data.size[1] || py >= data.size[0];
      cell.classList.toggle("beyond", outside);
      cell.title = values.join(", ") + (outside ? ", beyond the border" : "");
    });
    region.appendChild(table);
    state.window = add(region, "u");
    state.region = { cells, columns };
    add(figure, "figcaption", "", "Nearer: the pixels, and the kernel above them");
    const answers = add(near, "figure");
    const told = grid(down, across, "The answers around this place");
    told.table.className = "middle";
    answers.appendChild(told.table);
    state.answers = told.cells;
    add(answers, "figcaption", "", data.mode === "each" ? "The answers of the red layer so far"
      : "The answers so far");
  }

  function mark() {
    const { data, x, y, tour } = state;
    const [left, top] = corner(data, x, y);
    const put = (mark, values) => values.forEach((value, k) => {
      mark.style[["left", "top", "width", "height"][k]] = `${100 * value}%`;
    });
    const [height, width] = data.size;
    const span = reach(state.data);
    put(state.source.mark, [left / width, top / height, span / width, span / height]);
    put(state.source.ring, [(left + span / 2) / width, (top + span / 2) / height]);
    for (const shown of state.shown) {
      put(shown.mark, [x / data.out[1], y / data.out[0], 1 / data.out[1], 1 / data.out[0]]);
      put(shown.ring, [(x + 0.5) / data.out[1], (y + 0.5) / data.out[0]]);
    }
    across(x, data.out[1] - 1);
    down(y, data.out[0] - 1);
    const place = (y - tour.y) * tour.across + x - tour.x;
    state.answers.forEach((cell, k) => cell.classList.toggle("here", k === place));
    const { parts, written } = answer(data, x, y);
    const cell = state.answers[place];
    cell.textContent = write(written[0]);
    shade(cell, written[0]);
    // Measured once laid out, and again when the window's width changes.
    const first = state.region.cells[((y - tour.y) * state.region.columns + x - tour.x)
      * data.stride];
    const last = state.region.cells[((y - tour.y) * data.stride + span - 1)
      * state.region.columns + (x - tour.x) * data.stride + span - 1];
    Object.assign(state.window.style, { left: `${first.offsetLeft - 1}px`,
      top: `${first.offsetTop - 1}px`,
      width: `${last.offsetLeft + last.offsetWidth - first.offsetLeft + 2}px`,
      height: `${last.offsetTop + last.offsetHeight - first.offsetTop + 2}px` });
    explain(state, sums, told, parts, written);
  }

  function stop() {
    clearInterval(state.timer);
    state.timer = 0;
    play.textContent = "\\u25b6 Slide the kernel";
    play.setAttribute("aria-pressed", "false");
    told.setAttribute("aria-live", "polite");
  }
  // One place on; at the end of the tour it begins anew, with an empty table.
  function forward() {
    const { tour } = state;
    const place = (state.y - tour.y) * tour.across + state.x - tour.x + 1;
    if (place >= tour.across * tour.down) return restart();
    go(tour.x + (place % tour.across), tour.y + Math.floor(place / tour.across));
    return true;
  }
  function restart() {
    for (const cell of state.answers) {
      cell.textContent = "";
      cell.style.background = "";
    }
    go(state.tour.x, state.tour.y);
    return false;
  }
  next.onclick = () => { stop(); forward(); };
  play.onclick = () => {
    if (state.timer) return stop();
    told.setAttribute("aria-live", "off");
    play.textContent = "\\u275a\\u275a Pause";
    play.setAttribute("aria-pressed", "true");
    restart();
    state.timer = setInterval(() => {
      const { tour } = state;
      const last = state.x === tour.x + tour.across - 1 && state.y === tour.y + tour.down - 1;
      if (last) stop();
      else forward();
    }, WAIT);
  };
  const watch = new ResizeObserver(() => { if (state.data) mark(); });
  return { set, stop, watch, all, state };
}

export default function ({ parentElement, data, setTriggerValue }) {
  if (!open.has(parentElement)) open.set(parentElement, make(parentElement));
  const parts = open.get(parentElement);
  parts.state.own = () => setTriggerValue("own", true);
  if (parts.digest !== data.digest) {
    parts.digest = data.digest;
    parts.set(data);
  }
  parts.watch.observe(parts.all);
  return () => { parts.stop(); parts.watch.disconnect(); };
}
"""
