"""包联: a post or a unit answers for a place for a time, with a promise; and the days it was there."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import Matter
from linli.core.people.models import Organisation, Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class Pairing(models.Model):
    """One post (a person) or one organisation, in a role of the district's scheme, for one place.

    ``promise`` is what the scheme asked for on the day of the assignment (``scheme.Promise``): a later change of the
    scheme rewrites no promise. ``until`` is the first day without; a row is ended, never removed.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    role = models.CharField(max_length=24)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="pairings")
    scope_path = PathField()
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="pairings")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="pairings"
    )
    promise = models.JSONField(default=dict)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    before = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="handed")
    reason = models.CharField(max_length=120, blank=True, default="")  # why it ended
    made_by = models.CharField(max_length=80)
    ended_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="pairing_in_district"),
            models.UniqueConstraint(
                fields=["district", "role", "place", "post"], name="pairing_post_once",
                condition=models.Q(until=None, organisation=None),
            ),
            models.UniqueConstraint(
                fields=["district", "role", "place", "organisation"], name="pairing_unit_once",
                condition=models.Q(until=None, post=None),
            ),
            models.CheckConstraint(
                condition=models.Q(post__isnull=False, organisation=None)
                | models.Q(post=None, organisation__isnull=False),
                name="pairing_one_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="pairing_dates"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district", "scope_path", "role"], name="pairing_scope"),
            models.Index(fields=["district", "post"], name="pairing_post"),
            models.Index(fields=["district", "organisation"], name="pairing_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.place_id}"

    @property
    def holder(self) -> str:
        """The public name of who answers."""
        if self.post is not None:
            return self.post.person.shown if self.post.person else self.post.title
        return self.organisation.name if self.organisation else ""

    @property
    def title(self) -> str:
        return self.post.title if self.post is not None else ""

    @property
    def who(self) -> tuple[str, Any, Any]:
        """What one holder's days are counted together by."""
        return (self.role, self.post_id, self.organisation_id)


class VisitState(models.TextChoices):
    LOGGED = "logged", _("已记")
    SEEN = "seen", _("社区见到了")
    UNSEEN = "unseen", _("社区没见到")


class Visit(models.Model):
    """One time on site: a day and a place, no hour and no trail. What was found is a matter of its own."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="visits")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    on = models.DateField()
    note = models.CharField(max_length=300, blank=True, default="")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="found_by")
    state = models.CharField(max_length=8, choices=VisitState.choices, default=VisitState.LOGGED)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # who logged it
    answered_by = models.CharField(max_length=80, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    key = models.CharField(max_length=64)  # the form's own: pressed twice, it is one visit

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="visit_in_district"),
            models.UniqueConstraint(fields=["district", "pairing", "key"], name="visit_once"),
            models.CheckConstraint(condition=models.Q(state__in=VisitState.values), name="visit_state_known"),
        ]
        indexes = [
            models.Index(fields=["district", "on"], name="visit_on"),
            models.Index(fields=["district", "pairing", "-id"], name="visit_pairing"),
            models.Index(fields=["district", "scope_path"], name="visit_scope"),
            models.Index(fields=["district", "state", "-id"], name="visit_waiting",
                         condition=models.Q(state=VisitState.LOGGED)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.on} {self.pairing_id}"
