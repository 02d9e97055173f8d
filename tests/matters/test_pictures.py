"""Pictures lose faces and plates before anybody but the handler sees them; more can be covered by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFilter

from linli.core.matters import actions
from linli.core.matters.actions import picturing
from linli.core.matters.actions.opening import Asked
from linli.core.matters.ledger.verifying import main, verify
from linli.core.matters.models import Attachment, Entry
from linli.core.matters.pictures import masking, showing
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit import files, outbox
from linli.kit.images import reencode
from linli.kit.models import Outbox
from linli.kit.refusal import Forbidden, Invalid, NotFound
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]
PLATE = (220, 260, 180, 56)  # x, y, w, h
COLOURS = {"blue": ((20, 60, 170), "white"), "green": ((90, 190, 120), "black"), "yellow": ((240, 190, 30), "black")}


def street(colour: str = "blue", size: int = 1, tilt: float = 0) -> Image.Image:
    """A grey car with a plate on it: strokes as letters are, no real number."""
    image = Image.new("RGB", (640, 480), (128, 130, 126))
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 140, 500, 340), fill=(150, 152, 155))
    ground, ink = COLOURS[colour]
    x, y, w, h = PLATE
    w, h = w // size, h // size
    draw.rectangle((x, y, x + w, y + h), fill=ground)
    for n in range(7):
        left = x + w * (n + 0.4) / 7.6
        draw.rectangle((left, y + h * 0.22, left + w * 0.03, y + h * 0.8), fill=ink)
        draw.rectangle((left + w * 0.055, y + h * 0.22, left + w * 0.085, y + h * 0.8), fill=ink)
    image = image.rotate(
        tilt, center=(x + w / 2, y + h / 2), fillcolor=(128, 130, 126), resample=Image.Resampling.BICUBIC
    )
    return image.filter(ImageFilter.GaussianBlur(0.8))


def jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture
def pictured(town: Town, act_as: ActAs, settings: Any, tmp_path: Any) -> Attachment:
    """A matter with one photo of a street, as the resident sent it."""
    settings.MEDIA_ROOT = str(tmp_path)
    upload = files.take(SimpleUploadedFile("a.jpg", jpeg(street())), owner="x")
    place = tree(DISTRICT).by_id[town.places["building"].pk]
    asked = Asked(kind="appeal", text="车堵了门。", district_id=DISTRICT, place=place, uploads=[upload])
    actions.open_matter(actor=act_as("resident"), asked=asked)
    return Attachment.objects.select_related("matter").get()


def again(held: Attachment) -> Attachment:
    return Attachment.objects.select_related("matter").get(pk=held.pk)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def work() -> None:
    """What the worker would do now with pictures."""
    for _turn in range(3):  # rows that talk to the world outside are leased apart from the others
        outbox.drain()


@pytest.mark.parametrize("colour", list(COLOURS))
def test_a_plate_is_found(colour: str, tmp_path: Any) -> None:
    """In the process that the worker starts, with the detector of its own."""
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(jpeg(street(colour)))
    command = [sys.executable, "-m", "linli.core.matters.pictures.blurring", str(source), str(target)]
    done = subprocess.run(command, capture_output=True, check=True)
    x, y, w, h = PLATE
    before, after = (Image.open(p).convert("L").crop((x, y, x + w, y + h)) for p in (source, target))
    assert b"plate" in done.stdout
    assert _strokes(before) >= 10
    assert _strokes(after) <= 2


def _strokes(image: Image.Image) -> int:
    """How often dark and light change along the middle line."""
    row = list(image.crop((0, image.height // 2, image.width, image.height // 2 + 1)).tobytes())
    middle = (max(row) + min(row)) / 2
    if max(row) - min(row) <= 40:
        return 0
    return sum(1 for a, b in pairwise(row) if (a > middle) != (b > middle))


def test_until_it_is_covered_others_see_a_sheet_and_then_the_covered_one(pictured: Attachment, act_as: ActAs) -> None:
    grid, community, resident = act_as("grid"), act_as("community"), act_as("resident")
    original = default_storage.open(pictured.path).read()
    assert "照片处理中" in body(showing.served(community, pictured)).decode()
    assert body(showing.served(grid, pictured)) == original  # its handler
    assert body(showing.served(resident, pictured)) == original  # who took it
    work()
    held = again(pictured)
    covered = default_storage.open(held.shown_path).read()
    assert covered != original
    assert body(showing.served(community, held)) == body(showing.served(resident, held)) == covered
    assert body(showing.served(grid, held)) == original
    said = Entry.objects.get(matter=held.matter, act="mask")
    assert said.data["picture"] == held.sha256
    assert said.data["shown"] == held.shown_sha256
    assert said.data["boxes"] >= 1
    assert verify().ok


def test_a_box_by_hand_takes_the_picture_away_until_it_is_covered(pictured: Attachment, act_as: ActAs) -> None:
    work()
    ids = {"district_id": DISTRICT, "matter_id": pictured.matter_id, "attachment": pictured.pk}
    picturing.cover(actor=act_as("resident"), x=0.0, y=0.0, w=0.3, h=0.3, **ids)
    assert "照片处理中" in body(showing.served(act_as("community"), again(pictured))).decode()
    work()
    held = again(pictured)
    assert held.shown_path
    assert Entry.objects.filter(matter=held.matter).order_by("seq").last().data["hand"] == 1  # type: ignore[union-attr]
    with pytest.raises(Invalid):
        picturing.cover(actor=act_as("grid"), x=1.2, y=0, w=0.1, h=0.1, **ids)
    with pytest.raises(Forbidden):
        picturing.cover(actor=act_as("community"), x=0, y=0, w=0.1, h=0.1, **ids)
    assert verify().ok


def test_a_hidden_picture_is_not_there_for_others(pictured: Attachment, act_as: ActAs) -> None:
    work()
    ids = {"district_id": DISTRICT, "matter_id": pictured.matter_id, "attachment": pictured.pk}
    picturing.hide(actor=act_as("grid"), reason="拍到了家里", **ids)
    with pytest.raises(NotFound):
        showing.served(act_as("community"), again(pictured))
    assert body(showing.served(act_as("grid"), again(pictured)))
    picturing.hide(actor=act_as("resident"), hidden=False, **ids)
    assert body(showing.served(act_as("community"), again(pictured)))
    assert [e.act for e in Entry.objects.filter(matter=pictured.matter).order_by("seq")][-2:] == ["hide", "show"]


def test_another_file_under_a_picture_s_name_is_named(pictured: Attachment, capsys: pytest.CaptureFixture[str]) -> None:
    """The rows are all as they were: only the bytes on the disk are somebody else's."""
    work()
    held = again(pictured)
    for name in (held.path, held.shown_path):
        file = Path(default_storage.path(name))
        whole = file.read_bytes()
        for bytes_ in (whole[:-1], jpeg(street("blue"))[:2000], b""):
            file.write_bytes(bytes_)
            assert [f.reason for f in verify().broken] == ["pictures.file"]
        file.unlink()
        assert main(pictured.matter.number) == 1
        assert pictured.matter.number in (told := capsys.readouterr().out)
        assert name in told
        assert verify(files=False).ok
        file.write_bytes(whole)
        assert verify().ok


