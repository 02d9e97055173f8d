"""A vote of a large quarter: its roll frozen, ballots taken while many watch, and the count.

The parts that need Django import it inside: ``bench.parts`` runs them in processes of their own.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

from bench import database, gate
from bench.report import Report
from bench.web import CLIENTS, load, serving

HOMES, WATCHERS, EVERY = 50_000, 500, 10.0  # the page's script asks every ten seconds
SECONDS = 4.0
AREAS = ("78.50", "92.30", "118.60")
SPEND = 5000  # codes of printed slips, for each of the two runs


def begin(url: str, district: int, homes: int = HOMES) -> subprocess.Popen[str]:
    """Furnish the house, up to where its roll is opened."""
    return database.begin_to_gate(url, "votes_open", district=district, homes=homes)


def measure(report: Report, url: str, district: int, begun: subprocess.Popen[str]) -> list[str]:
    """Everything, into the report; what is wrong."""
    made = report.raw["vote, opening"] = database.finish(begun)[0]
    report.add(f"a roll of {made['entries']:,} owners opens", made["open_s"], "s", made["floor_s"], "< 5",
               f"and is looked at before in {made['preview_s']} s")  # fmt: skip
    told = database.part(url, "votes_bodies", district=district, number=made["number"], count=2 * SPEND)
    seen = report.raw["vote, ballots"] = _ballots(url, made["number"], told)
    floor = database.part(url, "votes_floor", district=district, number=made["number"], seconds=SECONDS / 2)
    for name in ("alone", "watched"):
        one = seen[name]
        words = f"median {one['ms_median']} ms, 95 % {one['ms_p95']} ms"
        watching = "" if name == "alone" else f" while {WATCHERS} watch"
        report.add(f"ballots by API{watching}", one["per_second"], "/s", floor, "", words)
    watch = seen["watch"]
    report.add(f"{WATCHERS} watchers, each every {EVERY:.0f} s", watch["per_second"], "/s", None, "",
               f"median {watch['ms_median']} ms, 95 % {watch['ms_p95']} ms")  # fmt: skip
    done = report.raw["vote, count"] = database.part(url, "votes_count", district=district, number=made["number"])
    report.add(f"{done['ballots']:,} ballots tallied", done["tally_s"], "s", done["floor_s"], "< 1")
    report.add("counted, published and sealed", done["count_s"], "s", None, "", f"recount.json in {done['json_s']} s")
    return _wrong(seen, done)


def _wrong(seen: dict[str, Any], done: dict[str, Any]) -> list[str]:
    wrong = [f"ballots {name}: {seen[name]['statuses']}" for name in ("alone", "watched")
             if set(seen[name]["statuses"]) - {"200", "201"}]  # fmt: skip
    if set(seen["watch"]["statuses"]) - {"200", "304"}:
        wrong.append(f"watchers: {seen['watch']['statuses']}")
    if not done["same"]:
        wrong.append("the tally and the database's own sums differ")
    return wrong


def _ballots(url: str, number: str, told: dict[str, Any]) -> dict[str, Any]:
    paths, bodies = [f"/api/v1/questions/{number}/vote"], told["bodies"]
    with serving(url, workers=2) as web:
        load(web, tokens=[told["token"]], paths=paths, bodies=bodies[:200], most=200, run="warm")
        alone = load(web, tokens=[told["token"]], paths=paths, bodies=bodies[:SPEND], seconds=SECONDS, clients=CLIENTS)
        job = {"host": "127.0.0.1", "port": web.port, "path": f"/open/votes/{number}/live/", "watchers": WATCHERS,
               "every": EVERY, "seconds": EVERY + SECONDS + 2}  # fmt: skip
        looking = subprocess.Popen(
            [sys.executable, "-m", "bench.watch"], cwd=database.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert looking.stdin is not None
        looking.stdin.write(json.dumps(job))
        looking.stdin.close()
        time.sleep(EVERY)  # until all of them are there
        watched = load(web, tokens=[told["token"]], paths=paths, bodies=bodies[SPEND:], seconds=SECONDS)
        assert looking.stdout is not None
        watch = json.loads(looking.stdout.read())
        looking.wait()
    return {"alone": alone, "watched": watched, "watch": watch}


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────
def opened(district: int, homes: int) -> dict[str, Any]:
    """A house of so many homes, a question to its owners, opened; the floor is the same rows by COPY."""
    from django.utils import timezone

    from linli.core.decisions import actions, rolls
    from linli.core.decisions.actions.drafting import Asking
    from linli.core.decisions.models import Member, Question, RollEntry, RuleVersion
    from linli.core.matters import actions as matters
    from linli.core.matters.actions.opening import Asked
    from linli.core.places.tree import tree

    actor = _host(district)
    known = tree(district)
    house = next(n for n in known.by_path.values() if n.level == "building" and n.path.startswith(actor.posts[0].path))
    _furnish(district, house, homes)
    matter = matters.open_matter(actor=actor, asked=Asked("appeal", "屋顶漏水。", district, house)).matter
    rule = RuleVersion.objects.get(district_id=district, code="cc278s")
    now = timezone.now()
    asking = Asking("动不动维修资金", house, now + timedelta(days=7), rule.pk, roll_kind="owners", binding=True,
                    review_on=(now + timedelta(days=90)).date())  # fmt: skip
    made = actions.draft(actor=actor, district_id=district, matter_id=matter.pk, asking=asking)
    gate.reached()
    began = time.perf_counter()
    rolls.collect("owners", known, house.path, parking=False, weighted=True)
    looked = time.perf_counter()
    actions.open_question(actor=actor, district_id=district, question_id=made.pk)
    done = time.perf_counter()
    found = Question.objects.get(pk=made.pk)
    floor = sum(_copy(model._meta.db_table, found.pk) for model in (RollEntry, Member))
    return {
        "number": found.number, "entries": found.roll_heads, "preview_s": round(looked - began, 2),
        "open_s": round(done - looked, 2), "floor_s": round(floor, 2),
    }  # fmt: skip


def _host(district: int) -> Any:
    from linli.core.people.actor import for_user
    from linli.core.people.models import Post, User

    post = Post.objects.filter(district_id=district, role="community_secretary", until=None).order_by("id")[0]
    account, _made = User.objects.get_or_create(
        person=post.person, defaults={"username": f"bench-{post.code}", "password": "!", "district_id": district}
    )
    return for_user(account.pk)


def _furnish(district: int, house: Any, homes: int) -> None:
    from django.utils import timezone

    from bench.parts import tidy
    from linli.core.people.models import Holding, Person
    from linli.core.places.models import Dwelling

    since = timezone.localdate() - timedelta(days=400)
    rooms = [Dwelling(district_id=district, place_id=house.id, number=f"b{n}", area_m2=AREAS[n % 3])
             for n in range(homes)]  # fmt: skip
    owners = [Person(district_id=district, shown="业**", fictional=True) for _ in rooms]
    held = [Holding(district_id=district, dwelling=room, person=owner, kind="owner", since=since)
            for room, owner in zip(rooms, owners, strict=True)]  # fmt: skip
    for rows in (rooms, owners, held):
        type(rows[0])._default_manager.bulk_create(rows, batch_size=5000)  # type: ignore[arg-type, attr-defined]
    tidy()


def _copy(table: str, question: Any) -> float:
    """Seconds for a question's rows of a table into its twin, with the same keys and indexes."""
    from django.db import connection

    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE twin (LIKE {table} INCLUDING ALL)")
        cursor.execute(f"SELECT * FROM {table} WHERE question_id = %s", [question])
        kept = [[json.dumps(v) if isinstance(v, list | dict) else v for v in row] for row in cursor.fetchall()]
        began = time.perf_counter()
        with cursor.copy("COPY twin FROM STDIN") as copy:
            for row in kept:
                copy.write_row(row)
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE twin")
    return took


