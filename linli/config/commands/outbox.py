"""What the worker could not do: shown, and sent again once its cause was mended."""

from __future__ import annotations

import argparse

from django.utils import timezone

from linli.config.commands import Told, note, say
from linli.kit import outbox
from linli.kit.models import Change


def show(asked: argparse.Namespace) -> int:
    """1 where something waits for a hand, so that a nightly job can look at the exit code alone."""
    found = outbox.stuck()
    for each in found:
        since = timezone.localtime(each.since)
        say(f"{each.district_id}  {each.topic:<14}停下 {each.parked}，重试中 {each.failing}，"
            f"最早 {since:%Y-%m-%d %H:%M}  {each.error or '（没有写原因）'}")  # fmt: skip
    parked = sum(each.parked for each in found)
    if not found:
        say("没有办不成的。")
    if parked:
        note(f"停下 {parked} 件：看上面的原因，除掉以后运行 linli outbox retry，后台会再做一遍。")
    return 1 if parked else 0


def retry(asked: argparse.Namespace) -> int:
    """Parked rows of one topic, or all of them, are due now; each district's history says so."""
    found = [each for each in outbox.stuck() if each.parked and asked.topic in ("", each.topic)]
    if asked.topic and not found:
        there = sorted({each.topic for each in outbox.stuck() if each.parked})
        raise Told(
            f"没有停下的 {asked.topic}。" + (f"停下的有：{'、'.join(there)}" if there else "一件也没有停下。"), 2
        )
    sent = 0
    for district_id in sorted({each.district_id for each in found}):
        count = outbox.retry_parked(asked.topic, district_id=district_id)
        sentence = f"停下的后台任务再做一遍：{count} 件" + (f"（{asked.topic}）" if asked.topic else "")
        Change.objects.create(district_id=district_id, actor="linli", subject="后台任务", sentence=sentence)
        sent += count
    say(f"{sent} 件交回后台，再做一遍。" if sent else "没有停下的。")
    return 0
