"""说一件事: by every way to say where, once however often it is sent, and never losing a word."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.core.matters.models import Attachment, Contact, Matter
from linli.kit.models import Answered, Upload
from tests.cast import LAT, LON, Town
from tests.doors.resident_cast import KEY, WORDS, form, picture, receipt_in, say, sign_in


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def codes(town: Town, *names: str) -> list[str]:
    return [town.places[name].code for name in names]


# ── where ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M1")
def test_a_scanned_door_needs_no_other_place(client: Client, town: Town) -> None:
    door = town.places["unitb"].door
    html = client.get(f"/say/?door={door.lower()}").content.decode()
    assert "柳荫里 1 号楼 2 单元" in html
    matter, _receipt = say(client, town, place=town.places["unitb"].code, channel="qr")
    assert (matter.place_id, matter.channel, matter.state) == (town.places["unitb"].pk, "qr", "dispatched")


def test_a_wrong_door_says_so_and_the_form_still_stands(client: Client, town: Town) -> None:
    html = client.get("/say/?door=0000-0000-0000").content.decode()
    assert "门牌码" in html
    assert 'name="at"' in html


def test_the_place_is_chosen_step_by_step_without_script(client: Client, town: Town) -> None:
    picked: list[str] = []
    for code in codes(town, "street", "community", "quarter", "grid", "building", "unit"):
        picked.append(code)
        page = client.post("/say/", form(town, way="steps", place="", at=picked, go="steps", text="写了一半"))
        html = page.content.decode()
        assert page.status_code == 200
        assert "写了一半" in html
        assert f'<option value="{code}" selected>' in html
    assert not Matter.objects.exists()
    matter, _receipt = say(client, town, way="steps", place="", at=picked)
    assert matter.place_id == town.places["unit"].pk


def test_another_street_drops_what_stood_below(client: Client, town: Town) -> None:
    picked = codes(town, "street2", "community", "quarter")
    html = client.post("/say/", form(town, way="steps", place="", at=picked, go="steps")).content.decode()
    assert town.places["community2"].name in html
    assert f'<option value="{town.places["community"].code}"' not in html


def test_a_street_is_too_wide(client: Client, town: Town) -> None:
    page = client.post("/say/", form(town, way="steps", place="", at=codes(town, "street")))
    assert (page.status_code, "再往下选一级" in page.content.decode()) == (422, True)


def test_script_swaps_only_the_part_about_the_place(client: Client, town: Town) -> None:
    page = client.post("/say/", form(town, way="steps", place="", go="map"), headers={"HX-Request": "true"})
    html = page.content.decode()
    assert html.lstrip().startswith("<fieldset")
    assert "data-map-picker" in html


def test_a_point_on_the_map_finds_its_grid(client: Client, town: Town) -> None:
    point = {"way": "map", "place": "", "lon": LON + 0.015, "lat": LAT + 0.005}
    matter, _receipt = say(client, town, **point)
    assert (matter.place_id, matter.handler_id) == (town.places["gridb"].pk, town.posts["gridb"].pk)
    outside = client.post("/say/", form(town, **{**point, "lon": 0, "key": "f" * 32}))
    assert (outside.status_code, "不在本区" in outside.content.decode()) == (422, True)


def test_ones_own_door_stands_there_already(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    assert "柳荫里 1 号楼 1 单元" in client.get("/say/").content.decode()


# ── what ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_wrong_is_said_all_at_once_and_every_word_stays(client: Client, town: Town) -> None:
    typed = form(town, text="", phone="123", name="李冬青", way="steps", place="")
    page = client.post("/say/", typed)
    html = page.content.decode()
    assert page.status_code == 422
    for words in ("写一句就行", "选一处", "电话号码不对", 'value="123"', 'value="李冬青"', KEY):
        assert words in html
    assert not Matter.objects.exists()


def test_ten_thousand_characters_and_not_one_more(client: Client, town: Town) -> None:
    page = client.post("/say/", form(town, text="长" * 10_001))
    html = page.content.decode()
    assert (page.status_code, "最多 10,000 字，现在是 10,001 字" in html, "长" * 10_001 in html) == (422, True, True)
    matter, _receipt = say(client, town, text="长" * 10_000)
    assert len(matter.text) == 10_000


def test_without_a_name_nothing_of_a_name_is_kept(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    matter, _receipt = say(client, town, anonymous="on", phone="13911112222", name="李冬青")
    assert (matter.anonymous, matter.opened_by_id) == (True, None)
    assert not Contact.objects.exists()


def test_a_dispute_stays_confidential_unless_somebody_says_otherwise(client: Client, town: Town) -> None:
    assert say(client, town, kind="dispute")[0].confidential
    assert not say(client, town, key="a" * 32)[0].confidential
    assert say(client, town, key="b" * 32, confidential="on")[0].confidential


def test_a_task_of_a_department_is_nothing_for_residents(client: Client, town: Town) -> None:
    assert 'value="task"' not in client.get("/say/").content.decode()
    assert client.post("/say/", form(town, kind="task")).status_code == 422


def test_who_wants_to_be_rung_up_leaves_a_number(client: Client, town: Town) -> None:
    assert "请给我打电话" in client.get("/say/?call=1").content.decode()
    page = client.post("/say/", form(town, call="1"))
    assert (page.status_code, "得留个号码" in page.content.decode()) == (422, True)
    assert client.post("/say/", form(town, call="1", phone="13911112222")).status_code == 302


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_pictures_come_with_the_form_where_there_is_no_script(client: Client, town: Town) -> None:
    matter, receipt = say(client, town, attachments_files=[picture(), picture("b.jpg", "blue")])
    shots = list(Attachment.objects.filter(matter=matter))
    assert len(shots) == 2
    shown = client.get(f"/attachments/{shots[0].pk}/?receipt={receipt}")
    assert (shown.status_code, shown["Content-Type"]) == (200, shots[0].mime)


@pytest.mark.parametrize("text", [WORDS, ""])
def test_a_file_that_is_no_picture_costs_neither_the_words_nor_the_other_picture(
    client: Client, town: Town, text: str
) -> None:
    sent = [picture(), SimpleUploadedFile("房本.pdf", b"%PDF-1.7 ", "application/pdf")]
    page = client.post("/say/", form(town, text=text, phone="13911112222", attachments_files=sent))
    html = page.content.decode()
    kept = [upload for upload in Upload.objects.all() if f'value="{upload.pk}" checked' in html]
    assert (page.status_code, "这是PDF文件" in html, len(kept)) == (422, True, 1)
    assert (text in html, "13911112222" in html) == (True, True)
    assert not Matter.objects.exists()


def test_a_form_that_comes_back_keeps_its_pictures(client: Client, town: Town) -> None:
    page = client.post("/say/", form(town, text="", attachments_files=[picture()]))
    upload = Upload.objects.get()
    assert f'value="{upload.pk}" checked' in page.content.decode()
    matter, _receipt = say(client, town, attachments=[str(upload.pk)])
    assert Attachment.objects.get(matter=matter).pk == upload.pk


def test_what_is_no_picture_is_refused_with_the_words_kept(client: Client, town: Town) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    page = client.post("/say/", form(town, attachments_files=[SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>")]))
    assert (page.status_code, WORDS in page.content.decode(), Matter.objects.count()) == (422, True, 0)


# ── once ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_form_sent_twice_makes_one_matter_with_one_receipt(client: Client, town: Town) -> None:
    first = say(client, town, attachments_files=[picture()])
    second = say(client, town, attachments_files=[picture()])
    assert first[1]
    assert first == second
    assert (Matter.objects.count(), Answered.objects.count()) == (1, 1)


def test_other_words_on_a_form_already_sent_are_asked_about_once(client: Client, town: Town) -> None:
    say(client, town)
    page = client.post("/say/", form(town, text="另外一件：水管漏了。"))
    html = page.content.decode()
    assert page.status_code == 409
    assert "另外一件：水管漏了。" in html
    assert KEY not in html
    assert Matter.objects.count() == 1


def test_a_made_up_key_is_replaced(client: Client, town: Town) -> None:
    say(client, town, key="1")
    say(client, town, key="1")
    assert Matter.objects.count() == 2


def test_sixty_a_minute_for_an_address_and_none_for_an_account(client: Client, town: Town) -> None:
    from linli.kit import rates

    for _ in range(60):
        rates.count("open", "127.0.0.1", limit=60)
    page = client.post("/say/", form(town))
    assert (page.status_code, Matter.objects.count()) == (429, 0)
    assert re.search(r"过 \d+ 秒就能再来", page.content.decode())
    sign_in(client, "resident")
    assert client.post("/say/", form(town)).status_code == 302


# ── afterwards ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M1")
def test_the_page_after_names_who_and_when_and_shows_the_receipt_once(client: Client, town: Town) -> None:
    done = client.post("/say/", form(town))
    assert done["Location"] == "/say/done/"
    page = client.get("/say/done/")
    html = page.content.decode()
    receipt = receipt_in(html)
    for words in ("王禾苗收到了。", "1 小时内给您回话", "data-draft-sent", 'class="qr"'):
        assert words in html
    assert client.get(f"/t/{receipt}").status_code == 200
    again = client.get("/say/done/").content.decode()
    assert receipt not in again
    assert "回执已经看过了" in again


def test_the_receipt_lies_nowhere_in_the_database_and_not_plain_in_the_cookie(client: Client, town: Town) -> None:
    done = client.post("/say/", form(town))
    carried = "".join(morsel.value for morsel in done.cookies.values())
    receipt = receipt_in(client.get("/say/done/").content.decode())
    from django.contrib.sessions.models import Session

    kept = "".join(f"{s.get_decoded()}" for s in Session.objects.all())
    plain = receipt.replace("-", "")
    assert receipt
    assert receipt not in carried
    assert plain not in carried
    assert receipt not in kept
    assert all(morsel["httponly"] for name, morsel in done.cookies.items() if name.startswith("linli_"))


def test_a_forged_slip_shows_nothing(client: Client, town: Town) -> None:
    _matter, receipt = say(client, town)
    client.cookies["linli_slip"] = receipt
    assert receipt not in client.get("/say/done/").content.decode()


# ── one question a screen ───────────────────────────────────────────────────────────────────────────────────────
def walk(client: Client, **answers: Any) -> Any:
    return client.post("/say/one/", {"key": KEY, **answers})


def test_three_questions_and_it_is_said(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    assert "您遇到什么事了" in client.get("/say/one/").content.decode()
    assert "灯在哪里" in walk(client, what="light").content.decode()
    assert "怎么给您回话" in walk(client, what="light", where="home").content.decode()
    done = walk(client, what="light", where="home", how="visit")
    assert done["Location"] == "/say/done/?one=1"
    matter = Matter.objects.get()
    assert matter.text == "灯不亮。在我家楼道。请上门来说。"
    assert (matter.place_id, matter.handler_id) == (town.places["unit"].pk, town.posts["grid"].pk)
    assert "王禾苗收到了。" in client.get(done["Location"]).content.decode()


def test_a_call_needs_a_number_that_can_be_rung(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    asked = {"what": "road", "where": "yard", "how": "call"}
    assert "打哪个电话" in walk(client, **asked).content.decode()
    bad = walk(client, **asked, phone="12")
    assert (bad.status_code, "电话号码不对" in bad.content.decode()) == (422, True)
    assert walk(client, **asked, phone="").status_code == 422
    assert walk(client, **asked, phone="13911112222").status_code == 302
    assert Matter.objects.get().place_id == town.places["quarter"].pk
    assert Contact.objects.get().mask == "139****2222"


def test_somebody_unknown_chooses_the_place_by_big_buttons(client: Client, town: Town) -> None:
    said = {"what": "other", "words": "楼顶漏水"}
    assert "您说，什么事" in walk(client, what="other").content.decode()
    assert "东桥街道" in walk(client, **said).content.decode()
    assert "柳荫社区" in walk(client, **said, at=codes(town, "street")).content.decode()
    assert "怎么给您回话" in walk(client, **said, at=codes(town, "street", "community", "quarter")).content.decode()
    done = walk(client, **said, at=codes(town, "street", "community", "quarter"), how="none")
    assert done.status_code == 302
    assert Matter.objects.get().text == "楼顶漏水。修好就行，不用回话。"


def test_one_question_back_drops_one_answer(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    back = walk(client, what="light", where="home", back="how").content.decode()
    assert "灯在哪里" in back
    assert 'name="where" value="home"' in back  # an answer to choose, no longer a hidden one
    assert '<input type="hidden" name="where"' not in back
    assert "您遇到什么事了" in walk(client, what="light", back="where").content.decode()
    deep = walk(client, what="water", where="elsewhere", at=codes(town, "street", "community"), back="at")
    assert "柳荫社区" in deep.content.decode()
    assert not Matter.objects.exists()
