"""Pictures taken in: what comes out holds the pixels and nothing else; what is no picture is refused in words."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from linli.kit.images import Reencoded, UnsupportedImage, reencode

GRADIENT = Image.linear_gradient("L")
RED, BLUE, WHITE = (200, 30, 30), (30, 30, 200), (255, 255, 255)


def photo(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Many colours, like a photograph; its left half is red, its right half blue."""
    down, across = (image.resize((width, height)) for image in (GRADIENT, GRADIENT.rotate(90)))
    sides = Image.new("RGB", (width, height), BLUE)
    sides.paste(RED, (0, 0, width // 2, height))
    return Image.blend(sides, Image.merge("RGB", (down, across, down)), 0.25).convert(mode)


def file(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(made: Reencoded) -> Image.Image:
    image = Image.open(io.BytesIO(made.data))
    image.load()
    assert Image.MIME[image.format or ""] == made.mime
    assert image.size == (made.width, made.height)
    return image


def near(pixel: Any, colour: tuple[int, int, int], within: int = 80) -> bool:
    return all(abs(one - two) <= within for one, two in zip(pixel[:3], colour, strict=True))


# ── What is taken ──


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_common_kind_is_taken_by_its_content(kind: str) -> None:
    image = opened(reencode(file(photo(300, 200), kind)))
    assert image.size == (300, 200)
    assert near(image.convert("RGB").getpixel((20, 100)), RED)
    assert near(image.convert("RGB").getpixel((280, 100)), BLUE)


def test_a_photograph_becomes_a_jpeg_whatever_it_came_as() -> None:
    assert reencode(file(photo(300, 200), "PNG")).mime == "image/jpeg"
    assert reencode(file(photo(300, 200), "WEBP")).mime == "image/jpeg"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_comes_out_as_something_a_browser_shows(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    source = photo(60, 40, "L").convert("I").convert("I;16") if mode == "I;16" else photo(60, 40, mode)
    image = opened(reencode(file(source, kind)))
    assert image.mode in {"L", "RGB"}
    assert image.size == (60, 40)


def test_sixteen_bits_keep_their_brightness() -> None:
    grey = Image.new("I;16", (40, 40), 0x8000)
    pixel = opened(reencode(file(grey, "PNG"))).convert("L").getpixel((20, 20))
    assert isinstance(pixel, int | float)
    assert abs(pixel - 128) <= 2


def test_only_the_first_frame_of_an_animation_stays() -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in (RED, BLUE)]
    for kind in ("GIF", "WEBP", "PNG"):
        image = opened(reencode(file(frames[0], kind, save_all=True, append_images=frames[1:])))
        assert getattr(image, "n_frames", 1) == 1
        assert near(image.convert("RGB").getpixel((25, 25)), RED, 10)


# ── PNG or JPEG ──


def test_real_transparency_stays() -> None:
    glass = photo(100, 80, "RGBA")
    glass.putpixel((0, 0), (0, 0, 0, 0))
    made = reencode(file(glass, "PNG"))
    assert made.mime == "image/png"
    assert opened(made).getpixel((0, 0)) == (0, 0, 0, 0)
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([0, 0, 0, 200, 30, 30])
    palette.putpixel((0, 0), 0)
    assert opened(reencode(file(palette, "GIF", transparency=0))).convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_an_alpha_channel_that_hides_nothing_goes() -> None:
    assert reencode(file(photo(100, 80, "RGBA"), "PNG")).mime == "image/jpeg"


def test_a_drawing_stays_sharp() -> None:
    drawing = Image.new("RGB", (400, 300), WHITE)
    ImageDraw.Draw(drawing).line((0, 0, 399, 299), fill=RED, width=3)
    made = reencode(file(drawing, "PNG"))
    assert made.mime == "image/png"
    assert opened(made).tobytes() == drawing.tobytes()


def test_a_huge_transparent_picture_goes_on_white() -> None:
    noise = Image.effect_noise((1500, 1200), 120)
    glass = Image.merge("RGBA", (noise, noise.rotate(90, expand=False), noise.rotate(180), noise.rotate(180)))
    glass.paste((0, 0, 0, 0), (0, 0, 200, 200))
    made = reencode(file(glass, "PNG", compress_level=1))
    assert made.mime == "image/jpeg"
    assert near(opened(made).getpixel((100, 100)), WHITE, 10)


# ── Size ──


@pytest.mark.parametrize(
    ("given", "size"),
    [((800, 400), (200, 100)), ((400, 800), (100, 200)), ((150, 90), (150, 90)), ((2000, 1), (200, 1))],
)
def test_the_long_side_is_bounded_and_nothing_is_enlarged(given: tuple[int, int], size: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        made = reencode(file(photo(*given), kind), long_side=200)
        assert (made.width, made.height) == size
        opened(made)


def test_a_twelve_megapixel_photograph_takes_less_than_two_seconds() -> None:
    data = file(photo(4032, 3024), quality=92)
    start = time.process_time()
    made = reencode(data)
    assert time.process_time() - start < 2
    assert (made.width, made.height, made.mime) == (2560, 1920, "image/jpeg")


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    for kind in ("PNG", "WEBP", "GIF"):
        with pytest.raises(UnsupportedImage, match="尺寸太大"):
            reencode(file(photo(120, 100), kind), max_pixels=11_999)
        assert reencode(file(photo(120, 100), kind), max_pixels=12_000).width == 120


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    for side in (7_000, 60_000):  # above our bound, above Pillow's
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        with pytest.raises(UnsupportedImage, match="尺寸太大"):
            reencode(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))


def test_a_phone_with_too_many_megapixels_is_decoded_at_a_fraction() -> None:
    many = photo(800, 600)
    assert reencode(file(many), max_pixels=120_000, long_side=300).width == 300
    with pytest.raises(UnsupportedImage, match="尺寸太大"):
        reencode(file(many, progressive=True), max_pixels=120_000, long_side=300)
    assert reencode(file(many, progressive=True), max_pixels=400_000, long_side=300).width == 300
    with pytest.raises(UnsupportedImage, match="尺寸太大"):
        reencode(file(many), max_pixels=120_000, long_side=600)


# ── Upright, and stripped ──


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_upright_without_its_exif(kind: str, orientation: int) -> None:
    # What the camera stores so that a viewer who obeys the mark sees red on the left.
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    upright = photo(300, 200)
    stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = opened(reencode(file(stored, kind, exif=exif), long_side=150))
    assert image.size == (150, 100)
    assert near(image.getpixel((10, 50)), RED)
    assert near(image.getpixel((140, 50)), BLUE)
    assert not image.getexif()


def secretive(kind: str) -> bytes:
    """A picture with everything a phone or a joker puts beside the pixels, each holding the word SECRET."""
    exif = Image.Exif()
    exif[0x010F] = "SECRET phone"
    exif[0x8769] = {0x9286: b"SECRET comment"}
    exif[0x8825] = {1: "N", 2: (39.0, 30.0, 0.0), 3: "E", 4: (116.0, 40.0, 0.0), 29: "SECRET date"}
    options: dict[str, Any] = {"exif": exif, "xmp": b"<x:xmpmeta>SECRET</x:xmpmeta>"}
    if kind == "JPEG":
        options["comment"] = b"SECRET comment"
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", "SECRET")
        notes.add_itxt("XML:com.adobe.xmp", "SECRET", zip=False)
        options = {"exif": exif, "pnginfo": notes}
    if kind == "GIF":
        options = {"comment": b"SECRET"}
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (80, 60), WHITE) if kind == "GIF" else photo(80, 60)
    return file(image, kind, **options, **({} if kind == "GIF" else {"icc_profile": icc}))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_no_position_no_maker_no_comment_no_profile_comes_through(kind: str) -> None:
    data = secretive(kind)
    assert b"SECRET" in data
    made = reencode(data)
    assert b"SECRET" not in made.data
    assert not any(mark in made.data for mark in (b"Exif", b"ICC_PROFILE", b"iCCP", b"eXIf", b"tEXt", b"iTXt", b"xmp"))
    assert not opened(made).getexif()


def test_metadata_does_not_hide_in_a_png_that_stays_a_png() -> None:
    glass = Image.open(io.BytesIO(secretive("PNG"))).convert("RGBA")
    glass.putpixel((0, 0), (0, 0, 0, 0))
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET")
    made = reencode(file(glass, "PNG", pnginfo=notes, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0SECRET"))
    assert made.mime == "image/png"
    names = [made.data[at + 4 : at + 8] for at in chunk_starts(made.data)]
    assert set(names) == {b"IHDR", b"IDAT", b"IEND"}


def chunk_starts(data: bytes) -> list[int]:
    at, starts = 8, []
    while at < len(data):
        starts.append(at)
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return starts


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_hangs_on_behind_the_picture_is_gone(kind: str) -> None:
    tail = b"PK\x03\x04<script>alert('SECRET')</script><?php SECRET ?>"
    made = reencode(file(photo(80, 60), kind) + tail)
    assert b"SECRET" not in made.data
    assert b"<script" not in made.data


def test_colours_of_a_wide_profile_become_srgb() -> None:
    # With a gamma of 1.0 the middle grey 128 is the lighter 188 of sRGB.
    linear = file(Image.new("RGB", (64, 64), (128, 128, 128)), "PNG", icc_profile=linear_profile())
    pixel = opened(reencode(linear)).convert("RGB").getpixel((32, 32))
    assert near(pixel, (188, 188, 188), 3)


def linear_profile() -> bytes:
    """sRGB's own profile with its three curves made straight."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    for entry in range(count):
        at = 132 + 12 * entry
        if bytes(data[at : at + 4]) in {b"rTRC", b"gTRC", b"bTRC"}:
            start = int.from_bytes(data[at + 4 : at + 8], "big")
            # A parametric curve of type 0, Y = X^g, with g = 1.0 in 16.16.
            data[start : start + 16] = b"para" + bytes(4) + bytes(4) + (1 << 16).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize("profile", [b"no profile at all", b"\0" * 200, b"x" * (1024 * 1024 + 1)])
def test_a_broken_profile_is_dropped_and_the_picture_kept(profile: bytes) -> None:
    made = reencode(file(photo(60, 40), icc_profile=profile))
    assert near(opened(made).getpixel((5, 20)), RED)


# ── What is refused ──

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (HEIC, "损坏"),
        (HEIC.replace(b"ftypheic", b"ftypmif1"), "损坏"),
        (HEIC.replace(b"ftypheic", b"ftypisom"), "视频"),
        (HEIC.replace(b"ftypheic", b"ftypavif"), "不支持的图片格式"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\n  %PDF-1.4", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "这不是照片"),
        (b"<?xml version='1.0'?><svg/>", "这不是照片"),
        (b"<!DOCTYPE html><html></html>", "这不是照片"),
        (b"PK\x03\x04" + bytes(50), "这不是照片"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "这不是照片"),
        (b"BM" + bytes(60), "这不是照片"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "这不是照片"),
        (b"\xff\xd8\xff", "损坏"),
        (b"\x89PNG\r\n\x1a\n", "损坏"),
        (b"GIF89a", "损坏"),
        (b"GIF89a<script>alert(1)</script>", "损坏"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "损坏"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedImage, match=words):
        reencode(data)


def test_a_picture_format_pillow_knows_and_we_do_not_is_refused() -> None:
    for kind in ("BMP", "TIFF", "ICO", "PPM"):
        with pytest.raises(UnsupportedImage, match="这不是照片"):
            reencode(file(photo(32, 32), kind))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused(kind: str, share: float) -> None:
    data = file(photo(300, 200), kind)
    with pytest.raises(UnsupportedImage, match="损坏"):
        reencode(data[: int(len(data) * share)])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_garbled_file_is_taken_or_refused_but_never_crashes(kind: str) -> None:
    whole = file(photo(90, 60), kind)
    for at in range(0, len(whole), max(1, len(whole) // 150)):
        garbled = bytearray(whole)
        garbled[at] ^= 0xFF
        with suppress(UnsupportedImage):
            opened(reencode(bytes(garbled), max_pixels=100_000))


def test_pillow_is_not_loaded_before_the_first_picture() -> None:
    code = "import sys, linli.kit.images; sys.exit(any(name.split('.')[0] == 'PIL' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