def bodies(district: int, number: str, count: int) -> dict[str, Any]:
    """Codes of so many slips, as ballots for the API; and a channel's token, under which no address is limited."""
    from linli.core.decisions import actions
    from linli.core.decisions.models import Question
    from linli.core.people import identify
    from linli.core.people.models import User

    question = Question.objects.get(district_id=district, number=number)
    issued = actions.issue_slips(actor=_host(district), district_id=district, question_id=question.pk,
                                 entries=list(range(1, count + 1)))  # fmt: skip
    channel = User.objects.create_user("bench-votes", district_id=district)
    choices = ("yes", "yes", "yes", "no", "abstain")
    return {
        "token": identify.give_token(channel, channel="app"),
        "bodies": [json.dumps({"slip": code, "choice": choices[e.seq % 5]}) for e, code in issued],
    }  # fmt: skip


def floor(district: int, number: str, seconds: float) -> float:
    """The rows of a ballot as one bare statement: the entry locked, an envelope and a notice written."""
    from bench.floors import _pound

    taken = _statements(district, number)
    shares = [[[sent] for sent in taken[n::CLIENTS]] for n in range(CLIENTS)]
    return _pound(shares, CLIENTS, seconds, once=True)


def _statements(district: int, number: str) -> list[tuple[str, list[Any]]]:
    import secrets

    from django.utils import timezone

    from linli.core.decisions.models import Question, RollEntry
    from linli.kit.ids import new_id

    sql = """WITH e AS (SELECT id FROM decisions_rollentry WHERE district_id = %s AND id = %s FOR UPDATE),
      b AS (INSERT INTO decisions_envelope (id, district_id, question_id, entry_id, serial, state, channel, helper,
        taken_at, receipt_hash, board, key_hash, commit, choice, reason)
        SELECT %s, %s, %s, e.id, 1, 'valid', 'web', '', %s, %s, %s, %s, %s, '"yes"', '' FROM e RETURNING id)
      INSERT INTO kit_outbox (id, district_id, topic, at, next_at, payload, tries, error)
        SELECT %s, %s, 'ballot', %s, %s, %s, 0, '' FROM b RETURNING id"""
    question, now = Question.objects.get(district_id=district, number=number), timezone.now()
    free = RollEntry.objects.filter(question=question, envelopes=None).order_by("-seq").values_list("pk", flat=True)
    return [
        (sql, [district, key, new_id(), district, question.pk, now, secrets.token_hex(32), secrets.token_hex(4),
               secrets.token_hex(32), secrets.token_hex(32), new_id(), district, now, now,
               json.dumps({"question": str(question.pk), "entry": str(key), "channel": "web"})])
        for key in free[:12_000]
    ]  # fmt: skip


