"""``linli load PROFILE``: a district out of its profile into the database, once; later only what differs, if asked.

After the first load the database rules. A later load shows what the profile would have otherwise and changes nothing
without ``apply``; even then nothing is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.config.loading import assembling, catalogue
from linli.config.loading.accounts import PASSWORD, LoadRefused, check_demo, make_accounts
from linli.config.loading.applying import Applying
from linli.config.loading.differences import Difference, district_fields, find_differences
from linli.config.loading.rows import Rows
from linli.core.people.models import Organisation, Post
from linli.core.places.models import District, Place
from linli.kit import memory
from linli.kit.models import Change
from linli.profiles import Profile, load_profile
from linli.profiles.plan import Plan, build

__all__ = ["PASSWORD", "Difference", "LoadRefused", "Loaded", "load"]

Report = Callable[[str], object]
BATCH = 1000
MOST_SHOWN = 200  # differences told one by one; the rest as a number


@dataclass(frozen=True)
class Loaded:
    """What a load did: rows made (empty database), or differences found and whether they were applied."""

    district_id: int
    made: dict[str, int] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    applied: bool = False


def load(profile_name: str, *, apply: bool = False, demo: bool = False, report: Report = print) -> Loaded:
    """Load a profile. ``ProfileError`` for a wrong profile, ``LoadRefused`` for demo logins outside a demo."""
    check_demo(demo)
    profile = load_profile(profile_name)
    report(_("配置 %(name)s 已核对，正在编排…") % {"name": profile.name})
    plan = build(profile, today=timezone.localdate())
    district = District.objects.filter(pk=int(profile.adcode)).first()
    if district is None:
        return _load_empty(profile, plan, demo=demo, report=report)
    return _load_again(profile, plan, district, apply=apply, report=report)


# ── the first time ──────────────────────────────────────────────────────────────────────────────────────────────


def _load_empty(profile: Profile, plan: Plan, *, demo: bool, report: Report) -> Loaded:
    """Everything in one transaction: a load that is cut off leaves nothing."""
    made: dict[str, int] = {}
    with transaction.atomic():
        district = District(
            id=int(profile.adcode), profile=profile.slug, loaded=profile.digest, **district_fields(profile)
        )
        district.save(force_insert=True)
        rows = Rows(profile, district)
        for name, batch in _batches(rows, plan, demo=demo):
            if batch:
                type(batch[0])._default_manager.bulk_create(batch, batch_size=BATCH)
            made[name] = len(batch)
            report(f"  {name} {len(batch):,}")
        _note(district, _("装入%(name)s") % {"name": profile.name}, {"made": made})
    memory.forget()
    report(_("%(name)s已装入。") % {"name": profile.name})
    return Loaded(district.pk, made)


def _batches(rows: Rows, plan: Plan, *, demo: bool) -> Iterator[tuple[str, Sequence[models.Model]]]:
    """Rows to insert, in the order in which they refer to one another."""
    yield _("地点"), rows.make_places(plan.places)
    yield _("边界"), rows.make_boundaries(plan.places)
    yield _("组织"), rows.make_organisations(plan.organisations)
    yield _("人员"), rows.make_persons(plan.persons)
    yield _("岗位"), rows.make_posts(plan.posts)
    yield _("房屋"), rows.make_dwellings(plan.dwellings)
    yield _("产权和居住"), rows.make_holdings(plan.holdings)
    yield _("包联"), rows.make_pairings(plan.pairings)
    yield _("报到"), rows.make_checkins(plan.checkins)
    yield _("事项种类"), [catalogue.make_kind(rows, *item) for item in catalogue.wanted_kinds().items()]
    yield _("原因"), [catalogue.make_cause(rows, *item) for item in catalogue.wanted_causes().items()]
    yield _("分类"), catalogue.make_categories(rows, catalogue.wanted_categories(), {})
    yield _("时限规定"), [catalogue.make_policy(rows, *item) for item in catalogue.wanted_policies(rows).items()]
    yield _("设施"), rows.make_facilities(plan.facilities)
    yield _("会议室"), assembling.make_rooms(rows, plan.rooms)
    yield _("会议种类"), [assembling.make_sitting(rows, *item) for item in assembling.wanted_sittings(rows).items()]
    yield _("表决规则"), [assembling.make_vote(rows, *item) for item in assembling.wanted_votes().items()]
    yield _("派单规则"), [catalogue.make_rule(rows, *item) for item in catalogue.wanted_rules(rows).items()]
    yield _("办事指引"), [catalogue.make_note(rows, *item) for item in catalogue.wanted_notes().items()]
    yield _("算法版本"), [catalogue.make_formula(rows, *item) for item in catalogue.wanted_formulas().items()]
    if demo:
        yield _("演示登录"), make_accounts(rows, plan.logins)


# ── every later time ────────────────────────────────────────────────────────────────────────────────────────────


def _load_again(profile: Profile, plan: Plan, district: District, *, apply: bool, report: Report) -> Loaded:
    rows = _known_rows(profile, plan, district)
    differences = find_differences(district, rows, plan)
    for difference in differences[:MOST_SHOWN]:
        report(f"  {difference}")
    if len(differences) > MOST_SHOWN:
        report(_("  …另有 %(count)d 处") % {"count": len(differences) - MOST_SHOWN})
    if not differences:
        report(_("%(name)s与配置没有差别。") % {"name": profile.name})
    elif not apply:
        report(_("共 %(count)d 处差别，什么也没有改；要改请加 --apply。") % {"count": len(differences)})
    if not (apply and differences):
        return Loaded(district.pk, differences=tuple(differences))
    with transaction.atomic():
        Applying(rows, plan, differences).run()
        sentence = _("按配置改动 %(count)d 处") % {"count": len(differences)}
        _note(district, sentence, {"differences": [str(each) for each in differences[:MOST_SHOWN]]})
    memory.forget()
    report(_("%(count)d 处差别已按配置处理，库里多出的保留不动。") % {"count": len(differences)})
    return Loaded(district.pk, differences=tuple(differences), applied=True)


def _known_rows(profile: Profile, plan: Plan, district: District) -> Rows:
    """What the database has, by code, so that additions can refer to it."""
    rows = Rows(profile, district)
    rows.places = {row.code: row for row in Place.objects.filter(district_id=district.pk).order_by("id")}
    organisations = Organisation.objects.filter(district_id=district.pk).select_related("place").order_by("id")
    rows.organisations = {row.code: row for row in organisations}
    held = dict(Post.objects.filter(district_id=district.pk).values_list("code", "person_id"))
    for post in plan.posts:
        person = held.get(post.code)
        if post.person and person:
            rows.persons[post.person] = person
    return rows


def _note(district: District, sentence: str, data: dict[str, object]) -> None:
    Change.objects.create(
        district_id=district.pk, actor="linli load", subject=district.name, sentence=sentence, data=data
    )
