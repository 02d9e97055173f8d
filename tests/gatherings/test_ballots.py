"""A ballot among those present: the roll, the quorum, who keeps out, hands, phones, a secret one, and the count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from linli.core.decisions import actions, queries
from linli.core.decisions.counting import parse_rule
from linli.core.decisions.models import Envelope, Question, RollEntry, RuleVersion
from linli.core.decisions.ready import READY
from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import AgendaItem, Gathering
from linli.core.people.actor import SYSTEM
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from tests.cast import DISTRICT
from tests.gatherings.cast import STARTS, Hall

pytestmark = [pytest.mark.django_db, pytest.mark.system("D1")]
LATER = STARTS + timedelta(minutes=20)


def rules() -> dict[str, RuleVersion]:
    for each in READY:
        actions.add_rule(actor=SYSTEM, district_id=DISTRICT, **each)
    return {r.code: r for r in RuleVersion.objects.all()}


def room(hall: Hall, *guests: str) -> tuple[Gathering, AgendaItem]:
    """A council that sits: its host, the resident and the property's manager by code, guests by the sheet."""
    gathering, item = hall.sitting()
    for name in ("resident", "property"):
        hall.sign_in(gathering, name)
    if guests:
        rows = hall.do(core.enter_sheet, gathering, lines=[core.SheetLine(label=g) for g in guests], now=STARTS)
        hall.do(core.agree_sheet, gathering, "street", agreed=[r.pk for r in rows])
    return gathering, item


def show(rule: RuleVersion, **more: Any) -> actions.Show:
    return actions.Show(**{"title": "要不要划线？", "rule_id": rule.pk, "review_on": timezone.localdate(), **more})


def ask(hall: Hall, item: AgendaItem, given: actions.Show, who: str = "community") -> Question:
    return actions.ask_present(
        actor=hall.actor(who), district_id=DISTRICT, item_id=item.pk, show=given, now=LATER
    )  # fmt: skip


def do(hall: Hall, act: Any, question: Question, who: str = "community", **more: Any) -> Any:
    return act(actor=hall.actor(who), district_id=DISTRICT, question_id=question.pk, now=LATER, **more)


def test_those_present_vote_and_it_is_counted_on_the_spot(hall: Hall) -> None:
    gathering, item = room(hall, "一楼住户", "三楼住户")
    late = hall.do(core.enter_sheet, gathering, lines=[core.SheetLine(label="没核对的")], now=STARTS)
    made = ask(hall, item, show(rules()["present"]))
    assert (made.state, made.roll_heads) == ("open", 5)
    labels = list(made.roll.order_by("seq").values_list("label", flat=True))
    assert late[0].label not in labels
    assert labels[-2:] == ["一楼住户", "三楼住户"]
    assert made.roll.filter(members__user=hall.town.users["resident"]).count() == 1  # an account that is in no file
    assert queries.to_vote(hall.actor("resident")) == [made]
    # The resident by phone, the others by hand; the host's record does not overwrite the phone.
    actions.cast(actor=hall.actor("resident"), district_id=DISTRICT, question_id=made.pk, choice="no",
                 key="phone-of-resident", now=LATER)  # fmt: skip
    everybody = {e.seq: "yes" for e in made.roll.all()}
    assert do(hall, actions.record_hands, made, hands=everybody, key="k" * 32) == 4
    assert do(hall, actions.record_hands, made, hands=everybody, key="k" * 32) == 4
    assert Envelope.objects.filter(question=made, state="valid").count() == 5
    done = do(hall, actions.finish, made)
    assert done.state == "decided"
    assert done.result["outcome"] == "adopted"
    assert {code: each["heads"] for code, each in done.result["options"].items()} == {"yes": 4, "no": 1, "abstain": 0}
    # It is a decision of the topic: what binds may be written down, and a resolution made of it.
    hall.do(core.discuss, gathering, item_id=item.pk, outcome="decided", text="划线。", now=LATER)
    charge = core.Charge(hall.town.posts["property"].pk, LATER.date(), LATER.date() + timedelta(days=9))
    assert hall.do(core.resolve, gathering, item_id=item.pk, text="划线。", charge=charge, now=LATER).state == "set"


