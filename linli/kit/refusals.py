"""What no district may switch on: limits.md rule 8, checked on every profile and every change of settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its type, its default, which values it may take, and why the others are refused."""

    kind: type
    default: Any
    allowed: frozenset[Any] | None = None
    why: str = ""


_NEVER = frozenset({False})

SETTINGS: dict[str, Setting] = {
    # What a district may choose.
    "anonymous_intake": Setting(bool, True),
    "public_ledger": Setting(bool, True),
    "collective_households": Setting(
        int, 5, frozenset({5}), "five households make a matter collective everywhere, so that it is never hidden"
    ),
    "verify_call_back_percent": Setting(int, 10),
    "rating_reminder": Setting(bool, True),
    "contact_days": Setting(int, 30, frozenset(range(91)), "a contact serves calling back, for three months at most"),
    "most_reopenings": Setting(
        int, 2, frozenset(range(1, 10)), "who spoke up may always have it done anew at least once"
    ),
    "evidence_photo": Setting(
        str,
        "by_kind",
        frozenset({"by_kind", "optional"}),
        "a picture is asked for where a kind needs evidence, never with every act",
    ),
    "check_in": Setting(
        str, "voluntary", frozenset({"voluntary", "off"}), "checking in stays voluntary, nobody is made to"
    ),
    "rankings": Setting(
        str,
        "off",
        frozenset({"off", "by_service"}),
        "no leaderboard by usage or points; figures may compare how services answered, never who used the platform",
    ),
    # What none may: each may stand in a profile only to say no.
    "count_online_time": Setting(bool, False, _NEVER, "nobody's time online is counted"),
    "usage_in_appraisal": Setting(bool, False, _NEVER, "likes, logins and study hours are no basis of appraisal"),
    "leaderboard_of_persons": Setting(bool, False, _NEVER, "no ranking of named people"),
    "leaderboard_of_communities": Setting(bool, False, _NEVER, "no ranking of communities by usage or points"),
    "trace_upload": Setting(bool, False, _NEVER, "no trail of a person's movements is uploaded"),
    "gift_shop_sales": Setting(bool, False, _NEVER, "no commerce in the gift shop"),
}

# Words that betray a forbidden wish in a key that Linli does not know.
_SUSPECT = ("compuls", "mandatory", "rank", "leader", "online", "study", "like", "trace", "track", "face", "sale")


def refusal(key: str, value: Any) -> str | None:
    """Why this setting is not taken; None when it is fine."""
    setting = SETTINGS.get(key)
    if setting is None:
        if any(word in key.lower() for word in _SUSPECT):
            return "refused: voluntary stays voluntary (no compulsion, no counting of usage, no rankings)"
        return "is not a setting that a district has"
    if type(value) is not setting.kind:
        return f"must be of type {setting.kind.__name__}, not {value!r}"
    if setting.allowed is not None and value not in setting.allowed:
        return f"{value!r} is refused: {setting.why}"
    return None


def refusals(settings: Mapping[str, Any]) -> dict[str, str]:
    """Every setting that is refused, with the reason."""
    found = {key: refusal(key, value) for key, value in settings.items()}
    return {key: why for key, why in found.items() if why is not None}
