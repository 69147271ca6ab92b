"""What the pixels of one picture say: how bright it is, the tone of the skin, and its fingerprint.

The perceptual hash is written out below, though the package ImageHash has it, because that package
brings a compiled wavelet library for its other hashes and calls SciPy's legacy `fftpack`.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from PIL import Image, ImageFilter

# Light and colour are measured at about this many pixels of the longer side: it takes little time,
# and pictures of different cameras can be compared. On 501 pictures of HAM10000 half of the angles
# differ by less than 0.2 degrees from those at twice the side.
MEASURED_SIDE = 100
# How wide the frame is in which skin is looked for without a mask, as a share of the shorter side.
FRAME = 0.12
# How far from a lesion's mask and from black skin begins, in measured pixels: both have soft rims.
RIM = 2
# L* (0 to 100) below which a pixel is the black round a dermoscope's lens, above which it is a
# reflection. The darkest skin lies near 25.
BLACK_BELOW, WHITE_ABOVE = 12.0, 97.0
# Pixels further than this from the median L* are hairs, bubbles and rulers.
FROM_MEDIAN = 15.0
# The angle of fewer pixels than this share of the picture would be chance.
LEAST_SHARE = 0.01
HASH_SIDE, DCT_SIDE = 16, 64

# IEC 61966-2-1 (sRGB): from a byte to linear light, and from there to X, Y, Z under D65.
_BYTES = np.arange(256) / 255
LINEAR = np.where(_BYTES <= 0.04045, _BYTES / 12.92, ((_BYTES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
TO_Y = np.array([0.2126, 0.7152, 0.0722], np.float32)
TO_Z = np.array([0.0193, 0.1192, 0.9505], np.float32)
# Row k: the k-th cosine of a discrete cosine transform (type II) over DCT_SIDE pixels.
COSINES = np.cos(
    np.pi / DCT_SIDE * np.arange(HASH_SIDE)[:, None] * (np.arange(DCT_SIDE)[None] + 0.5)
)


class Measures(TypedDict):
    """What was measured of a picture, as the columns of a table.

    Attributes:
        brightness: Mean CIE L*, 0 (black) to 100 (white).
        ita: Individual Typology Angle of the skin in degrees, -180 to 180; not a number where too
            little skin is seen. Large angles are light skin; above 90 the picture has a blue cast.
        ita_from: Where skin was looked for: `mask` (outside the lesion), `border` (along the edge
            of the picture), or None where too little was seen.
        phash: Perceptual hash, 256 bits as 64 hexadecimal characters.
    """

    brightness: float
    ita: float
    ita_from: str | None
    phash: str


def measure(image: np.ndarray, mask: np.ndarray | None = None) -> Measures:
    """Measure brightness, skin tone and perceptual hash of a picture.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        mask: The lesion, bool or uint8 `(h, w)` with anything but 0 inside; None when not known.
    """
    picture = Image.fromarray(image)
    small = picture.reduce(max(1, max(picture.size) // MEASURED_SIDE))
    lightness, yellowness = lightness_and_yellowness(np.asarray(small))
    lesion = None
    if mask is not None and mask.any():
        lesion = Image.fromarray((mask > 0).astype(np.uint8) * 255).resize(small.size)
    skin = skin_pixels(lightness, lesion)
    ita, ita_from = float("nan"), None
    if skin.sum() >= LEAST_SHARE * skin.size:
        ita = float(np.median(typology_angle(lightness[skin], yellowness[skin])))
        ita_from = "border" if lesion is None else "mask"
    return Measures(
        brightness=float(lightness.mean()),
        ita=ita,
        ita_from=ita_from,
        phash=perceptual_hash(picture),
    )


def lightness_and_yellowness(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """L* and b* of CIE 1976 L*a*b* for sRGB pixels under D65 (CIE 15:2004, section 8.2.1).

    Args:
        image: uint8 RGB `(h, w, 3)`.

    Returns:
        L*, float32 `(h, w)`, 0 to 100; and b*, float32 `(h, w)`, blue below 0 and yellow above.
    """
    linear = LINEAR[image]
    y = _root(linear @ (TO_Y / TO_Y.sum()))
    z = _root(linear @ (TO_Z / TO_Z.sum()))
    return 116 * y - 16, 200 * (y - z)


def _root(share: np.ndarray) -> np.ndarray:
    # CIE's cube root, with a straight line near black.
    return np.where(share > (6 / 29) ** 3, np.cbrt(share), share * (841 / 108) + 4 / 29)


def typology_angle(lightness: np.ndarray, yellowness: np.ndarray) -> np.ndarray:
    """Individual Typology Angle in degrees: arctan((L* - 50) / b*) * 180 / pi.

    After Chardon, Cretois and Hourseau (1991), "Skin colour typology and suntanning pathways",
    International Journal of Cosmetic Science 13. Skin has b* above 0. Under a blue cast b* falls
    below 0, and there the two-argument arctangent goes on above 90, where the quotient would jump
    from the lightest to the darkest skin: a third of HAM10000 has such a cast.
    """
    return np.degrees(np.arctan2(lightness - 50, yellowness))


def skin_pixels(lightness: np.ndarray, lesion: Image.Image | None) -> np.ndarray:
    """Where plain skin is to be expected.

    Args:
        lightness: L* `(h, w)`.
        lesion: The lesion's mask at the same size, white inside; None when not known: then the
            frame along the edges is taken, since a lesion is mostly in the middle.

    Returns:
        bool `(h, w)`: without the lesion, the black round the lens, reflections, and pixels whose
        lightness is far from the median, as that of hairs.
    """
    black = Image.fromarray((lightness < BLACK_BELOW).astype(np.uint8) * 255)
    skin = (lightness < WHITE_ABOVE) & ~_widened(black)
    if lesion is not None:
        skin &= ~_widened(lesion)
    else:
        height, width = skin.shape
        frame = max(1, round(FRAME * min(height, width)))
        skin[frame : height - frame, frame : width - frame] = False
    if skin.any():
        skin &= np.abs(lightness - np.median(lightness[skin])) <= FROM_MEDIAN
    return skin


def _widened(mask: Image.Image) -> np.ndarray:
    # A mean above 0 is a maximum above 0, and a running mean takes no longer for wide windows.
    return np.asarray(mask.filter(ImageFilter.BoxBlur(RIM))) > 0


def perceptual_hash(picture: Image.Image) -> str:
    """256 bits that pictures which look alike share: which low frequencies are above their median.

    After N. Krawetz (2011), "Looks Like It", hackerfactor.com, at twice the usual side: with 64
    bits any dark spot in the middle of a picture is like any other (see data.lookalikes). The bits
    are those of `phash(picture, hash_size=16)` of the package ImageHash, but for a few near the
    median in large pictures.

    Returns:
        64 hexadecimal characters, the frequencies row by row.
    """
    # reducing_gap averages whole blocks of a large picture first.
    grey = picture.convert("L").resize(
        (DCT_SIDE, DCT_SIDE), Image.Resampling.LANCZOS, reducing_gap=4
    )
    # Rounded, or the noise of the last digit would decide every bit of an empty picture.
    low = np.round(COSINES @ np.asarray(grey, np.float64) @ COSINES.T, 6)
    return np.packbits(low > np.median(low)).tobytes().hex()
