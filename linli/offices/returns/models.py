"""What came back, and the change of a rule that a repeated return asks for."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import Matter, Rule
from linli.core.people.models import Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key

WAITING = ("noticed", "proposed")


class Returned(models.Model):
    """One return 退单: which matter, by whom, why, and who should have had it. Written by the worker, once an entry."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=24)
    category = models.CharField(max_length=8, blank=True, default="")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)  # the community
    scope_path = PathField()
    by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    suggest = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=24)
    at = models.DateTimeField()
    source = models.UUIDField()  # the outbox row it came with: a redelivery adds none

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "source"], name="returned_once")]
        indexes = [
            models.Index(fields=["district", "scope_path", "-at"], name="returned_scope"),
            models.Index(fields=["district", "kind", "category", "scope_path", "suggest"], name="returned_alike"),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.reason}"


class Proposal(models.Model):
    """A change of the dispatch rules that returns ask for: what looks like this, from here, goes there from now on.

    The machine notices, a desk proposes, the administrator accepts (which writes the rule) or refuses with a reason.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    kind = models.CharField(max_length=24)
    category = models.CharField(max_length=8, blank=True, default="")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    to = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(
        max_length=10,
        choices=[
            ("noticed", _("机器看出来的")),
            ("proposed", _("等管理员定")),
            ("accepted", _("改了规则")),
            ("refused", _("不改")),
        ],
        default="noticed",
    )
    at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=500, blank=True, default="")  # the desk's, with the proposal
    decided_by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "kind", "category", "scope_path", "to"],
                name="proposal_one_waiting",
                condition=models.Q(state__in=WAITING),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["noticed", "proposed", "accepted", "refused"]),
                name="proposal_state_known",
            ),
        ]
        indexes = [models.Index(fields=["district", "state", "-id"], name="proposal_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.category} → {self.to_id}"
