"""The sum at one place, written out in the browser: pixels times kernel, products, their sum."""

SCRIPT = """
// Patch times kernel, a row of tables for each layer, and the sum in words.
function explain(state, sums, told, parts, written) {
  const { data, x, y } = state;
  sums.replaceChildren();
  sums.classList.toggle("many", data.names.length > 1);
  data.names.forEach((name, c) => {
    const row = add(sums, "div", "row");
    const values = patch(data, x, y, c);
    const products = values.map((one, k) => one * weight(data, c, k));
    const most = Math.max(...products.map(Math.abs));
    const part = (title, numbers, colour, labels) => {
      const figure = add(row, "figure");
      const { table, cells } = grid(data.side, data.side, title + ", "
        + (data.side > 7 ? `${data.side * data.side} numbers` : labels.join(" ")));
      cells.forEach((cell, k) => {
        paint(cell, colour(numbers[k]));
        cell.title = cell.textContent = labels[k];
      });
      figure.appendChild(table);
      add(figure, "figcaption", "", title);
    };
    const heavy = Math.max(...data.weights.map(Math.abs));
    part(`${name} here`, values, (one) => tint(one, name), values.map(write));
    add(row, "b", "", "\\u00d7");
    part("the kernel", values.map((_, k) => weight(data, c, k)),
      (one) => diverging(one, heavy, data.stops), values.map((_, k) => label(data, c, k)));
    add(row, "b", "", "=");
    part("multiplied", products, (one) => diverging(one, most, data.stops),
      products.map(write));
    // The arrow stays with its sum where the row folds.
    const end = add(row, "div", "end");
    add(end, "b", "", "\\u2192");
    const total = add(end, "figure");
    add(total, "strong", "", write(parts[c]));
    add(total, "figcaption", "", "their sum");
  });
  const added = (part, c) => (!c ? write(part)
    : (part < 0 ? " \u2212 " : " + ") + write(Math.abs(part)));
  const plus = data.bias ? ` plus the bias ${write(data.bias)}` : "";
  const words = data.mode === "summed"
    ? `${parts.map(added).join("")}${plus} = ${write(written[0])}`
    : written.map((value, c) => (written.length > 1 ? `${data.names[c]}: ` : "")
      + (data.bias ? `${write(parts[c])}${plus} = ` : "") + write(value)).join("; ");
  told.textContent = `Column ${x}, row ${y} of the result, counted from 0: ${words}`;
}
"""
