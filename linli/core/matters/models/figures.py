"""Figures that are live and cheap: acts append what they changed, the worker folds it into daily cells.

No act ever updates a shared counter, so writers never wait for one another; a reader adds the cells and what is not
folded yet in one statement, so there is no gap. ``figures.py`` says what counts, ``stats`` folds, reads and checks it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.core.places.models import District, Place
from linli.kit.fields import key


class Counts(models.Model):
    """The columns that a cell and a change share. ``day`` and ``hour`` are those of the opening, in local time."""

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="+")
    # The community, or the street or town where there is none.
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    received = models.IntegerField(default=0)
    answered_in_time = models.IntegerField(default=0)
    acted_in_time = models.IntegerField(default=0)
    resolved_in_time = models.IntegerField(default=0)
    resolved = models.IntegerField(default=0)
    satisfied = models.IntegerField(default=0)
    rated = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Delta(Counts):
    """What one act changed, signed: the matter's old contribution with −1, its new one with +1."""

    id = key()
    hour = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=24)
    channel = models.CharField(max_length=24)
    state = models.CharField(max_length=12)
    seconds = models.BigIntegerField(null=True, blank=True)  # opening to verified result
    sign = models.SmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["district", "id"], name="delta_fold")]

    def __str__(self) -> str:
        return f"{self.day} {self.sign:+d}"


class Grain(models.TextChoices):
    """How much time one cell holds: a long question reads years, only its ends read months and days."""

    DAY = "d", _("日")
    MONTH = "m", _("月")
    YEAR = "y", _("年")


class Figure(Counts):
    """One cell: a community and a span of days, cut by one ``dim`` (all, kind, state, channel, hour).

    ``day`` is the first day of the span. Only the worker writes here, and every matter stands once in each grain.
    """

    id = key()
    grain = models.CharField(max_length=1, choices=Grain.choices)
    dim = models.CharField(max_length=8)
    value = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "dim", "grain", "day", "place", "value"], name="figure_cell_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.grain} {self.dim}={self.value}"


class Spread(models.Model):
    """How long results took: the histogram of seconds of one cell, packed into one row (``stats/spread.py``).

    A row per bucket would be more rows than there are matters; packed, a year of a district is a few dozen rows.
    Days are kept uncut only (``dim`` = ``all``).
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="+")
    # The community, or the street or town where there is none.
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    grain = models.CharField(max_length=1, choices=Grain.choices)
    day = models.DateField()
    dim = models.CharField(max_length=8)
    value = models.CharField(max_length=24, blank=True)
    packed = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "dim", "grain", "day", "place", "value"], name="spread_cell_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.grain} {self.dim}={self.value}"


class Folding(models.Model):
    """One row a district: whoever holds its lock is the only one who writes the district's cells."""

    id = key()
    district = models.OneToOneField(District, on_delete=models.PROTECT, related_name="+")
    formula = models.CharField(max_length=24)  # the version that the cells were counted by
    folded_at = models.DateTimeField(null=True, blank=True)
    rebuilt_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.district_id} {self.formula}"
