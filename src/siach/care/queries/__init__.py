"""What pages ask of cases."""

from siach.care.queries.conversation import Conversation, Item, conversation
from siach.care.queries.filters import Filters, read_filters
from siach.care.queries.people import CustomerCard, Speaking, customer_card, speaking
from siach.care.queries.queue import VIEWS, Chip, Queue, Row, badge, chips, queue
from siach.care.queries.scope import cases_for, may_take, words_for
from siach.care.queries.screen import inbox, open_conversation

__all__ = [
    "VIEWS",
    "Chip",
    "Conversation",
    "CustomerCard",
    "Filters",
    "Item",
    "Queue",
    "Row",
    "Speaking",
    "badge",
    "cases_for",
    "chips",
    "conversation",
    "customer_card",
    "inbox",
    "may_take",
    "open_conversation",
    "queue",
    "read_filters",
    "speaking",
    "words_for",
]
