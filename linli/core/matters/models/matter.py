"""The matter itself and what belongs to it."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models.catalogue import Policy, Urgency
from linli.core.people.models import Post, User
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key

# What stands in a matter whose words were lawfully erased. Compared by ``verify``, so never translated.
ERASED_TITLE: Final = "（内容已依法抹去）"
ERASED_TEXT: Final = "这件事的文字已依法抹去，办理经过保留。"


class State(models.TextChoices):
    """What a matter waits for (flow.py)."""

    OPEN = "open", _("待受理")
    DISPATCHED = "dispatched", _("已派单")
    ACCEPTED = "accepted", _("已接单")
    IN_PROGRESS = "in_progress", _("办理中")
    PAUSED = "paused", _("已暂停")
    RESOLVED = "resolved", _("待核查")
    VERIFIED = "verified", _("待评价")
    CONTESTED = "contested", _("有异议")
    CLOSED = "closed", _("已销号")
    DECLINING = "declining", _("拟不受理")
    DECLINED = "declined", _("不予受理")
    MERGED = "merged", _("已并案")


ENDED = (State.CLOSED, State.DECLINED, State.MERGED)
_NOT_ENDED = ~models.Q(state__in=[s.value for s in ENDED])


class Matter(models.Model):
    """Something that somebody asked for and somebody must answer.

    Places stand three times: ``place`` and ``opened_path`` are history, ``scope_path`` with ``street_id``,
    ``community_id`` and ``cell_id`` is who may see it today. ``clocks`` repeats the clock rows in short, so that a
    list is one query; the rows serve the sweep. ``seq`` and ``head`` are the end of the timeline's chain.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    number = models.CharField(max_length=24)
    receipt_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=24)
    category = models.CharField(max_length=8, blank=True, default="")
    urgency = models.CharField(max_length=12, choices=Urgency.choices, default=Urgency.ORDINARY)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    title = models.CharField(max_length=60)
    text = models.TextField()
    channel = models.CharField(max_length=24)
    anonymous = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    opened_path = PathField()
    scope_path = PathField()
    street = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    community = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    cell = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    handler = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    first = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    resolver = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    resolver_person = models.UUIDField(null=True, blank=True)
    verifier = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    verifier_person = models.UUIDField(null=True, blank=True)
    decliner_person = models.UUIDField(null=True, blank=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+", db_index=False)
    clocks = models.JSONField(default=list)
    next_due = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    acted_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=24, blank=True, default="")
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)
    rated_round = models.PositiveSmallIntegerField(default=0)  # the verified round that the score is about
    rounds = models.PositiveSmallIntegerField(default=1)  # grows with each contest or reopening
    before = models.CharField(max_length=12, blank=True, default="")  # state to go back to (pause, merge)
    # How it stood when it was imported from an older system's books ("open", "closed"); empty for one of our own.
    imported = models.CharField(max_length=6, blank=True, default="")
    job = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="members")
    households = models.PositiveIntegerField(default=1)  # who said the same: five or more make it collective
    calls_open = models.PositiveSmallIntegerField(default=0)
    suggestion = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    seq = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, default="")
    sealed_seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="matter_in_district"),
            models.UniqueConstraint(fields=["district", "number"], name="matter_number_once"),
            models.UniqueConstraint(fields=["district", "receipt_hash"], name="matter_receipt_once"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="matter_state_known"),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=1, score__lte=5), name="matter_score"
            ),
        ]
        indexes = [
            # Newest first inside a scope: the lists of grid, community and street; live ones apart from all.
            models.Index(fields=["district", "cell", "-id"], name="matter_cell"),
            models.Index(fields=["district", "community", "-id"], name="matter_community"),
            models.Index(fields=["district", "street", "-id"], name="matter_street"),
            models.Index(fields=["district", "community", "-id"], name="matter_community_live", condition=_NOT_ENDED),
            models.Index(fields=["district", "street", "-id"], name="matter_street_live", condition=_NOT_ENDED),
            models.Index(fields=["district", "-id"], name="matter_live", condition=_NOT_ENDED),
            models.Index(fields=["district", "state", "-id"], name="matter_state_live", condition=_NOT_ENDED),
            models.Index(fields=["district", "handler", "-id"], name="matter_handler_live", condition=_NOT_ENDED),
            # "Mine" of all times, and what has ended where so much is live that it would have to be passed over.
            models.Index(fields=["district", "handler", "-id"], name="matter_handler"),
            models.Index(fields=["district", "-id"], name="matter_ended", condition=~_NOT_ENDED),
            models.Index(fields=["district", "street", "-id"], name="matter_street_ended", condition=~_NOT_ENDED),
            models.Index(fields=["district", "scope_path"], name="matter_scope"),
            # What I wrote down for others (a rider's own list).
            models.Index(
                fields=["district", "recorded_by", "-opened_at"],
                name="matter_recorded",
                condition=models.Q(recorded_by__isnull=False),
            ),
            models.Index(fields=["district", "opened_at"], name="matter_opened"),
            # 重点任务清单: a district's own orders of one kind are few among its matters.
            models.Index(fields=["district", "kind", "-id"], name="matter_kind"),
            # Overdue and soon due, worst first.
            models.Index(
                fields=["district", "next_due"], name="matter_due", condition=models.Q(next_due__isnull=False)
            ),
            # What the next seal has to take in.
            models.Index(
                fields=["district", "id"],
                name="matter_unsealed",
                condition=models.Q(sealed_seq__lt=models.F("seq")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Contact(models.Model):
    """How to reach the reporter: sealed, masked by default, every look logged (``Reveal``)."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="contact")
    name = models.BinaryField(null=True, blank=True)
    phone = models.BinaryField(null=True, blank=True)
    phone_index = models.CharField(max_length=64, blank=True, default="")
    mask = models.CharField(max_length=40, blank=True, default="")  # 孙** 138****5678
    salt = models.CharField(max_length=32, blank=True, default="")  # of the digest that the timeline holds
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["district", "phone_index"], name="contact_phone")]

    def __str__(self) -> str:
        return self.mask


class Reveal(models.Model):
    """Somebody looked at a reporter's contact; the reporter can read this."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="reveals")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    reader = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.reader} {self.at}"


class Attachment(models.Model):
    """A picture of a matter: what the reporter showed, or evidence of what was done."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="attachments")
    seq = models.PositiveIntegerField()  # the timeline entry that brought it
    sha256 = models.CharField(max_length=64)  # stands in the entry's data, so the chain holds the picture too
    mime = models.CharField(max_length=32)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    path = models.CharField(max_length=120)  # the original; empty once its time was over
    # What everybody but the handler sees: faces and plates covered. Empty until the worker has looked at it.
    shown_path = models.CharField(max_length=120, blank=True, default="")
    shown_sha256 = models.CharField(max_length=64, blank=True, default="")
    covered = models.JSONField(default=list)  # boxes drawn by hand, in parts of one: [[x, y, w, h] …]
    hidden = models.BooleanField(default=False)  # kept from everybody but reporter and handler
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["district", "matter", "seq"], name="attachment_entry"),
            # Originals whose time may be over.
            models.Index(
                fields=["at"], name="attachment_kept", condition=~models.Q(path="") & ~models.Q(shown_path="")
            ),
        ]

    def __str__(self) -> str:
        return self.path


class Link(models.Model):
    """A typed link between two matters: merged_into, split_from, matched_to, fulfils, called_by, decided_by."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    source = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="links_in")
    type = models.CharField(max_length=16)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "source", "target", "type"],
                name="link_once",
                condition=models.Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.type} {self.target_id}"


class Involvement(models.Model):
    """A unit that was ever given, called to or told to supervise a matter: it may see this one, and only this one."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", db_index=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="involvements", db_index=False)
    how = models.CharField(max_length=10)  # handler, call, asked (a department's own task)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "post", "matter"], name="involved_once")]
        indexes = [models.Index(fields=["district", "matter"], name="involved_matter")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.matter_id}"
