"""Pictures that strangers send in: decoded, stripped and written anew; nothing of the original file is kept.

1. What it is, is told by its first bytes, never by its name or by what the browser says.
2. Its size is read and judged before a pixel is decoded (decompression bombs).
3. It is turned upright by its EXIF orientation, made smaller, and its colours are brought to sRGB.
4. Pixels alone go into a new file: no EXIF, no GPS position of somebody's home, no XMP, no comment, no
   thumbnail, and nothing that was hung on behind the picture.

Pillow is imported on first use: a web process that never sees a picture does not carry it in memory.
"""

from __future__ import annotations

import io
import struct
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from PIL.Image import Image

_QUALITY: Final = 85
# Drawings (few colours, not large) stay sharp as PNG; JPEG would smear their edges and be larger as well.
_DRAWING_PIXELS: Final = 1_500_000
_DRAWING_COLOURS: Final = 256
# A photograph with a transparent corner would be a huge PNG: beyond this it goes on white, as JPEG.
_LARGEST_PNG: Final = 3 * 1024 * 1024
_LARGEST_PROFILE: Final = 1024 * 1024
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_ONE_AT_A_TIME: Final = threading.Lock()
# What Pillow raises on files that are cut short or made to break it.
_DECODING: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    struct.error,
    zlib.error,
)


class UnsupportedImage(ValueError):
    """The file cannot be taken; the message tells the person with the phone what to do about it."""


@dataclass(frozen=True, slots=True)
class Reencoded:
    """A picture written anew: ``data`` is the whole file, upright, without metadata."""

    data: bytes
    mime: str
    width: int
    height: int


def reencode(data: bytes, *, max_pixels: int = 40_000_000, long_side: int = 2560) -> Reencoded:
    """Write a JPEG, PNG, WebP or GIF (its first frame) anew; raises ``UnsupportedImage``.

    ``max_pixels`` bounds what is decoded. A JPEG from a 48- or 108-megapixel phone is decoded at a half or an
    eighth of its size where that still gives ``long_side``, so it passes. A progressive one passes up to a quarter
    above ``max_pixels``: its decoder holds all coefficients of the full size at once, 3 bytes a pixel. One picture
    at a time in a process: two that come together must not take twice the memory.
    """
    kind = _sniff(data)
    try:
        with _ONE_AT_A_TIME:
            image = _open(data, kind, max_pixels, long_side)
            image.load()
            return _written(_in_srgb(_upright(image, long_side)))
    except UnsupportedImage:
        raise
    except _DECODING as error:
        raise UnsupportedImage(_("这张图片不完整或已损坏，请重新拍一张或重新选择。")) from error


def _sniff(data: bytes) -> str:
    """Pillow's name of the format, from the first bytes."""
    for start, kind in (
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
    ):
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "HEIF"
    raise UnsupportedImage(_why_not(data))


def _why_not(data: bytes) -> str:
    if not data:
        return _("文件是空的，请重新选择图片。")
    if data[4:8] == b"ftyp":
        return _("这是视频或不支持的图片格式，请上传照片。")
    if data.lstrip()[:5] == b"%PDF-":
        return _("这是PDF文件，请上传照片，或把页面截屏后上传。")
    return _("这不是照片。照片要是 JPEG、PNG、WebP、GIF 或苹果手机的 HEIC。")


def _open(data: bytes, kind: str, max_pixels: int, long_side: int) -> Image:
    """The header only, judged by size; a JPEG is told to decode no more of itself than is wanted."""
    from PIL import Image

    if kind == "HEIF":
        _with_heif()
    try:
        # ``formats`` keeps Pillow from trying its dozens of rarer decoders on a file made for one of them.
        image = Image.open(io.BytesIO(data), formats=[kind])
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    if kind == "JPEG":
        if image.info.get("progressive") and image.width * image.height > max_pixels * 5 // 4:
            raise _too_large()
        image.draft(None, _fitted(image.size, long_side))  # None: keep the mode
    if image.width * image.height > max_pixels:
        raise _too_large()
    return image


def _with_heif() -> None:
    """What iPhones write. libheif is loaded with the first such picture; thumbnails and depth maps are left alone."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def _too_large() -> UnsupportedImage:
    return UnsupportedImage(_("这张图片的尺寸太大，请调低相机的像素设置后重拍，或截屏后上传截图。"))


def _fitted(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """The size within a square of ``long_side``, never enlarged, never 0."""
    longest = max(size)
    if longest <= long_side:
        return size
    width, height = (max(1, round(side * long_side / longest)) for side in size)
    return width, height


def _upright(image: Image, long_side: int) -> Image:
    """Plain 8-bit L, RGB, RGBA (or CMYK, for its profile to convert), small enough, the right way up."""
    from PIL import Image, ImageOps

    orientation, profile = image.getexif().get(0x0112, 1), image.info.get("icc_profile")
    plain = _plain_mode(image)
    size = _fitted(plain.size, long_side)
    if size != plain.size:
        plain = plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    # Turned last, when there are fewer pixels to turn. Only these two facts of the original go along.
    plain.info = {"icc_profile": profile} if profile else {}
    plain.getexif().clear()
    plain.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(plain)


def _plain_mode(image: Image) -> Image:
    if image.mode in {"L", "RGB", "RGBA", "CMYK"}:
        return image
    if image.mode.startswith("I"):  # 16 bits a pixel; a plain convert would clip all but the darkest 255 steps
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"LA", "La", "PA", "RGBa"} or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _in_srgb(image: Image) -> Image:
    """Colours as sRGB: phones photograph in Display P3, which without its profile would look pale."""
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and len(profile) <= _LARGEST_PROFILE and image.mode in {"RGB", "RGBA", "CMYK"}:
        from PIL import ImageCms

        # A broken profile, or one for another kind of picture, is dropped: the colours then are what they
        # are.
        with suppress(ImageCms.PyCMSError, *_DECODING):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            image = turned or image
    return image.convert("RGB") if image.mode == "CMYK" else image


def _written(image: Image) -> Reencoded:
    """The new file. ``info`` is emptied first: Pillow would copy a comment or a profile out of it."""
    image.info = {}
    if image.mode == "RGBA":
        if image.getchannel("A").getextrema()[0] != 255:
            png = _saved(image, "PNG")
            return png if len(png.data) <= _LARGEST_PNG else _saved(_on_white(image), "JPEG")
        image = image.convert("RGB")
    small = image.width * image.height <= _DRAWING_PIXELS
    drawing = small and image.getcolors(_DRAWING_COLOURS) is not None and image.mode == "RGB"
    return _saved(image, "PNG" if drawing else "JPEG")


def _on_white(image: Image) -> Image:
    from PIL import Image

    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=image.getchannel("A"))
    return sheet


def _saved(image: Image, kind: str) -> Reencoded:
    out = io.BytesIO()
    if kind == "PNG":
        # Squeezing a large one hard takes seconds, often only to find that it must be a JPEG after all.
        large = image.width * image.height > _DRAWING_PIXELS
        image.save(out, "PNG", optimize=not large, compress_level=1 if large else 9)
        return Reencoded(out.getvalue(), "image/png", image.width, image.height)
    image.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Reencoded(out.getvalue(), "image/jpeg", image.width, image.height)
