"""What a call of the API may carry beside its body: parameters that the operation knows, and a kind of body it reads.

A misspelt filter that were let pass would answer with everything; whoever asks for 设施 would read all of the district.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.operation import PathView

from linli.kit.api import error

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
    """415 for a body of another kind, 422 naming each parameter that is none; None where the call may go on."""
    method = request.method or ""
    if method not in names:
        return None  # told by the operation itself
    if request.META.get("CONTENT_LENGTH") not in (None, "", "0") and not _read(request.content_type or ""):
        return error(415, "unsupported", _("要发 JSON：把 Content-Type 写成 application/json。"))
    # What is done takes its words from its body; a parameter beside it filters nothing.
    strange = sorted(set(request.GET) - names[method])[:20]
    if strange and method == "GET":
        told = _("没有这一项，看看是不是写错了。")
        return error(422, "invalid", _("有几项没填对。"), {name[:100]: told for name in strange})
    return None


def _read(kind: str) -> bool:
    return kind in _READ or (kind.startswith("application/") and kind.endswith("+json"))
