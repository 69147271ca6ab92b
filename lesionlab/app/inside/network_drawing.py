"""The network as a row of blocks, drawn in proportion, that can be clicked or gone through."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from lesionlab.app import one_stop
from lesionlab.app.inside import block_words
from lesionlab.app.theme import ACCENT, FROZEN, LEARNING, QUIET

WIDTH, HEIGHT, MIDDLE = 44, 168, 96
TALLEST, SHORTEST, THICKEST, THINNEST, TILT = 116, 12, 21, 5, 4
OVER = 12  # so far above its box goes a skip connection
DEEPEST = 2048
FILLS = {"learned": LEARNING, "partly": LEARNING, "frozen": FROZEN, "nothing": QUIET}
LEGEND = (
    ("learned", "trained"),
    ("partly", "partly trained"),
    ("frozen", "frozen"),
    ("nothing", "nothing to learn"),
)

STYLE = """
:host { display: block; }
.row { display: flex; flex-wrap: wrap; row-gap: 0.5rem; color: var(--st-text-color);
  font-family: var(--st-font); }
button { all: unset; box-sizing: border-box; cursor: pointer; width: 44px; border-radius: 10px;
  text-align: center; padding: 2px 0 6px; line-height: 1.25; position: relative; }
button:hover { background: color-mix(in srgb, currentColor 7%, transparent); }
button[aria-pressed="true"] { background: color-mix(in srgb, #1b8a82 22%, transparent); }
button:focus-visible { outline: 3px solid #1b8a82; outline-offset: -2px; }
svg { display: block; width: 44px; height: 168px; pointer-events: none; }
b { display: block; font-size: 0.82rem; }
span { display: block; font-size: 0.68rem; letter-spacing: -0.03em; opacity: 0.85;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; margin: 0.8rem 0 0;
  font: 0.8rem/1.4 var(--st-font); color: var(--st-text-color); }
.legend div { display: flex; align-items: center; gap: 0.4rem; }
.legend svg { width: 26px; height: 16px; flex: none; }
"""

# Drawings come from this file alone and hold no text of anybody else's.
SCRIPT = (
    one_stop.SCRIPT
    + """
function make(row, block, picked) {
  const button = document.createElement("button");
  button.innerHTML = block.drawing;
  button.reach = block.reach;
  button.setAttribute("aria-label", block.label);
  button.title = block.label;
  for (const [tag, text] of [["b", block.number], ["span", block.size], ["span", block.depth]]) {
    const line = document.createElement(tag);
    line.textContent = text;
    button.appendChild(line);
  }
  button.onclick = () => {
    choose(row, button);
    picked(block.number);
  };
  return button;
}

// A row of small blocks needs no room for large ones; all lines of a row stay on one level.
function trim(row) {
  row.across = row.clientWidth;
  const levels = new Map();
  for (const button of row.children) {
    const level = levels.get(button.offsetTop) || [];
    levels.set(button.offsetTop, [...level, button]);
  }
  for (const level of levels.values()) {
    const top = Math.min(...level.map((button) => button.reach[0]));
    const height = Math.max(...level.map((button) => button.reach[1])) - top;
    for (const { firstElementChild: drawing, clientWidth: width } of level) {
      drawing.setAttribute("viewBox", `0 ${top} ${width} ${height}`);
      drawing.style.height = `${height}px`;
    }
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let row = parentElement.querySelector(".row");
  if (!row) {
    row = document.createElement("div");
    row.className = "row";
    row.setAttribute("role", "group");
    row.onkeydown = move;
    row.watch = new ResizeObserver(() => {
      if (row.across !== row.clientWidth) trim(row);
    });
    const legend = document.createElement("div");
    legend.className = "legend";
    parentElement.append(row, legend);
  }
  const drawn = JSON.stringify(data.blocks);
  if (row.drawn !== drawn) {
    row.drawn = drawn;
    row.setAttribute("aria-label", data.label);
    const picked = (number) => setTriggerValue("picked", number);
    row.replaceChildren(...data.blocks.map((block) => make(row, block, picked)));
    parentElement.querySelector(".legend").replaceChildren(...data.legend.map(([sign, text]) => {
      const entry = document.createElement("div");
      entry.innerHTML = sign;
      entry.append(text);
      return entry;
    }));
  }
  choose(row, row.children[data.chosen]);
  trim(row);
  row.watch.observe(row);
  return () => row.watch.disconnect();
}
"""
)


@cache
def _drawing() -> Any:
    # Registered when it is first shown, as the gallery is.
    return st.components.v2.component("lesionlab_network", css=STYLE, js=SCRIPT)


def draw(
    blocks: list[dict[str, Any]], chosen: int, key: str, picked: Callable[[int], None]
) -> None:
    """Show the network.

    Args:
        blocks: From `explain.blocks.network_blocks`.
        chosen: The number of the block that is marked.
        picked: Called with a block's number before the page is drawn again.
    """

    def change() -> None:
        number = st.session_state[key].get("picked")
        if number is not None:
            picked(int(number))

    tiles = [tile(block, last=block is blocks[-1]) for block in with_sides(blocks)]
    data = {
        "blocks": tiles,
        "chosen": chosen,
        "label": f"The network, {len(blocks)} blocks. Arrow keys go through them.",
        "legend": legend(blocks),
    }
    _drawing()(key=key, data=data, on_picked_change=change)


def with_sides(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks, each with the largest side of the network as `largest`."""
    largest = max(block["output_shape"][0] for block in blocks if len(block["output_shape"]) == 3)
    return [{**block, "largest": largest} for block in blocks]


def tile(block: dict[str, Any], last: bool) -> dict[str, Any]:
    """A block as the component wants it: drawing, two lines below, and words."""
    shape = block["output_shape"]
    spatial = len(shape) == 3
    words = f"{block_words.title(block)}, {block_words.size(shape)}"
    if block["skip"]:
        words += ", with a skip connection"
        words += " by a projection" if block["skip"]["kind"] == "projection" else ""
    return {
        "number": block["number"],
        "drawing": svg(block, last),
        "reach": reach(block),
        "size": f"{shape[0]}×{shape[1]}" if spatial else "numbers",
        "depth": f"×{shape[-1]:,}" if spatial else f"{shape[-1]:,}",
        "label": f"{words}, {dict(LEGEND)[block_words.learned(block)]}",
    }


def extent(block: dict[str, Any]) -> tuple[float, float]:
    """Height and width of a block's box in pixels of the drawing.

    The height goes with the root of the side, since 7 of 224 pixels could not be seen otherwise;
    the width with the logarithm of the depth.
    """
    shape = block["output_shape"]
    side = shape[0] if len(shape) == 3 else 0
    height = SHORTEST + (TALLEST - SHORTEST) * math.sqrt(side / block["largest"])
    share = min(1.0, math.log2(max(shape[-1], 3) / 3) / math.log2(DEEPEST / 3))
    return height, THINNEST + (THICKEST - THINNEST) * share


def reach(block: dict[str, Any]) -> tuple[float, float]:
    """Upper and lower end of what a block's drawing needs, in its own pixels from the top."""
    height, _ = extent(block)
    above = height / 2 + TILT + (OVER + 10 if block["skip"] else 4)
    return max(0.0, MIDDLE - above), MIDDLE + height / 2 + 6


def svg(block: dict[str, Any], last: bool) -> str:
    """The drawing of one block: its box, the line through it and the skip connection past it."""
    height, width = extent(block)
    left, top = (WIDTH - width - TILT) / 2, MIDDLE - height / 2
    fill = FILLS[block_words.learned(block)]
    start = left if block["number"] == 0 else 0
    end = left + width if last else WIDTH
    parts = [
        f'<line x1="{start:.1f}" y1="{MIDDLE}" x2="{end:.1f}" y2="{MIDDLE}" '
        'stroke="currentColor" stroke-opacity="0.55" stroke-width="1.5"/>',
        _box(left, top, width, height, fill, block_words.learned(block) == "partly"),
    ]
    if block["skip"]:
        parts.append(_skip(top - TILT - OVER, block["skip"]["kind"] == "projection"))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def _box(left: float, top: float, width: float, height: float, fill: str, partly: bool) -> str:
    right, bottom = left + width, top + height
    edge = 'stroke="#1d2320" stroke-opacity="0.45" stroke-width="0.8"'
    lid = f"{left:.1f},{top:.1f} {left + TILT:.1f},{top - TILT:.1f} "
    lid += f"{right + TILT:.1f},{top - TILT:.1f} {right:.1f},{top:.1f}"
    flank = f"{right:.1f},{top:.1f} {right + TILT:.1f},{top - TILT:.1f} "
    flank += f"{right + TILT:.1f},{bottom - TILT:.1f} {right:.1f},{bottom:.1f}"
    front = f'x="{left:.1f}" width="{width:.1f}"'
    box = (
        f'<polygon points="{lid}" fill="{fill}" fill-opacity="0.7" {edge}/>'
        f'<polygon points="{flank}" fill="{fill}" fill-opacity="0.55" {edge}/>'
        f'<rect {front} y="{top:.1f}" height="{height:.1f}" fill="{fill}" {edge}/>'
    )
    if partly:
        box += f'<rect {front} y="{top:.1f}" height="{height / 2:.1f}" fill="{FROZEN}" {edge}/>'
    return box


def _skip(high: float, projection: bool) -> str:
    """A way from before the box over it to a plus behind it."""
    line = f'fill="none" stroke="{ACCENT}" stroke-width="2.2"'
    high = max(8.0, high)
    plus = WIDTH - 5
    way = (
        f'<path d="M3 {MIDDLE} V{high + 8:.1f} Q3 {high:.1f} 11 {high:.1f} H{plus - 8} '
        f'Q{plus} {high:.1f} {plus} {high + 8:.1f} V{MIDDLE - 5}" {line}/>'
        f'<circle cx="{plus}" cy="{MIDDLE}" r="5" fill="{ACCENT}"/>'
        f'<path d="M{plus - 3} {MIDDLE} h6 M{plus} {MIDDLE - 3} v6" '
        'stroke="#ffffff" stroke-width="1.6"/>'
    )
    if projection:
        way += (
            f'<rect x="{WIDTH / 2 - 6}" y="{high - 6:.1f}" width="12" height="12" rx="2" '
            f'fill="{ACCENT}"/>'
        )
    return way


def legend(blocks: list[dict[str, Any]]) -> list[list[str]]:
    """Sign and words of everything that the drawing shows, and of nothing else."""
    there = {block_words.learned(block) for block in blocks}
    found = [
        [_sign(_box(3, 6, 16, 9, FILLS[kind], kind == "partly")), words]
        for kind, words in LEGEND
        if kind in there
    ]
    skips = {block["skip"]["kind"] for block in blocks if block["skip"]}
    way = f'<path d="M1 8 H25" fill="none" stroke="{ACCENT}" stroke-width="2.2"/>'
    if skips:
        plus = f'<circle cx="20" cy="8" r="6" fill="{ACCENT}"/><path d="M16.5 8 h7 M20 4.5 v7" '
        plus += 'stroke="#ffffff" stroke-width="1.6"/>'
        found.append([_sign(way + plus), "skip connection, added at the plus"])
    if "projection" in skips:
        box = f'<rect x="7" y="2" width="12" height="12" rx="2" fill="{ACCENT}"/>'
        found.append([_sign(way + box), "with a projection"])
    return found


def _sign(inside: str) -> str:
    return f'<svg viewBox="0 0 26 16" aria-hidden="true">{inside}</svg>'
