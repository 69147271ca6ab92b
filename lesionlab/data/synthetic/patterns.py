"""What each of the eight classes looks like: which structures, and where they lie.

Every class is drawn on many grounds (tan, brown, pink, red-brown, greyish ...), because what tells
classes apart is structure. The signs are those of common dermoscopy teaching, as listed in
`lesionlab.diagnoses`.
"""

from collections.abc import Callable

import numpy as np

from lesionlab.data.synthetic import keratin, pigment, vessels
from lesionlab.data.synthetic.canvas import blob_outlines, smoothstep
from lesionlab.data.synthetic.lesion import Border, Paint

# Pigment and blood of the ground a lesion is drawn on.
GROUNDS: dict[str, tuple[float, float]] = {
    "skin": (0.16, 0.10),
    "tan": (0.40, 0.10),
    "brown": (0.75, 0.14),
    "dark": (1.20, 0.20),
    "pink": (0.10, 0.36),
    "red": (0.22, 0.62),
    "russet": (0.50, 0.45),
}


def ground(paint: Paint, names: tuple[str, ...], mottle: float = 0.2) -> None:
    """Fills the lesion with one of the named grounds."""
    melanin, blood = GROUNDS[names[int(paint.rng.integers(len(names)))]]
    factor = paint.between(0.75, 1.3)
    pigment.base(paint, melanin * factor, blood * paint.between(0.75, 1.3), mottle)


def nevus(paint: Paint) -> None:
    """Symmetric, with an even network or even globules that fade towards the border."""
    ground(paint, ("tan", "brown", "brown", "russet", "pink", "red", "dark", "skin"), 0.1)
    fade = smoothstep(-0.1 * paint.radius, 0.6 * paint.radius, paint.depth)
    fade *= np.clip(1 + 0.25 * paint.canvas.noise(paint.rng, 0.5 * paint.radius), 0.4, 1.5)
    kind = paint.rng.choice(["reticular", "globular", "both"], p=[0.5, 0.3, 0.2])
    spacing = paint.between(0.040, 0.052)
    if kind in ("reticular", "both"):
        lines = pigment.network_lines(paint, spacing, 0.30 * spacing, 0.2, jitter=0.34)
        inner = 1.0 if kind == "reticular" else smoothstep(0.35, 0.55, paint.polar)
        paint.darken(paint.between(0.7, 1.1) * lines * fade * inner)
    if kind in ("globular", "both"):
        points = paint.canvas.lattice(paint.rng, 0.92 * spacing, 0.24)
        points = points[paint.inside(points, 0.01)]
        if kind == "both":
            points = points[paint.away(points) < 0.45]
        spots = pigment.globule_field(paint, points, 0.33 * spacing, 0.18, 0.15, blur=0.004)
        paint.darken(paint.between(0.8, 1.2) * spots)
    if paint.chance(0.4):  # a darker or paler middle, still symmetric
        middle = smoothstep(0.6, 0.2, paint.polar) * paint.body
        paint.darken(np.float32(paint.between(-0.12, 0.45)) * middle)


def melanoma(paint: Paint) -> None:
    """Asymmetric in colour and structure, with at least three signs of the list."""
    ground(paint, ("tan", "brown", "dark", "russet", "pink", "red", "tan"), 0.3)
    pigment.patches(paint, 2, paint.between(0.6, 1.2), 0.1, paint.between(0.3, 0.5))
    if paint.chance(0.6):
        pigment.patches(paint, 1, 0.0, 0.5)
    spacing = paint.between(0.046, 0.062)
    region = smoothstep(-0.3, 0.5, paint.canvas.noise(paint.rng, 0.8 * paint.radius))
    lines = pigment.network_lines(paint, spacing, 0.30 * spacing, 0.9, jitter=0.46)
    paint.darken(paint.between(1.0, 1.5) * lines * region * paint.body)
    signs = paint.rng.permutation(["veil", "streaks", "globules", "regression"])
    for sign in signs[: int(paint.rng.integers(2, 4))]:
        if sign == "veil":
            pigment.veil(paint, paint.between(0.35, 0.6), paint.between(0.65, 0.85))
        elif sign == "streaks":
            arc = paint.between(1.6, 3.6)
            rays = pigment.streaks(paint, arc, 0.065, int(arc * paint.radius / 0.036))
            paint.darken(paint.between(1.3, 1.9) * rays)
        elif sign == "globules":
            points = pigment.scattered(paint, 0.055, 0.0, keep=0.55)
            uneven = pigment.globule_field(paint, points, 0.013, uneven=0.45, wobble=0.2)
            paint.darken(1.5 * uneven)
        else:
            pigment.regression(paint, paint.between(0.35, 0.55))


