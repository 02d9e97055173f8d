"""What the resident's pages are tested with: a matter said on the form, a process that is warm, pictures."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from linli.core.matters.models import Matter
from linli.core.people import actor as actors
from linli.kit import memory
from tests.cast import Town

WORDS = "楼道灯坏了。晚上看不见。"
KEY = "0123456789abcdef0123456789abcdef"


def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configuration and actors are kept in memory, as in a process that has answered before."""
    monkeypatch.setattr(memory, "CHECK_SECONDS", 60.0)
    monkeypatch.setattr(actors, "_KEEP_SECONDS", 60.0)


def sign_in(client: Client, name: str) -> None:
    client.post("/login/", {"username": name, "password": "linli-demo"})


def form(town: Town, **more: Any) -> dict[str, Any]:
    """A filled-in form: the resident's own stairs unless told otherwise."""
    return {"text": WORDS, "key": KEY, "kind": "appeal", "way": "known", "place": town.places["unit"].code, **more}


def say(client: Client, town: Town, **more: Any) -> tuple[Matter, str]:
    """Say something on the form, and read the receipt off the page that follows."""
    done = client.post("/say/", form(town, **more))
    assert done.status_code == 302, done.content.decode()
    html = client.get(done["Location"]).content.decode()
    return Matter.objects.latest("opened_at"), receipt_in(html)


def receipt_in(html: str) -> str:
    found = re.search(r'data-copy="([0-9A-Z-]{24})"', html)
    return found[1] if found else ""


def picture(name: str = "a.jpg", colour: str = "red") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")
