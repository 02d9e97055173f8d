"""The covenant, its versions (only ever added), the votes on them, and what happened to it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.decisions.models import Question
from linli.core.matters.models import Matter
from linli.core.people.models import Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key
from linli.offices.covenants.text import Text, of_json


class Kind(models.TextChoices):
    """What sort of covenant. Only 管理规约 is the owners' own by law (Civil Code 278 (2)) and voted on by them."""

    RESIDENTS = "residents", _("居民公约")
    QUARTER = "quarter", _("小区公约")
    COURTYARD = "courtyard", _("楼院公约")
    SPECIAL = "special", _("专项公约")  # dogs, charging, parking, the corridor
    RITES = "rites", _("红白理事会章程")
    MANAGEMENT = "management", _("管理规约")


class State(models.TextChoices):
    """What the newest text waits for; whether an older one is in force meanwhile is the passages' to say."""

    DRAFT = "draft", _("起草")
    COMMENT = "comment", _("征求意见")
    VOTING = "voting", _("表决中")
    SETTLED = "settled", _("已定")
    ENDED = "ended", _("已废止")


class Covenant(models.Model):
    """A covenant of a place. ``matter`` is the topic on whose timeline every version's digest stands.

    ``newest`` is the last version written, ``shown`` the last one that everybody may read (all before it, too).
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    number = models.CharField(max_length=24)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=40)
    purpose = models.CharField(max_length=300, blank=True, default="")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    host = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    newest = models.PositiveSmallIntegerField(default=0)
    shown = models.PositiveSmallIntegerField(default=0)
    opens_on = models.DateField(null=True, blank=True)  # of the round that is on, or was last
    closes_on = models.DateField(null=True, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retry = models.CharField(max_length=120)
    made_at = models.DateTimeField(default=timezone.now)
    ended_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)  # of the row, for pages that are older than it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="covenant_in_district"),
            models.UniqueConstraint(fields=["district", "number"], name="covenant_number_once"),
            models.UniqueConstraint(fields=["district", "retry"], name="covenant_once"),
            models.CheckConstraint(
                condition=models.Q(shown__lte=models.F("newest")), name="covenant_shown_is_written"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="comment") | models.Q(opens_on__isnull=False, closes_on__isnull=False),
                name="covenant_comment_dates",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district", "scope_path", "-id"], name="covenant_scope"),
            models.Index(fields=["district", "state", "-made_at"], name="covenant_state"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def takes_words(self, today: date) -> bool:
        """Whether comments are taken today."""
        return self.state == State.COMMENT and bool(
            self.opens_on and self.closes_on and self.opens_on <= today <= self.closes_on
        )


class Version(models.Model):
    """One version of the text. Never changed; its digest takes in the one before and stands in the sealed ledger."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    covenant = models.ForeignKey(Covenant, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=40)
    text = models.JSONField()  # text.as_json
    why = models.CharField(max_length=300, blank=True, default="")
    previous = models.CharField(max_length=64, blank=True, default="")
    digest = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "covenant", "number"], name="covenant_version_once")]

    def __str__(self) -> str:
        return f"{self.covenant_id} v{self.number}"

    @cached_property
    def said(self) -> Text:
        return of_json(self.text)


class Passage(models.Model):
    """A version put to the vote, and since when it holds. ``until`` is the day on which another took its place.

    ``cautions`` are the words that look like fines and the like, ``why`` says why they may stand and ``by`` who read
    them. A covenant of residents is filed with the street after it was adopted (备案).
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    covenant = models.ForeignKey(Covenant, on_delete=models.PROTECT, related_name="passages", db_index=False)
    number = models.PositiveSmallIntegerField()  # the version's
    digest = models.CharField(max_length=64)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    cautions = models.JSONField(default=list)
    why = models.CharField(max_length=300, blank=True, default="")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    since = models.DateField()  # as asked; once adopted, never before the day of the outcome
    until = models.DateField(null=True, blank=True)
    review_on = models.DateField()
    outcome = models.CharField(
        max_length=10,
        choices=[("", _("表决中")), ("adopted", _("通过")), ("rejected", _("没通过")), ("no_quorum", _("人数不够")),
                 ("tie", _("票数一样")),                 ("withdrawn", _("表决撤回"))],
        blank=True, default="",
    )  # fmt: skip
    settled_at = models.DateTimeField(null=True, blank=True)
    filed_on = models.DateField(null=True, blank=True)
    filed_with = models.CharField(max_length=80, blank=True, default="")
    filed_as = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "question"], name="passage_question_once"),
            models.UniqueConstraint(
                fields=["district", "covenant"], name="passage_open_once", condition=models.Q(outcome="")
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="") | models.Q(settled_at__isnull=False), name="passage_settled"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "covenant", "outcome", "since"], name="passage_in_force"),
            # The worker's question: which votes are still waited for?
            models.Index(fields=["id"], name="passage_waiting", condition=models.Q(outcome="")),
        ]

    def __str__(self) -> str:
        return f"{self.covenant_id} v{self.number} {self.outcome}"

    def holds(self, today: date) -> bool:
        return self.outcome == "adopted" and self.since <= today and (self.until is None or today < self.until)


class Event(models.Model):
    """Something that happened to a covenant, in one sentence. Only ever added."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    covenant = models.ForeignKey(Covenant, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    act = models.CharField(max_length=10)  # words.ACTS
    number = models.PositiveSmallIntegerField(default=0)  # the version that it is about
    text = models.CharField(max_length=500, blank=True, default="")
    data: Any = models.JSONField(default=dict)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "covenant", "seq"], name="covenant_event_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.act}"