def basal_cell_carcinoma(paint: Paint) -> None:
    """Branching vessels, blue-grey nests, leaf-like areas, ulceration; no network."""
    ground(paint, ("pink", "skin", "tan", "russet", "red", "brown"), 0.25)
    shine = smoothstep(0.2, 1.6, paint.canvas.noise(paint.rng, 0.2)) * paint.body
    paint.cover(0.3 * shine, (0.95, 0.84, 0.82))
    signs = set(paint.rng.permutation(["nests", "leaves", "ulcer", "strands"])[:2])
    if "nests" in signs or paint.chance(0.4):
        points = pigment.scattered(paint, 0.115, 0.03, keep=0.75)
        nests = pigment.globule_field(paint, points, 0.031, 0.4, 0.22, blur=0.006)
        paint.cover(paint.between(0.65, 0.85) * nests, (0.33, 0.36, 0.46))
    if "leaves" in signs:
        paint.cover(0.8 * pigment.leaves(paint, int(paint.rng.integers(3, 6))), (0.40, 0.33, 0.33))
    if "strands" in signs:
        keratin.white_lines(paint, 14, 0.6, 0.09)
    if "ulcer" in signs:
        place = paint.rng.uniform(-0.3, 0.3, 2)
        vessels.erosion(paint, paint.between(0.22, 0.36), (float(place[0]), float(place[1])))
    trees = vessels.arborising(paint, int(paint.rng.integers(2, 5)), paint.between(0.011, 0.016))
    paint.cover(0.85 * trees, (0.70, 0.10, 0.14))


def benign_keratosis(paint: Paint) -> None:
    """Stuck on, sharply bordered, with cysts, plugs, or furrows and a moth-eaten edge."""
    ground(paint, ("tan", "brown", "dark", "skin", "russet", "pink"), 0.25)
    kinds = paint.rng.choice(["plugs", "furrows", "both"], p=[0.4, 0.3, 0.3])
    if kinds in ("furrows", "both"):
        furrows = keratin.fissures(paint, paint.between(0.046, 0.062))
        paint.darken(paint.between(0.8, 1.2) * furrows)
    if kinds in ("plugs", "both"):
        keratin.comedo_openings(paint, paint.between(0.085, 0.12), paint.between(0.013, 0.019))
    keratin.milia_cysts(paint, paint.between(0.085, 0.115), paint.between(0.010, 0.015))


def dermatofibroma(paint: Paint) -> None:
    """A central white scar-like patch, and a delicate network around it."""
    ground(paint, ("tan", "pink", "russet", "brown", "skin", "red"), 0.12)
    spacing = paint.between(0.034, 0.042)
    lines = pigment.network_lines(paint, spacing, 0.2 * spacing, 0.1)
    ring = smoothstep(0.35, 0.55, paint.polar) * smoothstep(
        -0.15 * paint.radius, 0.3 * paint.radius, paint.depth
    )
    paint.darken(paint.between(0.45, 0.75) * lines * ring)
    paint.darken(np.float32(paint.between(0.0, 0.2)) * ring * paint.body)
    keratin.white_patch(paint, paint.between(0.38, 0.55), paint.between(0.7, 0.9))
    if paint.chance(0.5):
        keratin.white_lines(paint, 9, 0.3, 0.08)


def vascular(paint: Paint) -> None:
    """Red, purple or blue-black lagoons with pale septa between."""
    ground(paint, ("red", "pink", "russet", "pink", "skin", "tan", "brown"), 0.12)
    cover, shade = vessels.lacunae(paint, paint.between(0.075, 0.12))
    septa = smoothstep(0.0, 0.1 * paint.radius, paint.depth)
    if paint.chance(0.6):
        paint.cover(paint.between(0.25, 0.5) * septa * paint.body, (0.90, 0.76, 0.76))
    light, deep = (
        ((0.74, 0.10, 0.17), (0.48, 0.03, 0.10)),
        ((0.62, 0.12, 0.34), (0.36, 0.05, 0.24)),
        ((0.46, 0.18, 0.44), (0.16, 0.08, 0.24)),
    )[int(paint.rng.integers(3))]
    paint.cover(0.88 * cover, light)
    paint.cover(0.9 * cover * shade, deep)
    if paint.chance(0.3):  # some lagoons are clotted and black
        clots = smoothstep(0.75, 0.9, shade) * cover
        paint.cover(0.9 * clots, (0.09, 0.05, 0.08))


