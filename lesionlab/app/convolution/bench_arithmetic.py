"""The sum at one place as the browser works it out, from the picture's own bytes.

The same as `lesionlab.images.convolve` does for all places at once; a test compares the two.
"""

# `before` is how far the padded picture begins above and left of the picture itself.
SCRIPT = """
const reach = (data) => (data.side - 1) * data.dilation + 1;
// Where a pixel of the padded picture lies in the picture itself; -1 for a zero beyond it.
const beyond = (data, place, length) => {
  if (place >= 0 && place < length) return place;
  if (data.padding === "replicate") return clamp(place, 0, length - 1);
  if (data.padding !== "reflect") return -1;
  if (length === 1) return 0;
  const round = 2 * (length - 1);
  const turned = ((place % round) + round) % round;
  return turned < length ? turned : round - turned;
};
const pixel = (data, y, x, c) => {
  const [line, column] = [beyond(data, y, data.size[0]), beyond(data, x, data.size[1])];
  if (line < 0 || column < 0) return 0;
  return data.pixels[(line * data.size[1] + column) * data.names.length + c];
};
const corner = (data, x, y) => [x * data.stride - data.before[1],
  y * data.stride - data.before[0]];
const patch = (data, x, y, c) => {
  const [left, top] = corner(data, x, y);
  const { side, dilation } = data;
  return Array.from({ length: side * side }, (_, k) =>
    pixel(data, top + Math.floor(k / side) * dilation, left + (k % side) * dilation, c));
};
// A weight and what is written for it: of the one table, or of the layer's own.
const place_of = (data, c, k) =>
  (data.weights.length > data.side * data.side ? c * data.side * data.side : 0) + k;
const weight = (data, c, k) => data.weights[place_of(data, c, k)];
const label = (data, c, k) => data.labels[place_of(data, c, k)];
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
// The sum of each layer without the bias, then what is written into the result.
const answer = (data, x, y) => {
  const parts = data.names.map((_, c) =>
    sum(patch(data, x, y, c).map((one, k) => one * weight(data, c, k))));
  const written = data.mode === "summed" ? [sum(parts) + data.bias]
    : parts.map((part) => part + data.bias);
  return { parts, written };
};
"""
