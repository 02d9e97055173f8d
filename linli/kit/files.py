"""Pictures on disk: taken in re-encoded, kept under a name that says nothing, served only through permission."""

from __future__ import annotations

import contextlib
import hashlib
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.kit import crypto
from linli.kit.ids import new_id
from linli.kit.models import Upload
from linli.kit.refusal import Invalid, NotFound, Refused

MOST_BYTES = 10 * 1024 * 1024
MOST_PICTURES = 9
_NOBODY = "@"  # before the hash of an address
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}


class UnsupportedMedia(Refused):
    """Not a picture that we can take."""

    status = 415
    code = "unsupported"


class TooLarge(UnsupportedMedia):
    """Over ``MOST_BYTES``: like anything else that is no picture of ours, 415."""

    code = "too_large"


def take(file: UploadedFile[bytes], *, owner: str) -> Upload:
    """Re-encode and keep one picture. Raises TooLarge or UnsupportedMedia with words for the phone's owner."""
    from linli.kit.images import UnsupportedImage, reencode  # Pillow is heavy: a process that never uploads skips it

    if (file.size or 0) > MOST_BYTES:
        raise TooLarge(_("照片太大了，最多 10 MB。请选小一点的，或用微信压缩后再传。"))
    try:
        made = reencode(file.read())
    except UnsupportedImage as error:
        raise UnsupportedMedia(str(error)) from error
    key = new_id()
    name = f"{timezone.localdate():%Y/%m/%d}/{key.hex}.{_SUFFIX.get(made.mime, 'bin')}"
    saved = keep(name, made.data)
    return Upload.objects.create(
        id=key, owner_hash=owner, sha256=hashlib.sha256(made.data).hexdigest(), mime=made.mime, size=len(made.data),
        width=made.width, height=made.height, path=saved,
    )  # fmt: skip


def keep(name: str, data: bytes) -> str:
    """Put a new file into the storage, whole or not at all; the name that it got."""
    name = default_storage.get_available_name(name)  # what stands under the first one is not ours to take away
    try:
        return default_storage.save(name, ContentFile(data))
    except OSError:
        with contextlib.suppress(OSError):  # a disk that became full left a beginning; one that is only read did not
            default_storage.delete(name)
        raise


def owner(account: uuid.UUID | None, address: str = "") -> str:
    """How an upload remembers who sent it: an account, or without one an address."""
    if account is not None:
        return crypto.hash_secret(str(account), "uploader")
    return f"{_NOBODY}{crypto.hash_secret(address, 'uploader')}"[:64]


def waiting(ids: list[str], *accounts: uuid.UUID | None) -> list[Upload]:
    """Uploads by id that no matter has taken yet. Raises Invalid for an unknown, a used, or another account's one.

    Whoever acts with a receipt acts without an account and may be signed in all the same: both are asked for.
    What was sent without an account goes with whoever knows its id: a phone changes its address between two pages,
    and somebody may sign in between them.
    """
    if not ids:
        return []
    if len(ids) > MOST_PICTURES:
        raise Invalid(_("一次最多 %d 张照片。") % MOST_PICTURES, fields={"attachments": _("太多了。")})
    there = Upload.objects.filter(pk__in=[i for i in ids if _is_uuid(i)], used_at=None)
    mine = {owner(account) for account in accounts if account is not None}
    found = {str(u.pk): u for u in there if u.owner_hash in mine or u.owner_hash.startswith(_NOBODY)}
    missing = [i for i in ids if i not in found]
    if missing:
        raise Invalid(_("有照片没传上来，请再传一次。"), fields={"attachments": _("没有找到：%s") % missing[0]})
    return [found[i] for i in dict.fromkeys(ids)]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def used(uploads: list[Upload]) -> None:
    """Mark them as belonging to a matter now."""
    if uploads:
        Upload.objects.filter(pk__in=[u.pk for u in uploads]).update(used_at=timezone.now())


def purge(*, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete uploads that nobody used within a day, with their files."""
    old = list(Upload.objects.filter(used_at=None, at__lt=timezone.now() - older_than)[:500])
    kept = {pk for in_use in _in_use for pk in in_use([upload.pk for upload in old])}
    used([upload for upload in old if upload.pk in kept])
    for upload in old:
        # The row first: who takes a picture at this very moment finds it gone, or keeps it with its file.
        if Upload.objects.filter(pk=upload.pk, used_at=None).delete()[0]:
            default_storage.delete(upload.path)
    return len(old)


InUse = Callable[[list[uuid.UUID]], Iterable[uuid.UUID]]
_in_use: list[InUse] = []


def keeps(in_use: InUse) -> None:
    """A room says which uploads it holds: one whose act was killed before it was marked must not lose its file."""
    if in_use not in _in_use:
        _in_use.append(in_use)


def serve(path: str, mime: str) -> HttpResponseBase:
    """A stored picture, as a picture and nothing else; never kept by shared caches."""
    if not default_storage.exists(path):
        raise NotFound(_("没有找到这张照片。"))
    response = FileResponse(default_storage.open(path), content_type=mime)
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
