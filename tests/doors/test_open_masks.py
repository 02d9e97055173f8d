"""What the public ledger hides of a resident's words, and what it must leave readable."""

from __future__ import annotations

import pytest

from linli.core.matters.masks import excerpt, mask, title


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("电话13800000000。", "电话［号码］。"),
        ("打138 0000 0000找我", "打［号码］找我"),
        ("见 QX-2611-0096 和 QX-J2611-0001", "见 QX-2611-0096 和 QX-J2611-0001"),
        ("QX-26110096", "QX-［号码］"),
        ("A-13800000000", "A-［号码］"),
        ("手机１３８００００００００，晚上在", "手机［号码］，晚上在"),
        ("+86-138-0000-0000", "［号码］"),
        ("固话 0313-2067888 转 3", "固话 ［电话］ 转 3"),
        ("(0313)2067888", "［电话］"),
        ("电话2067888", "电话［号码］"),
        ("一三八零零一二三四五六", "［号码］"),
        ("身份证130702199001011234", "身份证［证件号］"),
        ("证号 13070219900101123X", "证号 ［证件号］"),
        ("卡号6222 0000 1111 2222", "卡号［号码］"),
        ("发到 li.dong+x@mail.example.cn 吧", "发到 ［邮箱］ 吧"),
        ("微信：li_dong88，随时", "微信：［账号］，随时"),
        ("QQ号 123456", "QQ号 ［账号］"),
    ],
)
def test_numbers_and_addresses_by_which_somebody_is_reached(said: str, shown: str) -> None:
    assert mask(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("冀GD12345堵着门", "［车牌］堵着门"),
        ("冀G·12345堵着门", "［车牌］堵着门"),
        ("冀GD 12345 堵着门", "［车牌］ 堵着门"),
        ("绿牌冀GAD1234也停着", "绿牌［车牌］也停着"),
        ("车牌号是 07492", "车牌号是 ［车牌］"),
        ("粤Z1234港", "［车牌］"),
    ],
)
def test_plates(said: str, shown: str) -> None:
    assert mask(said) == shown


@pytest.mark.parametrize(
    "said",
    ["3-2-501", "3号楼2单元501室", "3栋2单元501", "3幢二单元5楼501号", "3#2-501", "3-501", "3 号楼 501 户", "3座501房"],
)
def test_of_a_door_only_the_house_stays(said: str) -> None:
    assert mask(f"我家{said}漏水") == "我家3 号楼漏水"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("2单元301漏水", "2单元漏水"),
        ("楼上501室太吵", "楼上某室太吵"),
        ("12栋1504、201、902都漏", "12 号楼都漏"),
        ("家住501，灯坏了", "某室，灯坏了"),
        ("B座1203", "B 号楼"),
    ],
)
def test_rooms_without_a_full_address(said: str, shown: str) -> None:
    assert mask(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我叫李冬，住在这里", "我叫某某，住在这里"),
        ("我叫欧阳明月。", "我叫某某。"),
        ("我的名字是李冬", "我的名字是某某"),
        ("姓名：李冬 电话见上", "姓名：某某 电话见上"),
        ("联系人：阿依古丽·买买提，常在", "联系人：某某，常在"),
        ("我是孙晴川，家在桥西", "我是某某，家在桥西"),
        ("王女士和李大爷都说吵", "某女士和某大爷都说吵"),
    ],
)
def test_told_names(said: str, shown: str) -> None:
    assert mask(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "5号楼东边的井盖松了，车压上去咣当响。",
        "3号楼2单元楼道灯不亮",
        "我叫物业来修，叫了三次都没来",
        "我是业主，我是三楼的",
        "每月收100-200元，罚了1000000元",
        "2026-11-18报的，8:00-12:00没人",
        "6路公交车，2号线，10-500千伏",
        "面积15-120平米，深5-150米",
        "由于奶奶腿脚不便",
        "本人费用自理",
        "电梯一天停三次，五楼以上的老人下不来。",
        "微信群里没人回",
    ],
)
def test_what_says_nothing_of_a_person_stays(said: str) -> None:
    assert mask(said) == said


def test_a_title_is_masked_before_it_is_cut() -> None:
    """Cut first, half a number would fit no pattern and stand there in public."""
    said = "楼前消防通道停了车，堵得出不去，请打我电话13800000000处理一下"
    for limit in range(8, 40):
        shown = title(said, limit)
        assert "138" not in shown
        assert len(shown) <= limit
        assert shown.count("［") == shown.count("］")


def test_a_title_is_the_first_sentence_and_an_excerpt_one_line() -> None:
    said = "楼道灯坏了。\n我叫李冬，\n电话13800000000。"
    assert title(said) == "楼道灯坏了"
    assert excerpt(said) == "楼道灯坏了。 我叫某某， 电话［号码］。"
    assert excerpt("很" * 200, 20) == "很" * 19 + "…"


def test_masking_twice_changes_nothing() -> None:
    said = "我叫李冬，住3-2-501，冀GD12345，13800000000，a@b.cn，王女士"
    assert mask(mask(said)) == mask(said)
