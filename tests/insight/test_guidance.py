"""Help before filing: danger first, who handles it elsewhere, a stop with its basis, and what others were answered."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from linli.config.demo.stories import read_stories
from linli.config.loading import catalogue
from linli.core.matters import actions
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.insight import models
from linli.insight.before import before
from linli.insight.guidance import ask
from linli.kit.figures import on
from linli.profiles.catalogue.helping import help_rows, read_help
from linli.profiles.reading import ProfileError
from tests.cast import DISTRICT, Town
from tests.insight.said import LIFT, LIFT_TOO, say, work

pytestmark = pytest.mark.system("T4")
ActAs = Callable[[str], Actor]


@pytest.fixture
def helped(town: Town) -> Town:
    """The town with the notes that every district is loaded with."""
    wanted = catalogue.wanted_notes()
    models.Note.objects.bulk_create(models.Note(district=town.district, code=code, **wanted[code]) for code in wanted)
    return town


def test_the_written_help_is_whole() -> None:
    rows = help_rows()
    assert len(rows) >= 25
    assert all(row.basis for row in rows if row.sort == "stop")
    assert all(row.who for row in rows)
    assert {row.sort for row in rows} == {"urgent", "stop", "redirect", "answer"}
    assert {"119", "110", "120"} <= {row.phone for row in rows if row.sort == "urgent"}


def test_a_stop_without_its_basis_is_refused(tmp_path: object) -> None:
    file = tmp_path / "help.toml"  # type: ignore[operator]
    file.write_text(
        '[[notes]]\ncode = "x"\nsort = "stop"\ntitle = "不行"\ntext = "不办。"\nwords = ["法院"]\n', "utf-8"
    )
    with pytest.raises(ProfileError, match="legal basis"):
        read_help(file)


@pytest.mark.parametrize(
    ("text", "urgent", "stop", "redirect"),
    [
        ("五楼着火了，冒着黑烟！", "fire", None, None),
        ("楼道里一股煤气味，是不是漏了", "gas-smell", None, None),
        ("有人从楼梯上摔下来，流血了", "injured", None, None),
        ("隔壁在打人，快来", "crime-now", None, None),
        ("我妈困在电梯里了", "lift-trapped", None, None),
        ("法院判了他还是不赔，判决不执行怎么办", None, "gone-to-court", None),
        ("我要申请公开拆迁的批文，依申请公开", None, "disclosure", None),
        ("村书记收红包", None, "corruption", None),
        ("整栋楼停电两个小时了", None, None, "power"),
        ("我家没水了，水压一直低", None, None, "water"),
        ("暖气不热，才十五度", None, None, "heating"),
        ("工地老板拖欠我们三个月工资", None, None, "wages"),
        ("异地就医怎么报销，医保卡没带", None, None, "medical-insurance"),
        ("健身房跑路了，会员卡不退", None, None, "consumer"),
        ("路灯不亮了，晚上看不见", None, None, None),
        ("楼道里堆了旧沙发，怕着火，有隐患", None, None, None),
        ("楼道灯没电，换个灯泡吧", None, None, None),
        ("下水道漏水，院里积水没人管", None, None, None),
    ],
)
def test_words_lead_to_the_right_note(
    helped: Town, text: str, urgent: str | None, stop: str | None, redirect: str | None
) -> None:
    found = ask(DISTRICT, text)
    assert (found.urgent and found.urgent.code, found.stop and found.stop.code) == (urgent, stop)
    if urgent is None:
        assert (found.redirect and found.redirect.code) == redirect
    assert found.asks_first is bool(urgent or stop)


def test_ordinary_troubles_of_the_demo_are_seldom_sent_away(helped: Town) -> None:
    """What people say to their community is for their community: no stop, no alarm, at most one in five elsewhere."""
    told = [ask(DISTRICT, story.words) for story in read_stories()]
    assert not any(found.stop for found in told)
    assert sum(found.urgent is not None for found in told) <= 2
    assert sum(found.redirect is not None for found in told) <= len(told) / 5


def settled(town: Town, act_as: ActAs, text: str = LIFT, **more: object) -> Matter:
    matter = say(town, text, "unit", **more)
    own = {"district_id": DISTRICT, "matter_id": matter.pk}
    actions.accept(actor=act_as("grid"), **own)
    reply = "换了门机，联系人：王建国，电话13912345678，502室试过。"
    actions.resolve(actor=act_as("grid"), text=reply, cause="aging", **own)
    actions.verify(actor=act_as("community"), passed=True, text="看过了。", **own)
    done = actions.close(actor=act_as("community"), text="回访过。", **own)
    work()
    return done


def test_a_verified_public_reply_is_shown_masked(helped: Town, act_as: ActAs) -> None:
    done = settled(helped, act_as)
    found = ask(DISTRICT, LIFT_TOO, tree(DISTRICT).by_id[helped.places["unit"].pk])
    assert [reply.number for reply in found.replies] == [done.number]
    assert "换了门机" in found.replies[0].text
    for secret in ("13912345678", "王建国", "502"):
        assert secret not in str(found.replies)


def test_a_confidential_or_ill_rated_reply_is_not(helped: Town, act_as: ActAs) -> None:
    place = tree(DISTRICT).by_id[helped.places["unit"].pk]
    settled(helped, act_as, confidential=True, name="孙某", phone="13912345678")
    assert ask(DISTRICT, LIFT_TOO, place).replies == ()
    bad = settled(helped, act_as)
    assert ask(DISTRICT, LIFT_TOO, place).replies
    Matter.objects.filter(pk=bad.pk).update(score=1)
    assert ask(DISTRICT, LIFT_TOO, place).replies == ()


def test_one_look_brings_both_and_asks_first_where_it_matters(helped: Town) -> None:
    place = tree(DISTRICT).by_id[helped.places["unit"].pk]
    job = say(helped, LIFT, "unit")
    work()
    found = before(DISTRICT, LIFT_TOO, place)
    assert [one.number for one in found.offered] == [job.number]
    assert found.asks_first
    assert not before(DISTRICT, "灯坏", place)
    assert not before(DISTRICT, "路灯不亮了，晚上看不见", place).asks_first


def test_the_fragment_shows_the_number_to_dial_and_the_basis(helped: Town) -> None:
    def shown(text: str) -> str:
        where = {"text": text, "place": helped.places["unit"].code}
        return Client().post("/say/help/", where).content.decode()

    assert 'href="tel:119"' in shown("五楼着火了，冒着黑烟！")
    assert "国办发〔2020〕53号" in shown("法院判决他不执行")
    assert "不是这些，还是要说" in shown("法院判决他不执行")
    assert "tel:" not in shown("路灯不亮")


def test_a_note_put_out_of_use_leads_nowhere(helped: Town) -> None:
    models.Note.objects.filter(code="power").update(active=False)
    assert ask(DISTRICT, "整栋楼停电两个小时了").redirect is None


def test_it_is_small_in_memory(helped: Town) -> None:
    ask(DISTRICT, "路灯不亮了，晚上看不见")
    tracemalloc.start()
    ask(DISTRICT, "暖气不热，才十五度")
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 12_000_000


def test_the_resident_reads_what_others_were_answered_with_day_and_community(
    client: Client, helped: Town, act_as: ActAs
) -> None:
    done = settled(helped, act_as)
    asked = {"text": LIFT_TOO, "way": "known", "place": helped.places["unit"].code}
    html = client.post("/say/help/", asked).content.decode()
    assert "别人问过，办好了" in html
    assert done.number in html
    assert "柳荫社区" in html
    assert on(timezone.localtime(done.verified_at).date()) in html
    for secret in ("13912345678", "王建国", "502", "1 单元"):
        assert secret not in html.split("别人问过")[1].split("</section>")[0]


def test_what_is_only_a_little_alike_is_answered_with_nothing(
    helped: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(helped, act_as)
    place = tree(DISTRICT).by_id[helped.places["unit"].pk]
    assert ask(DISTRICT, LIFT_TOO, place).replies
    assert ask(DISTRICT, "楼下垃圾没人收。", place).replies == ()
    monkeypatch.setattr("linli.insight.guidance.replies.SURE", 1.01)
    assert ask(DISTRICT, LIFT_TOO, place).replies == ()
