"""A sheet of small pictures, a row a class, to see at a glance what is drawn."""

from PIL import Image, ImageDraw, ImageFont

from lesionlab.data.synthetic.drawing import CLASSES, draw_lesion
from lesionlab.diagnoses import DIAGNOSES

INK, PAPER = (40, 44, 52), (250, 250, 248)


def contact_sheet(
    columns: int = 8, first_seed: int = 0, cell: tuple[int, int] = (150, 200)
) -> Image.Image:
    """Draws `columns` pictures of each class.

    Args:
        columns: pictures a class.
        first_seed: seed of the first picture.
        cell: height and width of one picture in pixels.
    """
    height, width = cell
    gap, head = 4, 18
    size = (gap + columns * (width + gap), gap + len(CLASSES) * (height + gap + head))
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    for row, code in enumerate(CLASSES):
        top = gap + row * (height + gap + head)
        signs = "; ".join(DIAGNOSES[code].signs)
        title = f"{DIAGNOSES[code].name} ({code.upper()}): {signs}"
        draw.text((gap, top + 2), title, fill=INK, font=ImageFont.load_default(12))
        for column in range(columns):
            # Drawn at twice the size, so that the sheet is as sharp as a photograph made small.
            drawing = draw_lesion(
                code, first_seed + row * columns + column, (2 * height, 2 * width)
            )
            picture = Image.fromarray(drawing.image).resize(
                (width, height), Image.Resampling.LANCZOS
            )
            sheet.paste(picture, (gap + column * (width + gap), top + head))
    return sheet
