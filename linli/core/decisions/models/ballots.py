"""Ballots: envelopes that know who and not what, slips and counted ballots that know what and not who."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.core.decisions.models.question import Question
from linli.core.decisions.models.roll import RollEntry
from linli.core.people.models import User
from linli.core.places.models import District
from linli.kit.fields import key


class Teller(models.Model):
    """One of two who hold the keys of a secret vote: the private key lies here under a passphrase that they know."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="tellers", db_index=False)
    position = models.PositiveSmallIntegerField()  # 1 opens the outer envelope, 2 the inner
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    public = models.BinaryField()
    private = models.BinaryField(null=True, blank=True)  # gone once it has done its work

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "question", "position"], name="teller_once"),
            models.UniqueConstraint(fields=["district", "question", "user"], name="teller_two_persons"),
        ]

    def __str__(self) -> str:
        return self.name


class Envelope(models.Model):
    """That a ballot was taken for a roll entry. A later one supersedes it; an upheld objection annuls it.

    ``sealed`` is the ballot under both tellers' keys until it is stripped, then empty; ``choice`` is set in open votes
    only. After stripping ``taken_at`` keeps the day alone, so that no time joins voter and vote.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="envelopes", db_index=False)
    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="envelopes", db_index=False)
    serial = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=10,
        choices=[("valid", _("有效")), ("superseded", _("被后一张替代")), ("annulled", _("作废"))],
        default="valid",
    )
    channel = models.CharField(max_length=8)  # web, slip, paper, proxy, helper, hand
    helper = models.CharField(max_length=60, blank=True, default="")
    taken_at = models.DateTimeField()
    receipt_hash = models.CharField(max_length=64)
    board = models.CharField(max_length=12)  # short code on the public list of taken ballots
    key_hash = models.CharField(max_length=64, blank=True, default="")  # of the sender's own key: a repeat adds nothing
    commit = models.CharField(max_length=64, blank=True, default="")  # of the choice, keyed by the receipt
    sealed = models.BinaryField(null=True, blank=True)
    choice = models.JSONField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "question", "entry", "serial"], name="envelope_serial_once"),
            models.UniqueConstraint(
                fields=["district", "question", "entry"], name="envelope_valid_once",
                condition=models.Q(state="valid"),
            ),
            models.UniqueConstraint(fields=["district", "receipt_hash"], name="envelope_receipt_once"),
            models.UniqueConstraint(
                fields=["district", "question", "entry", "key_hash"], name="envelope_key_once",
                condition=~models.Q(key_hash=""),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["district", "question", "state"], name="envelope_state")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.serial}"


class Slip(models.Model):
    """An inner envelope between the two tellers: no entry, no time, a random key, in random order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="slips")
    sealed = models.BinaryField()
    heads = models.PositiveSmallIntegerField(default=1)
    area_m2 = models.DecimalField(max_digits=12, decimal_places=2, default=0)  # shared by at least five entries

    def __str__(self) -> str:
        return str(self.id)


class Counted(models.Model):
    """A counted ballot as it is published: what was said, and in weighted votes how much stands behind it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="counted", db_index=False)
    position = models.PositiveIntegerField()
    seq = models.PositiveIntegerField(null=True, blank=True)  # the roll's number, in open votes only
    choice = models.JSONField()
    heads = models.PositiveSmallIntegerField(default=1)
    area_m2 = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "question", "position"], name="counted_once")]

    def __str__(self) -> str:
        return str(self.position)


class PaperEntry(models.Model):
    """A paper ballot that two persons type in, each without seeing what the other typed.

    Between the two lies only a keyed hash of the choice; where they agree an ordinary envelope is made and the hash
    goes, where they differ nothing is taken and both are told.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="papers", db_index=False)
    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="papers")
    state = models.CharField(
        max_length=8,
        choices=[("first", _("等第二个人录")), ("taken", _("两人一致，已收")), ("differ", _("两人录的不一样"))],
        default="first",
    )
    first_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    commit = models.CharField(max_length=64, blank=True, default="")
    scan = models.UUIDField(null=True, blank=True)  # kit Upload, open votes only: a secret ballot is never scanned
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "question", "entry"], name="paper_waiting_once", condition=models.Q(state="first")
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.state}"


class Objection(models.Model):
    """Somebody says that a ballot recorded for their unit was not theirs; upheld, it annuls the ballot."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="objections", db_index=False)
    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="objections")
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="objections")
    text = models.CharField(max_length=500)
    state = models.CharField(
        max_length=8,
        choices=[("open", _("待查")), ("upheld", _("成立，那张票作废")), ("refused", _("不成立"))],
        default="open",
    )
    from_call = models.BooleanField(default=False)  # found by a random call-back
    finding = models.CharField(max_length=500, blank=True, default="")
    judged_by = models.CharField(max_length=80, blank=True, default="")
    at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "envelope"], name="objection_open_once", condition=models.Q(state="open")
            )
        ]
        indexes = [models.Index(fields=["district", "question", "state"], name="objection_state")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.state}"
