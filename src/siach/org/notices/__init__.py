"""Who is told what: once for each thing and person, in the product first, by other ways as each person prefers."""

from siach.org.notices.people import leads_of
from siach.org.notices.telling import over, tell

__all__ = ["leads_of", "over", "tell"]