def test_two_files_exchanged_on_the_disk_are_both_named(
    town: Town, act_as: ActAs, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    place = tree(DISTRICT).by_id[town.places["building"].pk]
    for colour in ("blue", "green"):
        upload = files.take(SimpleUploadedFile("a.jpg", jpeg(street(colour))), owner="x")
        asked = Asked(kind="appeal", text="车堵了门。", district_id=DISTRICT, place=place, uploads=[upload])
        actions.open_matter(actor=act_as("resident"), asked=asked)
    one, other = (Path(default_storage.path(row.path)) for row in Attachment.objects.order_by("id"))
    assert verify().ok
    first, second = one.read_bytes(), other.read_bytes()
    assert first != second
    one.write_bytes(second)
    other.write_bytes(first)
    numbers = set(Attachment.objects.values_list("matter__number", flat=True))
    assert {(f.number, f.reason) for f in verify().broken} == {(number, "pictures.file") for number in numbers}


def test_what_is_shown_repointed_to_a_copy_is_named(pictured: Attachment) -> None:
    """The same bytes under another name: nothing is seen to be wrong, until they are changed there one day."""
    work()
    held = again(pictured)
    copy = default_storage.save("elsewhere.jpg", default_storage.open(held.shown_path))
    Attachment.objects.filter(pk=held.pk).update(shown_path=copy)
    assert [f.reason for f in verify(files=False).broken] == ["pictures"]
    Attachment.objects.filter(pk=held.pk).update(shown_path="../outside.jpg")
    assert [f.reason for f in verify().broken] == ["pictures"]


def test_the_original_goes_in_its_time_and_the_books_stay_whole(pictured: Attachment, act_as: ActAs) -> None:
    work()
    path = pictured.path
    assert masking.discard() == 0
    type(pictured.matter).objects.filter(pk=pictured.matter_id).update(
        state="closed", closed_at=timezone.now() - timedelta(days=200)
    )
    assert masking.discard() == 1
    held = again(pictured)
    assert not held.path
    assert not default_storage.exists(path)
    assert body(showing.served(act_as("grid"), held)) == default_storage.open(held.shown_path).read()
    said = Entry.objects.get(matter=held.matter, act="discard")
    assert said.data["picture"] == held.sha256
    found = {finding.reason for finding in verify().broken}
    assert found <= {"row.state", "row.closed_at"}  # what this test itself changed by hand; the picture holds


def test_a_picture_that_the_detector_cannot_read_stays_covered(
    pictured: Attachment, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    default_storage.delete(pictured.path)
    default_storage.save(pictured.path, SimpleUploadedFile("x", b"no picture"))
    work()
    assert not again(pictured).shown_path
    assert Outbox.objects.get(topic="mask").done_at is None
    assert "照片处理中" in body(showing.served(act_as("community"), again(pictured))).decode()


def test_no_web_process_loads_the_detector(client: Client, town: Town) -> None:
    assert client.get("/open/").status_code == 200
    code = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE']='linli.config.settings'; import django; django.setup();"
        "import linli.config.urls, linli.config.worker, sys; sys.exit('cv2' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, env={"LINLI_DEMO": "1", "PATH": ""}).returncode == 0
    )


def test_what_an_iphone_writes_is_taken_upright_and_without_where() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    image, exif, out = street(), Image.Exif(), BytesIO()
    exif[0x0110] = "Phone"
    image.save(out, "HEIF", exif=exif, quality=80)
    made = reencode(out.getvalue())
    assert made.mime == "image/jpeg"
    assert (made.width, made.height) == (640, 480)
    assert not Image.open(BytesIO(made.data)).getexif()
