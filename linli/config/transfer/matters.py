"""Matters as rows, outward only: masked, without contacts, and of confidential ones only that they exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.transfer.sheets import Column
from linli.core.matters import masks
from linli.core.matters.models import Category, Cause, Kind, Matter
from linli.core.places.models import District

COLUMNS: Final = (
    Column("number", gettext_lazy("编号")),
    Column("kind", gettext_lazy("类别")),
    Column("category", gettext_lazy("分类")),
    Column("urgency", gettext_lazy("急缓")),
    Column("state", gettext_lazy("状态")),
    Column("title", gettext_lazy("标题")),
    Column("text", gettext_lazy("内容")),
    Column("channel", gettext_lazy("来源")),
    Column("place", gettext_lazy("地点编码")),
    Column("place_name", gettext_lazy("地点")),
    Column("community", gettext_lazy("社区")),
    Column("handler", gettext_lazy("经办")),
    Column("households", gettext_lazy("户数")),
    Column("opened_at", gettext_lazy("收到时间")),
    Column("replied_at", gettext_lazy("答复时间")),
    Column("acted_at", gettext_lazy("动手时间")),
    Column("resolved_at", gettext_lazy("办结时间")),
    Column("verified_at", gettext_lazy("核查时间")),
    Column("closed_at", gettext_lazy("销号时间")),
    Column("cause", gettext_lazy("原因")),
    Column("score", gettext_lazy("评分")),
)
_TIMES: Final = ("opened_at", "replied_at", "acted_at", "resolved_at", "verified_at", "closed_at")


def rows(district: District) -> Iterator[dict[str, Any]]:
    """All matters, oldest first, a stretch at a time."""
    named: dict[str, dict[str, str]] = {
        "kind": dict(Kind.objects.filter(district_id=district.pk).values_list("code", "name")),
        "category": dict(Category.objects.filter(district_id=district.pk).values_list("code", "name")),
        "cause": dict(Cause.objects.filter(district_id=district.pk).values_list("code", "name")),
        "channel": district.settings.get("channels", {}),
    }
    found = Matter.objects.filter(district_id=district.pk).order_by("pk")
    joined = found.select_related("place", "community", "handler__person", "handler__organisation")
    for matter in joined.iterator(chunk_size=1000):
        row = {key: names.get(getattr(matter, key), getattr(matter, key)) for key, names in named.items()}
        row |= {key: _local(getattr(matter, key)) for key in _TIMES}
        yield {
            **row, **_words(matter), "number": matter.number, "urgency": matter.get_urgency_display(),
            "state": matter.get_state_display(), "handler": _handler(matter), "households": matter.households,
            "community": matter.community.name if matter.community else "", "score": matter.score,
        }  # fmt: skip


def _words(matter: Matter) -> dict[str, str]:
    """What was said and where, masked; nothing of it where the reporter asked for confidence."""
    if matter.confidential:
        return {"title": _("（保密）"), "text": _("（保密）"), "place": "", "place_name": ""}
    return {
        "title": masks.title(matter.text), "text": masks.mask(matter.text), "place": matter.place.code,
        "place_name": matter.place.name,
    }  # fmt: skip


def _handler(matter: Matter) -> str:
    post = matter.handler
    if post is None:
        return ""
    name = post.person.shown if post.person else post.organisation.name if post.organisation else ""
    return f"{name} {post.title}" if name != post.title else name


def _local(at: Any) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""
