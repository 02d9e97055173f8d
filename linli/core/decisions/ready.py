"""Rules that a district starts with. The profile loads them as version 1; a change is the next version."""

from __future__ import annotations

from typing import Any, Final


def _c(of: str, part: str, over: str, **share: str) -> dict[str, str]:
    return {"of": of, "part": part, "over": over, **share}


_TAKE_PART: Final = [
    _c("area", "present", "roll", at_least="2/3"),
    _c("heads", "present", "roll", at_least="2/3"),
]

READY: Final[tuple[dict[str, Any], ...]] = (
    {
        "code": "household", "name": "户代表过半数", "basis": "城市居民委员会组织法第十条",
        "spec": {"conditions": [_c("heads", "present", "roll", more_than="1/2"),
                                _c("heads", "yes", "present", more_than="1/2")], "objection_days": 3},
    },
    {
        "code": "cc278", "name": "业主共同决定：一般事项", "basis": "民法典第二百七十八条第二款",
        "spec": {"weighted": True, "objection_days": 7, "conditions": [
            *_TAKE_PART, _c("area", "yes", "present", more_than="1/2"),
            _c("heads", "yes", "present", more_than="1/2")]},
    },
    {
        "code": "cc278s", "name": "业主共同决定：筹资、改建、改变用途等", "basis": "民法典第二百七十八条第二款",
        "spec": {"weighted": True, "objection_days": 7, "conditions": [
            *_TAKE_PART, _c("area", "yes", "present", at_least="3/4"),
            _c("heads", "yes", "present", at_least="3/4")]},
    },
    {
        "code": "consensus", "name": "协商一致，异议记录在案", "basis": "",
        "spec": {"consent": True, "objection_days": 3, "conditions": [
            _c("heads", "present", "roll", at_least="1/3"), _c("heads", "objection", "present", at_most="0")]},
    },
    {
        "code": "budget", "name": "大家定钱怎么花", "basis": "",
        "spec": {"objection_days": 3, "conditions": [_c("heads", "present", "roll", at_least="1/5")]},
    },
    {
        "code": "menu", "name": "菜单里选几项", "basis": "",
        "spec": {"objection_days": 3, "conditions": [_c("heads", "present", "roll", more_than="1/2")]},
    },
    {
        "code": "present", "name": "到会的过半数", "basis": "城市居民委员会组织法第十条",
        "spec": {"gathered": True, "objection_days": 0, "conditions": [
            _c("heads", "present", "roll", more_than="1/2"), _c("heads", "yes", "roll", more_than="1/2")]},
    },
    {
        "code": "present23", "name": "到会的三分之二", "basis": "",
        "spec": {"gathered": True, "objection_days": 0, "conditions": [
            _c("heads", "present", "roll", at_least="2/3"), _c("heads", "yes", "roll", at_least="2/3")]},
    },
)  # fmt: skip