def test_who_keeps_out_is_on_no_roll_and_opens_nothing(hall: Hall) -> None:
    gathering, item = room(hall, "一楼住户", "三楼住户")
    hall.do(core.recuse, gathering, "property", item_id=item.pk, reason="是我们公司的车位")
    rule = rules()["present"]
    made = ask(hall, item, show(rule))
    assert made.roll_heads == 4
    entry = made.roll.get(state="recused")
    assert entry.reason == "是我们公司的车位"
    with pytest.raises(Conflict, match="回避"):
        actions.cast(actor=hall.actor("property"), district_id=DISTRICT, question_id=made.pk, choice="yes",
                     key="phone-of-property", now=LATER)  # fmt: skip
    with pytest.raises(Conflict, match="回避"):
        do(hall, actions.record_hands, made, hands={entry.seq: "yes"}, key="k" * 32)
    assert not Envelope.objects.filter(question=made).exists()
    do(hall, actions.withdraw, made, reason="换个问法。")
    hall.do(core.recuse, gathering, item_id=item.pk, reason="我是物业的亲戚")
    with pytest.raises(Forbidden):
        ask(hall, item, show(rule))


def test_without_a_quorum_nobody_is_asked(hall: Hall) -> None:
    gathering, item = hall.sitting()
    invited = sittings.quorum(gathering, item)
    assert not invited.met
    with pytest.raises(Conflict) as refused:
        ask(hall, item, show(rules()["present"]))
    assert refused.value.code == "no_quorum"
    assert not Question.objects.exists()  # not even a draft stays


def test_a_quorum_that_goes_with_those_who_keep_out_is_none(hall: Hall) -> None:
    gathering, item = hall.sitting()
    hall.sign_in(gathering, "property")
    assert sittings.quorum(gathering, item).met
    hall.do(core.recuse, gathering, "property", item_id=item.pk, reason="是我们公司的事")
    meter = sittings.quorum(gathering, item)
    if meter.met:  # the one who is left must be enough by the rule, or it is refused
        assert meter.members >= meter.needed
    else:
        with pytest.raises(Conflict):
            ask(hall, item, show(rules()["present"]))


def test_more_than_half_of_those_present_and_not_of_those_who_voted(hall: Hall) -> None:
    _gathering, item = room(hall, "甲", "乙", "丙")
    made = ask(hall, item, show(rules()["present"]))
    first = list(made.roll.order_by("seq"))
    hands = {first[0].seq: "yes", first[1].seq: "yes", first[2].seq: "yes", first[3].seq: "abstain"}
    do(hall, actions.record_hands, made, hands=hands, key="k" * 32)
    assert do(hall, actions.finish, made).result["outcome"] == "rejected"  # three of six are half


def test_two_thirds_reach_exactly(hall: Hall) -> None:
    _gathering, item = room(hall, "甲", "乙", "丙")
    made = ask(hall, item, show(rules()["present23"]))
    hands = {e.seq: "yes" for e in made.roll.order_by("seq")[:4]}
    do(hall, actions.record_hands, made, hands=hands, key="k" * 32)
    assert do(hall, actions.finish, made).result["outcome"] == "adopted"


def test_several_options_and_a_hand_that_changes(hall: Hall) -> None:
    _gathering, item = room(hall, "甲")
    made = ask(hall, item, show(rules()["present"], options=["东墙", "西墙"]))
    entries = list(made.roll.order_by("seq"))
    do(hall, actions.record_hands, made, hands={e.seq: "o1" for e in entries}, key="k" * 32)
    do(hall, actions.record_hands, made, hands={entries[0].seq: "o2"}, key="m" * 32)
    with pytest.raises(Invalid):
        do(hall, actions.record_hands, made, hands={entries[0].seq: "yes"}, key="n" * 32)
    with pytest.raises(Invalid):
        do(hall, actions.record_hands, made, hands={99: "o1"}, key="o" * 32)
    done = do(hall, actions.finish, made)
    assert {code: each["heads"] for code, each in done.result["options"].items()} == {"o1": 3, "o2": 1}


def test_one_at_a_time_by_a_host_while_people_sit(hall: Hall) -> None:
    gathering, item = room(hall, "甲")
    kept = rules()
    made = ask(hall, item, show(kept["present"]))
    with pytest.raises(Conflict):
        ask(hall, item, show(kept["present"]))
    with pytest.raises(Conflict, match="一张票也没有收"):
        do(hall, actions.finish, made)
    for name in ("resident", "grid"):
        with pytest.raises((Forbidden, NotFound)):
            do(hall, actions.finish, made, name)
        with pytest.raises((Forbidden, NotFound)):
            do(hall, actions.record_hands, made, name, hands={1: "yes"}, key="k" * 32)
    do(hall, actions.record_hands, made, hands={1: "yes"}, key="k" * 32)
    do(hall, actions.finish, made)
    hall.do(core.end, gathering, now=LATER)
    with pytest.raises(Conflict):
        ask(hall, item, show(kept["present"]))


