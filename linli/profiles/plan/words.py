"""Names that belong to nobody: neutral words for places, a syllable list for people."""

from __future__ import annotations

import random
from collections.abc import Iterator


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FOR_COMMUNITIES = _words(
    """
    柳荫 石榴 和顺 清泉 望云 槐荫 锦绣 春晓 秋实 安和 同乐 丰和 明月 朝霞 晨光 青松 翠柏 梧桐
    丁香 玉兰 海棠 紫藤 银杏 白桦 杏林 桃源 枫林 竹园 兰亭 荷塘 听雨 映雪 向阳 景和 惠民 康乐
    福安 祥瑞 仁和 睦邻 友谊 团结 光明 曙光 前进 新风 瑞雪 长宁 永和 宁远 泰和 怡景 双桥 石桥
    北园 南园 东园 西园 古槐 老井 磨坊 书香 文汇 育才
    """
)
_FOR_QUARTERS = _words(
    """
    柳岸 石榴 和悦 清荷 望星 槐安 锦程 春和 秋月 安澜 同心 丰泽 明湖 朝阳 晨曦 青禾 翠微 梧桐
    丁香 玉兰 海棠 紫薇 银杏 白杨 杏花 桃李 枫叶 竹韵 兰溪 荷风 听松 映月 向荣 景明 惠安 康宁
    福满 祥和 仁德 睦和 友爱 团圆 光华 曙色 前程 新雨 瑞和 长乐 永安 宁静 泰安 怡和 双清 石泉
    北辰 南熏 东篱 西窗 古榆 老槐 磨盘 书苑 文渊 育英 清风 暖阳 雅居 静轩 碧溪 金谷 云杉 雨竹
    星河 月桂 茉莉 芍药 牡丹 蔷薇 芙蓉 百合 木棉 合欢 凌霄 忍冬 蒲苇 芳草 绿茵 蓝湾 橙乡 红枫
    """
)
_QUARTER_ENDINGS = ("里", "苑", "小区", "家园", "新村", "花园", "楼院")
# What districts have beside the departments that a profile names: offices, schools, institutes.
UNITS = _words(
    """
    委办公室 政府办公室 人大常委会办公室 政协办公室 纪委监委机关 委组织部 委宣传部 委统战部 委政法委员会 委编办
    委巡察办 委党校 档案馆 融媒体中心 总工会 团委 妇女联合会 科学技术协会 残疾人联合会 工商业联合会 红十字会 文联
    发展和改革局 科学技术和工业信息化局 财政局 审计局 统计局 农业农村局 水务局 商务局 文化广电和旅游局 应急管理局
    退役军人事务局 医疗保障局 信访局 自然资源和规划分局 税务局 气象局 供销合作社联合社 机关事务服务中心 投资促进中心
    政务服务中心 不动产登记中心 就业服务中心 社会保险中心 住房保障中心 园林绿化中心 市政设施维护中心 环境监测站
    疾病预防控制中心 妇幼保健院 人民医院 中医院 社区卫生服务中心 图书馆 文化馆 博物馆 体育中心 少年宫 青少年活动中心
    老年大学 第一中学 第二中学 第三中学 第四中学 职业教育中心 实验小学 第一小学 第二小学 第三小学 第四小学 第五小学
    第一幼儿园 第二幼儿园 特殊教育学校 教师进修学校 法院 检察院 公证处 法律援助中心 地震监测站 林业站 农机站 粮食储备库
    烟草专卖局 邮政分公司 公积金管理部 慈善协会 计划生育协会 集体经济服务中心 土地储备中心
    """
)
_DIGITS = "零一二三四五六七八九"

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕施孔曹严华金魏陶姜谢邹苏潘葛范彭鲁马方任袁柳史唐薛雷贺汤罗毕郝安常"
    "于傅齐康顾孟黄穆萧尹姚邵汪毛米戴宋茅庞熊纪舒屈项祝董梁杜阮蓝季贾路江童颜郭梅林钟徐邱骆高夏蔡田樊胡霍万柯卢莫"
)
_FIRST = "晓若雨思书文静子嘉欣佳俊浩宇梓晨语诗雅梦可一亦乐知行清景春秋夏冬云星月禾青安宁"
_SECOND = "晴溪然桐航宁琪瑶轩辰帆彤菲涵远舟岚霖禾苗萱阳洋悦心安和琳桥田川野风荷枫竹"


def chinese_number(number: int) -> str:
    """Numbers up to 99 as they stand in names: 三, 十二, 二十四."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def community_names(rng: random.Random, taken: set[str]) -> Iterator[str]:
    """Names of communities that are not taken yet, in a random order."""
    words = list(_FOR_COMMUNITIES)
    rng.shuffle(words)
    for word in words:
        name = f"{word}社区"
        if name not in taken:
            taken.add(name)
            yield name


def quarter_names(rng: random.Random, taken: set[str]) -> Iterator[str]:
    """Names of quarters that are not taken yet, in a random order."""
    names = [word + ending for word in _FOR_QUARTERS for ending in _QUARTER_ENDINGS]
    rng.shuffle(names)
    for name in names:
        if name not in taken:
            taken.add(name)
            yield name


def apartment_names(rng: random.Random, taken: set[str]) -> Iterator[str]:
    """Names of apartment blocks that are not taken yet."""
    words = list(_FOR_COMMUNITIES)
    rng.shuffle(words)
    for word in words:
        name = f"{word}公寓"
        if name not in taken:
            taken.add(name)
            yield name


def person_name(rng: random.Random) -> str:
    """A name of the demo: a surname and two soft syllables, as no roster of officials would have them."""
    return rng.choice(_SURNAMES) + rng.choice(_FIRST) + rng.choice(_SECOND)
