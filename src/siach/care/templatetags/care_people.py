"""Names of our own people in sentences of the ledger, which keeps only their ids."""

from django import template
from django.core.cache import cache

from siach.org.models import User

register = template.Library()

_SECONDS = 60


@register.filter
def person(user_id: int | None) -> str:
    """The name of a user, "" for nobody. Kept for a minute, so that a page of lines asks once a person."""
    if not user_id:
        return ""
    found = cache.get_or_set(
        f"care.person.{user_id}",
        lambda: User.objects.filter(pk=user_id).values_list("name", flat=True).first() or "",
        _SECONDS,
    )
    return str(found)
