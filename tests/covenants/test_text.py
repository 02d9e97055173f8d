"""Numbers as people write them, and how two versions differ: nothing lost, whatever was changed (D7)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kit.refusal import Invalid
from linli.offices.covenants import cautions, comparing, editor, words
from linli.offices.covenants.text import Article, Text, checked, digest, numeral, ordinal

pytestmark = [pytest.mark.system("D7")]


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (80, "八十"), (99, "九十九"),
     (100, "一百"), (101, "一百零一"), (110, "一百一十"), (111, "一百一十一"), (250, "二百五十"), (999, "九百九十九")],
)  # fmt: skip
def test_articles_are_numbered_as_people_write(number: int, said: str) -> None:
    assert numeral(number) == said


def test_no_two_numbers_look_alike() -> None:
    assert len({numeral(n) for n in range(1, 1000)}) == 999
    assert ordinal(3) == "第三条"
    with pytest.raises(ValueError, match="1000"):
        numeral(1000)


# ── differences ─────────────────────────────────────────────────────────────────────────────────────────────
# Mostly what a covenant is made of; now and then anything that a keyboard can produce.
SAID = st.one_of(
    st.text("电动车充停放棚里不进楼道晚十点，。；、 abc123\n", max_size=60),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30),
)
KEYS = [f"k{n}" for n in range(8)]


@st.composite
def texts(draw: st.DrawFn) -> Text:
    keys = draw(st.permutations(KEYS))[: draw(st.integers(0, len(KEYS)))]
    return Text(draw(SAID), tuple(Article(key, draw(SAID)[:10], draw(SAID)) for key in keys))


@settings(deadline=None)
@given(texts(), texts())
def test_the_old_text_and_its_differences_give_the_new_one(old: Text, new: Text) -> None:
    found = comparing.compare(old, new)
    assert comparing.old_text(found) == old
    assert comparing.new_text(found) == new
    assert found.differs == (old != new)
    assert sorted(c.key for c in found.changes) == sorted({a.key for a in (*old.articles, *new.articles)})
    words.summary(found)


@settings(deadline=None)
@given(SAID, SAID)
def test_inside_an_article_nothing_is_lost(old: str, new: str) -> None:
    said = comparing.pieces(old, new)
    assert comparing.side(said, new=False) == old
    assert comparing.side(said, new=True) == new
    assert all(words for _op, words in said)


@settings(deadline=None)
@given(texts())
def test_a_text_does_not_differ_from_itself(text: Text) -> None:
    found = comparing.compare(text, text)
    assert not found.differs
    assert words.summary(found) == "两稿一个字也不差。"


@settings(deadline=None)
@given(st.permutations(KEYS))
def test_what_did_not_move_kept_its_order_and_no_fewer_could_have_moved(order: list[str]) -> None:
    old = Text("", tuple(Article(k, "", k) for k in KEYS))
    new = Text("", tuple(Article(k, "", k) for k in order))
    moved = {c.key for c in comparing.compare(old, new).changes if c.moved}
    stays = [k for k in order if k not in moved]
    assert stays == sorted(stays)
    assert len(stays) == _longest(order)


def _longest(order: list[str]) -> int:
    """The longest run that rises, by trying them all: slow and plain."""
    best = [1] * len(order)
    for n, key in enumerate(order):
        best[n] = 1 + max((best[m] for m in range(n) if order[m] < key), default=0)
    return max(best, default=0)


def test_moving_renumbering_adding_and_removing_are_told_apart() -> None:
    a, b, c, d = (Article(k, "", f"第{k}件事。") for k in "abcd")
    found = comparing.compare(Text("", (a, b, c, d)), Text("", (Article("x", "", "新的。"), a, d, b)))
    told = {x.key: words.of_change(x) for x in found.changes}
    assert told == {
        "x": "新加的一条", "a": "原来是第一条", "b": "原来是第二条", "c": "删掉了，原来是第三条",
        "d": "第四条挪到第三条",
    }  # fmt: skip
    assert words.summary(found) == "加了 1 条，删了 1 条，第四条挪到第三条。"
    assert [x.key for x in found.changes] == ["x", "a", "d", "b", "c"]


def test_numbers_stay_whole_and_small_islands_do_not_break_a_line() -> None:
    said = comparing.pieces("夜里 22:00 以后不进车，7 天一清。", "夜里 23:30 以后不进车，17 天一清。")
    assert [x for x in said if x[0] != "keep"] == [
        ("cut", "22:00"), ("add", "23:30"), ("cut", "7"), ("add", "17"),
    ]  # fmt: skip
    assert comparing.pieces("早上六点开门", "早上六点开大门") == (("keep", "早上六点开"), ("add", "大"), ("keep", "门"))
    assert len(comparing.pieces("甲乙丙丁戊", "子乙丑丁寅")) == 2


def test_the_digest_takes_in_every_word_and_the_one_before() -> None:
    text = Text("开头", (Article("a", "充电", "在棚里充电。"),))
    first = digest("TS-G2611-0001", 1, "公约", text, "")
    others = {
        digest("TS-G2611-0002", 1, "公约", text, ""), digest("TS-G2611-0001", 2, "公约", text, ""),
        digest("TS-G2611-0001", 1, "章程", text, ""), digest("TS-G2611-0001", 1, "公约", text, first),
        digest("TS-G2611-0001", 1, "公约", replace(text, preamble="开头。"), ""),
    }  # fmt: skip
    assert len(others | {first}) == 6


def test_a_text_that_cannot_be_kept_says_which_article() -> None:
    long = Article("", "", "长" * 1001)
    for articles, words_ in (((long,), "第一条最多 1000 字"), ((), "至少写一条"),
                             ((Article("", "只有标题", " "),), "第一条只有标题"),
                             ((Article("", "", "好"), Article("", "长" * 31, "好")), "第二条的标题")):  # fmt: skip
        with pytest.raises(Invalid, match=words_):
            checked("", articles)
    kept = checked(" 开头 ", [Article("", "", " \r\n"), Article("", " 充电 ", "在棚里。\r\n别拉线。")])
    assert kept.preamble == "开头"
    assert [(a.heading, a.text) for a in kept.articles] == [("充电", "在棚里。\n别拉线。")]
    assert len({a.key for a in kept.articles} - {""}) == 1


# ── words to think about ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("said", "ground"),
    [("违反一次罚款五十元", "fine"), ("私拉电线罚 200 元", "fine"), ("发现一次扣 5 分", "points"),
     ("列入黑名单", "points"), ("在群里曝光", "naming"), ("不交费就停水", "supply"),
     ("联系人：张三 13912345678", "person")],
)  # fmt: skip
def test_words_like_fines_are_found(said: str, ground: str) -> None:
    found = cautions.find(Text("", (Article("a", "", "停在线里。"), Article("b", "", said))))
    assert (found[0].article, found[0].ground) == (2, ground)
    assert found[0].where == "第二条"
    assert cautions.of_json([c.as_json() for c in found]) == found
    assert "不能" in found[0].why or "不" in found[0].why


@pytest.mark.parametrize(
    "said",
    [
        "夜里十点以后不进车。",
        "３号楼东边停车，２号门进。",
        "楼道里不停电动车，电池不拿上楼。",
        "停电池柜旁边，分三排。",
    ],
)
def test_plain_words_are_not(said: str) -> None:
    assert cautions.find(Text("", (Article("a", "", said),))) == []


# ── the editor's rows ───────────────────────────────────────────────────────────────────────────────────────
def test_rows_move_without_a_script() -> None:
    sent = {"rows": "3", **{f"words-{n}": w for n, w in enumerate("甲乙丙", 1)}, "key-2": "k2"}
    rows = editor.rows_of(sent)
    assert [r.text for r in rows] == ["甲", "乙", "丙"]
    for op, left in (("up-2", "乙甲丙"), ("down-2", "甲丙乙"), ("drop-2", "甲丙"), ("up-1", "甲乙丙"),
                     ("down-3", "甲乙丙"), ("drop-9", "甲乙丙"), ("nonsense", "甲乙丙")):  # fmt: skip
        assert "".join(r.text for r in editor.applied(rows, op)) == left
    assert [r.text for r in editor.applied(rows, "below-1")] == ["甲", "", "乙", "丙"]
    assert editor.applied(rows, "up-2")[0].key == "k2"
    assert editor.rows_of({"rows": "99999"}) == []


def test_a_pasted_text_falls_into_its_articles() -> None:
    opening, rows = editor.split(
        "为了大家好。\r\n第一条 充电：在棚里充电。\n不拉线。\n第二条　停在线里。\n第十一条、【夜里】十点后不进车。"
    )
    assert opening == "为了大家好。"
    assert [(r.heading, r.text) for r in rows] == [
        ("充电", "在棚里充电。\n不拉线。"), ("", "停在线里。"), ("夜里", "十点后不进车。"),
    ]  # fmt: skip
    assert [r.text for r in editor.split("在棚里充电。\n\n停在线里。")[1]] == ["在棚里充电。", "停在线里。"]
