"""Many doors at once: whoever writes one down waits for nobody else who does, and none slips in behind the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from linli.core.people.actor import Actor
from linli.offices.opinions import actions, queries
from linli.offices.opinions.models import Knock, Round
from tests.cast import DISTRICT, Town
from tests.offices.test_opinions import asked, heard, homes

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("D5")
two_writers = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes one writer at a time")


def elsewhere(do: Callable[[], None]) -> list[BaseException]:
    """Done over a connection of its own; what went wrong."""
    wrong: list[BaseException] = []

    def run() -> None:
        try:
            with transaction.atomic():
                do()
        except OperationalError as error:
            wrong.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    return wrong


@two_writers
@pytest.mark.django_db(transaction=True)
def test_a_second_door_does_not_wait_for_the_first(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)

    def another() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
        heard(town, act_as, row, "我家也说一句。", 2)

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
        Round.objects.select_for_update(of=("self",)).get(district_id=DISTRICT, pk=row.pk)

    with transaction.atomic():
        heard(town, act_as, row, "我家说一句。", 1)
        assert elsewhere(another) == []
        assert len(elsewhere(end)) == 1  # whoever ends the round waits for those who are writing
    assert queries.words(row).count() == 2
    assert elsewhere(end) == []


def test_a_door_behind_the_end_leaves_no_mark_and_a_late_word_is_kept(town: Town, act_as: ActAs) -> None:
    row, before = asked(town, act_as), homes(town)
    actions.end(actor=act_as("community"), row=row)
    kept = Round.objects.get(pk=row.pk)
    assert kept.ended_at is not None
    early = kept.ended_at - timedelta(seconds=1)
    heard(town, act_as, row, "没网的时候记的。", 5, dwelling_id=before[0].pk, at=early)  # `row` still says: open
    assert not Knock.objects.exists()
    assert queries.words(row).count() == 1


def test_the_last_look_at_a_door_counts_also_without_a_queue(town: Town, act_as: ActAs) -> None:
    row, door = asked(town, act_as), homes(town)[0]
    for n, outcome in enumerate(("nobody", "declined", "spoke", "nobody")):
        heard(town, act_as, row, "一句。", n, outcome=outcome, dwelling_id=door.pk)
    assert list(Knock.objects.values_list("outcome", flat=True)) == ["spoke"]
