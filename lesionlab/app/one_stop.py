"""Buttons in a box that are one stop of the Tab key; arrow keys go through them."""

from __future__ import annotations

# `choose` marks one of them, or none, as pressed; `move` is for the box's keydown.
SCRIPT = """
function choose(box, chosen) {
  for (const button of box.children) {
    button.setAttribute("aria-pressed", String(button === chosen));
    button.tabIndex = -1;
  }
  (chosen || box.firstElementChild).tabIndex = 0;
}

function move(event) {
  const buttons = [...event.currentTarget.children];
  const here = buttons.indexOf(event.target);
  const across = buttons.filter((one) => one.offsetTop === buttons[0].offsetTop).length;
  const steps = { ArrowLeft: here - 1, ArrowRight: here + 1, ArrowUp: here - across,
    ArrowDown: here + across, Home: 0, End: buttons.length - 1 };
  const next = buttons[steps[event.key]];
  if (here < 0 || !next) return;
  event.preventDefault();
  buttons.forEach((one) => { one.tabIndex = one === next ? 0 : -1; });
  next.focus();
}
"""
