"""Announcements 告示: what a place's people are told, and how often it was read: numbers, never who."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils import timezone

from linli.core.people.models import Post
from linli.core.places.models import Place
from linli.kit.fields import PathField, key

CHANNELS = ("door", "inbox", "poster")


class Announcement(models.Model):
    """One notice to everybody at a place and below it, until a day.

    ``channels`` says where it goes: the page behind every door and residents' home (``door``), the inbox of accounts
    that live there (``inbox``), a sheet for the board (``poster``); later rooms add theirs.
    """

    id = key()
    district_id = models.PositiveIntegerField()
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    title = models.CharField(max_length=40)
    text = models.TextField()
    channels = models.JSONField(default=list)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")  # in whose name it speaks
    by = models.CharField(max_length=120)  # 陆长亭 楼长
    key = models.CharField(max_length=32)  # the form's: sent twice, said once
    at = models.DateTimeField(default=timezone.now)
    until = models.DateField()  # the last day it stands
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district_id", "id"], name="announcement_in_district"),
            models.UniqueConstraint(fields=["district_id", "key"], name="announcement_once"),
        ]
        indexes = [
            models.Index(fields=["district_id", "place", "until"], name="announcement_at_place"),
            models.Index(fields=["district_id", "scope_path"], name="notice_board_scope"),
        ]

    def __str__(self) -> str:
        return self.title

    def stands(self, day: date) -> bool:
        """Whether it is shown on a day."""
        return self.withdrawn_at is None and self.until >= day


class Tally(models.Model):
    """A count that is only ever appended to, so that no reader waits for another; the worker folds old ones together.

    ``what`` is ``told`` (accounts it was sent to) or ``read:`` with where it was opened (door, home, inbox, web).
    """

    id = key()
    district_id = models.PositiveIntegerField()
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="tallies")
    what = models.CharField(max_length=16)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["district_id", "announcement", "what"], name="tally_of")]

    def __str__(self) -> str:
        return f"{self.what} {self.count}"
