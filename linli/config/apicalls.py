"""What a call of the API may carry beside its body: no misspelt parameter, and a kind of body that it reads.

A misspelt filter that were let pass would answer with everything; whoever asks for 设施 would read all of the district.
What is like none of the names that an operation knows (a stamp against caches, say) is passed over, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.operation import PathView

from linli.kit.api import error

LIKE = 0.7  # of 1: ``stat`` and ``states`` are like ``state``, ``mine`` is like nothing

Known = dict[str, frozenset[str]]  # method → the names that its query may have

# Every list has these two manners, also one that is short enough to come whole.
PAGING = frozenset({"limit", "cursor"})
# A form's kind is what curl and urllib write where nobody said one; what it holds is read as JSON all the same.
_READ = frozenset({"", "application/json", "application/x-www-form-urlencoded", "multipart/form-data"})


def known(view: PathView) -> Known:
    """The names that the operations of one address declare."""
    found: Known = {}
    for operation in view.operations:
        named = frozenset(_declared(operation.models))
        for method in operation.methods:
            found[method] = named | PAGING
    return found


def _declared(models: Iterable[Any]) -> Iterable[str]:
    for model in models:
        if model.__ninja_param_source__ == "query":
            yield from model.__ninja_flatten_map__


def refusal(request: HttpRequest, names: Known) -> HttpResponse | None:
    """415 for a body of another kind, 422 for each misspelt parameter with what was meant; None where it may go on."""
    method = request.method or ""
    if method not in names:
        return None  # told by the operation itself
    if request.META.get("CONTENT_LENGTH") not in (None, "", "0") and not _read(request.content_type or ""):
        return error(415, "unsupported", _("要发 JSON：把 Content-Type 写成 application/json。"))
    # What is done takes its words from its body; a parameter beside it filters nothing.
    if method == "GET" and (meant := _meant(request.GET, names[method])):
        told = {name: _("没有这一项，是不是想写 %s？") % known for name, known in meant.items()}
        return error(422, "invalid", _("有几项没填对。"), told)
    return None


def _meant(sent: Iterable[str], names: frozenset[str]) -> dict[str, str]:
    """The names that are none here, and the one of ours that each is like."""
    like = {name: get_close_matches(name[:100], names, n=1, cutoff=LIKE) for name in sent if name not in names}
    return {name[:100]: found[0] for name, found in like.items() if found}


def _read(kind: str) -> bool:
    return kind in _READ or (kind.startswith("application/") and kind.endswith("+json"))
