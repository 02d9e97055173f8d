"""Made-up data for the gallery: every part of the kit in every state, with plainly invented people and places."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from linli.kit.paging import Page

ROOMS = ("site", "resident", "desk", "field", "open")
QR = "https://linli.example/t/K7M42QXD9RTW3HPC"


class SayForm(forms.Form):
    """A form with one of each: text, long text, choice, radios, a tick, and an error that says how to put it right."""

    text = forms.CharField(
        label="您遇到什么事了？", help_text="一两句就行，别写身份证号。", widget=forms.Textarea(attrs={"rows": 3})
    )
    place = forms.ChoiceField(
        label="在哪里", choices=[("", "请选一处"), ("a", "春晖园 3 号楼"), ("b", "春晖园 5 号楼")]
    )
    phone = forms.CharField(label="手机号", help_text="只有回电话的人能看到。", required=False)
    how = forms.ChoiceField(
        label="怎么给您回话？", choices=[("call", "打电话"), ("visit", "上门来说")], widget=forms.RadioSelect
    )
    hide = forms.BooleanField(label="不留名", required=False, help_text="办的人也看不到您是谁。")

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        if phone and len(phone) != 11:
            raise forms.ValidationError(f"手机号要 11 位，现在是 {len(phone)} 位。")
        return phone


def clocks(now: datetime) -> list[dict[str, Any]]:
    """One clock of each kind, named by what it shows."""
    minutes = [("running", 106), ("warned", 12), ("breached", -126), ("running", 3 * 1440 + 200)]
    made: list[dict[str, Any]] = [
        {"stage": "result", "state": state, "due_at": now + timedelta(minutes=left, seconds=20)}
        for state, left in minutes
    ]
    made.append({"stage": "result", "state": "paused", "due_at": now, "until": now + timedelta(days=2)})
    made.append({"stage": "reply", "state": "met", "due_at": now, "label": "办好了"})
    made.append({"stage": "reply", "state": "missed", "due_at": now - timedelta(hours=2), "stopped_at": now})
    made.append({"stage": "reply", "state": "cancelled", "due_at": now})
    return made


def steps() -> list[dict[str, object]]:
    return [
        {"state": "done", "title": "收到", "notes": ["10:12　扫门牌码"]},
        {"state": "done", "title": "答复", "notes": ["10:24　王小禾", "说好 1 小时，用了 12 分"]},
        {"state": "done", "title": "到场", "notes": ["12:02　王小禾、周师傅", "说好 3 小时，用了 1 小时 50 分"]},
        {"state": "now", "title": "办理中　换线路、加容量", "seal": "孙",
         "notes": ["孙晴牵头，四家一起办", "说好 6 小时，还剩 1 小时 46 分"]},
        {"state": "next", "title": "核查", "notes": ["换一个人去看"]},
        {"state": "next", "title": "您来评", "seal": "评", "notes": ["3 天内"]},
        {"state": "next", "title": "销号", "notes": []},
    ]  # fmt: skip


def rows(now: datetime) -> list[dict[str, Any]]:
    """A desk's list: overdue first, then soon, then on time."""
    groups: list[tuple[str, list[tuple[int, str, str, str, str, str, str]]]] = [
        ("已超时 3 件", [
            (-126, "楼前消防通道停了车", "春晖园 3 号楼　违停", "扫码", "春晖物业", "in_progress", ""),
            (-48, "5 号楼东边的井盖松了", "柳叶里 5 号楼　设施损毁", "骑手", "我", "dispatched", "sel"),
            (-15, "单元门刷不开，孩子进不去", "南桥苑 2 号楼　设施损毁", "电话", "南桥物业", "dispatched", ""),
        ]),
        ("快到点 2 件", [
            (12, "二楼到四楼的灯全灭了", "春晖园 6 号楼 1 单元　设施损毁", "扫码", "王小禾", "dispatched", ""),
            (24, "单行牌被树挡着，夜里看不清", "春晖园西门　交通", "说事箱", "我", "open", ""),
        ]),
        ("按时 3 件", [
            (106, "西墙充电棚，一到晚上就跳闸", "春晖园　设施损毁", "扫码", "孙晴", "in_progress", ""),
            (200, "想借轮椅用两周", "石榴园 1 号楼　预约代办", "网页", "我", "accepted", ""),
            (302, "垃圾桶满了两天没人清", "柳叶里北门　环境卫生", "巡查", "我", "resolved", ""),
        ]),
    ]  # fmt: skip
    return [
        {"title": title, "rows": [
            {"clock": {"state": "running", "due_at": now + timedelta(minutes=left, seconds=20)},
             "title": what, "where": where, "channel": channel, "holder": holder, "state": state, "cls": cls}
            for left, what, where, channel, holder, state, cls in found
        ]}
        for title, found in groups
    ]  # fmt: skip


def tabs() -> list[dict[str, object]]:
    named = [
        ("我要盯的", 14),
        ("已超时", 3),
        ("待接单", 12),
        ("被吹哨", 2),
        ("待核查", 5),
        ("有异议", 1),
        ("全部", 1064),
    ]
    return [
        {"label": label, "url": f"?tab={n}", "count": count, "current": n == 0, "alert": n == 1}
        for n, (label, count) in enumerate(named)
    ]


def shapes() -> dict[str, object]:
    """Two quarters and a row of houses in the sea, where nobody lives."""

    def box(lon: float, lat: float, wide: float, high: float, **said: object) -> dict[str, object]:
        ring = [[lon, lat], [lon + wide, lat], [lon + wide, lat + high], [lon, lat + high], [lon, lat]]
        return {"type": "Feature", "properties": said, "geometry": {"type": "Polygon", "coordinates": [ring]}}

    made = [
        box(0.0, 0.0, 0.004, 0.003, name="春晖园", chosen=True, code="a"),
        box(0.0042, 0.0, 0.003, 0.003, name="柳叶里", code="b"),
    ]
    for n in range(12):
        tone = {3: "over", 7: "soon"}.get(n, "")
        lon = 0.0003 + (n % 6) * 0.0006 + (0.0004 if n % 6 > 5 else 0)
        made.append(box(lon, 0.0006 + (n // 6) * 0.0013, 0.0004, 0.0002, height=18, tone=tone))
    return {"type": "FeatureCollection", "features": made}


def sample() -> dict[str, object]:
    now = timezone.now()
    bad = SayForm({"text": "", "place": "a", "phone": "1380000000", "how": ""}, prefix="bad")
    return {
        "now": now,
        "clocks": clocks(now),
        "states": ["open", "dispatched", "accepted", "in_progress", "paused", "resolved", "verified", "contested",
                   "closed", "declining", "declined", "merged"],
        "steps": steps(),
        "short_steps": [{**step, "title": str(step["title"])[:2]} for step in steps()[:5]],
        "form": SayForm(),
        "bad_form": bad,
        "groups": rows(now),
        "tabs": tabs(),
        "kinds": [("facility", "设施损毁", 31), ("traffic", "交通", 12), ("clean", "环境卫生", 1204)],
        "people": [("何田", "单元长　住 2 单元"), ("陆亭", "楼长　3 号楼"), ("王小禾", "网格员　18:00 前在岗")],
        "page": Page(items=[], next="AAAA"),
        "receipt": "K7M42QXD9RTW3HPC",
        "qr": QR,
    }  # fmt: skip
