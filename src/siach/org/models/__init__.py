"""Who we are and what we have agreed on."""

from siach.org.models.entry import Mail
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

__all__ = ["Brand", "Goal", "LedgerEntry", "Mail", "Membership", "Org", "SignInLink", "Team", "User", "UserManager"]
