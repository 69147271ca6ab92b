"""What the blocks of a network are called, and what each does in plain words."""

from __future__ import annotations

from typing import Any

TITLES = {
    "input": "The picture",
    "convolution": "Convolution",
    "inverted": "Inverted residual block",
    "residual": "Residual block",
    "branches": "Block with branches",
    "pooling": "Averages",
    "largest": "Largest values",
    "dense": "Hidden layer",
    "answer": "The answer",
}
PLAIN = {
    "input": "The picture comes in as a number from 0 to 255 for each pixel and colour, and its "
    "colours are brought to the range that the network was made for.",
    "inverted": "First each place gets many more maps, then a small filter goes over each map by "
    "itself, then the maps are mixed down to a few again. That takes far less work than filters "
    "that look at all maps at once.",
    "separate": "A small filter goes over each map by itself, then the maps are mixed down to a "
    "few. That takes far less work than filters that look at all maps at once.",
    "residual": "The maps are mixed down to a few, filtered with their neighbours, and mixed up "
    "again. What comes out is added to what came in, so that the block only has to learn what "
    "is to be *changed*.",
    "branches": "Several ways through side by side, whose maps are put together at the end.",
    "pooling": "Each map becomes one number. Where something was is forgotten; only how much of "
    "it there was goes on.",
    "largest": "Each map becomes one number, its largest. Where it was is forgotten, and so is "
    "everything weaker.",
    "dense": "Weighs all numbers together, with learned weights.",
    "answer": "One score a class from all the numbers, and the softmax that turns the scores into "
    "probabilities.",
}
SKIPS = {
    "identity": "A **skip connection** leads past it: what comes in is added, unchanged, to what "
    "comes out.",
    "projection": "A **skip connection** leads past it. Since the block changes the size or the "
    "number of maps, the skip has a convolution of its own (a *projection*), so that both sides "
    "fit when they are added.",
}
NO_SKIP = (
    "It has no skip connection: it changes the size or the number of maps, and what comes in "
    "could not be added to what comes out."
)


def title(block: dict[str, Any]) -> str:
    """A block's name, such as "Block 3: Residual block"."""
    return f"Block {block['number']}: {TITLES[block['kind']]}"


def size(shape: list[int]) -> str:
    """A shape in words: "56×56 pixels, 256 maps", or "8 numbers"."""
    if len(shape) == 3:
        maps = "colours" if shape[2] == 3 else "maps"
        return f"{shape[0]}×{shape[1]} pixels, {shape[2]:,} {maps}"
    return f"{shape[0]:,} numbers"


def plain(block: dict[str, Any]) -> str:
    """What the block does, in a few plain sentences."""
    kind = block["kind"]
    if kind == "inverted" and not block["widens"]:
        kind = "separate"
    words = _convolution(block) if kind == "convolution" else PLAIN[kind]
    if block["skip"]:
        words += f" {SKIPS[block['skip']['kind']]}"
    elif block["kind"] == "inverted":
        words += f" {NO_SKIP}"
    return words


def _convolution(block: dict[str, Any]) -> str:
    height, width = block["window"] or (1, 1)
    before, after = block["input_shape"][0], block["output_shape"][0]
    if (height, width) == (1, 1):
        words = "At each place the maps are mixed with one another; no neighbour is looked at."
    else:
        words = (
            f"Small learned filters of {height}×{width} pixels slide over what comes in; each "
            "answers to one pattern and writes a map of its own."
        )
    if after < before:
        words += " The side gets smaller: each place now stands for a larger piece of the picture."
    return words


def learned(block: dict[str, Any]) -> str:
    """Whether the block learned: "learned", "frozen", "partly" or "nothing"."""
    if block["parameters"] == 0:
        return "nothing"
    if block["learned"] == 0:
        return "frozen"
    return "learned" if block["learned"] == block["parameters"] else "partly"


def learned_sentence(block: dict[str, Any]) -> str:
    """How many numbers it has and which of them were trained."""
    count = block["parameters"]
    return {
        "nothing": "It has nothing to learn.",
        "frozen": f"It has {count:,} learned numbers. They were **frozen** in this training: they "
        "are as they came.",
        "learned": f"It has {count:,} learned numbers, all **trained** with this model's pictures.",
        "partly": f"It has {count:,} learned numbers; {block['learned']:,} of them were trained "
        "with this model's pictures, the others were frozen.",
    }[learned(block)]


def summary(blocks: list[dict[str, Any]]) -> str:
    """The whole network in two sentences."""
    spatial = [block for block in blocks if len(block["output_shape"]) == 3]
    skips = [block["skip"]["kind"] for block in blocks if block["skip"]]
    first, last = spatial[0]["output_shape"], spatial[-1]["output_shape"]
    words = (
        f"From the left to the right: {len(blocks)} blocks. The side falls from {first[0]} to "
        f"{last[0]} pixels while the depth grows from {first[2]} colours to {last[2]:,} maps."
    )
    if not skips:
        return f"{words} It has no skip connections: all that a block knows came through the last."
    projected = skips.count("projection")
    more = f", {projected} of them with a projection" if projected else ""
    many = f"{len(skips)} blocks have" if len(skips) > 1 else "One block has"
    return f"{words} {many} a skip connection{more}."
