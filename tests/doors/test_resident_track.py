"""查一件: who may open it, what stands there, and the resident's own acts with a receipt or by number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.ledger import erasing, sealing
from linli.core.matters.models import Attachment, Call, Contact, Entry, Matter
from linli.core.people import actor as actors
from linli.core.people.actor import Actor
from tests.cast import DISTRICT, Town
from tests.doors.resident_cast import picture, say, sign_in, warm

PHONE = "13911112222"


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


class Walk:
    """One matter, said on the form, and the staff who act on it."""

    def __init__(self, client: Client, town: Town, **more: Any) -> None:
        self.town = town
        self.matter, self.receipt = say(client, town, **more)
        self.ids: dict[str, Any] = {"district_id": DISTRICT, "matter_id": self.matter.pk}
        self.url = f"/t/{self.receipt}"

    def by(self, name: str) -> Actor:
        return actors.for_user(self.town.users[name].pk)

    def resolve(self) -> None:
        actions.accept(actor=self.by("grid"), **self.ids)
        actions.reply(actor=self.by("grid"), text="收到了，中午前到。", **self.ids)
        actions.progress(actor=self.by("grid"), text="看过了，换灯座。", **self.ids)
        actions.resolve(actor=self.by("grid"), text="灯亮了。", cause="设施老化", **self.ids)

    def verify(self) -> None:
        self.resolve()
        actions.verify(actor=self.by("community"), passed=True, text="晚上去看，亮着。", **self.ids)

    def whistle(self) -> None:
        actions.accept(actor=self.by("grid"), **self.ids)
        actions.whistle(actor=self.by("community"), units=["O-power", "O-chengguan", "O-firm"], reason="要断电改线",
                        kind="joint", **self.ids)  # fmt: skip
        actions.report(actor=self.by("power"), state="done", text="改好了", **self.ids)
        Call.objects.filter(post=self.town.posts["firm_unit"]).update(due_at=timezone.now() - timedelta(minutes=40))

    def state(self) -> str:
        return Matter.objects.values_list("state", flat=True).get(pk=self.matter.pk)


def read(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200
    return page.content.decode()


# ── opening it ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M1")
def test_the_receipt_opens_it_however_it_was_written_down(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    typed = walk.receipt.replace("-", " ").lower()
    found = Client().post("/t/", {"receipt": typed})
    assert found["Location"] == walk.url
    html = read(Client(), walk.url)
    for words in (walk.matter.number, "王禾苗", "还剩", "每一步都记着", "凭码就能查"):
        assert words in html
    assert read(Client(), f"{walk.url}/") == read(Client(), f"{walk.url}/")


def test_a_wrong_receipt_is_told_in_words_and_counted(client: Client, town: Town) -> None:
    receipt = Walk(client, town).receipt
    other = receipt[:-1] + ("0" if receipt[-1] != "0" else "1")
    stranger = Client()
    page = stranger.get(f"/t/{other}")
    assert (page.status_code, "没有找到这张回执" in page.content.decode()) == (404, True)
    short = stranger.post("/t/", {"receipt": "ABCD"})
    assert (short.status_code, "应是20位" in short.content.decode()) == (404, True)
    for _ in range(28):
        assert stranger.get(f"/t/{other}").status_code == 404
    assert stranger.get(f"/t/{other}").status_code == 429
    assert stranger.get(f"/t/{receipt}").status_code == 200  # who holds the right one is not made to wait


def test_by_number_for_who_said_it_and_nobody_else(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    walk = Walk(client, town)
    client.post("/mine/forget/")
    assert client.get(f"/m/{walk.matter.number.lower()}/").status_code == 200
    for who in ("resident2", "grid", "street"):
        other = Client()
        sign_in(other, who)
        assert other.get(f"/m/{walk.matter.number}/").status_code == 404
    assert Client().get(f"/m/{walk.matter.number}/").status_code == 404


def test_a_tracked_page_is_kept_by_nobody(client: Client, town: Town) -> None:
    page = client.get(Walk(client, town).url)
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex"


# ── what stands there ───────────────────────────────────────────────────────────────────────────────────────────
def test_the_line_says_what_was_promised_and_used(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    walk.resolve()
    html = read(client, walk.url)
    for words in (
        "说好 1 小时，用了 1 分",
        "说好 3 小时，用了 1 分",
        "等着核查",
        "换一个人去看",
        "原因是设施老化",
        "7 天内",
    ):
        assert words in html
    assert html.count('aria-current="step"') == 1


def test_lateness_is_owned(client: Client, town: Town) -> None:
    from linli.core.matters import sweep

    walk = Walk(client, town)
    late = timezone.now() + timedelta(hours=2)
    sweep.sweep(now=late)
    html = read(client, walk.url)
    assert "晚了。说好" in html  # the breach stands in the story
    Matter.objects.filter(pk=walk.matter.pk).update(
        clocks=[{**c, "due_at": (timezone.now() - timedelta(hours=1)).isoformat()} if c["stage"] == "reply" else c
                for c in Matter.objects.get(pk=walk.matter.pk).clocks]
    )  # fmt: skip
    html = read(client, walk.url)
    assert "是我们慢了，上一级已经知道。" in html
    assert 'class="bigclock over" role="status"' in html


def test_the_whistle_names_who_came_and_who_did_not(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    walk.whistle()
    html = read(client, walk.url)
    for words in ("吹哨：3 家到 1 家", "联合处置", "改好了", "办好了", "现在还没到", "晚了 40 分", "已报街道和区里"):
        assert words in html
    # The seal takes what tells the units of one district apart.
    assert '<span class="seal done sm" aria-hidden="true">供</span>' in html


def test_pictures_open_for_the_reporter_and_those_who_work_on_it(client: Client, town: Town) -> None:
    walk = Walk(client, town, attachments_files=[picture()])
    shot = f"/attachments/{Attachment.objects.get().pk}/"
    assert f"{shot}?receipt={walk.receipt}" in read(Client(), walk.url)
    grid, stranger = Client(), Client()
    sign_in(grid, "grid")
    sign_in(stranger, "grid2")
    assert Client().get(f"{shot}?receipt={walk.receipt}").status_code == 200
    assert (client.get(shot).status_code, grid.get(shot).status_code) == (200, 200)  # this phone; the handler
    other = Walk(Client(), town, key="d" * 32, text="别的事。")
    assert Client().get(shot).status_code == 404
    assert stranger.get(shot).status_code == 404
    assert Client().get(f"{shot}?receipt={other.receipt}").status_code == 404


def test_who_looked_at_my_telephone(client: Client, town: Town) -> None:
    walk = Walk(client, town, phone=PHONE, name="李冬青")
    assert "还没有人看过" in read(client, walk.url)
    erasing.reveal(actor=walk.by("grid"), reason="给居民回电话", **walk.ids)
    html = read(client, walk.url)
    for words in ("王禾苗 网格员", "给居民回电话", "139****2222"):
        assert words in html
    assert PHONE not in html
    assert "李冬青" not in html


def test_a_reporter_has_the_contact_erased(client: Client, town: Town) -> None:
    walk = Walk(client, town, phone=PHONE)
    assert client.post(f"{walk.url}/erase/").status_code == 302
    assert Contact.objects.get().phone is None
    assert "联系方式已经抹掉" in read(client, walk.url)


def test_the_board_code_stands_there_once_it_is_sealed(client: Client, town: Town) -> None:
    from linli.core.matters.ledger.board import code_of

    walk = Walk(client, town)
    assert "头一张公告" in read(client, walk.url)
    sealing.seal(DISTRICT)
    code = code_of(Matter.objects.get(pk=walk.matter.pk))
    assert code is not None
    assert code[0] in read(client, walk.url)


def test_words_are_shown_and_never_run(client: Client, town: Town) -> None:
    walk = Walk(client, town, text="灯坏了。<script>alert(1)</script>")
    html = read(client, walk.url)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize("who", ["", "resident"])
def test_tracking_costs_ten_queries_at_most(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any, who: str
) -> None:
    """With everything a page can hold: a whistle, pictures, a look at the contact, a code on the board."""
    warm(monkeypatch)
    if who:
        sign_in(client, who)
    walk = Walk(client, town, phone=PHONE, attachments_files=[picture()])
    walk.whistle()
    erasing.reveal(actor=walk.by("grid"), reason="给居民回电话", **walk.ids)
    sealing.seal(DISTRICT)
    for url in (walk.url, f"/m/{walk.matter.number}/"):
        client.get(url)
        with django_assert_max_num_queries(10):
            html = read(client, url)
        assert "给居民回电话" in html


# ── acting ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_five_words_when_it_has_been_verified_and_not_before(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    early = client.post(f"{walk.url}/rate/", {"score": 5}, follow=True)
    assert "不能评价" in early.content.decode()
    assert "<fieldset disabled>" in read(client, walk.url)
    walk.verify()
    none = client.post(f"{walk.url}/rate/", {"words": "谢谢小王"})
    assert (none.status_code, "五个里点一个" in none.content.decode(), "谢谢小王" in none.content.decode()) == (
        422,
        True,
        True,
    )
    assert client.post(f"{walk.url}/rate/", {"score": 9}).status_code == 422
    client.post(f"{walk.url}/rate/", {"score": 5, "words": "谢谢小王"})
    html = read(client, walk.url)
    assert (walk.state(), "评了“很好”。谢谢小王。" in html) == ("closed", True)
    again = client.post(f"{walk.url}/rate/", {"score": 1}, follow=True)
    assert "已经评过了" in again.content.decode()
    assert Matter.objects.get(pk=walk.matter.pk).score == 5


def test_not_fixed_goes_to_another_unit_with_a_picture(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    walk.verify()
    assert client.post(f"{walk.url}/contest/", {"text": ""}).status_code == 422
    done = client.post(f"{walk.url}/contest/", {"text": "又不亮了", "attachments_files": [picture()]})
    assert (done.status_code, walk.state()) == (302, "contested")
    assert Attachment.objects.filter(matter_id=walk.matter.pk).count() == 1
    html = read(client, walk.url)
    for words in ("提了异议，换一家没经手的来看：又不亮了。", "换一家来看", "说好 3 天"):
        assert words in html


def test_it_came_back(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    walk = Walk(client, town)
    walk.verify()
    url = f"/m/{walk.matter.number}"
    client.post(f"{url}/rate/", {"score": 4})
    assert client.post(f"{url}/reopen/", {"reason": ""}).status_code == 422
    assert client.post(f"{url}/reopen/", {"reason": "又灭了"})["Location"] == f"{url}/"
    assert walk.state() == "in_progress"
    assert "重新办：又灭了。" in read(client, f"{url}/")


def test_nobody_rates_in_a_residents_name(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    walk.verify()
    for who in ("grid", "community", "resident2"):
        other = Client()
        sign_in(other, who)
        assert other.post(f"/m/{walk.matter.number}/rate/", {"score": 5}).status_code == 404
    assert client.post(f"{walk.url}/close/", {"text": "x"}).status_code == 404  # no act of a resident
    assert client.get(f"{walk.url}/rate/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{walk.url}/rate/", {"score": 5}).status_code == 403
    assert walk.state() == "verified"


def test_a_merged_one_shows_the_jobs_holder_and_waits_for_it(client: Client, town: Town) -> None:
    job = Walk(Client(), town, text="楼道灯全灭了。", key="c" * 32)
    walk = Walk(client, town)
    actions.merge(actor=walk.by("community"), into_id=job.matter.pk, reason="同一盏灯", **walk.ids)
    html = read(client, walk.url)
    for words in ("和邻居的一起办", "王禾苗", "您的答复、评价和异议还是您自己的"):
        assert words in html
    assert "<fieldset disabled>" in html
    assert job.matter.text not in html
    job.verify()
    assert "就这么评" in read(client, walk.url)
    client.post(f"{walk.url}/rate/", {"score": 3})
    assert Matter.objects.get(pk=walk.matter.pk).score == 3


def test_a_declined_one_says_why_and_where_to_go(client: Client, town: Town) -> None:
    walk = Walk(client, town, kind="dispute")
    actions.decline(actor=walk.by("community"), basis="《人民调解法》第三条", redirect="街道司法所", **walk.ids)
    assert "看归不归这里，等复核" in read(client, walk.url)
    actions.confirm(actor=walk.by("street"), agreed=True, **walk.ids)
    html = read(client, walk.url)
    for words in ("《人民调解法》第三条", "可以去：街道司法所。", "换人复核过，不受理。", "没办好？可以提异议。"):
        assert words in html


def test_every_entry_of_the_ledger_is_told(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    walk.whistle()
    html = read(client, walk.url)
    count = Entry.objects.filter(matter_id=walk.matter.pk).count()
    assert html.count("<time datetime=") == count
    assert f"共 {count} 条" in html
