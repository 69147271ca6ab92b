"""Single DICOM pictures, as dermatoscopes and hospitals keep them; read by the package pydicom.

The header is read by pydicom; the pixels are laid out here and in `dicom_pixels`, so that their
size is known and allowed before any of them is set aside.
"""

from __future__ import annotations

import io
import logging
from typing import Any

import numpy as np

from lesionlab.errors import PictureError
from lesionlab.images import dicom_pixels
from lesionlab.images.dicom_layout import Layout
from lesionlab.images.limits import check_size, overloaded

DEFLATED = b"1.2.840.10008.1.2.1.99"
# pydicom takes some microseconds for each entry of a header, of which 30 MB could hold millions.
MAX_HEADER_BYTES = 512 * 1024
# The tag of the pixels in both orders of bytes.
PIXEL_DATA = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")


def is_dicom(data: bytes) -> bool:
    """Whether the bytes begin like a DICOM file (PS3.10, section 7.1)."""
    return data[128:132] == b"DICM"


def decode(data: bytes) -> np.ndarray:
    """Decode the one picture of a DICOM file.

    A picture is refused that is marked as one that shows who the patient is: by Recognizable Visual
    Features (0028,0302), and by Burned In Annotation (0028,0301), which the standard (PS3.3, table
    C.7-9) defines as writing in the picture that is sufficient to identify the patient.

    Returns:
        uint8 RGB `(h, w, 3)`.

    Raises:
        PictureError: pydicom is not installed; no picture or several; too large; compressed in a
            way that is not read; or marked as showing who the patient is.
    """
    try:
        import pydicom
    except ImportError as error:
        raise PictureError(
            "Reading DICOM files needs an optional part.",
            "It is not installed.",
            "Install it with: pip install pydicom pyjpegls. Or save the picture as JPEG or PNG.",
        ) from error
    # What it says of odd values quotes them, and they may be a patient's name.
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    file = io.BytesIO(data[:MAX_HEADER_BYTES])
    # pydicom unpacks one that is deflated as a whole, to any size, before it looks at it.
    if DEFLATED in file.getvalue():
        raise _not_read("Received a DICOM file that is deflated as a whole.")
    header = pydicom.dcmread(file, stop_before_pixels=True)
    syntax = str(header.file_meta.get("TransferSyntaxUID", ""))
    _refuse_recognizable(header)
    rows, columns = _number(header, "Rows"), _number(header, "Columns")
    if not rows or not columns:
        raise _not_read("Received a DICOM file without a picture.")
    if _number(header, "NumberOfFrames", 1) != 1:
        raise _not_read(f"Received {_number(header, 'NumberOfFrames')} pictures in one DICOM file.")
    check_size(columns, rows)
    place = file.tell()
    if data[place : place + 4] not in PIXEL_DATA:
        raise overloaded("Received a DICOM file whose header is larger than any camera writes.")
    layout = Layout.of(header, syntax)
    return dicom_pixels.decode(data, place + 4, layout)


def _refuse_recognizable(header: Any) -> None:
    marks = {
        "RecognizableVisualFeatures": "features by which the patient can be recognized",
        "BurnedInAnnotation": "writing in the picture that identifies the patient",
    }
    for keyword, words in marks.items():
        if str(header.get(keyword, "")).strip().upper() == "YES":
            raise PictureError(
                "Expected a DICOM picture that does not show who the patient is.",
                f"The file says that it has {words}.",
                "Crop or blank that part where the picture comes from, and export it again.",
            )


def _number(header: Any, keyword: str, default: int = 0) -> int:
    value = header.get(keyword)
    return default if value is None or value == "" else int(value)


def _not_read(received: str) -> PictureError:
    return PictureError(
        "Expected a DICOM file with one picture.", received, "Export it as JPEG or PNG."
    )
