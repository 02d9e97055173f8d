"""People 岗: persons, organisations, the posts they hold at places, and what they own."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.places.models import District, Dwelling, Place
from linli.kit.fields import PathField, key


class Person(models.Model):
    """A person known to the district. Name and phone are sealed; ``shown`` is the public name of those who serve."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    shown = models.CharField(max_length=40)  # a resident's is masked (孙**)
    name = models.BinaryField(null=True, blank=True)  # sealed full name (context "person.name")
    phone = models.BinaryField(null=True, blank=True)  # sealed (kit.crypto, context "person.phone")
    phone_index = models.CharField(max_length=64, null=True, blank=True)
    fictional = models.BooleanField(default=False)  # made for a demo

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "id"], name="person_in_district")]
        indexes = [models.Index(fields=["district", "phone_index"], name="person_phone")]

    def __str__(self) -> str:
        return self.shown


class OrganisationKind(models.TextChoices):
    PARTY = "party", _("党组织")
    GOVERNMENT = "government", _("政府")
    DEPARTMENT = "department", _("部门")
    STREET_OFFICE = "street_office", _("街道办事处")
    RESIDENTS_COMMITTEE = "residents_committee", _("社区居委会")
    PROPERTY = "property", _("物业服务企业")
    OWNERS_COMMITTEE = "owners_committee", _("业主委员会")
    SOCIAL = "social", _("社会组织")
    UNIT = "unit", _("驻区单位")
    TEAM = "team", _("队伍")


class Organisation(models.Model):
    """A body with a name: Party body, committee, department, firm. ``until`` ends a term (owners' committees)."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=24, choices=OrganisationKind.choices)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="organisations")
    scope_path = PathField()  # the place's path: what lies in its care
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    attrs = models.JSONField(default=dict, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="organisation_in_district"),
            models.UniqueConstraint(fields=["district", "code"], name="organisation_code_once"),
        ]
        indexes = [models.Index(fields=["district", "kind", "scope_path"], name="organisation_kind")]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """Somebody serving in a role at a place for a time: a person, or an organisation as such.

    The role's duties (``duties.py``) are permissions over the place's subtree, or over what is handed to it.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=40)
    role = models.CharField(max_length=32)
    title = models.CharField(max_length=60)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="posts")
    scope_path = PathField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    party_member = models.BooleanField(default=False)  # counted by the seeds for grid workers; never on residents
    hours = models.CharField(max_length=60, blank=True, default="")
    attrs = models.JSONField(default=dict, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="post_in_district"),
            models.UniqueConstraint(fields=["district", "code"], name="post_code_once"),
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | models.Q(organisation__isnull=False),
                name="post_held_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "role", "scope_path"], name="post_role"),
            models.Index(fields=["district", "scope_path"], name="post_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.code}"


class Holding(models.Model):
    """Who owns or lives in a dwelling, with which share, for which time."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="holdings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="holdings")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="holdings"
    )
    kind = models.CharField(
        max_length=10, choices=[("owner", _("业主")), ("resident", _("居住")), ("tenant", _("租住"))]
    )
    share = models.DecimalField(max_digits=9, decimal_places=6, default=1)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | models.Q(organisation__isnull=False),
                name="holding_held_by_somebody",
            ),
            models.CheckConstraint(condition=models.Q(share__gt=0, share__lte=1), name="holding_share"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dwelling_id}"


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **extra: object) -> User:
        user = self.model(username=username, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account. What it may do follows from its person's posts, never from the account itself."""

    id = key()
    username = models.CharField(max_length=60, unique=True)
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, blank=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="account")
    home = models.ForeignKey(Place, on_delete=models.SET_NULL, null=True, blank=True)  # a resident's own door
    is_active = models.BooleanField(default=True)
    demo = models.BooleanField(default=False)
    language = models.CharField(max_length=8, blank=True, default="")
    large_type = models.BooleanField(default=False)
    joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.username

    @property
    def is_staff(self) -> bool:
        """May look at the read-only admin of the nouns: holders of an administrator's post."""
        return self.is_active and (settings.DEMO or not self.demo) and self._holds("admin")

    def _holds(self, role: str) -> bool:
        if self.person_id is None or self.district_id is None:
            return False
        today = timezone.localdate()
        posts = Post.objects.filter(district_id=self.district_id, person_id=self.person_id, role=role, since__lte=today)
        return posts.filter(models.Q(until=None) | models.Q(until__gt=today)).exists()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """The admin shows the nouns and changes nothing: only ``view`` permissions exist, and only for staff."""
        return self.is_staff and perm.rpartition(".")[2].startswith("view_")

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Token(models.Model):
    """A bearer token of the API, or of a channel (a hotline, a mini programme) that files for others."""

    id = key()
    hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    channel = models.CharField(max_length=24, blank=True, default="")  # set: exempt from the anonymous rate limit
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.channel}"


class OneTimeCode(models.Model):
    """A code sent to a phone to sign in: six digits, five minutes, five tries, used once."""

    id = key()
    phone_index = models.CharField(max_length=64, db_index=True)
    hash = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.made_at)


class Notice(models.Model):
    """A message in somebody's inbox on this platform: to a post, to an account, or to a sealed phone number."""

    id = key()
    district_id = models.PositiveIntegerField()
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True)
    phone_index = models.CharField(max_length=64, blank=True, default="")
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=200, blank=True, default="")
    urgent = models.BooleanField(default=False)
    dedupe = models.CharField(max_length=64)  # the outbox row: a redelivery adds nothing
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district_id", "dedupe"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["post", "-id"], name="notice_post"),
            models.Index(fields=["user", "-id"], name="notice_user"),
            models.Index(fields=["post"], name="notice_post_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["user"], name="notice_user_unread", condition=models.Q(read_at=None)),
            models.Index(fields=["district_id", "phone_index", "-id"], name="notice_phone"),
        ]

    def __str__(self) -> str:
        return self.text
