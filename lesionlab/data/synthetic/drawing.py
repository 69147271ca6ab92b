"""One picture: a patient's skin, a lesion on it, and the way it was photographed."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionlab.data.synthetic import artefacts, skin
from lesionlab.data.synthetic.canvas import Canvas, Field
from lesionlab.data.synthetic.lesion import Paint, start_lesion
from lesionlab.data.synthetic.patterns import PATTERNS
from lesionlab.diagnoses import CLASS_SETS
from lesionlab.errors import DataError

CLASSES: tuple[str, ...] = CLASS_SETS["isic8"]

SITES = (
    "abdomen", "back", "chest", "face", "foot", "lower extremity", "neck", "scalp",
    "upper extremity",
)  # fmt: skip
# Mean age at which a class is usually seen, in years.
TYPICAL_AGES = {
    "ak": 68, "bcc": 66, "bkl": 62, "df": 46, "mel": 58, "nv": 40, "scc": 70, "vasc": 48
}  # fmt: skip

# A patient with lesions of several classes is of this typical age.
SHARED_AGE = 62
# How often a picture has hairs, a ruler, air bubbles, a dark rim.
SHARES = {"hair": 0.4, "ruler": 0.2, "bubbles": 0.2, "vignette": 0.25}

# What a stream of random numbers is for. What must not tell the class (patient, size, framing,
# artefacts) is drawn from streams that do not know it: lesion k has the same in every class, and
# each class holds exactly as many of each (a blocked design).
PATIENT, FORM, FRAMING, LESION, VIEW = range(5)

# Grey levels a pixel of depth, when a lesion's outline is turned into its place.
DEPTH_LEVELS = 20


@dataclass(frozen=True)
class Drawing:
    """A drawn picture.

    Attributes:
        image: uint8 RGB (height, width, 3).
        mask: True where the lesion is (height, width).
        facts: age in years, sex, site, skin_tone (Fitzpatrick type, 1 to 6), hair, ruler, bubbles,
            vignette, radius (mean) and defocus (deviation of the blur), both in picture heights.
    """

    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    facts: dict[str, Any]


def draw_lesion(diagnosis: str, seed: int, size: tuple[int, int] = (450, 600)) -> Drawing:
    """Draws one lesion of a class; the same seed gives the same picture, at any size.

    Args:
        diagnosis: one of `CLASSES`.
        seed: zero or more.
        size: height and width in pixels.

    Raises:
        DataError: there is no such class, or the size is too small to show anything.
    """
    if diagnosis not in CLASSES:
        raise DataError(
            f"Expected one of {', '.join(CLASSES)}.", f"Received {diagnosis!r}.", "Choose a class."
        )
    return draw_view(diagnosis, seed, 0, 0, size)


def draw_view(
    diagnosis: str,
    seed: int,
    lesion: int,
    view: int,
    size: tuple[int, int],
    shared_patient: bool = False,
) -> Drawing:
    """Draws one view of lesion number `lesion` of a class.

    Args:
        diagnosis: one of `CLASSES`.
        seed: of the whole set.
        lesion: the same number is the same lesion.
        view: which of the lesion's pictures; turns, lights and frames it in another way.
        size: height and width in pixels.
        shared_patient: whether the patient may have lesions of other classes too.
    """
    height, width = check_size(size)
    number = CLASSES.index(diagnosis)
    patient = np.random.default_rng([seed, lesion, PATIENT])
    tone = int(patient.integers(1, 7))
    colour = skin.skin_colour(tone, patient)
    sex = str(patient.choice(["female", "male"]))
    typical_age = SHARED_AGE if shared_patient else TYPICAL_AGES[diagnosis]
    age = int(np.clip(5 * round((typical_age + 13 * patient.normal()) / 5), 5, 85))

    form = np.random.default_rng([seed, lesion, FORM])
    radius, elongation = form.uniform(0.19, 0.36), 1 + 0.6 * form.random() ** 1.5
    vividness = form.uniform(0.6, 1.0)
    lesion_rng = np.random.default_rng([seed, number, lesion, LESION])
    site = str(lesion_rng.choice(SITES))
    turn = lesion_rng.uniform(0, 2 * np.pi)
    pattern, border = PATTERNS[diagnosis]
    paint = start_lesion(lesion_rng, border, float(height), radius, elongation, vividness)
    pattern(paint)

    framing = np.random.default_rng([seed, lesion, view, FRAMING])
    frame = Canvas(0.5, 0.5 * width / height, float(height))
    zoom = float(np.exp(framing.normal(0, 0.04)))
    room_y = max(0.05, 0.5 - 0.9 * radius)
    room_x = max(0.05, frame.half_width - radius)
    centre = (framing.uniform(-0.75, 0.75) * room_x, framing.uniform(-0.75, 0.75) * room_y)
    facts: dict[str, Any] = {
        "age": age,
        "sex": sex,
        "site": site,
        "skin_tone": tone,
        "radius": float(radius),
    }
    facts |= {name: bool(framing.random() < share) for name, share in SHARES.items()}

    facts["defocus"] = float(max(0.0, framing.uniform(-0.004, 0.003)))

    rng = np.random.default_rng([seed, number, lesion, view, VIEW])
    planes = skin.skin_texture(frame, colour, rng)
    turn += rng.normal(0, 0.12)
    mask = place_lesion(planes, frame, paint, colour, centre, float(turn), zoom)

    if facts["bubbles"]:
        artefacts.add_bubbles(planes, frame, rng)
    if facts["hair"]:
        artefacts.add_hairs(planes, frame, rng)
    light, balance = skin.light_gains(frame, colour, rng)
    if facts["vignette"]:
        light *= artefacts.vignette_gain(frame, rng)
    if facts["ruler"]:
        artefacts.add_ruler(planes, frame, rng)
    image = np.empty((height, width, 3), np.uint8)
    for channel, plane in enumerate(planes):
        plane *= light * (balance[channel] * np.float32(255))
        image[..., channel] = np.clip(plane, 0, 255, out=plane)
    image = artefacts.defocus(image, frame, facts["defocus"])
    return Drawing(image, mask, facts)


def check_size(size: tuple[int, int]) -> tuple[int, int]:
    """Returns height and width, or raises DataError when a picture cannot have them."""
    height, width = size
    if not (32 <= height <= 2000 and 32 <= width <= 3000):
        raise DataError(
            "Expected a size from 32x32 to 2000x3000 (height x width).",
            f"Received {height}x{width}.",
            "Choose a size in that range, such as 450x600.",
        )
    return height, width


def place_lesion(
    planes: Field,
    frame: Canvas,
    paint: Paint,
    skin_colour: NDArray[np.float32],
    centre: tuple[float, float],
    turn: float,
    zoom: float,
) -> NDArray[np.bool_]:
    """Turns, scales and lays the lesion onto `planes` in place, and returns its mask."""
    canvas, pixels = paint.canvas, frame.pixels
    cosine, sine = math.cos(turn), math.sin(turn)
    reach_x = zoom * (canvas.half_width * abs(cosine) + canvas.half_height * abs(sine))
    reach_y = zoom * (canvas.half_width * abs(sine) + canvas.half_height * abs(cosine))
    left = max(0, int((centre[0] - reach_x + frame.half_width) * pixels))
    top = max(0, int((centre[1] - reach_y + frame.half_height) * pixels))
    right = min(frame.shape[1], int((centre[0] + reach_x + frame.half_width) * pixels) + 1)
    bottom = min(frame.shape[0], int((centre[1] + reach_y + frame.half_height) * pixels) + 1)

    # Where the box's pixel (0, 0) lies in the lesion's own turned and scaled coordinates.
    x0 = left / pixels - frame.half_width - centre[0]
    y0 = top / pixels - frame.half_height - centre[1]
    a, b = cosine / zoom, sine / zoom
    c = (a * x0 + b * y0 + canvas.half_width) * pixels
    f = (-b * x0 + a * y0 + canvas.half_height) * pixels
    box = (right - left, bottom - top)

    plain = tuple(int(value) for value in np.rint(skin_colour * 255))
    drawn = np.empty((*canvas.shape, 3), np.uint8)
    for channel, plane in enumerate(paint.colours(skin_colour)):
        drawn[..., channel] = np.clip(plane * np.float32(255), 0, 255)
    picture = Image.fromarray(drawn).transform(
        box, Image.Transform.AFFINE, (a, b, c, -b, a, f), Image.Resampling.BILINEAR, fillcolor=plain
    )
    # The lesion's colours relative to plain skin, so that skin texture and light go on across it.
    placed = np.asarray(picture)
    for channel, plane in enumerate(planes):
        plane[top:bottom, left:right] *= placed[..., channel] * np.float32(1 / plain[channel])

    # Depth rather than the mask itself is resampled: the outline stays exact below a pixel.
    coded = np.clip(np.rint(127.5 + DEPTH_LEVELS * pixels * paint.depth), 0, 255).astype(np.uint8)
    depth = Image.fromarray(coded).transform(
        box, Image.Transform.AFFINE, (a, b, c, -b, a, f), Image.Resampling.BILINEAR
    )
    mask = np.zeros(frame.shape, bool)
    mask[top:bottom, left:right] = np.asarray(depth) > 127
    return mask
