"""Pictures for the demo's evidence: drawn, and plainly so. No photo of any real place or person is in this house."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile

from linli.kit import files
from linli.kit.models import Upload

WIDTH, HEIGHT = 960, 720
_SKIES = ("#cfe3ee", "#f3dcc3", "#dfe7d6", "#d9d9e8")
_WALLS = ("#b98b6b", "#9aa5a9", "#c9b79c", "#a7938c")


def take(serial: int) -> Upload:
    """A drawing taken in the way a photo is: re-encoded, hashed, waiting for its matter."""
    return files.take(SimpleUploadedFile("scene.png", _drawn(serial), "image/png"), owner=files.owner(None, "demo"))


def _drawn(serial: int) -> bytes:
    from PIL import Image, ImageDraw  # heavy, and only a filling needs it

    sky, wall = _SKIES[serial % len(_SKIES)], _WALLS[serial // 2 % len(_WALLS)]
    image = Image.new("RGB", (WIDTH, HEIGHT), sky)
    pen = ImageDraw.Draw(image)
    pen.rectangle((120, 160, 620, 620), fill=wall)
    for row in range(4):
        for column in range(4):
            left, top = 165 + column * 110, 200 + row * 100
            lit = (serial + row * 3 + column) % 4 == 0
            pen.rectangle((left, top, left + 60, top + 60), fill="#ffe9a8" if lit else "#6d7f8c")
    pen.rectangle((0, 620, WIDTH, HEIGHT), fill="#8d9088")
    pen.line((780, 620, 780, 330), fill="#4c5459", width=12)
    pen.line((780, 336, 720, 336), fill="#4c5459", width=8)
    pen.ellipse((690, 330, 740, 360), fill="#ffd866")
    pen.polygon(((700, 360), (730, 360), (790, 620), (640, 620)), fill="#f6e7b3")
    pen.rectangle((640, 560, 700, 620), fill="#5c8a5a")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
