"""The sitting itself: when and where, who is asked to come, and what is on the agenda."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from linli.core.gatherings.models.kind import GatheringKind, Room, Series
from linli.core.matters.models import Matter
from linli.core.people.models import Organisation, Person, Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class GatheringState(models.TextChoices):
    """What a gathering waits for."""

    DRAFT = "draft", _("筹备")
    CALLED = "called", _("已通知")  # invitations are out
    SITTING = "sitting", _("开会中")
    ENDED = "ended", _("已散会")  # minutes are still owed
    MINUTED = "minuted", _("纪要已公布")
    CANCELLED = "cancelled", _("已取消")
    LAPSED = "lapsed", _("没有开成")


HOLDING = ("draft", "called", "sitting")  # these hold their room


class Gathering(models.Model):
    """People who come together at a time and a place. ``waived`` says why the notice period was not kept."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    number = models.CharField(max_length=24)
    kind = models.ForeignKey(GatheringKind, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    public = models.BooleanField(default=True)  # as its kind says: anybody may see it once it is called
    title = models.CharField(max_length=80)
    text = models.TextField(blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    where = models.CharField(max_length=120, blank=True, default="")  # where no room is booked
    host = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=GatheringState.choices, default=GatheringState.DRAFT)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    called_at = models.DateTimeField(null=True, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    waived = models.CharField(max_length=300, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")  # of a cancellation
    brief = models.JSONField(default=dict, blank=True)  # what a sitting is pre-filled with (figures of a period)
    secret = models.CharField(max_length=64)  # of the host's rotating code; never leaves the server
    version = models.PositiveIntegerField(default=1)
    revision = models.PositiveIntegerField(default=0)  # of what a calendar shows, once people were asked
    changed_at = models.DateTimeField(default=timezone.now)
    step = models.CharField(max_length=8, blank=True, default="")  # what the worker does next (stepping.py)
    step_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="gathering_in_district"),
            models.UniqueConstraint(fields=["district", "number"], name="gathering_number_once"),
            models.UniqueConstraint(
                fields=["district", "series", "starts_at"], name="gathering_in_series_once",
                condition=models.Q(series__isnull=False),
            ),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="gathering_ends_later"),
            models.CheckConstraint(condition=models.Q(state__in=GatheringState.values), name="gathering_state_known"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district", "scope_path", "-starts_at"], name="gathering_scope"),
            models.Index(fields=["district", "-starts_at"], name="gathering_days"),
            models.Index(fields=["district", "room", "starts_at"], name="gathering_room"),
            # The worker's question: about which sittings is something to be done?
            models.Index(fields=["step_at"], name="gathering_step", condition=models.Q(step_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Invitation(models.Model):
    """Somebody is asked to come: a post, a person, or an organisation. ``receipt_hash`` answers for a paper slip."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    gathering = models.ForeignKey(Gathering, on_delete=models.PROTECT, related_name="invitations", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    label = models.CharField(max_length=80)
    observer = models.BooleanField(default=False)  # invited without counting towards the quorum (列席)
    receipt_hash = models.CharField(max_length=64)
    answer = models.CharField(
        max_length=10,
        choices=[("", _("没有回复")), ("yes", _("来")), ("no", _("来不了")), ("substitute", _("派人来"))],
        blank=True,
        default="",
    )
    substitute = models.CharField(max_length=60, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "gathering", "post"], name="invited_post_once",
                condition=models.Q(post__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["district", "gathering", "person"], name="invited_person_once",
                condition=models.Q(person__isnull=False, post__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["district", "gathering", "organisation"], name="invited_organisation_once",
                condition=models.Q(organisation__isnull=False, post__isnull=True),
            ),
            models.UniqueConstraint(fields=["district", "receipt_hash"], name="invitation_receipt_once"),
            models.CheckConstraint(
                condition=models.Q(post__isnull=False) | models.Q(person__isnull=False) |
                models.Q(organisation__isnull=False),
                name="invited_somebody",
            ),
        ]  # fmt: skip
        indexes = [
            # Mine: what am I asked to come to?
            models.Index(fields=["district", "post", "-id"], name="invitation_post"),
            models.Index(fields=["district", "person", "-id"], name="invitation_person"),
        ]

    def __str__(self) -> str:
        return self.label


class ItemState(models.TextChoices):
    """What became of a point of the agenda."""

    LISTED = "listed", _("待议")
    DISCUSSED = "discussed", pgettext_lazy("item", "议过")
    POSTPONED = "postponed", _("下次再议")
    WITHDRAWN = "withdrawn", _("撤下")


class AgendaItem(models.Model):
    """A point of the agenda: a topic (a matter), or a heading where the kind needs none."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    gathering = models.ForeignKey(Gathering, on_delete=models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField()
    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    title = models.CharField(max_length=80)
    minutes = models.PositiveSmallIntegerField(default=0)  # allotted; 0: as long as it takes
    presenter = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.LISTED)
    procedure = models.CharField(max_length=24, blank=True, default="")  # a class of the kind (五事)
    outcome = models.CharField(max_length=24, blank=True, default="")  # one of the kind's outcomes
    text = models.TextField(blank=True, default="")  # what was said and settled
    discussed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "gathering", "position"], name="item_position_once"),
            models.UniqueConstraint(
                fields=["district", "gathering", "matter"], name="item_matter_once",
                condition=models.Q(matter__isnull=False),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="discussed") | ~models.Q(outcome=""), name="item_discussed_outcome"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["district", "matter"], name="item_matter")]

    def __str__(self) -> str:
        return f"{self.position} {self.title}"


class Recusal(models.Model):
    """Somebody with an interest in a point keeps out of it (回避): not counted for it, says nothing to its outcome."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="recusals", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    label = models.CharField(max_length=80)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "item", "person"], name="recused_once")]

    def __str__(self) -> str:
        return self.label
