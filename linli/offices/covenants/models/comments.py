"""What residents say about a text: word for word, by receipt, each with its answer; who agrees is only counted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.core.matters.said import Said, whole
from linli.core.people.models import User
from linli.core.people.once import OneVoice
from linli.core.places.models import District
from linli.kit.fields import key
from linli.offices.covenants.models.covenant import Covenant


class Outcome(models.TextChoices):
    """What became of a comment."""

    WAITING = "waiting", _("还没回")
    TAKEN = "taken", _("采纳")
    PARTLY = "partly", _("部分采纳")
    NOT = "not", _("没采纳")
    NOTED = "noted", _("说明")  # a question or a word of thanks: nothing to take over


class Comment(Said):
    """One comment on one article of one version, or on the whole (``article`` empty).

    ``author`` is an account, or nobody: then the receipt alone leads back. ``helper`` says who wrote it down for
    somebody who could not; ``recorded_by`` is that one's account, where there is one.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    covenant = models.ForeignKey(Covenant, on_delete=models.PROTECT, related_name="comments", db_index=False)
    number = models.PositiveSmallIntegerField()  # the version that was read
    article = models.CharField(max_length=12, blank=True, default="")  # its key
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    helper = models.CharField(max_length=60, blank=True, default="")
    receipt_hash = models.CharField(max_length=64)
    retry = models.CharField(max_length=120)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)  # the last answer's
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="covenant_comment_in_district"),
            models.UniqueConstraint(fields=["district", "retry"], name="covenant_comment_once"),
            models.UniqueConstraint(fields=["district", "receipt_hash"], name="covenant_comment_receipt"),
            whole("covenant_comment_whole"),
        ]
        indexes = [
            models.Index(fields=["district", "covenant", "-at", "-id"], name="covenant_comment_list"),
            models.Index(fields=["district", "covenant", "outcome"], name="covenant_comment_outcome"),
            models.Index(fields=["district", "author", "-id"], name="covenant_comment_author"),
        ]

    def __str__(self) -> str:
        return self.text


class Answer(models.Model):
    """What became of a comment, and why. A later answer is added; the last one counts, and all can be read."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="answers", db_index=False)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    number = models.PositiveSmallIntegerField(default=0)  # the version that took it over
    text = models.CharField(max_length=500)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outcome__in=["taken", "partly"]) | models.Q(number__gt=0), name="answer_in_version"
            ),
            models.CheckConstraint(condition=~models.Q(outcome="waiting"), name="answer_says_something"),
        ]
        indexes = [models.Index(fields=["district", "comment", "id"], name="covenant_answer")]

    def __str__(self) -> str:
        return self.text


class Support(OneVoice):
    """Somebody says the same as a comment. It counts once and names nobody."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="+", db_index=False)

    about, purpose = "comment", "covenant-mark"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "comment", "mark"], name="covenant_support_once")]


class Follow(models.Model):
    """An account that wants to be told when something happens to a covenant."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    covenant = models.ForeignKey(Covenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "covenant", "user"], name="covenant_follow_once")]

    def __str__(self) -> str:
        return str(self.covenant_id)
