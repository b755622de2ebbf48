"""Who we are and what we have agreed on."""

from siach.org.models.approving import (
    Approval,
    ApprovalComment,
    ApprovalLink,
    ApprovalRule,
    ApprovalStep,
    Asked,
    RuleStep,
)
from siach.org.models.entry import (
    Identity,
    Invitation,
    Mail,
)
from siach.org.models.holding import (
    Hold,
)
from siach.org.models.leaving import Archive, Removal
from siach.org.models.mandates import (
    Mandate,
    MandateProof,
    Topic,
)
from siach.org.models.notices import (
    Notice,
    NoticeDelivery,
    NoticePreferences,
    NoticeService,
    PushKeys,
    PushSubscription,
)
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
from siach.org.models.privacy import Deletion, PersonRequest, Privacy, ReadLog
from siach.org.models.shifts import (
    Shift,
)

__all__ = [
    "Approval",
    "ApprovalComment",
    "ApprovalLink",
    "ApprovalRule",
    "ApprovalStep",
    "Archive",
    "Asked",
    "Brand",
    "Deletion",
    "Goal",
    "Hold",
    "Identity",
    "Invitation",
    "LedgerEntry",
    "Mail",
    "Mandate",
    "MandateProof",
    "Membership",
    "Notice",
    "NoticeDelivery",
    "NoticePreferences",
    "NoticeService",
    "Org",
    "PersonRequest",
    "Privacy",
    "PushKeys",
    "PushSubscription",
    "ReadLog",
    "Removal",
    "RuleStep",
    "Shift",
    "SignInLink",
    "Team",
    "Topic",
    "User",
    "UserManager",
]
