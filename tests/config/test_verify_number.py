"""``linli verify NUMBER``: whatever carries a number is judged alone, and the command says what it judged."""

from __future__ import annotations

import pytest

from linli.core.decisions.models import Question
from linli.core.gatherings.models import Minutes, Resolution
from linli.core.matters import triggers
from linli.core.matters.ledger.verifying import main, verify
from linli.core.matters.models import Leaf, Link, Record, Seal
from linli.kit.ids import new_id
from linli.offices.councils.models import Opinion
from linli.offices.covenants.models import Comment
from linli.offices.opinions.models import Opinion as Voice
from tests.cast import DISTRICT
from tests.config.test_proof import Made, story

__all__ = ["story"]
pytestmark = pytest.mark.system("M6")

# What is asked for, and what the command says that it judged.
JUDGED = {
    "number": ["一件事"],
    "topic": ["一件事", "议题的意见 1 份", "议题的附议 1 份"],
    "vote": ["表决，由 {number} 的经过证明"],
    "sitting": ["会 1 份", "纪要 1 份", "决议 1 份", "不同意见 1 份"],
    "covenant": ["公约 1 份", "公约的意见 1 份"],
    "round": ["征求意见 1 份", "征求来的原话 1 份"],
    "admission": ["社区准入 1 份"],
}


def broken(number: str) -> list[str]:
    return [found.reason for found in verify(number=number).broken]


def vote(story: Made) -> str:
    return Question.objects.get(matter__number=story["number"]).number


def test_every_number_says_what_was_judged(story: Made, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = story | {"vote": vote(story)}
    for name, expected in JUDGED.items():
        assert main(numbers[name].lower()) == 0, name
        told = capsys.readouterr().out
        assert f"核对的是 {numbers[name]}：" in told
        for part in expected:
            assert part.format(number=story["number"]) in told, (name, part, told)
    assert verify(number=story["sitting"]).counts["seals"] >= 1, "the seal that took it in is judged with it"


def test_a_resolution_and_minutes_have_numbers_of_their_own(story: Made) -> None:
    row = Resolution.objects.get()
    report = verify(number=f"{story['sitting']}-{row.seq}")
    assert (report.ok, report.counts["records"]) == (True, 1)
    assert verify(number=f"{story['sitting']} v1").judged == f"{story['sitting']} V1：纪要 1 份"


def test_what_was_changed_by_hand_is_found_by_its_number_and_by_no_other(story: Made) -> None:
    sitting, covenant, code = story["sitting"], story["covenant"], story["round"]
    Minutes.objects.update(text="什么也没议。")
    assert broken(sitting) == ["minutes"]
    assert broken(covenant) == broken(code) == broken(story["number"]) == []
    assert broken(story["topic"]) == ["minutes"], "the timeline of what was talked about holds a digest of them"
    Comment.objects.update(text="都挺好。")
    assert broken(covenant) == ["comment", "said"]
    Voice.objects.update(reply="不装。")
    assert broken(code) == ["voice"]
    Opinion.objects.update(text="都挺好。")
    assert broken(story["topic"]) == ["minutes", "opinion", "said"]
    Question.objects.update(title="改过的题目")
    assert broken(vote(story)) == ["vote.terms"]
    assert main(vote(story)) == 1


def test_a_row_put_in_by_hand_is_found_by_its_number(story: Made) -> None:
    row = Opinion.objects.get()
    row.pk, row._state.adding, row.retry, row.receipt_hash = new_id(), True, "x", "x"
    row.save(force_insert=True)
    assert broken(story["topic"]) == ["opinion"]
    assert broken(story["number"]) == []


def test_a_link_is_judged_with_both_of_its_matters(story: Made) -> None:
    links = Link.objects.exclude(type="merged_into").select_related("source", "target")
    link = links.get(target__text="充电怎么办")
    links.filter(pk=link.pk).update(reason="改过")
    assert broken(link.source.number) == ["link"]
    assert broken(link.target.number) == ["link"]


def test_no_number_is_half_a_number(story: Made) -> None:
    half = story["sitting"].rsplit("-", 1)[0]
    for typed in (half, "QX", "%", "", f"{story['round']}-1"):
        assert broken(typed) == ["unknown"], typed
    assert main("nothing") == 1
    assert not verify(number=half).judged


def test_another_district_has_no_such_number(story: Made) -> None:
    assert verify(DISTRICT + 1, number=story["sitting"]).broken[0].reason == "unknown"
    assert verify(DISTRICT, number=story["sitting"]).ok


def test_a_seal_that_does_not_hold_is_found_with_what_it_took_in(story: Made) -> None:
    leaf = Leaf.objects.get(record=Record.objects.get(book="covenant"))
    with triggers.lifted():
        Seal.objects.filter(pk=leaf.seal_id).update(root="0" * 64)
    assert "seal.root" in broken(story["covenant"])
