"""Whole numbers that the environment may set, each within its bounds."""

from collections.abc import Mapping

from siach.launch import CannotStart

#: Name -> (what it is without the setting, least, most).
BOUNDS = {
    "SIACH_SESSION_DAYS": (30, 1, 90),
    "SIACH_IDLE_HOURS": (12, 1, 336),
    "SIACH_UPLOAD_MB": (2_048, 1, 102_400),
}


def number(env: Mapping[str, str], name: str) -> int:
    """The setting `name` of BOUNDS. CannotStart, in words, where it is no number within them."""
    usual, least, most = BOUNDS[name]
    said = env.get(name, "").strip() or str(usual)
    if not (said.isascii() and said.isdecimal() and len(said) < 10 and least <= int(said) <= most):
        raise CannotStart(f"{name} must be a whole number from {least} to {most}; without it, it is {usual}.")
    return int(said)


def check(env: Mapping[str, str]) -> None:
    """Raise CannotStart for the first setting that is out of its bounds."""
    for name in BOUNDS:
        number(env, name)
