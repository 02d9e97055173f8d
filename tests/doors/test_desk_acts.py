"""Acts through their forms: done and redirected, or shown again with the words kept and the reason beside the field."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from linli.core.matters import acting, actions, api
from linli.core.matters.asking import About
from linli.core.matters.forms import FORMS
from linli.core.matters.models import Attachment, Call, Matter
from tests.cast import Town
from tests.doors.desk_cast import ActAs, ids, now_of, opened, sit


def test_there_is_a_form_for_every_act_and_every_form_can_be_drawn(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    assert set(FORMS) == set(api.ACTS) == set(acting.ORDER)
    for act, form in FORMS.items():
        assert form.act == act
        drawn = str(form(About(act_as("community"), made)))
        assert "{" not in drawn
        assert all((form.label, form.question, form.verb, form.done))


def test_what_comes_next_stands_first(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    grid = act_as("grid")

    def first(actor: str) -> str:
        matter = now_of(made)
        acts = [a for a in FORMS if acting.may(act_as(actor), matter, a)]
        bar = acting.bar(matter, acts)
        return bar.primary.act if bar.primary else ""

    assert first("grid") == "accept"
    actions.accept(actor=grid, **ids(made))
    assert first("grid") == "reply"
    actions.reply(actor=grid, text="收到", **ids(made))
    assert first("grid") == "progress"
    actions.progress(actor=grid, text="在办", **ids(made))
    assert first("grid") == "resolve"
    actions.resolve(actor=grid, text="好了", cause="aging", **ids(made))
    assert first("community") == "verify"
    actions.verify(actor=act_as("community"), passed=True, text="好", **ids(made))
    actions.rate(actor=act_as("resident"), score=5, **ids(made))
    assert first("street") == ""  # reopening what is over is no next step


def test_one_button_acts_are_one_post_and_come_back_to_the_list(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    grid, back = sit(town, "grid"), "/desk/?tab=watch&kind=appeal"
    done = grid.post(f"/desk/m/{made.number}/accept/", {"next": back, "version": made.version}, follow=True)
    assert done.redirect_chain == [(back, 302)]
    assert "接了，记得先给居民回句话" in done.content.decode()
    assert now_of(made).state == "accepted"
    again = grid.post(f"/desk/m/{made.number}/accept/", {"next": "https://elsewhere.example/"}, follow=True)
    assert again.redirect_chain == [(f"/desk/m/{made.number}/", 302)]
    assert "不能接单" in again.content.decode()


def test_a_missing_reason_brings_the_form_back_with_the_words(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    url = f"/desk/m/{made.number}/return/"
    for headers in ({}, {"HTTP_HX_REQUEST": "true"}):
        shown = sit(town, "grid").post(url, {"text": "归供电所管", "reason": ""}, **headers)
        page = shown.content.decode()
        assert shown.status_code == 422
        assert "归供电所管" in page
        assert "为什么退" in page
        assert "这里还空着" in page
    assert now_of(made).state == "dispatched"
    kept = sit(town, "grid").post(url, {"text": "归供电所管", "reason": "not_ours", "suggest_word": "供电所"})
    assert kept.status_code == 302
    assert now_of(made).timeline.last().data["suggest"] == "T-power_unit"


def test_htmx_is_told_where_to_go(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    done = sit(town, "grid").post(f"/desk/m/{made.number}/reply/", {"text": "收到，晚上去。"}, HTTP_HX_REQUEST="true")
    assert (done.status_code, done["HX-Redirect"]) == (204, f"/desk/m/{made.number}/")
    assert now_of(made).replied_at is not None
    dialog = sit(town, "grid").get(f"/desk/m/{made.number}/return/", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in dialog
    assert "退回这件事？" in dialog
    assert "首接的柳荫社区居委会" in dialog


@pytest.mark.parametrize(
    ("sent", "handler"),
    [
        ({"to": "T-firm_unit"}, "firm_unit"),
        ({"to_word": "柳荫物业"}, "firm_unit"),
        ({"to_word": "供电 单位"}, None),
        ({"to_word": "于小满"}, "gridb"),
        ({"to_word": "网格员"}, None),
        ({"to": "T-volunteer"}, None),
        ({}, None),
    ],
)
def test_whom_it_goes_to_may_be_chosen_or_named(
    town: Town, act_as: ActAs, sent: dict[str, str], handler: str | None
) -> None:
    made = opened(town, act_as("resident"))
    done = sit(town, "community").post(f"/desk/m/{made.number}/dispatch/", sent)
    assert done.status_code == (302 if handler else 422)
    assert now_of(made).handler_id == town.posts[handler or "grid"].pk


def test_looking_somebody_up_without_script_judges_nothing(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    url = f"/desk/m/{made.number}/hand_down/"
    found = sit(town, "street").post(url, {"to_word": "网格员", "reason": "近", "find": "to"})
    page = found.content.decode()
    assert found.status_code == 200
    assert "T-gridb" in page
    assert "近" in page
    assert "T-grid2" not in page  # another street's grid is not below this one
    assert 'aria-invalid="true"' not in page
    assert now_of(made).handler_id == town.posts["grid"].pk
    part = sit(town, "street").get(f"{url}find/", {"for": "to", "to_word": "于"}).content.decode()
    assert "T-gridb" in part
    assert "<form" not in part
    assert sit(town, "street").get(f"{url}find/", {"for": "reason"}).status_code == 404
    assert sit(town, "auditor").get(f"{url}find/", {"for": "to"}).status_code == 404


def test_a_whistle_calls_those_ticked_and_those_named(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    url = f"/desk/m/{made.number}/whistle/"
    form = {"units": ["T-power_unit"], "units_word": "城管局、柳荫物业", "kind": "joint", "reason": "要断电"}
    bad = sit(town, "street").post(url, {**form, "units": [], "units_word": "没有这家"})
    assert bad.status_code == 422
    assert "没有找到“没有这家”" in bad.content.decode()
    assert sit(town, "street").post(url, form).status_code == 302
    called = {c.post.code for c in Call.objects.all()}
    assert called == {"T-power_unit", "T-chengguan_unit", "T-firm_unit"}


def test_a_called_unit_reports_from_its_list(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    actions.whistle(actor=act_as("street"), units=["O-power"], reason="请断电", **ids(made))
    power = sit(town, "power")
    page = power.get("/desk/calls/").content.decode()
    assert "请断电" in page
    assert "示范区供电所" in page
    assert "请断电" not in sit(town, "department").get("/desk/calls/").content.decode()
    url, unit = f"/desk/m/{made.number}/report/", re.findall(r'name="unit" value="([^"]+)"', page)[0]
    arrived = power.post(url, {"state": "arrived", "unit": unit, "next": "/desk/calls/"})
    assert (arrived.status_code, arrived["Location"]) == (302, "/desk/calls/")
    silent = power.post(url, {"state": "refused", "unit": unit})
    assert silent.status_code == 422
    assert "不来要写理由" in silent.content.decode()
    assert power.post(url, {"state": "done", "text": "电断好了", "unit": unit}).status_code == 302
    assert Call.objects.get().state == "done"
    assert "电断好了" in power.get("/desk/calls/?tab=answered").content.decode()


def test_a_page_older_than_the_matter_is_refused_and_shows_the_new_version(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    actions.reply(actor=act_as("grid"), text="收到", **ids(made))
    grid, url = sit(town, "grid"), f"/desk/m/{made.number}/reply/"
    stale = grid.post(url, {"text": "再说一句", "version": made.version})
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "刚被别人改过" in page
    assert "再说一句" in page
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    assert grid.post(url, {"text": "再说一句", "version": version}).status_code == 302


def test_acts_against_state_or_duty_are_refused_in_words(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    denied = sit(town, "community").post(f"/desk/m/{made.number}/resolve/", {"text": "好了", "cause": "aging"})
    assert denied.status_code == 409
    assert "不能办结" in denied.content.decode()
    other = sit(town, "community").post(f"/desk/m/{made.number}/reply/", {"text": "收到"})
    assert other.status_code == 403
    assert now_of(made).replied_at is None
    assert sit(town, "community").get(f"/desk/m/{made.number}/nothing/").status_code == 404


def test_no_act_without_its_token(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.users["grid"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/desk/m/{made.number}/accept/").status_code == 403
    assert client.get(f"/desk/m/{made.number}/accept/").status_code == 200
    assert now_of(made).state == "dispatched"


def picture() -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", (40, 30), "#888").save(made, "JPEG")
    return SimpleUploadedFile("lamp.jpg", made.getvalue(), "image/jpeg")


def test_photos_travel_with_the_form_where_there_is_no_script(
    town: Town, act_as: ActAs, settings: object, tmp_path: object
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    made = opened(town, act_as("resident"), kind="hazard")
    actions.accept(actor=act_as("grid"), **ids(made))
    url = f"/desk/m/{made.number}/resolve/"
    grid = sit(town, "grid")
    bare = grid.post(url, {"text": "换好了", "cause": "aging"})
    assert bare.status_code == 422
    assert "要有现场照片" in bare.content.decode()
    half = grid.post(url, {"text": "换好了", "cause": "", "attachments_files": picture()})
    kept = re.findall(r'name="attachments" value="([^"]+)"', half.content.decode())
    assert (half.status_code, len(kept)) == (422, 1)
    done = grid.post(url, {"text": "换好了", "cause": "aging", "attachments": kept})
    assert done.status_code == 302
    assert Attachment.objects.get().matter_id == made.pk
    text = SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")
    again = opened(town, act_as("resident"), kind="hazard")
    actions.accept(actor=act_as("grid"), **ids(again))
    wrong = grid.post(f"/desk/m/{again.number}/resolve/", {"text": "好", "cause": "aging", "attachments_files": text})
    assert wrong.status_code == 422
    assert now_of(again).state == "accepted"


def test_times_and_choices_reach_the_action(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    actions.accept(actor=act_as("grid"), **ids(made))
    until = timezone.localtime() + timedelta(days=1)
    late = timezone.localtime() - timedelta(days=1)
    grid, url = sit(town, "grid"), f"/desk/m/{made.number}/pause/"
    past = grid.post(url, {"reason": "material", "until": f"{late:%Y-%m-%dT%H:%M}"})
    assert past.status_code == 422
    assert "要在以后" in past.content.decode()
    assert grid.post(url, {"reason": "material", "until": "明天"}).status_code == 422
    assert grid.post(url, {"reason": "material", "until": f"{until:%Y-%m-%dT%H:%M}"}).status_code == 302
    assert now_of(made).state == "paused"
    page = grid.get(f"/desk/m/{made.number}/").content.decode()
    assert "等配件材料" in page
    assert grid.post(f"/desk/m/{made.number}/resume/").status_code == 302
    assert now_of(made).state == "accepted"


def test_merging_names_the_job_by_choice_or_number(town: Town, act_as: ActAs) -> None:
    job, member = opened(town, act_as("resident"), "灯坏了"), opened(town, act_as("resident2"), "灯又坏了")
    away = opened(town, act_as("resident2"), "灯也坏了", place="grid2")
    url, desk = f"/desk/m/{member.number}/merge/", sit(town, "community")
    assert job.number in desk.get(url).content.decode()
    assert away.number not in desk.get(url).content.decode()
    assert desk.post(url, {"into_word": away.number, "reason": "同一盏"}).status_code == 422
    assert desk.post(url, {"into": away.number, "reason": "同一盏"}).status_code == 422
    assert desk.post(url, {"into_word": job.number, "reason": "同一盏"}).status_code == 302
    assert Matter.objects.get(pk=member.pk).job_id == job.pk
