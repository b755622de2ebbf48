"""The trunk: what we listen with, what was said, what it means for a brand, what we send."""

from siach.talk.models.captures import CaptureAddress, HandedIn, Sighting
from siach.talk.models.counts import CountDay, CountDelta, CountFive, CountHour, DirtyHour, FrozenDay
from siach.talk.models.hooks import Hook, HookCall
from siach.talk.models.intake import (
    Batch,
    Import,
    RefusedRow,
    SetAside,
)
from siach.talk.models.judging import (
    Rejudged,
    Training,
)
from siach.talk.models.keeping import Consent, ErasedKey, Evidence, EvidencePicture
from siach.talk.models.meaning import (
    Correction,
    Mention,
    ReaderRun,
    Rereading,
    Sampled,
)
from siach.talk.models.mutes import (
    Mute,
)
from siach.talk.models.places import (
    PlaceWaiver,
)
from siach.talk.models.said import (
    Author,
    Look,
    Media,
    Part,
    Post,
    PostMetrics,
    ServedThread,
    Thread,
    ThreadMark,
)
from siach.talk.models.sources import (
    Account,
    Source,
    SourceHour,
    SourceRhythm,
)
from siach.talk.models.speech import (
    Outgoing,
)
from siach.talk.models.subscriptions import (
    Subscription,
)
from siach.talk.models.views import (
    SavedView,
)

__all__ = [
    "Account",
    "Author",
    "Batch",
    "CaptureAddress",
    "Consent",
    "Correction",
    "CountDay",
    "CountDelta",
    "CountFive",
    "CountHour",
    "DirtyHour",
    "ErasedKey",
    "Evidence",
    "EvidencePicture",
    "FrozenDay",
    "HandedIn",
    "Hook",
    "HookCall",
    "Import",
    "Look",
    "Media",
    "Mention",
    "Mute",
    "Outgoing",
    "Part",
    "PlaceWaiver",
    "Post",
    "PostMetrics",
    "ReaderRun",
    "RefusedRow",
    "Rejudged",
    "Rereading",
    "Sampled",
    "SavedView",
    "ServedThread",
    "SetAside",
    "Sighting",
    "Source",
    "SourceHour",
    "SourceRhythm",
    "Subscription",
    "Thread",
    "ThreadMark",
    "Training",
]
