"""The question: what is asked, of whom, under which version of which rule, until when."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import Matter
from linli.core.people.models import Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class RuleVersion(models.Model):
    """One version of a rule. Never changed: a change is the next version; a question keeps the one it was put under."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=24)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    basis = models.CharField(max_length=200, blank=True, default="")  # law or covenant it follows
    spec = models.JSONField()  # counting.parse_rule
    signed_by = models.CharField(max_length=80, blank=True, default="")
    since = models.DateField(default=timezone.localdate)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code", "version"], name="rule_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class QuestionState(models.TextChoices):
    """What a question waits for."""

    DRAFT = "draft", _("起草")
    OPEN = "open", _("投票中")
    CLOSED = "closed", _("公示期")  # no more ballots; objections to recorded ballots may still come
    STRIPPED = "stripped", _("已拆外封")  # unlinked and shuffled; the second teller counts
    DECIDED = "decided", _("已计票")
    WITHDRAWN = "withdrawn", _("已撤回")


class Question(models.Model):
    """A question put to a roll. Every act on it is an entry of its matter's timeline, and so of the sealed ledger.

    ``roll_hash`` freezes the roll at opening; ``keys`` are the tellers' public keys (secret ballots), to which each
    ballot is encrypted twice; ``result`` is written once.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=24)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    title = models.CharField(max_length=80)
    text = models.TextField(blank=True, default="")
    method = models.CharField(max_length=10)
    options = models.JSONField()  # [{code, name, cost_fen?}]
    more = models.JSONField(default=dict)  # seats, costs, budget_fen, roles; of a sitting: gathering, item
    rule = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="+")
    roll_kind = models.CharField(max_length=12)  # owners, households, posts, present
    parking = models.BooleanField(default=False)  # owners' roll: whether parking spaces count
    secret = models.BooleanField(default=False)
    binding = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=QuestionState.choices, default=QuestionState.DRAFT)
    host = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField()
    objections_until = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    roll_hash = models.CharField(max_length=64, blank=True, default="")
    roll_heads = models.PositiveIntegerField(default=0)
    roll_area = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    sample_seed = models.CharField(max_length=64, blank=True, default="")  # published: who is called back at random
    result = models.JSONField(null=True, blank=True)
    imported = models.JSONField(null=True, blank=True)  # an official result from elsewhere: source, reference
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="question_in_district"),
            models.UniqueConstraint(fields=["district", "number"], name="question_number_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "withdrawn"]) | ~models.Q(roll_hash="") |
                models.Q(imported__isnull=False),
                name="question_opened_with_roll",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="decided") | models.Q(result__isnull=False), name="question_decided_result"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district", "scope_path", "-id"], name="question_scope"),
            models.Index(fields=["district", "matter"], name="question_matter"),
            # The worker's question: which votes have run out?
            models.Index(fields=["closes_at"], name="question_closing", condition=models.Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def codes(self) -> list[str]:
        """The options' codes in their order on the ballot."""
        return [option["code"] for option in self.options]

    @property
    def gathered(self) -> bool:
        """Asked of those who are present at a sitting, and counted there."""
        return self.roll_kind == "present"

    @property
    def weighted(self) -> bool:
        return bool(self.rule.spec.get("weighted"))


class Amendment(models.Model):
    """A published change to a question that is open: nothing of roll, rule or time moves without one."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="amendments", db_index=False)
    seq = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=12)  # closes_at, roll
    reason = models.CharField(max_length=500)
    before = models.JSONField()
    after = models.JSONField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "question", "seq"], name="amendment_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.what}"
