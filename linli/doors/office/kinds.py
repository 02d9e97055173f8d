"""Kinds, the catalogue of categories, and causes: what a matter can be, and why it can have happened."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.actions import configuring
from linli.core.matters.askpage import line_field
from linli.core.matters.models import Category, Cause, Kind, Urgency
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.forms import Asking, choice_field, tick_field
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import param
from linli.kit.finding import the_one

MOST_FOUND = 200
ANY_URGENCY = [("", lazy("随种类")), *Urgency.choices]


def section(current: str) -> list[dict[str, Any]]:
    """The three lists share one entry of the navigation."""
    pairs = (("kinds", _("事项种类")), ("categories", _("分类")), ("causes", _("原因")))
    return [{"label": name, "url": reverse(f"office:{url}"), "current": url == current} for url, name in pairs]


def _row(rows: Any, office: Office, row_id: uuid.UUID | None = None) -> Any:
    mine = rows.filter(district_id=office.district_id)
    return the_one(mine.filter(pk=row_id) if row_id else mine, _("没有找到。"))


# ── kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────
class KindForm(Asking):
    name = line_field(lazy("名称"), limit=40)
    about = line_field(lazy("一句话说明"), lazy("居民选种类时看到的。"), limit=200, required=False)
    urgency = choice_field(lazy("平常有多急"), Urgency.choices)
    residents = tick_field(lazy("居民可以提"))
    public = tick_field(lazy("打码后上公开台账"))
    confidential = tick_field(lazy("默认保密"), lazy("只有要回电话的人看得到是谁，看一次记一次。"))
    evidence = tick_field(lazy("办结要有照片"))
    admission = tick_field(lazy("要先过社区准入"), lazy("部门交给社区的任务。"))
    active = tick_field(lazy("在用"), lazy("停用后不能再提这一类，已有的照办。"))


class NewKindForm(KindForm):
    code = line_field(lazy("代码"), lazy("小写字母，给了就不能改。"), limit=24)
    field_order = ("code",)


@require_GET
@office_page
def kinds(request: HttpRequest, office: Office) -> HttpResponseBase:
    rows = Kind.objects.filter(district_id=office.district_id)
    return show(request, office, "kinds", {"rows": rows, "tabs": section("kinds")})


@require_http_methods(["GET", "POST"])
@office_page
def new_kind(request: HttpRequest, office: Office) -> HttpResponseBase:
    form = NewKindForm(office, posted(request), initial={"active": True, "residents": True, "urgency": "ordinary"})
    about = _("承办单位看不到新种类的联系人：那只给点单、代办这样居民自己请人上门的种类。")
    act = Act(_("添一类事"), _("添上"), reverse("office:kinds"), about)

    def do(data: dict[str, Any]) -> Done:
        made = configuring.add_kind(actor=office.actor, **data)
        return reverse("office:kinds"), _("添上了“%s”。记得看看时限和派单规则管不管得到它。") % made.name

    return perform(request, office, act, form, do)


@require_http_methods(["GET", "POST"])
@office_page
def kind(request: HttpRequest, office: Office, row_id: uuid.UUID) -> HttpResponseBase:
    row = _row(Kind.objects.all(), office, row_id)
    form = KindForm(office, posted(request), initial={name: getattr(row, name) for name in KindForm.base_fields})
    about = _("代码 %s 不变。已经开着的事保留开头时的保密和公开。") % row.code
    act = Act(_("事项种类：%s") % row.name, _("存下"), reverse("office:kinds"), about)

    def do(data: dict[str, Any]) -> Done:
        made = configuring.change_kind(actor=office.actor, kind_id=row.pk, **data)
        return reverse("office:kinds"), _("“%s”存下了。") % made.name

    return perform(request, office, act, form, do)


# ── categories ──────────────────────────────────────────────────────────────────────────────────────────────────
class NewCategoryForm(Asking):
    name = line_field(lazy("名称"), limit=40)
    urgency = choice_field(lazy("急缓"), ANY_URGENCY, required=False)
    standard = line_field(lazy("对应国标"), lazy("GB/T 30428 里的部件或事件，没有就空着。"), limit=60, required=False)


class CategoryForm(NewCategoryForm):
    active = tick_field(lazy("在用"), lazy("停用后不再让人选，已经归在里面的事不动。"))


@require_GET
@office_page
def categories(request: HttpRequest, office: Office) -> HttpResponseBase:
    """The first level; below what is chosen everything in it; or what a word finds."""
    mine = Category.objects.filter(district_id=office.district_id)
    word, under = param(request, "q", 40), param(request, "under", 8)
    top = list(mine.filter(parent=None))
    chosen = next((row for row in top if row.code == under[:2]), None)
    if word:
        rows = list(mine.filter(Q(name__icontains=word) | Q(code__startswith=word) | Q(standard__icontains=word))
                    .order_by("code")[:MOST_FOUND])  # fmt: skip
    else:
        rows = list(mine.filter(code__startswith=chosen.code).order_by("code")) if chosen else top
    context = {
        "rows": [{"row": row, "depth": len(row.code) // 2 - 1, "deepest": len(row.code) >= 6} for row in rows],
        "top": [(row.code, row.name) for row in top], "chosen": chosen, "word": word, "tabs": section("categories"),
    }  # fmt: skip
    return show(request, office, "categories", context)


@require_http_methods(["GET", "POST"])
@office_page
def new_category(request: HttpRequest, office: Office) -> HttpResponseBase:
    """At the top, or below the category that ``under`` names."""
    under = param(request, "under", 8)
    parent = _row(Category.objects.filter(code=under), office) if under else None
    back = f"{reverse('office:categories')}?under={parent.code}" if parent else reverse("office:categories")
    title = _("在“%s”下面添一个分类") % parent.name if parent else _("添一个大类")
    act = Act(title, _("添上"), back, _("编码自动接着往下排，给了就不能改。"))

    def do(data: dict[str, Any]) -> Done:
        made = configuring.add_category(actor=office.actor, parent_id=parent.pk if parent else None, **data)
        return back, _("添上了“%(name)s”（%(code)s）。") % {"name": made.name, "code": made.code}

    return perform(request, office, act, NewCategoryForm(office, posted(request)), do)


@require_http_methods(["GET", "POST"])
@office_page
def category(request: HttpRequest, office: Office, row_id: uuid.UUID) -> HttpResponseBase:
    row = _row(Category.objects.all(), office, row_id)
    form = CategoryForm(
        office, posted(request), initial={name: getattr(row, name) for name in CategoryForm.base_fields}
    )
    back = f"{reverse('office:categories')}?under={row.code}"
    act = Act(_("分类：%s") % row.name, _("存下"), back, _("编码 %s 不变。") % row.code)

    def do(data: dict[str, Any]) -> Done:
        made = configuring.change_category(actor=office.actor, category_id=row.pk, **data)
        return back, _("“%s”存下了。") % made.name

    return perform(request, office, act, form, do)


# ── causes ──────────────────────────────────────────────────────────────────────────────────────────────────────
class NewCauseForm(Asking):
    name = line_field(lazy("原因"), lazy("办结时要选的，要能看出往后怎么从根上治。"), limit=40)


class CauseForm(NewCauseForm):
    active = tick_field(lazy("在用"))


@require_GET
@office_page
def causes(request: HttpRequest, office: Office) -> HttpResponseBase:
    rows = Cause.objects.filter(district_id=office.district_id)
    return show(request, office, "causes", {"rows": rows, "tabs": section("causes")})


@require_http_methods(["GET", "POST"])
@office_page
def new_cause(request: HttpRequest, office: Office) -> HttpResponseBase:
    act = Act(_("添一个原因"), _("添上"), reverse("office:causes"))

    def do(data: dict[str, Any]) -> Done:
        made = configuring.add_cause(actor=office.actor, name=data["name"])
        return reverse("office:causes"), _("添上了“%s”。") % made.name

    return perform(request, office, act, NewCauseForm(office, posted(request)), do)


@require_http_methods(["GET", "POST"])
@office_page
def cause(request: HttpRequest, office: Office, row_id: uuid.UUID) -> HttpResponseBase:
    row = _row(Cause.objects.all(), office, row_id)
    form = CauseForm(office, posted(request), initial={"name": row.name, "active": row.active})
    act = Act(_("原因：%s") % row.name, _("存下"), reverse("office:causes"))

    def do(data: dict[str, Any]) -> Done:
        made = configuring.change_cause(actor=office.actor, cause_id=row.pk, **data)
        return reverse("office:causes"), _("“%s”存下了。") % made.name

    return perform(request, office, act, form, do)