def actinic_keratosis(paint: Paint) -> None:
    """Strawberry pattern: a red or brown ground with pale follicles, and scale."""
    ground(paint, ("red", "pink", "russet", "red", "tan", "brown", "skin"), 0.25)
    brown = paint.chance(0.3)  # the pigmented kind
    curls = paint.canvas.noise(paint.rng, 0.020)
    wavy = smoothstep(0.35, 0.05, np.abs(curls)) * paint.body
    paint.redden((0.1 if brown else paint.between(0.35, 0.6)) * wavy)
    paint.darken((paint.between(0.4, 0.7) if brown else 0.0) * wavy)
    spacing = paint.between(0.072, 0.095)
    yellow = (0.88, 0.72, 0.42) if paint.chance(0.7) else (0.80, 0.60, 0.36)
    keratin.follicles(paint, spacing, 0.20 * spacing, 1.75, yellow)
    keratin.scale(paint, paint.between(0.1, 0.9))


def squamous_cell_carcinoma(paint: Paint) -> None:
    """Keratin in the centre, white circles, and looped vessels at the rim."""
    ground(paint, ("pink", "red", "skin", "russet", "tan", "brown"), 0.25)
    signs = set(paint.rng.permutation(["mass", "circles", "white"])[:2])
    haze = smoothstep(0.0, 1.2, paint.canvas.noise(paint.rng, 0.25 * paint.radius)) * paint.body
    if "white" in signs:
        paint.cover(0.7 * haze, (0.95, 0.88, 0.86))
    loops = vessels.hairpins(paint, 0.050, 0.45, paint.between(0.036, 0.046))
    paint.cover(0.85 * loops * paint.body, (0.66, 0.08, 0.13))
    if "circles" in signs:
        white_circles(paint)
    if "mass" in signs or paint.chance(0.3):
        place = paint.rng.uniform(-0.18, 0.18, 2)
        keratin.keratin_mass(paint, paint.between(0.35, 0.5), (float(place[0]), float(place[1])))


def white_circles(paint: Paint) -> None:
    """Bright white rings around dilated, keratin-filled follicles."""
    points = pigment.scattered(paint, 0.10, 0.02, keep=0.8)
    radii = 0.030 * np.exp(paint.rng.normal(0, 0.2, len(points)))
    rings = blob_outlines(paint.rng, points, radii, 0.12)
    paint.cover(0.85 * paint.canvas.polygons(rings, blur=0.004), (1.0, 0.96, 0.93))
    middles = blob_outlines(paint.rng, points, 0.52 * radii, 0.2)
    paint.cover(0.8 * paint.canvas.polygons(middles, blur=0.003), (0.74, 0.52, 0.30))


PATTERNS: dict[str, tuple[Callable[[Paint], None], Border]] = {
    "ak": (actinic_keratosis, Border((0.10, 0.18), (0.02, 0.05), (0.10, 0.25))),
    "bcc": (basal_cell_carcinoma, Border((0.08, 0.16), (0.01, 0.03), (0.06, 0.18))),
    "bkl": (benign_keratosis, Border((0.05, 0.12), (0.05, 0.10), (0.01, 0.03))),
    "df": (dermatofibroma, Border((0.03, 0.07), (0.01, 0.02), (0.12, 0.28))),
    "mel": (melanoma, Border((0.14, 0.22), (0.02, 0.05), (0.02, 0.08))),
    "nv": (nevus, Border((0.02, 0.06), (0.01, 0.03), (0.06, 0.18))),
    "scc": (squamous_cell_carcinoma, Border((0.06, 0.13), (0.01, 0.03), (0.05, 0.16))),
    "vasc": (vascular, Border((0.04, 0.10), (0.01, 0.03), (0.02, 0.06))),
}
