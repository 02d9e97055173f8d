"""What a resident said in several points stands beside the answer, point by point."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from linli.core.matters import actions
from linli.core.matters.models import Matter
from linli.core.matters.models.matter import ERASED_TEXT
from linli.core.matters.points import MOST, NEIGHBOURS, Told, points, told
from linli.core.people.actor import Actor
from tests.cast import DISTRICT, Town
from tests.matters.test_following import join
from tests.matters.test_walk import opened

ActAs = Callable[[str], Actor]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("楼道灯坏了两天。单元门也关不上！垃圾没人收？", ["楼道灯坏了两天", "单元门也关不上", "垃圾没人收"]),
        ("1、楼道灯坏了 2、单元门关不上", ["楼道灯坏了", "单元门关不上"]),
        ("有两件事：一、路灯不亮，二、井盖松动", ["有两件事：", "路灯不亮", "井盖松动"]),
        ("3、4号楼之间的路灯不亮。", ["3、4号楼之间的路灯不亮"]),
        ("水管漏了2.5米。", ["水管漏了2.5米"]),
        ("单元门关不严。请来看一下。", ["单元门关不严"]),
        ("单元门关不严。谢谢。好的。", ["单元门关不严"]),
        ("灯坏了\n灯坏了\n门坏了很久\n灯不亮了", ["门坏了很久", "灯不亮了"]),
        ("", []),
        (ERASED_TEXT, []),
    ],
)
def test_points_are_what_asks_for_an_answer(text: str, told: list[str]) -> None:
    assert points(text) == told


def test_a_long_text_keeps_to_its_first_points() -> None:
    assert points("".join(f"第 {n} 处的灯坏了。" for n in range(40))) == [f"第 {n} 处的灯坏了" for n in range(MOST)]


@pytest.mark.system("M6")
def test_whoever_answers_and_whoever_checks_see_the_points(town: Town, act_as: ActAs, client: Client) -> None:
    two = opened(town, act_as("resident"), "楼道灯坏了两天。单元门<b>关不上。").matter
    one = opened(town, act_as("resident"), "楼道灯坏了。").matter
    for matter in (one, two):
        actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=matter.pk)
    client.force_login(town.users["grid"])
    asked = client.get(f"/field/m/{two.number}/resolve/").content.decode()
    assert "<li>楼道灯坏了两天</li>" in asked
    assert "<li>单元门&lt;b&gt;关不上</li>" in asked
    assert 'class="points"' not in client.get(f"/field/m/{one.number}/resolve/").content.decode()
    assert 'class="points"' not in client.get(f"/field/m/{two.number}/progress/").content.decode()
    actions.resolve(actor=act_as("grid"), district_id=DISTRICT, matter_id=two.pk, text="都修好了。", cause="aging")
    client.force_login(town.users["community"])
    assert "<li>楼道灯坏了两天</li>" in client.get(f"/desk/m/{two.number}/verify/").content.decode()


@pytest.mark.system("M6")
def test_what_merged_neighbours_said_stands_there_too_masked_and_without_their_names(
    town: Town, act_as: ActAs, client: Client
) -> None:
    job = opened(town, act_as("resident"), "楼道灯坏了。").matter
    join(town, job, text="楼道灯坏了。我是张伟，电话13812345678。扶手也松了。", name="张伟", phone="13812345678")
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=job.pk)
    client.force_login(town.users["grid"])
    asked = client.get(f"/field/m/{job.number}/resolve/").content.decode()
    own, theirs = asked.split('class="points"')[1].split("并进来的一位邻居还说了：")
    assert "<li>楼道灯坏了</li>" in own
    assert "<li>扶手也松了</li>" in theirs
    assert "楼道灯坏了" not in theirs.split("</div>")[0], "what was said before stands once"
    assert ("张伟" in asked, "13812345678" in asked) == (False, False)


def test_each_neighbour_has_points_of_their_own_and_of_many_the_rest_are_counted(town: Town, act_as: ActAs) -> None:
    job = opened(town, act_as("resident"), "楼道灯坏了。").matter
    for n in range(NEIGHBOURS + 2):
        join(town, job, text=f"第 {n} 层的灯坏了。谢谢。")
    join(town, job, text="我家也一样。")
    join(town, job, text="我家也一样。")
    job = Matter.objects.get(pk=job.pk)
    found = told(act_as("grid"), job)
    assert found == Told(["楼道灯坏了"], [[f"第 {n} 层的灯坏了"] for n in range(NEIGHBOURS)], more=3)


def test_a_neighbours_confidence_is_kept_from_who_does_not_see_that_very_matter(
    town: Town, act_as: ActAs, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    job = opened(town, act_as("resident"), "楼道灯坏了。门坏了很久。").matter
    secret = join(town, job, text="三楼那户把灯拧走了。").matter
    Matter.objects.filter(pk=secret.pk).update(confidential=True)
    job, over, outside = Matter.objects.get(pk=job.pk), act_as("community"), act_as("gridb")
    with django_assert_num_queries(1):
        seen = told(over, job)
    assert seen is not None
    assert seen.neighbours == [["三楼那户把灯拧走了"]]
    kept = told(outside, job)
    assert kept is not None
    assert kept.neighbours == []


def test_after_it_was_taken_out_again_a_neighbours_points_are_gone(town: Town, act_as: ActAs) -> None:
    job = opened(town, act_as("resident"), "楼道灯坏了。").matter
    member = join(town, job, text="扶手也松了。").matter
    assert told(act_as("grid"), Matter.objects.get(pk=job.pk)) is not None
    actions.unmerge(actor=act_as("community"), district_id=DISTRICT, matter_id=member.pk, reason="不是一件")
    assert told(act_as("grid"), Matter.objects.get(pk=job.pk)) is None
