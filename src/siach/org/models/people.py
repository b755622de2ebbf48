"""Who we are: organisations, brands, goals, people and what they may do, the ledger, one-time links."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from datetime import datetime


URGENT_MINUTES, IMPORTANT_MINUTES = 10, 30
GOES_ON = "How long a notice of this level calls before it goes on to others."


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do hangs on their memberships, never on this row."""

    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(max_length=5, blank=True, help_text="Empty: the brand's language.")
    keys = models.JSONField(default=dict, blank=True, help_text="off, and moved: place -> place; see siach.ui.keys.")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Org(models.Model):
    """The legal controller of what it hears: the tenant. Nothing is shared or joined across two of them."""

    class Kind(models.TextChoices):
        OWN = "own", _("brand organisation")
        AGENCY = "agency", _("agency")

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.OWN)
    language = models.CharField(max_length=5, default="he")
    zone = models.CharField(max_length=64, default="Asia/Jerusalem", help_text="IANA zone of new brands.")
    factor_roles = ArrayField(
        models.CharField(max_length=12),
        default=list,
        blank=True,
        help_text="Whoever holds one of these roles must have a second factor.",
    )
    urgent_minutes = models.SmallIntegerField(default=URGENT_MINUTES, help_text=GOES_ON)
    important_minutes = models.SmallIntegerField(default=IMPORTANT_MINUTES, help_text=GOES_ON)
    is_demo = models.BooleanField(
        default=False, db_default=False, help_text="Its people and posts are invented, and nothing of it leaves Siach."
    )
    drill = models.BigIntegerField(null=True, help_text="The drill that is played on a demo now.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """A brand whose discourse is heard: our own, or a rival's for comparison."""

    class Kind(models.TextChoices):
        OWN = "own", _("our brand")
        RIVAL = "rival", _("rival brand")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="brands")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.OWN)
    names = ArrayField(
        models.CharField(max_length=120),
        default=list,
        help_text="Every way people write it, in any language; handles and hashtags too.",
    )
    exclusions = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text="Phrases in which the name means something else.",
    )
    required = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text="Words of which one must stand in the text where the name is a common word.",
    )
    forbidden = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text="Words beside which the name means something else.",
    )
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    zone = models.CharField(max_length=64, default="Asia/Jerusalem", help_text="Days are cut in this zone.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "name"], name="brand_name_once")]

    def __str__(self) -> str:
        return self.name


class Goal(models.Model):
    """What the brand wants of its discourse: one goal a layer, with a measure that pages can show."""

    class Layer(models.TextChoices):
        PRESERVE = "preserve", _("Preserve")
        IMPROVE = "improve", _("Improve")
        SERVE = "serve", _("Serve")

    class Measure(models.TextChoices):
        POSITIVE_MENTIONS = "positive_mentions", _("positive mentions a week")
        NET_SENTIMENT = "net_sentiment", _("net sentiment, -100 to 100")
        ANSWERED_SHARE = "answered_share", _("percent of cases answered within an hour")

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="goals")
    layer = models.CharField(max_length=8, choices=Layer.choices)
    measure = models.CharField(max_length=20, choices=Measure.choices)
    target = models.IntegerField()
    aim = models.CharField(max_length=300, blank=True, help_text="In the brand's own words.")
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "layer"], name="goal_once_a_layer")]


class Team(models.Model):
    class Kind(models.TextChoices):
        IN_HOUSE = "in_house", _("in-house")
        AGENCY = "agency", _("agency")

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.IN_HOUSE)


class Membership(models.Model):
    """A person in a team, with one role. The role's rights are in `rights.ROLES`."""

    class Role(models.TextChoices):
        OWNER = "owner", pgettext_lazy("role", "owner")
        MANAGER = "manager", pgettext_lazy("role", "brand manager")
        COMMUNITY = "community", pgettext_lazy("role", "community manager")
        LEAD = "lead", pgettext_lazy("role", "team lead")
        AGENT = "agent", pgettext_lazy("role", "service agent")
        SPOKESPERSON = "spokesperson", pgettext_lazy("role", "spokesperson")
        LEGAL = "legal", pgettext_lazy("role", "legal")
        READER = "reader", pgettext_lazy("role", "reader")
        SCOUT = "scout", pgettext_lazy("role", "scout")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "team"], name="member_once")]


class LedgerEntry(models.Model):
    """One deed of a person. Append only while its organisation lives; ids and codes, never names or text.

    `name` is the deed (`case.opened`), its sentence is the template `<room>/events/<name>.html`.
    `facts` maps short names to ids and codes.
    """

    org = models.ForeignKey(Org, on_delete=models.CASCADE, related_name="+")
    room = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    brand = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["org", "-at", "-id"], name="ledger_org_at"),
            models.Index(fields=["org", "subject_kind", "subject_id"], name="ledger_subject"),
        ]


class SignInLink(models.Model):
    """A one-time link made on the command line. Only its digest is kept. No user: it opens the first run."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def is_open(self, *, at: datetime) -> bool:
        return self.used_at is None and self.expires_at > at
