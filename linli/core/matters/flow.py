"""The flow of a matter: one table of states and acts. There is no other way to change a matter.

The page ``docs/flow.md`` and its diagram are drawn from this table (``scripts/flow_diagram.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

from linli.core.matters.models import State

OPEN, DISPATCHED, ACCEPTED = State.OPEN.value, State.DISPATCHED.value, State.ACCEPTED.value
IN_PROGRESS, PAUSED, RESOLVED = State.IN_PROGRESS.value, State.PAUSED.value, State.RESOLVED.value
VERIFIED, CONTESTED, CLOSED = State.VERIFIED.value, State.CONTESTED.value, State.CLOSED.value
DECLINING, DECLINED, MERGED = State.DECLINING.value, State.DECLINED.value, State.MERGED.value

LIVE = (OPEN, DISPATCHED, ACCEPTED, IN_PROGRESS, PAUSED)
ENDED = (CLOSED, DECLINED, MERGED)
SAME = "="  # the act leaves the state as it is
BACK = "<"  # the state kept in ``before``


@dataclass(frozen=True)
class Move:
    """One row: from which states, to which (several where the act's own data decides), by whom, in plain Chinese."""

    act: str
    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    who: str


TABLE: tuple[Move, ...] = (
    Move("triage", "分类", (OPEN,), (SAME,), "分类岗或规则"),
    Move("dispatch", "派单", (OPEN, DISPATCHED, ACCEPTED, IN_PROGRESS), (DISPATCHED,), "派单岗或规则"),
    Move("accept", "接单", (DISPATCHED,), (ACCEPTED,), "经办人"),
    Move("return", "退回", (DISPATCHED, ACCEPTED), (OPEN,), "经办人"),
    Move("reply", "答复", (DISPATCHED, ACCEPTED, IN_PROGRESS), (SAME,), "经办人"),
    Move("progress", "记进展", (ACCEPTED, IN_PROGRESS), (IN_PROGRESS,), "经办人"),
    Move("escalate", "上报", LIVE, (DISPATCHED,), "经办人"),
    Move("hand_down", "交办", LIVE, (DISPATCHED,), "上级"),
    Move("whistle", "吹哨", LIVE, (SAME,), "吹哨岗"),
    Move("report", "报到", LIVE, (SAME,), "被叫单位"),
    Move("pause", "暂停", (ACCEPTED, IN_PROGRESS), (PAUSED,), "经办人，超出时限由上级定"),
    Move("resume", "恢复", (PAUSED,), (BACK,), "经办人或到期自动"),
    Move("resolve", "办结", (ACCEPTED, IN_PROGRESS), (RESOLVED,), "经办人"),
    Move("verify", "核查", (RESOLVED,), (VERIFIED, IN_PROGRESS), "办结人之外的核查人"),
    Move("rate", "评价", (VERIFIED, CLOSED, MERGED), (CLOSED, SAME), "居民"),
    Move("contest", "提异议", (VERIFIED, CLOSED, DECLINED, MERGED), (CONTESTED, SAME), "居民"),
    Move("judge", "裁定", (CONTESTED,), (IN_PROGRESS, CLOSED), "没经手的单位"),
    Move("close", "销号", (VERIFIED,), (CLOSED,), "到期自动，或核查人记回访"),
    Move("supervise", "督办", LIVE, (SAME,), "督办岗"),
    Move("urge", "催办", (*LIVE, RESOLVED, CONTESTED, DECLINING), (SAME,), "派单岗或督办岗"),
    Move("merge", "并案", LIVE, (MERGED,), "派单岗"),
    Move("unmerge", "拆案", (MERGED,), (BACK,), "派单岗"),
    Move("decline", "拟不受理", (OPEN,), (DECLINING,), "派单岗"),
    Move("confirm", "复核不受理", (DECLINING,), (DECLINED, OPEN), "另一个人"),
    Move("reopen", "重办", (CLOSED,), (IN_PROGRESS,), "期限内的居民，或督办岗"),
)
MOVES: dict[str, Move] = {move.act: move for move in TABLE}
# Entries that no person asks for by name.
OTHER_ACTS = {
    "open": "收到", "warn": "快到点", "breach": "超时", "miss": "没报到", "remind": "提醒",
    "follow": "跟一件", "member": "并入一件", "erase": "抹去联系方式", "reveal": "看联系方式", "move": "调整地点",
    "appraise": "评哨",
    "clocks": "时限停止", "mask": "遮挡照片", "cover": "手工遮挡", "hide": "照片不公开", "show": "照片公开",
    "discard": "删除原照片", "archive": "历史办结", "import": "历史导入",
    "thank": "道谢", "exclude": "剔除", "include": "撤回剔除", "object": "申诉", "answer": "答复申诉",
    # Nobody asks for this one either: the last review of a topic's resolutions that passes ends the topic
    # (actions/noting.py), from any state in which nothing is contested or declined. So it is no row of the table,
    # stands in no ``allowed`` and has no address in the API.
    "conclude": "评审销号",
}  # fmt: skip
# What the rooms above leave on a timeline (actions/noting.py).
NOTED = {
    "table": "上会", "deliberate": "议过", "ask": "付表决", "amend": "公告更正", "slips": "发投票单",
    "withdraw": "撤回表决", "strip": "拆外封", "count": "计票", "decide": "形成决定", "split": "分流", "review": "评审",
    "canvass": "逐户征求意见", "consult": "公约征求意见", "publish": "公布施行",
    "unsay": "抹去一句意见",
}  # fmt: skip
OTHER_ACTS |= NOTED


def name_of(act: str) -> str:
    """The act in Chinese."""
    move = MOVES.get(act)
    return move.name if move else OTHER_ACTS.get(act, act)
