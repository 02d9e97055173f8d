"""The roll: who may vote, with how much, frozen and hashed when the question opens."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.core.decisions.models.question import Question
from linli.core.people.models import Organisation, Person, Post, User
from linli.core.places.models import District
from linli.kit.fields import PathField, key


class RollEntry(models.Model):
    """One voice: an owner with all that is theirs, the co-owners of a unit together, a household, a post.

    ``heads`` is 1 always but for imports; ``salt`` makes the entry's line in the published roll say nothing by itself.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="roll", db_index=False)
    seq = models.PositiveIntegerField()
    label = models.CharField(max_length=120)  # as the household knows itself: 3 号楼 2 单元 501
    holder = models.CharField(max_length=60, blank=True, default="")  # masked
    place_path = PathField(blank=True, default="")  # building or unit, for turnout by building
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    heads = models.PositiveSmallIntegerField(default=1)
    area_m2 = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    units = models.JSONField(default=list)  # ids of the dwellings behind it
    state = models.CharField(
        max_length=8,
        choices=[("voting", _("可投票")), ("recused", _("回避")), ("removed", _("除名"))],
        default="voting",
    )
    reason = models.CharField(max_length=200, blank=True, default="")
    salt = models.CharField(max_length=32)
    slip_hash = models.CharField(max_length=64, blank=True, default="")  # of the code on the printed invitation

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="roll_entry_in_district"),
            models.UniqueConstraint(fields=["district", "question", "seq"], name="roll_seq_once"),
            models.UniqueConstraint(
                fields=["district", "question", "slip_hash"], name="roll_slip_once", condition=~models.Q(slip_hash="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.label}"


class Member(models.Model):
    """A person who may speak for a roll entry: the owner, each co-owner, each adult of the household.

    Of a roll of those present it may be an account instead: whoever signed in with the room's code and is in no file.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+", db_index=False)
    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="members", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "entry", "person"], name="member_once"),
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | models.Q(user__isnull=False), name="member_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "person", "question"], name="member_person"),
            models.Index(
                fields=["district", "user", "question"], name="member_user", condition=models.Q(user__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry_id)


class Proxy(models.Model):
    """One entry votes for another on paper that somebody checked; the giver's own ballot always goes before it."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="proxies", db_index=False)
    giver = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="given")
    holder = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="held")
    evidence = models.CharField(max_length=200)  # what paper, seen by whom
    recorded_by = models.CharField(max_length=80)
    at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "question", "giver"], name="proxy_once", condition=models.Q(revoked_at=None)
            ),
            models.CheckConstraint(condition=~models.Q(giver=models.F("holder")), name="proxy_other"),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} → {self.holder_id}"
