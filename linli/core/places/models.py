"""Places 地: the district tree with polygons, and the dwellings that people own or live in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.kit.fields import PathField, key


class Level(models.TextChoices):
    """What a place is. The order in which levels nest is the profile's (``District.levels``)."""

    DISTRICT = "district", _("区")
    STREET = "street", _("街道")
    COMMUNITY = "community", _("社区")
    QUARTER = "quarter", _("小区")
    GRID = "grid", _("网格")
    BUILDING = "building", _("楼栋")
    UNIT = "unit", _("单元")


class District(models.Model):
    """One district: the unit of configuration, of numbering and of distribution. ``id`` is its six-digit code."""

    id = models.PositiveIntegerField(primary_key=True)
    name = models.CharField(max_length=40)
    city = models.CharField(max_length=40, blank=True, default="")
    letters = models.CharField(max_length=4)  # in front of every number
    profile = models.CharField(max_length=40)
    levels = models.JSONField()  # level codes from the top
    titles = models.JSONField(default=dict)  # level code → what this district calls it
    settings = models.JSONField(default=dict)  # channels, team, calendar, rules that are data
    # Grows with every change of places, posts, kinds, policies or rules: what processes keep in memory follows it.
    version = models.PositiveIntegerField(default=1)
    loaded = models.CharField(max_length=64, blank=True, default="")  # hash of the profile that was loaded

    def __str__(self) -> str:
        return self.name

    @property
    def cell_level(self) -> str:
        """The lowest level with polygons that tile the district: the grid, or what serves as one."""
        return "grid" if "grid" in self.levels else "quarter"


class Place(models.Model):
    """A node of the tree.

    ``path`` has four characters a level, given once and never reused: a split, a merger or a move ends this row on
    a date and links its successors, so that history stays true.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="places")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    level = models.CharField(max_length=12, choices=Level.choices)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=80)
    path = PathField()
    born = models.PositiveIntegerField(default=0)  # children ever made: the next child's serial in its path
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    door = models.CharField(max_length=20, null=True, blank=True)  # code on the door's QR; None where there is no door
    generic = models.BooleanField(default=False)  # outside the seed's counts (towns as one generic grid)
    attrs = models.JSONField(default=dict, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="place_in_district"),
            models.UniqueConstraint(fields=["district", "path"], name="place_path_once"),
            models.UniqueConstraint(
                fields=["district", "code"], name="place_code_once", condition=models.Q(until=None)
            ),
            models.UniqueConstraint(fields=["district", "door"], name="place_door_once"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="place_dates"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "level", "path"], name="place_level"),
            models.Index(fields=["parent", "code"], name="place_children"),
        ]

    def __str__(self) -> str:
        return self.name


class Boundary(models.Model):
    """A place's polygon for a time. ``geojson`` is WGS 84, coordinates rounded to 1e-7 degree (about 1 cm)."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="boundaries")
    geojson = models.TextField()
    area_m2 = models.DecimalField(max_digits=14, decimal_places=2)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "place"], name="boundary_one_current", condition=models.Q(until=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.since}"


class Succession(models.Model):
    """A place that became another on a date: split, merged or moved under another parent."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    old = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="successions")
    new = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="predecessors")
    on = models.DateField()
    kind = models.CharField(max_length=8, choices=[("split", _("拆分")), ("merge", _("合并")), ("move", _("调整"))])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "old", "new"], name="succession_once")]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"


class FormerDoor(models.Model):
    """A door code that stands on no current place: its place ended or got another, and the old sign still leads on."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=20)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="former_doors")
    on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="former_door_once")]

    def __str__(self) -> str:
        return self.code


class Dwelling(models.Model):
    """One home or shop behind a door of a unit: what a vote counts and a visit knocks at."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="dwellings")
    number = models.CharField(max_length=20)
    area_m2 = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    use = models.CharField(
        max_length=10,
        choices=[("home", _("住宅")), ("shop", _("商铺")), ("garage", _("车位")), ("other", _("其他"))],
        default="home",
    )
    occupancy = models.CharField(
        max_length=8,
        choices=[
            ("owner", _("自住")),
            ("rented", _("出租")),
            ("vacant", _("闲置")),
            ("unknown", _("未摸清")),
        ],
        default="unknown",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "place", "number"], name="dwelling_once")]

    def __str__(self) -> str:
        return self.number
