"""Where in a picture are faces and number plates? OpenCV with the cascades in its own package, and colour for plates.

Runs only in the process that ``blurring`` starts: neither a web process nor the worker ever loads OpenCV. Every doubt
is a box: several cascades, both profiles, tilted heads, plates by their blue, green or yellow. What it misses is
measured in ``docs/photos.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

FRONTAL: Final = (("haarcascade_frontalface_alt2.xml", 2), ("haarcascade_frontalface_default.xml", 4))
PROFILE: Final = ("haarcascade_profileface.xml", 3)
TILTS: Final = (-30, 30)
LONG_SIDE: Final = 1280  # more finds few more faces and takes minutes
SMALLEST: Final = 20  # pixels of a face after scaling; far heads below it tell nobody
# Hue ranges of plates on OpenCV's half circle: private cars, electric ones, lorries and old ones.
PLATES: Final = {"blue": (98, 128, 90, 60), "green": (35, 85, 40, 60), "yellow": (15, 33, 100, 90)}


class Box(NamedTuple):
    """A region in pixels of the picture, and what is thought to be there."""

    x: int
    y: int
    w: int
    h: int
    what: str


def find(image: Any) -> list[Box]:
    """All boxes of a BGR picture, overlapping ones together."""
    height, width = image.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    if max(small.shape[:2]) < 2 * SMALLEST:
        return []
    found = [*_faces(small), *_plates(small)]
    grown = [_grown(box, 1 / scale, width, height) for box in found]
    return united([box for box in grown if box.w > 0 and box.h > 0])


# ── faces ───────────────────────────────────────────────────────────────────────────────────────────────────


def _faces(image: Any) -> Iterator[Box]:
    grey = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    for name, neighbours in FRONTAL:
        yield from _cascade(grey, name, neighbours)
    yield from _cascade(grey, *PROFILE)
    width = grey.shape[1]
    for x, y, w, h, what in _cascade(cv2.flip(grey, 1), *PROFILE):
        yield Box(width - x - w, y, w, h, what)
    for angle in TILTS:
        yield from _tilted(grey, angle)


def _cascade(grey: Any, name: str, neighbours: int) -> Iterator[Box]:
    detector = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / name))
    if detector.empty():
        raise RuntimeError(f"no cascade {name}")
    hits = detector.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=neighbours, minSize=(SMALLEST, SMALLEST))
    for x, y, w, h in hits:
        yield Box(int(x), int(y), int(w), int(h), "face")


def _tilted(grey: Any, angle: int) -> Iterator[Box]:
    """Heads held askew: the picture is turned, and what is found there is turned back."""
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    back = cv2.invertAffineTransform(turn)
    turned = cv2.warpAffine(grey, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    for box in _cascade(turned, FRONTAL[0][0], FRONTAL[0][1] + 1):
        middle = back @ np.array([box.x + box.w / 2, box.y + box.h / 2, 1.0])
        yield Box(int(middle[0] - box.w / 2), int(middle[1] - box.h / 2), box.w, box.h, "face")


# ── plates ──────────────────────────────────────────────────────────────────────────────────────────────────


def _plates(image: Any) -> Iterator[Box]:
    """Patches of a plate's colour and shape that hold strokes of another brightness, as letters do."""
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    for low, high, saturation, value in PLATES.values():
        mask = cv2.inRange(hsv, np.array([low, saturation, value]), np.array([high, 255, 255]))
        for across in (9, 17):  # closes the letters of a far and of a near plate
            shape = cv2.getStructuringElement(cv2.MORPH_RECT, (across, max(3, across // 3)))
            closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, shape)
            contours, _tree = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            yield from (box for contour in contours if (box := _plate(contour, mask, grey)) is not None)


def _plate(contour: Any, mask: Any, grey: Any) -> Box | None:
    (_cx, _cy), (one, other), _angle = cv2.minAreaRect(contour)
    long, short = max(one, other), min(one, other)
    if short < 9 or long < 28 or not 1.5 <= long / short <= 6.5:
        return None
    if cv2.contourArea(contour) < 0.55 * long * short or long > 0.7 * max(grey.shape):
        return None
    x, y, w, h = cv2.boundingRect(contour)
    filled = float(np.mean(mask[y : y + h, x : x + w] > 0))
    if filled < 0.3 or not _lettered(grey[y : y + h, x : x + w]):
        return None
    return Box(x, y, w, h, "plate")


def _lettered(patch: Any) -> bool:
    """Many changes between dark and light along its middle lines."""
    _level, ink = cv2.threshold(patch, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    rows = ink[int(len(ink) * 0.3) : max(int(len(ink) * 0.7), int(len(ink) * 0.3) + 1)].astype(np.int8)
    changes = np.abs(np.diff(rows, axis=1)).sum(axis=1)
    return bool(np.median(changes) >= 6) and float(np.std(patch)) > 18


# ── boxes ───────────────────────────────────────────────────────────────────────────────────────────────────


def _grown(box: Box, scale: float, width: int, height: int) -> Box:
    """Back to the picture's own pixels, a little larger: hair and chin, the rim of a plate."""
    more = 0.25 if box.what == "face" else 0.15
    x0, y0 = (box.x - box.w * more) * scale, (box.y - box.h * more) * scale
    x1, y1 = (box.x + box.w * (1 + more)) * scale, (box.y + box.h * (1 + more)) * scale
    left, top = max(0, int(x0)), max(0, int(y0))
    return Box(left, top, min(width, int(x1) + 1) - left, min(height, int(y1) + 1) - top, box.what)


def united(boxes: list[Box]) -> list[Box]:
    """Boxes that overlap by half of the smaller one become one."""
    left = sorted(boxes, key=lambda b: -b.w * b.h)
    changed = True
    while changed:
        changed = False
        for i, j in product(range(len(left)), repeat=2):
            if i < j and _overlap(left[i], left[j]) > 0.5:
                left[i] = _around(left[i], left[j])
                del left[j]
                changed = True
                break
    return left


def _overlap(a: Box, b: Box) -> float:
    w = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    h = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    return w * h / min(a.w * a.h, b.w * b.h) if w > 0 and h > 0 else 0.0


def _around(a: Box, b: Box) -> Box:
    x, y = min(a.x, b.x), min(a.y, b.y)
    return Box(x, y, max(a.x + a.w, b.x + b.w) - x, max(a.y + a.h, b.y + b.h) - y, a.what)