def counted(district: int, number: str) -> dict[str, Any]:
    """Everybody else votes too; then the count, its arithmetic alone, and the database's own sums as the floor."""
    from django.db import connection
    from django.utils import timezone

    from linli.core.decisions import actions, publishing
    from linli.core.decisions.actions.counting import result_of
    from linli.core.decisions.models import Question

    question = Question.objects.select_related("rule").get(district_id=district, number=number)
    _everybody(question)
    past = timezone.now() - timedelta(minutes=1)
    Question.objects.filter(pk=question.pk).update(state="closed", closes_at=past, objections_until=past)
    began = time.perf_counter()
    done = actions.count_open(actor=_host(district), district_id=district, question_id=question.pk)
    count = time.perf_counter() - began
    said = list(done.counted.values_list("choice", "heads", "area_m2"))
    began = time.perf_counter()
    result = result_of(question, said)
    tally = time.perf_counter() - began
    began = time.perf_counter()
    text = json.dumps(publishing.recount(done))
    wrote = time.perf_counter() - began
    sql = "SELECT choice #>> '{}', sum(heads), sum(area_m2) FROM decisions_counted WHERE question_id = %s GROUP BY 1"
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql, [question.pk])
        sums = {code: (heads, area) for code, heads, area in cursor.fetchall()}
    floor_s = time.perf_counter() - began
    same = all((w.heads, w.area) == sums.get(code, (0, 0)) for code, w in result.tally.sums.items())
    return {
        "ballots": len(said), "count_s": round(count, 2), "tally_s": round(tally, 3), "floor_s": round(floor_s, 4),
        "json_s": round(wrote, 2), "json_mb": round(len(text) / 1e6, 1), "same": same,
    }  # fmt: skip


def _everybody(question: Any) -> None:
    from django.utils import timezone

    from linli.core.decisions.models import Envelope
    from linli.kit.ids import new_id

    now, choices = timezone.now(), itertools.cycle(("yes", "yes", "yes", "yes", "no"))
    rows = [
        Envelope(id=new_id(), district_id=question.district_id, question=question, entry_id=key, serial=1,
                 channel="web", taken_at=now, receipt_hash=f"bench-{key.hex}", board="0000-0000", choice=choice)
        for key, choice in zip(question.roll.filter(envelopes=None).values_list("pk", flat=True), choices, strict=False)
    ]  # fmt: skip
    Envelope.objects.bulk_create(rows, batch_size=5000)


def main() -> int:
    """This alone, on a server of its own: ``python -m bench.votes [HOMES]``."""
    homes = int(sys.argv[1]) if len(sys.argv) > 1 else HOMES
    report, server = Report(homes), database.Postgres()
    server.start()
    try:
        report.head()
        url = server.database("bench_votes")
        district = database.parts(url, load={})[0]["district"]
        wrong = measure(report, url, district, begin(url, district, homes))
    finally:
        server.drop("bench_votes")
        server.stop()
    print("\n".join(f"WRONG: {words}" for words in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
