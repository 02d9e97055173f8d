"""The past that the bench writes in bulk is as true as one that people made: its ledger verifies, copies and all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bench import bulk
from bench.past import Past
from linli.config.loading import load
from linli.core.matters.ledger.sealing import seal
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Matter


@pytest.mark.system("M6")
@pytest.mark.django_db
def test_a_small_past_verifies_and_a_changed_copy_is_named() -> None:
    loaded = load("qiaoxi", demo=True, report=lambda _line: None)
    past = Past(loaded.district_id, timezone.now())
    assert bulk.write(past.matters(0, 6, 1, 6), copies=2) == 12
    seal(loaded.district_id)
    report = verify()
    assert report.ok, [str(finding) for finding in report.broken[:5]]
    assert report.counts["matters"] == 12
    settled = Matter.objects.filter(state="closed").order_by("-pk")[:1].get()
    Matter.objects.filter(pk=settled.pk).update(resolver=None, opened_at=settled.opened_at - timedelta(days=1))
    assert {(f.number, f.reason) for f in verify().broken} == {
        (settled.number, "row.resolver"), (settled.number, "row.opened_at"),
    }  # fmt: skip
