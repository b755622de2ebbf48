"""Who we are and what we have agreed on."""

from siach.org.models.entry import Invitation, Mail
from siach.org.models.holding import Hold
from siach.org.models.notices import Notice
from siach.org.models.people import (
    Brand,
    Goal,
    LedgerEntry,
    Membership,
    Org,
    SignInLink,
    Team,
    User,
    UserManager,
)

__all__ = [
    "Brand",
    "Goal",
    "Hold",
    "Invitation",
    "LedgerEntry",
    "Mail",
    "Membership",
    "Notice",
    "Org",
    "SignInLink",
    "Team",
    "User",
    "UserManager",
]