def test_rules_and_rolls_of_the_room_stay_in_the_room(hall: Hall) -> None:
    _gathering, item = room(hall)
    kept = rules()
    with pytest.raises(Invalid):
        ask(hall, item, show(kept["household"]))
    asking = actions.Asking("问户", hall.node(), LATER + timedelta(days=3), kept["present"].pk)
    with pytest.raises(Invalid):
        actions.draft(
            actor=hall.actor("community"), district_id=DISTRICT, matter_id=item.matter_id, asking=asking, now=LATER
        )
    assert parse_rule(kept["present"].spec).objection_days == 0
    with pytest.raises(ValueError, match="objection_days"):
        parse_rule(kept["household"].spec | {"objection_days": 0})


def test_a_ballot_in_the_room_warns_nobody_of_a_forged_one(hall: Hall) -> None:
    from linli.core.decisions.telling import _ballot

    _gathering, item = room(hall)
    made = ask(hall, item, show(rules()["present"]))
    do(hall, actions.record_hands, made, hands={e.seq: "yes" for e in made.roll.all()}, key="k" * 32)
    rows = list(Outbox.objects.filter(topic="ballot"))
    assert len(rows) == 3
    before = Outbox.objects.filter(topic="account").count()
    for row in rows:
        _ballot(row, LATER)
    assert Outbox.objects.filter(topic="account").count() == before


WORDS = {"community": "一句只有我知道的话", "street": "另一句只有我知道的话"}


def secret(hall: Hall, item: AgendaItem) -> Question:
    made = ask(hall, item, show(rules()["present"], secret=True))
    assert made.state == "draft"
    with pytest.raises(Conflict):
        do(hall, actions.open_question, made)  # no keys yet
    for position, (name, words) in enumerate(WORDS.items(), 1):
        actions.become_teller(actor=hall.actor(name), district_id=DISTRICT, question_id=made.pk, position=position,
                              passphrase=words)  # fmt: skip
    return made


@pytest.mark.system("D5")
def test_a_secret_one_is_opened_by_two_in_the_room_and_nothing_joins(hall: Hall) -> None:
    _gathering, item = room(hall, "甲", "乙", "丙", "丁")
    made = do(hall, actions.open_question, secret(hall, item))
    with pytest.raises(Conflict):
        do(hall, actions.record_hands, made, hands={1: "yes"}, key="k" * 32)
    actions.cast(actor=hall.actor("resident"), district_id=DISTRICT, question_id=made.pk, choice="no",
                 key="phone-of-resident", now=LATER)  # fmt: skip
    issued = do_slips(hall, made)
    rest = [pair for pair in issued if not pair[0].envelopes.filter(state="valid").exists()]
    for entry, code in rest:
        for who in ("community", "street"):
            actions.enter_paper(actor=hall.actor(who), district_id=DISTRICT, question_id=made.pk, choice="yes",
                                slip=code, now=LATER)  # fmt: skip
        assert entry.envelopes.filter(state="valid").exists()
    closed = do(hall, actions.finish, made)
    assert closed.state == "closed"
    do(hall, actions.strip, made, passphrase=WORDS["community"])
    done = do(hall, actions.count_secret, made, "street", passphrase=WORDS["street"])
    assert done.result["outcome"] == "adopted"
    assert done.result["options"]["yes"]["heads"] == made.roll_heads - 1
    assert not Envelope.objects.filter(question=made).exclude(sealed=None, choice=None).exists()


def do_slips(hall: Hall, made: Question) -> list[tuple[RollEntry, str]]:
    return actions.issue_slips(actor=hall.actor("community"), district_id=DISTRICT, question_id=made.pk)


def test_too_few_for_a_secret_are_told_to_raise_their_hands(hall: Hall) -> None:
    _gathering, item = room(hall, "甲")
    with pytest.raises(Conflict) as refused:
        do(hall, actions.open_question, secret(hall, item))
    assert refused.value.code == "too_few"
    assert "举手" in refused.value.message
