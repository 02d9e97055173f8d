"""What the doors keep of their visitors' own."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from linli.core.people.models import User
from linli.core.places.models import District
from linli.kit.fields import key


class SavedFilter(models.Model):
    """存成筛选: a named address of the queue, kept by one account. It carries no rights: the list is always scoped."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=20)
    query = models.CharField(max_length=500)
    order = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "user", "name"], name="saved_filter_name_once")]
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name
