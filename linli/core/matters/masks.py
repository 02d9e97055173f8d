"""What strangers may be shown of a resident's own words (the public ledger, help before filing): all but who said it.

A mask never makes a text safe for certain; it is the second belt. The first is the ledger itself: no reporter, no
contact, no confidential matter, no kind that is not public, and of the words only a masked title and excerpt. Where a
rule cannot tell, it hides: a hidden measure is a pity, a shown telephone number is harm.

Rules run in one written order, because a later one would otherwise take half of what an earlier one means: addresses
of mail and web first, then plates, doors, names, and at last every long run of digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Full-width letters and digits hide from plain patterns; full-width punctuation stays, because it is right in Chinese.
_WIDE: Final = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
_NARROW: Final = {code: code - 0xFEE0 for code in _WIDE} | {0xFF20: 0x40, 0xFF0D: 0x2D, 0xFF0E: 0x2E, 0xFF03: 0x23}

_HAN: Final = r"[\u4e00-\u9fff]"
_DASH: Final = r"[-–—－~]"
_PROVINCES: Final = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新使领警"
_LETTER: Final = r"[A-Za-z]"

_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ACCOUNT: Final = re.compile(
    r"((?:微信号?|微信名|QQ号?|抖音号?|支付宝账?号?|wechat|vx)\s*(?:是|为|叫|[:：])?\s*)[A-Za-z0-9_][\w.-]{4,29}",
    re.IGNORECASE | re.ASCII,
)
_PLATE: Final = re.compile(rf"[{_PROVINCES}]\s?{_LETTER}\s?[·•. -]?\s?(?:[A-Za-z0-9]\s?){{4,5}}[A-Za-z0-9挂学港澳]")
_PLATE_TOLD: Final = re.compile(
    rf"((?:车牌号?码?|牌照号?|尾号)\s*(?:是|为|[:：])?\s*){_LETTER}?[·•. -]?[A-Za-z0-9]{{3,7}}[挂学港澳]?"
)

# ── doors: of an address the building stays, because the place is public; the flat goes, because it is somebody's ──
_ROOM: Final = r"(?:[a-zA-Z]?\d{3,4}[a-zA-Z]?)"
_BUILDING: Final = r"([a-zA-Z]?\d{1,3}|[a-zA-Z])"
# A range of money, of length or of time is not a door.
_NO_MEASURE: Final = (
    r"(?!\d|\.\d|\s*(?:元|块|万|亿|余|多|米|平|㎡|m²|[mck]m|人|户|天|斤|公斤|公里|吨|年|月|日|度|伏|瓦|千|k[vw]"
    r"|分|次|个|%|％|路|线))"
)
_FRESH: Final = r"(?<![A-Za-z0-9.:/·-])"
# "12 栋 1504、201、902": the flats that follow in a list go with the first.
_MORE: Final = rf"(?:\s*[、,，和及至到~-]\s*{_ROOM}(?:室|号房?|户|房)?{_NO_MEASURE}(?![A-Za-z号栋幢楼]))*"
_DOOR_DASHED: Final = re.compile(
    rf"{_FRESH}([a-zA-Z]?\d{{1,2}}|[a-zA-Z])(?:{_DASH}\d{{1,2}})?{_DASH}{_ROOM}(?:室|号房?|户)?{_NO_MEASURE}{_MORE}"
)
_DOOR_SAID: Final = re.compile(
    rf"{_BUILDING}\s*(?:号楼|号院?楼|栋|幢|座|#楼?|号)\s*[,，、]?\s*"
    rf"(?:[a-zA-Z\d一二三四五六七八九十]{{1,3}}\s*(?:单元|门|梯|号门)\s*[,，、]?\s*)?"
    rf"(?:\d{{1,2}}\s*[楼层]\s*)?(?:{_DASH}\s*)?{_ROOM}\s*(?:室|号房?|户|房间|房)?{_NO_MEASURE}{_MORE}"
)
_DOOR_SAID_DASHED: Final = re.compile(
    rf"{_BUILDING}\s*(?:号楼|栋|幢|座|#楼?)\s*\d{{1,2}}{_DASH}{_ROOM}(?:室|号房?|户)?{_NO_MEASURE}"
)
_ROOM_ALONE: Final = re.compile(
    rf"{_FRESH}((?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\s*(?:单元|门|梯)\s*){_ROOM}(?:室|号房?|户|房间|房)?{_NO_MEASURE}"
)
_ROOM_SAID: Final = re.compile(
    rf"{_FRESH}{_ROOM}\s*(?:室|号房|房间)|{_FRESH}(?:家住|住在?)\s*{_ROOM}(?!\s*(?:路|弄|米|\d))"
)

# ── names ──
_LONG_SURNAMES: Final = (
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|夏侯|轩辕|端木|南宫|呼延|独孤|拓跋"
)
_SURNAMES: Final = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦马苗凤花俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬乐于傅皮卞齐康伍余顾孟黄穆萧肖尹姚邵湛汪祁毛禹狄米贝臧戴谈宋茅庞熊纪舒屈项祝"
    "董梁杜阮蓝闵季贾路娄江童颜郭梅盛林刁钟徐邱骆夏蔡田樊胡凌霍虞万柯卢莫房裘缪丁邓洪崔龚程邢裴陆荣翁荀羊甄曲封储靳段"
    "侯全班秋仲伊宫宁仇栾甘厉武符刘景詹龙叶幸司黎白蒲赖卓蔺屠池乔阴胥闻莘党翟谭申冉桑桂牛尚农温庄晏柴瞿阎连习容向古易廖"
    "耿满匡国文寇广欧利蔚师巩聂晁敖辛阚那简饶曾关查游权盖桓闫覃仝佟候付代兰辜岳覃解戈应"
)
_TITLES: Final = "先生|女士|小姐|大爷|大妈|大叔|大姐|大哥|大婶|阿姨|奶奶|爷爷|叔叔|伯伯|老太太?|老师傅|同志|某某?"
# Characters that are words as often as surnames ("由于奶奶…") are left alone here.
_SURNAMES_SURE: Final = _SURNAMES.translate({ord(char): None for char in "于应向全和时那关文国常习党同尚农费代查"})
_TITLED: Final = re.compile(rf"(?:{_LONG_SURNAMES}|[{_SURNAMES_SURE}])(?=(?:{_TITLES}))")
# Who calls himself something that is no name: "我叫物业来修", "我叫了三次".
_NO_NAME: Final = (
    "物业|社区|街道|居委|人|了|过|他|她|它|你|您|我|救|车|不|来|去|师傅|外卖|快递|家|邻居|保安|电工|维修|开锁|一|大家|孩子|儿子|"
    "女儿|老公|老婆|什么|网格|警|城管|消防|楼长|服务|停|多次|几次|两|三|保洁|管家"
)
_ENDS: Final = r"(?=$|[^\u4e00-\u9fff]|住|是|在|家|的|今年|电话|手机|来自|现|本人|男|女|想|要|反映|，|、)"
_CALLED: Final = re.compile(
    rf"((?:我的?名字(?:叫|是)|我叫做?|本人叫?(?={_HAN}{{2,3}}[,，、]\s*(?:男|女|住|身份|电话))|名叫|名字叫做?))([:：\s]*)"
    rf"(?!{_NO_NAME})(?:{_HAN}+(?:·{_HAN}+)+|{_HAN}{{2,4}}?{_ENDS}|{_HAN}{{2,3}})"
)
_FORM_NAME: Final = re.compile(
    rf"((?:姓名\s*(?:是|为|叫|[:：])|(?:联系人|投诉人|举报人|反映人|申请人|户主|法定代表人)\s*[:：])\s*)"
    rf"(?!姓名)"
    rf"(?:{_HAN}+(?:·{_HAN}+)+|{_HAN}{{2,4}}?{_ENDS}|{_HAN}{{2,3}})"
)
_I_AM: Final = re.compile(
    rf"((?:我是|本人)\s*)(?:{_LONG_SURNAMES}|[{_SURNAMES_SURE}])(?!{_NO_NAME}){_HAN}{{1,2}}?(?=[,，。.;；、（(]|\s|$|电话|手机|住在?|身份证)"
)

# ── numbers ──
_GAP: Final = r"[\s\-–—－.·()（）]?"
_ID: Final = re.compile(
    rf"(?<![\dA-Za-z])[1-9]\d{{5}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXx](?![\dA-Za-z])"
)
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s\-–—－·]?\d){8}(?!\d)")
_LANDLINE: Final = re.compile(rf"[(（]?0\d{{2,3}}[)）]?\s?{_DASH}?\s?[2-9]\d{{6,7}}(?:{_DASH}\d{{1,6}})?(?!\d)")
# Not a date, nor a span of years, nor a matter's own number (QX-2611-0096).
_LONG_NUMBER: Final = re.compile(
    r"(?<![\d.])(?!(?:(?<=[A-Z]-)|(?<=-[A-Z]))\d{4}-\d{4,6}(?![\d-]))"
    r"(?!(?:19|20)\d{2}[-–—－~](?:(?:19|20)\d{2}|[01]?\d(?:[-–—－][0-3]?\d)?)(?!\d))\+?\d(?:[\s\-–—－·()（）]?\d){6,}(?![\d])(?!\s*(?:元|万|亿|平|米|吨|㎡))"
)
_SPELT_NUMBER: Final = re.compile(r"[〇○零一二三四五六七八九幺两]{7,}")


def mask(text: str) -> str:
    """``text`` without telephone, identity, plate and door numbers, mail addresses, accounts and told names."""
    said = text.translate(_NARROW)
    for pattern, put in _RULES:
        said = pattern.sub(put, said)
    return said


def title(text: str, limit: int = 30) -> str:
    """The masked first sentence. Masked first and cut after: half a telephone number fits no pattern."""
    line = " ".join(mask(text).split())
    cut = min((at for stop in "。！？!?；;" if (at := line.find(stop)) > 0), default=len(line))
    return _cut(line[:cut], limit)


def excerpt(text: str, limit: int = 90) -> str:
    """The masked beginning of what was said, in one line."""
    return _cut(" ".join(mask(text).split()), limit)


def _cut(line: str, limit: int) -> str:
    """Cut, but not inside a mask: ［电话］ cut in half reads like something left open."""
    if len(line) <= limit:
        return line
    kept = line[: limit - 1]
    if kept.rfind("［") > kept.rfind("］"):
        kept = kept[: kept.rfind("［")]
    return f"{kept.rstrip('，、,： ')}…"


def _building(found: re.Match[str]) -> str:
    return _("%(number)s 号楼") % {"number": found[1].upper()}


Put = Callable[[re.Match[str]], str]


def _hidden(word: Promise, *, keep: bool = False) -> Put:
    """A mark that says what stood there; ``keep`` leaves the words that led to it (车牌号：)."""
    return lambda found: (found[1] if keep else "") + f"［{word}］"


def _named(found: re.Match[str]) -> str:
    return f"{found[1]}{_('某某')}"


def _surname(found: re.Match[str]) -> str:
    return _("某")


_RULES: Final[tuple[tuple[re.Pattern[str], Put], ...]] = (
    (_MAIL, _hidden(gettext_lazy("邮箱"))),
    (_ACCOUNT, _hidden(gettext_lazy("账号"), keep=True)),
    (_ID, _hidden(gettext_lazy("证件号"))),
    (_PLATE, _hidden(gettext_lazy("车牌"))),
    (_PLATE_TOLD, _hidden(gettext_lazy("车牌"), keep=True)),
    (_MOBILE, _hidden(gettext_lazy("号码"))),
    (_LANDLINE, _hidden(gettext_lazy("电话"))),
    (_DOOR_SAID_DASHED, _building),
    (_DOOR_SAID, _building),
    (_DOOR_DASHED, _building),
    (_ROOM_ALONE, lambda found: found[1].strip()),
    (_ROOM_SAID, lambda found: _("某室")),
    (_CALLED, _named),
    (_FORM_NAME, _named),
    (_I_AM, _named),
    (_TITLED, _surname),
    (_LONG_NUMBER, _hidden(gettext_lazy("号码"))),
    (_SPELT_NUMBER, _hidden(gettext_lazy("号码"))),
)
