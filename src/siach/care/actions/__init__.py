"""What happens to cases: heard, opened, handled, answered."""

from siach.care.actions.answering import answer, answered, resend, retry, settle, undo
from siach.care.actions.drafting import drop_drafts_of, forget_drafts, keep_draft, purge_drafts
from siach.care.actions.forgetting import forget_cases
from siach.care.actions.handling import REASONS, assign, close_played, note, release, reopen, resolve, set_aside
from siach.care.actions.hearing import open_case, triage
from siach.care.actions.moving import AlreadyOpen, CannotAnswer, NeedsConfirming
from siach.care.actions.retaining import drop_cases, spoken_for
from siach.care.actions.retelling import Event, Matter, Question, Words, retell
from siach.care.actions.reverting import Standing, undo_deed, undo_token

__all__ = [
    "REASONS",
    "AlreadyOpen",
    "CannotAnswer",
    "Event",
    "Matter",
    "NeedsConfirming",
    "Question",
    "Standing",
    "Words",
    "answer",
    "answered",
    "assign",
    "close_played",
    "drop_cases",
    "drop_drafts_of",
    "forget_cases",
    "forget_drafts",
    "keep_draft",
    "note",
    "open_case",
    "purge_drafts",
    "release",
    "reopen",
    "resend",
    "resolve",
    "retell",
    "retry",
    "set_aside",
    "settle",
    "spoken_for",
    "triage",
    "undo",
    "undo_deed",
    "undo_token",
]
