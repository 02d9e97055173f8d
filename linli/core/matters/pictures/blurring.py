"""``python -m linli.core.matters.pictures.blurring IN OUT [x,y,w,h …]``: writes the picture with everything covered.

A process of its own, which loads neither Django nor anything of ours but the detector: OpenCV's memory goes with it,
and a picture made to break a decoder breaks nothing else. Boxes given on the command line are parts of one (0 to 1).
Prints the boxes as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY = 2 * 1024**3  # bytes of address space
SECONDS = 120


def main(arguments: list[str]) -> int:
    """0 if OUT was written."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import cv2
    import numpy as np

    from linli.core.matters.pictures.finding import Box, find

    cv2.setNumThreads(1)
    source, target = Path(arguments[0]), Path(arguments[1])
    image = cv2.imdecode(np.frombuffer(source.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return 1
    height, width = image.shape[:2]
    boxes = find(image)
    for text in arguments[2:]:
        x, y, w, h = (float(part) for part in text.split(","))
        boxes.append(Box(int(x * width), int(y * height), int(w * width) + 1, int(h * height) + 1, "hand"))
    for box in boxes:
        cover(image, box)
    written, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not written:
        return 1
    target.write_bytes(data.tobytes())
    sys.stdout.write(json.dumps([list(box) for box in boxes]))
    return 0


def cover(image: Any, box: Any) -> None:
    """Coarse squares of the mean colour, then soft: nothing of the pixels below can be computed back."""
    import cv2

    patch = image[box.y : box.y + box.h, box.x : box.x + box.w]
    if patch.size == 0:
        return
    height, width = patch.shape[:2]
    few = cv2.resize(patch, (max(1, min(6, width // 8)), max(1, min(6, height // 8))), interpolation=cv2.INTER_AREA)
    flat = cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST)
    edge = max(3, min(width, height) // 6 * 2 + 1)
    patch[:] = cv2.GaussianBlur(flat, (edge, edge), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
