"""What was said, word for word; the groups that a person made of it; every way that a sentence went."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import Matter
from linli.core.matters.said import Said, whole
from linli.core.people.models import User
from linli.core.places.models import District, Place
from linli.kit import chain
from linli.kit.fields import key
from linli.offices.opinions.models.rounds import Round


class Group(models.Model):
    """What a person found to say the same, under a title in plain words. Merged, it stays and says where to."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="groups", db_index=False)
    title = models.CharField(max_length=60)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    matter_at = models.DateTimeField(null=True, blank=True)
    n: int  # how many sentences lie in it, where groups are listed
    told_at = models.DateTimeField(null=True, blank=True)  # the speakers were told how the matter ended

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(matter=None), name="opinion_group_one_end"
            )
        ]
        indexes = [
            models.Index(fields=["district", "round", "id"], name="opinion_group_round"),
            models.Index(
                fields=["matter_at"], name="opinion_group_untold",
                condition=models.Q(matter__isnull=False, told_at=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


NAMELESS: Final = {"name": "", "helper": "", "names_salt": ""}  # what forgetting leaves; the digest stays


def left(name: str, helper: str) -> dict[str, str]:
    """The fields of a row with the names that somebody left, or with none."""
    if not name and not helper:
        return {**NAMELESS, "names_digest": ""}
    salt = chain.new_salt()
    digest = chain.digest(salt, "", {"name": name, "helper": helper})
    return {"name": name, "helper": helper, "names_salt": salt, "names_digest": digest}


class Opinion(Said):
    """What one person said, as it was said. No action changes ``text``; a correction stands beside it.

    Asked for by the speaker, the words go and the row stays (``actions/erasing.py``). It knows the building and never
    the door. ``author`` is an account or nobody: then the receipt alone leads back. ``by`` names who wrote it down,
    for the speaker to know; nothing counts by it.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="opinions", db_index=False)
    building = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    question = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=40, blank=True, default="")
    helper = models.CharField(max_length=60, blank=True, default="")
    # Of both, salted by itself: they go before the words do, and then nothing is left to try names against.
    names_digest = models.CharField(max_length=64, blank=True, default="")
    names_salt = models.CharField(max_length=32, blank=True, default="")
    quiet = models.BooleanField(default=False)  # not to be quoted in public
    via = models.CharField(max_length=4, choices=[("door", _("上门记的")), ("self", _("自己写的"))])
    by = models.CharField(max_length=80, blank=True, default="")
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    receipt_hash = models.CharField(max_length=64)
    retry = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    correction = models.CharField(max_length=500, blank=True, default="")
    reply = models.CharField(max_length=1000, blank=True, default="")
    replied_by = models.CharField(max_length=80, blank=True, default="")
    replied_at = models.DateTimeField(null=True, blank=True)
    group = models.ForeignKey(
        Group, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "retry"], name="opinion_said_once"),
            models.UniqueConstraint(fields=["district", "receipt_hash"], name="opinion_said_receipt"),
            models.CheckConstraint(condition=models.Q(via__in=["door", "self"]), name="opinion_said_via"),
            whole("opinion_said_whole"),
        ]
        indexes = [
            models.Index(fields=["district", "round", "-at", "-id"], name="opinion_said_newest"),
            models.Index(fields=["district", "round", "group"], name="opinion_said_group"),
            models.Index(
                fields=["district", "author", "-id"], name="opinion_said_author",
                condition=models.Q(author__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text


class Move(models.Model):
    """One opinion went from one group (or none) to another (or none). Rows are added, never changed."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    opinion = models.ForeignKey(Opinion, on_delete=models.PROTECT, related_name="moves", db_index=False)
    source = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    target = models.ForeignKey(Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["district", "opinion", "id"], name="opinion_move_order")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.target_id}"


class Hint(models.Model):
    """The machine finds an opinion like others (``cluster``) or like a group. A person confirms it, or refuses it."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+", db_index=False)
    opinion = models.ForeignKey(Opinion, on_delete=models.CASCADE, related_name="+", db_index=False)
    cluster = models.UUIDField()
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    percent = models.PositiveSmallIntegerField()
    refused = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "opinion"], name="opinion_hint_once")]
        indexes = [models.Index(fields=["district", "round", "refused", "cluster"], name="opinion_hint_round")]

    def __str__(self) -> str:
        return f"{self.cluster} {self.percent}"
