"""What a covenant says: articles with keys that outlive their numbers, numbers as people write them, and the hash.

An article keeps its key through every version, so that what was said about it and what became of it is found again
when it stands somewhere else. Its number (第三条) is only where it stands.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kit import chain
from linli.kit.refusal import Invalid

MOST_ARTICLES: Final = 80
HEADING, LONGEST, PREAMBLE = 30, 1000, 1000
_FORM: Final = "linli.covenant.v1"
_DIGITS: Final = "零一二三四五六七八九"


@dataclass(frozen=True)
class Article:
    """One article. ``key`` stays; the number follows from where it stands."""

    key: str
    heading: str
    text: str


@dataclass(frozen=True)
class Text:
    """A whole covenant as one version says it."""

    preamble: str
    articles: tuple[Article, ...]

    @property
    def numbered(self) -> list[tuple[int, Article]]:
        return list(enumerate(self.articles, 1))

    def place_of(self, key: str) -> int:
        """Where an article stands, from 1; 0 where it does not."""
        return next((n for n, each in self.numbered if each.key == key), 0)

    @property
    def plain(self) -> str:
        """The text as it is read out or printed without marks."""
        lines = [self.preamble] if self.preamble else []
        return "\n".join([*lines, *(line_of(n, a) for n, a in self.numbered)])


def line_of(number: int, article: Article) -> str:
    """第三条　充电：……, in one line."""
    head = f"{article.heading}：" if article.heading else ""
    return f"{ordinal(number)}　{head}{article.text}"


def numeral(number: int) -> str:
    """A number from 1 to 999 in Chinese: 十, 十一, 二十, 一百零一."""
    if not 0 < number < 1000:
        raise ValueError(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (_DIGITS[ones] if ones else "")


def ordinal(number: int) -> str:
    """第十一条."""
    return f"第{numeral(number)}条"


def called(number: int) -> str:
    """As a page names it in its reader's language: 第十一条, Article 11. What is kept and printed says ``ordinal``."""
    if (get_language() or "zh").startswith("zh"):
        return ordinal(number)
    return _("第 %d 条") % number


def new_key() -> str:
    """A key that no article ever had."""
    return secrets.token_hex(4)


def as_json(text: Text) -> dict[str, Any]:
    return {"preamble": text.preamble, "articles": [asdict(a) for a in text.articles]}


def of_json(kept: Mapping[str, Any]) -> Text:
    return Text(str(kept["preamble"]), tuple(Article(**each) for each in kept["articles"]))


def digest(number: str, version: int, title: str, text: Text, previous: str) -> str:
    """SHA-256 over the canonical JSON of a version and the digest of the one before: 64 hex characters.

    What a stranger needs to recompute it stands in the covenant's JSON: ``kit/chain.py`` says how JSON is spelt.
    """
    said = {"form": _FORM, "number": number, "version": version, "title": title, "previous": previous}
    return chain.fingerprint(said | as_json(text))


def checked(preamble: str, articles: Iterable[Article]) -> Text:
    """The text as it may be kept; Invalid names the article that is too long, empty or doubled."""
    kept: list[Article] = []
    for each in articles:
        heading, words = _tidy(each.heading), _tidy(each.text)
        if heading and not words:
            _refuse(_("%s只有标题，没有写内容。") % ordinal(len(kept) + 1))
        if not words:
            continue
        _fits(len(kept) + 1, heading, words)
        kept.append(Article(each.key or new_key(), heading, words))
    if not kept:
        _refuse(_("至少写一条。"))
    if len(kept) > MOST_ARTICLES:
        _refuse(_("最多 %(most)d 条，现在是 %(n)d 条。") % {"most": MOST_ARTICLES, "n": len(kept)})
    if len({a.key for a in kept}) != len(kept):
        _refuse(_("这一页旧了，请重新打开再改。"))
    opening = _tidy(preamble)
    if len(opening) > PREAMBLE:
        _refuse(_("开头的话最多 %(most)d 字，现在是 %(n)d 字。") % {"most": PREAMBLE, "n": len(opening)})
    return Text(opening, tuple(kept))


def _fits(number: int, heading: str, words: str) -> None:
    if len(heading) > HEADING:
        told = {"which": ordinal(number), "most": HEADING, "n": len(heading)}
        _refuse(_("%(which)s的标题最多 %(most)d 字，现在是 %(n)d 字。") % told)
    if len(words) > LONGEST:
        told = {"which": ordinal(number), "most": LONGEST, "n": len(words)}
        _refuse(_("%(which)s最多 %(most)d 字，现在是 %(n)d 字。分成两条更好记。") % told)


def _tidy(said: str) -> str:
    return str(said).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()


def _refuse(message: str) -> None:
    raise Invalid(message, fields={"articles": message})


def same(one: Text, other: Text) -> bool:
    """Whether two say the same, in the same order."""
    return as_json(one) == as_json(other)


def keys_of(texts: Sequence[Text]) -> set[str]:
    return {a.key for text in texts for a in text.articles}
